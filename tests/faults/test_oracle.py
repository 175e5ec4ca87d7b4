"""The oracle finds what is wrong, each thing by itself, and nothing where nothing is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.faults.oracle import Acknowledged, Stored, Told, judge
from tests.faults.outcome import Outcome, table

ROSE, SAM = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)

KNOWN = [Acknowledged(ROSE, "a", "o-a"), Acknowledged(ROSE, "b", "o-b"), Acknowledged(SAM, "c", "o-c")]
ROWS = [
    Stored(ROSE, "a", "o-a", NOON),
    Stored(ROSE, "b", "o-b", NOON + timedelta(seconds=1)),
    Stored(SAM, "c", "o-c", NOON),
]
ALL_OF_ROSE, ALL = Told(frozenset({ROSE}), ["o-a", "o-b"]), Told(frozenset({ROSE, SAM}), ["o-a", "o-c", "o-b"])


def test_nothing_is_wrong_where_all_is_stored_and_told_once() -> None:
    found = judge([*KNOWN, KNOWN[0]], ROWS, [ALL_OF_ROSE, ALL], announced={}, numbers=[7, 8, 9])
    assert found.is_clean
    assert found.acknowledged == 3


def test_what_was_stored_but_never_acknowledged_is_no_fault() -> None:
    more = [*ROWS, Stored(SAM, "d", "o-d", NOON + timedelta(seconds=2))]
    assert judge(KNOWN, more, [ALL]).is_clean


@pytest.mark.parametrize(
    "rows",
    [
        [row for row in ROWS if row.client_id != "b"],
        [*ROWS[:1], Stored(SAM, "b", "o-b", NOON + timedelta(seconds=1)), *ROWS[2:]],
        [*ROWS[:1], Stored(ROSE, "b", "another", NOON + timedelta(seconds=1)), *ROWS[2:]],
    ],
    ids=["not stored", "another's", "as something else"],
)
def test_what_is_not_stored_as_it_was_acknowledged_is_lost(rows: list[Stored]) -> None:
    assert judge(KNOWN, rows, [ALL]).lost == {"b"}


def test_two_rows_of_one_instant_are_one_too_many_whatever_they_are_called() -> None:
    found = judge(KNOWN, [*ROWS, Stored(ROSE, "again", "o-d", NOON)], [ALL])
    assert found.doubled == {"a", "again"}


def test_two_observations_for_one_name_are_one_too_many() -> None:
    assert "a" in judge([*KNOWN, Acknowledged(ROSE, "a", "o-x")], ROWS, [ALL]).doubled


def test_what_a_watcher_was_not_told_is_missed_and_what_it_was_told_twice_is_doubled() -> None:
    assert judge(KNOWN, ROWS, [ALL_OF_ROSE, Told(frozenset({SAM}), [])]).missed == {"o-c"}
    assert judge(KNOWN, ROWS, [ALL], announced={"event": SAM}).missed == {"event"}
    assert judge(KNOWN, ROWS, [Told(frozenset({ROSE}), ["o-a", "o-b", "o-a"])]).doubled == {"o-a"}


def test_a_hole_in_the_log_is_a_fault() -> None:
    assert judge(KNOWN, ROWS, [ALL], numbers=[1, 2, 4]).faults == ["the log's numbers have holes"]


def test_the_table_says_what_is_wrong_and_what_was_skipped_and_why() -> None:
    wrong = Outcome("a death", judge(KNOWN, ROWS[1:], [ALL]), 1.23)
    wrong.promised("recovered in 9 s", kept=False)
    shown = table([wrong, Outcome("a full disk", skipped="nobody may mount here")])
    assert not wrong.is_clean
    assert "| a death     | 3            | 1    | 0       | 0      | 1.2 s    | WRONG: recovered in 9 s |" in shown
    assert "skipped: nobody may mount here" in shown
