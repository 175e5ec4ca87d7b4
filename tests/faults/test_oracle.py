"""The oracle finds what is wrong, each thing by itself, and nothing where nothing is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from tests.faults.measured import Measured, as_sent, as_told, readings
from tests.faults.oracle import Acknowledged, Announced, Judgement, Stored, Told, judge
from tests.faults.outcome import Outcome, table

ROSE, SAM = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)


def reading(value: int, seconds: int, by: UUID = ROSE, of: UUID = ROSE) -> Measured:
    """Return a heart rate of this many seconds after noon."""
    said = {"sign": "heart_rate", "unit": "/min", "value": value, "effective_at": at(seconds).isoformat()}
    return as_sent(said, of, by, "self")


def at(seconds: int) -> datetime:
    """Return an instant after noon."""
    return NOON + timedelta(seconds=seconds)


SENT = {"a": reading(60, 0), "b": reading(61, 1), "c": reading(62, 0, SAM, SAM)}
KNOWN = [Acknowledged(ROSE, "a", "o-a"), Acknowledged(ROSE, "b", "o-b"), Acknowledged(SAM, "c", "o-c")]
ROWS = [Stored(name, f"o-{name}", measured) for name, measured in SENT.items()]
A, B, C = (Announced(row.patient_id, [row.observation_id], [row], shows_all=True) for row in ROWS)
ALL_OF_ROSE, ALL = Told(frozenset({ROSE}), [A, B]), Told(frozenset({ROSE, SAM}), [A, C, B])


def test_nothing_is_wrong_where_all_is_stored_and_told_once() -> None:
    found = judge([*KNOWN, KNOWN[0]], ROWS, [ALL_OF_ROSE, ALL], sent=SENT, announced={}, numbers=[7, 8, 9])
    assert found.is_clean
    assert found.acknowledged == 3


def test_what_was_stored_but_never_acknowledged_is_no_fault() -> None:
    more = [*ROWS, Stored("d", "o-d", reading(60, 2, SAM, SAM))]
    assert judge(KNOWN, more, [ALL]).is_clean


@pytest.mark.parametrize(
    "rows",
    [
        [row for row in ROWS if row.client_id != "b"],
        [*ROWS[:1], Stored("b", "o-b", reading(61, 1, of=SAM)), *ROWS[2:]],
        [*ROWS[:1], Stored("b", "another", SENT["b"]), *ROWS[2:]],
    ],
    ids=["not stored", "another's", "as something else"],
)
def test_what_is_not_stored_as_it_was_acknowledged_is_lost(rows: list[Stored]) -> None:
    assert judge(KNOWN, rows, [ALL]).lost == {"b"}


def test_two_rows_of_one_instant_are_one_too_many_whatever_they_are_called() -> None:
    found = judge(KNOWN, [*ROWS, Stored("again", "o-d", reading(63, 0))], [ALL])
    assert found.doubled == {"a", "again"}


def test_two_observations_for_one_name_are_one_too_many() -> None:
    assert "a" in judge([*KNOWN, Acknowledged(ROSE, "a", "o-x")], ROWS, [ALL]).doubled


def test_what_a_watcher_was_not_told_is_missed_and_what_it_was_told_twice_is_doubled() -> None:
    assert judge(KNOWN, ROWS, [ALL_OF_ROSE, Told(frozenset({SAM}), [])]).missed == {"o-c"}
    assert judge(KNOWN, ROWS, [ALL], announced={"event": SAM}).missed == {"event"}
    assert judge(KNOWN, ROWS, [Told(frozenset({ROSE}), [A, B, A])]).doubled == {"o-a"}


def judged(rows: list[Stored], told: Told = ALL) -> Judgement:
    """Return the judgement on these rows, where all was sent as it was meant."""
    return judge(KNOWN, rows, [told], sent=SENT)


@pytest.mark.parametrize(
    "change",
    [
        {"value": Decimal(62)},
        {"sent_value": Decimal(62)},
        {"sent_unit": "%"},
        {"sign": "respiratory_rate"},
        {"effective_at": at(2)},
        {"offset": timedelta(hours=1)},
        {"source": "another"},
        {"recorded_by": SAM},
        {"recorded_as": "delegate"},
        {"confirmed": True},
        {"code": "A"},
        {"comparator": "<"},
        {"systolic": Decimal(120)},
        {"diastolic": Decimal(80)},
        {"patient_id": SAM},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_is_stored_or_told_otherwise_than_it_was_sent_is_altered(change: dict[str, Any]) -> None:
    other = replace(ROWS[1], measured=replace(SENT["b"], **change))
    (what,) = change
    assert judged([ROWS[0], other, ROWS[2]]).altered == {"b": f"stored with another {what}"}
    event = Announced(ROSE, ["o-b"], [other], shows_all=True)
    found = judged(ROWS, Told(frozenset({ROSE, SAM}), [A, C, event]))
    assert found.altered["b"] == f"told with another {what}"
    assert not found.is_clean


def test_two_that_were_mixed_up_are_altered_both() -> None:
    swapped = [replace(ROWS[0], measured=SENT["b"]), replace(ROWS[1], measured=SENT["a"]), ROWS[2]]
    assert set(judged(swapped).altered) == {"a", "b"}


def test_what_was_never_acknowledged_is_to_be_as_it_was_sent_too() -> None:
    assert judge([], [replace(ROWS[0], measured=SENT["c"])], [], sent=SENT).altered


@pytest.mark.parametrize(
    "shown", [[], [ROWS[0]], [ROWS[1], ROWS[0]]], ids=["nothing", "another's content", "more than it is about"]
)
def test_an_event_that_shows_something_else_than_it_is_about_is_altered(shown: list[Stored]) -> None:
    event = Announced(ROSE, ["o-b"], shown, shows_all=True)
    assert judged(ROWS, Told(frozenset({ROSE, SAM}), [A, C, event])).altered == {
        "o-b": "told in an event that shows something else"
    }


def test_an_event_of_another_patient_is_altered() -> None:
    event = Announced(SAM, ["o-b"], [ROWS[1]], shows_all=True)
    assert judged(ROWS, Told(frozenset({ROSE, SAM}), [A, C, event])).altered == {
        "o-b": "told in an event of another patient"
    }


def test_no_reading_is_like_its_neighbours_and_each_is_told_as_it_was_sent() -> None:
    batch = readings(70, "a monitor")["readings"]
    sent = [as_sent(each, ROSE, SAM, "practice") for each in batch]
    assert all({"value", "systolic", "sign"} & set(one.unlike(next_one)) for one, next_one in pairwise(sent))
    fahrenheit = next(each for each in sent if each.sent_unit == "[degF]")
    told = {
        "patient_id": str(ROSE),
        "recorded_by": str(SAM),
        "recorded_as": "practice",
        "sign": "body_temperature",
        "source": "a monitor",
        "effective_at": fahrenheit.effective_at.isoformat(),
        "confirmed": fahrenheit.confirmed,
        "value": float(fahrenheit.value or 0),
        "unit": "Cel",
        "systolic": None,
        "diastolic": None,
        "code": None,
        "comparator": None,
        "original": {"value": float(fahrenheit.sent_value or 0), "unit": "[degF]"},
    }
    assert not fahrenheit.unlike(as_told(told))


def test_a_hole_in_the_log_is_a_fault() -> None:
    assert judge(KNOWN, ROWS, [ALL], numbers=[1, 2, 4]).faults == ["the log's numbers have holes"]


def test_the_table_says_what_is_wrong_and_what_was_skipped_and_why() -> None:
    wrong = Outcome("a death", judge(KNOWN, ROWS[1:], [ALL]), 1.23)
    wrong.promised("recovered in 9 s", kept=False)
    shown = table([wrong, Outcome("a full disk", skipped="nobody may mount here")])
    assert not wrong.is_clean
    assert (
        "| a death     | 3            | 1    | 0       | 0       | 0      | 1.2 s    | WRONG: recovered in 9 s |"
        in shown
    )
    assert "skipped: nobody may mount here" in shown
