"""Every kind of event says what of a record it is about, or is named as one that phones are not told."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.copies.keeping import Followed, Underway, read, written
from api.copies.things import COPIED, Place
from api.copies.worked_out import AGAIN_AFTER, again_at, is_judged_anew
from api.refusals import BadCursor
from api.schemas.observations import ObservationOut
from domain.changes.queries import Cursor
from domain.changes.things import NOT_TOLD, TOLD, TOLD_APART, Thing, by_thing, things_of
from domain.events.event import Event

_WHOLE = re.compile(r'append_events?\(\s*\w+,\s*"([a-z_.]+)"')
DOMAIN = Path(__file__).resolve().parents[2] / "domain"
_APPENDED = re.compile(r'append_events?\(\s*\w+,\s*"([a-z_]+)\.')
PATIENT = UUID(int=1)


def event(kind: str, *subjects: int, patient: UUID | None = PATIENT) -> Event:
    return Event(1, kind, patient, tuple(UUID(int=each) for each in subjects), datetime(2026, 11, 23, tzinfo=UTC))


def test_every_kind_of_event_is_told_or_named_as_not_told() -> None:
    appended = {kind for path in DOMAIN.rglob("*.py") for kind in _APPENDED.findall(path.read_text())}
    assert appended <= TOLD.keys() | NOT_TOLD
    assert TOLD.keys() <= appended
    assert not TOLD.keys() & NOT_TOLD
    named = {kind for path in DOMAIN.rglob("*.py") for kind in _WHOLE.findall(path.read_text())}
    assert TOLD_APART.keys() <= named


def test_every_thing_is_told_in_some_way() -> None:
    assert set(COPIED) == set(Thing) == {*TOLD.values(), *TOLD_APART.values()}
    assert len({copied.name for copied in COPIED.values()}) == len(Thing)


def test_an_action_that_was_done_is_told_as_what_was_done() -> None:
    assert things_of(event("action.completed", 8, 9)) == [(Thing.completion, UUID(int=9))]
    assert things_of(event("observation.corrected", 8, 9)) == [
        (Thing.observation, UUID(int=8)),
        (Thing.observation, UUID(int=9)),
    ]
    assert things_of(event("plan.paused", 8)) == [(Thing.pause, UUID(int=8))]
    assert things_of(event("patient.corrected")) == [(Thing.patient, PATIENT)]
    assert things_of(event("access.changed", 8)) == [(Thing.patient, PATIENT)]
    assert things_of(event("access.changed", 8, patient=None)) == []
    assert things_of(event("enrolment.started", 8)) == []
    assert things_of(event("goal.changed", 8, patient=None)) == []


def test_what_changed_often_is_told_once() -> None:
    found = by_thing([event("goal.changed", 8), event("goal.changed", 9), event("goal.changed", 8)])
    assert found == {Thing.goal: [UUID(int=8), UUID(int=9)]}


cursors = st.builds(Cursor, st.uuids(), st.integers(0, 2**63 - 1))
places = st.builds(
    Place, st.none() | st.text(min_size=1), st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1))
)


instants = st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1))
followed = st.builds(Followed, cursors, st.none() | instants)


@given(followed | st.builds(Underway, cursors, st.sampled_from(Thing), places))
def test_how_far_a_phone_has_come_is_read_as_it_was_written(reached: Followed | Underway) -> None:
    steps = written(reached)
    as_signed = tuple(each.isoformat() if isinstance(each, datetime) else str(each) for each in steps)
    assert read(as_signed) == reached


def test_a_mark_that_was_signed_before_it_said_when_progress_is_told_again_goes_on_and_is_told_it_at_once() -> None:
    assert read(("changes with alerts", str(PATIENT), "3")) == Followed(Cursor(PATIENT, 3), None)
    with pytest.raises(BadCursor):
        read(("changes with alerts", str(PATIENT), "3", "", ""))


@pytest.mark.parametrize("thing", Thing)
def test_progress_is_told_again_when_readings_what_was_done_or_the_days_change_and_when_it_is_old(thing: Thing) -> None:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    rests_on_it = thing in {Thing.observation, Thing.completion, Thing.patient}
    assert is_judged_anew({thing: [PATIENT]}, at + timedelta(hours=1), at) is rests_on_it
    assert is_judged_anew({}, at, at)
    assert is_judged_anew({}, None, at)
    assert again_at({}, at) == at + AGAIN_AFTER < at + timedelta(hours=24)


def told_of(effective_at: datetime, received_at: datetime) -> ObservationOut:
    known: dict[str, Any] = {"effective_at": effective_at, "received_at": received_at}
    return ObservationOut.model_construct(**known)


@given(st.lists(st.timedeltas(timedelta(days=-9), timedelta(minutes=5)), max_size=4))
def test_progress_that_was_told_beside_a_reading_of_later_is_told_again_once_that_counts(lags: list[timedelta]) -> None:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    before = at - timedelta(days=1)
    told = [one for lag in lags for one in (told_of(at + lag, before), told_of(before, at + lag))]
    ahead = max([lag for lag in lags if lag > timedelta()], default=None)
    assert again_at({"observations": told}, at) == at + (AGAIN_AFTER if ahead is None else ahead)


@pytest.mark.parametrize("position", [("changes", str(PATIENT), "3"), ("copy", str(PATIENT), "3", "goal", "x", "")])
def test_a_copy_of_an_earlier_edition_begins_anew(position: tuple[str, ...]) -> None:
    assert read(position) is None


@pytest.mark.parametrize("position", [(), ("0190f3a2",), ("copy with alerts", "x", "1"), ("pages", str(PATIENT), "3")])
def test_what_was_signed_for_something_else_is_refused(position: tuple[str, ...]) -> None:
    with pytest.raises(BadCursor):
        read(position)
