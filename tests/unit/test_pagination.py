"""Cursors: good for one caller, one list and one filter, and for nothing else."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pagination import Binding, PageRequest, read_cursor, sign_cursor
from api.refusals import BadCursor
from domain.errors import Gone

KEY = b"a key for tests of thirty-two by"
CALLER = uuid4()
BINDING = Binding(CALLER, "/v1/patients/1/observations", (("sign", "heart_rate"), ("from", "2026-01-01")))
POSITION = ("2026-01-01T00:00:00+00:00", "0190f3a2-7c1e-7c1e-9c1e-0190f3a27c1e")
EPOCH = uuid4()
CURSOR = sign_cursor(KEY, BINDING, POSITION, EPOCH)


def test_a_cursor_leads_back_to_its_position() -> None:
    assert read_cursor(KEY, BINDING, CURSOR, EPOCH) == POSITION


def test_a_cursor_is_short_and_safe_in_an_address() -> None:
    assert len(CURSOR) < 200
    assert CURSOR.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "other",
    [
        replace(BINDING, account_id=uuid4()),
        replace(BINDING, path="/v1/patients/2/observations"),
        replace(BINDING, path="/v1/patients/1/goals"),
        replace(BINDING, filters=()),
        replace(BINDING, filters=(("sign", "glucose"), ("from", "2026-01-01"))),
        replace(BINDING, filters=(*BINDING.filters, ("until", "2026-02-01"))),
        replace(BINDING, filters=(("sign", 'heart_rate"],["from'), ("2026-01-01", ""))),
    ],
)
def test_a_cursor_is_refused_for_another_caller_list_or_filter(other: Binding) -> None:
    with pytest.raises(BadCursor):
        read_cursor(KEY, other, CURSOR, EPOCH)


def test_the_order_of_filters_does_not_matter() -> None:
    assert read_cursor(KEY, replace(BINDING, filters=BINDING.filters[::-1]), CURSOR, EPOCH) == POSITION


def test_a_cursor_signed_with_another_key_is_refused() -> None:
    with pytest.raises(BadCursor):
        read_cursor(b"another key", BINDING, CURSOR, EPOCH)


def test_a_cursor_from_before_a_restore_is_gone_not_wrong() -> None:
    before, after = uuid4(), uuid4()
    cursor = sign_cursor(KEY, BINDING, POSITION, before)
    assert read_cursor(KEY, BINDING, cursor, before) == POSITION
    with pytest.raises(Gone):
        read_cursor(KEY, BINDING, cursor, after)
    with pytest.raises(Gone):
        read_cursor(KEY, BINDING, CURSOR, after)


@pytest.mark.parametrize(
    "text", ["", "A", "=", CURSOR + "=", CURSOR + "A", " " + CURSOR, "é", "\ud800", "../..", "' OR 1=1--"]
)
def test_what_we_did_not_write_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        read_cursor(KEY, BINDING, text, EPOCH)


def test_a_position_written_by_the_client_is_refused() -> None:
    signed = base64.urlsafe_b64decode(CURSOR + "=" * (-len(CURSOR) % 4))
    altered = signed[:16] + json.dumps(["", "2020-01-01T00:00:00+00:00", str(uuid4())]).encode()
    with pytest.raises(BadCursor):
        read_cursor(KEY, BINDING, base64.urlsafe_b64encode(altered).rstrip(b"=").decode(), EPOCH)


@given(st.text(max_size=100))
def test_no_text_raises_anything_else(text: str) -> None:
    with pytest.raises(BadCursor):
        read_cursor(KEY, BINDING, text, EPOCH)


@given(st.integers(0, len(CURSOR) - 1), st.characters(min_codepoint=33, max_codepoint=126))
def test_no_change_of_one_letter_is_accepted(place: int, letter: str) -> None:
    changed = CURSOR[:place] + letter + CURSOR[place + 1 :]
    if changed == CURSOR:
        return
    with pytest.raises(BadCursor):
        read_cursor(KEY, BINDING, changed, EPOCH)


@dataclass
class Row:
    at: datetime
    id: UUID


def _page(limit: int, cursor: str | None = None) -> PageRequest:
    return PageRequest(limit, cursor, BINDING, KEY, EPOCH)


def test_walking_page_by_page_shows_every_row_once() -> None:
    rows = [Row(datetime(2026, 1, day, tzinfo=UTC), uuid4()) for day in range(1, 8)]
    shown: list[Row] = []
    cursor = None
    while True:
        page = _page(3, cursor)
        start = 0 if page.after is None else next(n for n, row in enumerate(rows) if str(row.id) == page.after[1]) + 1
        items, cursor = page.cut(rows[start : start + 4], key=lambda row: (row.at, row.id))
        shown += items
        if cursor is None:
            break
    assert shown == rows


def test_the_last_page_has_no_cursor_even_when_it_is_full() -> None:
    assert _page(3).cut([1, 2, 3], key=str) == ([1, 2, 3], None)
    assert _page(3).cut([1, 2, 3, 4], key=str)[1] is not None
    assert _page(3).cut([], key=str) == ([], None)


def test_a_list_ordered_by_id_gets_its_id_back() -> None:
    row = uuid4()
    _, cursor = _page(1).cut([row, uuid4()], key=lambda found: found)
    assert _page(1, cursor).after_id == row
    assert _page(1).after_id is None


def test_a_page_reads_the_cursor_that_it_signed_for_an_item_that_is_no_one_row() -> None:
    cursor = _page(1).onward(POSITION)
    assert _page(1, cursor).after == POSITION
    assert _page(1).onward(None) is None
