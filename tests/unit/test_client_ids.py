"""A sender's own id comes back letter by letter, however it is packed, and no two are stored alike."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.observations.client_id import observation_id, packed, unpacked

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


@given(ANY_ID, ANY_ID, st.uuids(), st.uuids())
def test_a_reading_s_id_follows_from_whose_it_is_and_from_its_sender_s(
    one: str, other: str, mine: UUID, yours: UUID
) -> None:
    found = observation_id(mine, packed(one))
    assert found == observation_id(mine, packed(one))
    assert found.version == 8
    assert (found == observation_id(mine, packed(other))) == (one == other)
    assert (found == observation_id(yours, packed(one))) == (mine == yours)


def test_the_time_in_a_sender_s_id_stays_in_front() -> None:
    sent = "0190f3a2-7c1e-7c1e-9c1e-0a0000000001"
    assert str(observation_id(uuid4(), packed(sent))).startswith("0190f3a2-7c1e-8")
