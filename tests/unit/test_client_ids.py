"""A sender's own id comes back letter by letter, however it is packed, and no two are stored alike."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.observations.client_id import packed, unpacked

_VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=64)
ANY_ID = _VISIBLE | st.uuids().map(str) | st.uuids().map(lambda each: str(each).upper())


@given(ANY_ID)
def test_an_id_comes_back_as_it_was_sent(client_id: str) -> None:
    assert unpacked(packed(client_id)) == client_id
    assert 1 <= len(packed(client_id)) <= 64


@given(ANY_ID, ANY_ID)
def test_two_ids_are_never_stored_alike(one: str, other: str) -> None:
    assert (packed(one) == packed(other)) == (one == other)


@pytest.mark.parametrize("spelling", ["{}", "{{{}}}", "urn:uuid:{}"])
def test_only_the_one_spelling_of_a_uuid_is_packed(spelling: str) -> None:
    sent = spelling.format(uuid4())
    assert (len(packed(sent)) == 17) == (spelling == "{}")
    assert packed(sent.upper()) == sent.upper().encode()
