"""Adherence counts a person's own days, and never more done than was due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people.local_days import LONDON_DAYS, LocalDays, ZoneFrom
from domain.plans.adherence import Adherence, DayCount, InForce, adherence
from domain.plans.goal_lifecycle import Party
from domain.plans.pause import Pause, PauseKind
from domain.plans.schedule import Schedule, days_between, occurrences_on, schedule_of
from tests.unit.recurrences import rules

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
TWICE_A_DAY = schedule_of("FREQ=DAILY", date(2026, 1, 1), (time(8), time(20)))
ANY_TIME = schedule_of("FREQ=DAILY", date(2026, 1, 1), ())
FIRST, TODAY = date(2026, 10, 20), date(2026, 10, 26)  # the clocks go back on the 25th


def at(hour: int, minute: int = 0) -> datetime:
    """Return a London time of today."""
    return LONDON_DAYS.instant(TODAY, time(hour, minute))


def kept(
    schedule: Schedule,
    counts: dict[date, DayCount],
    now: datetime,
    since: datetime = LONG_AGO,
    until: datetime | None = None,
    *,
    pauses: tuple[Pause, ...] = (),
    days: LocalDays = LONDON_DAYS,
) -> Adherence:
    return adherence(schedule, counts, InForce(since, until, pauses), days, at=now)


def pause(first: date, last: date | None, due_again_on: date | None = None) -> Pause:
    made = Pause(uuid4(), None, PauseKind.holiday, None, first, last, uuid4(), Party.patient, LONG_AGO)
    return replace(made, due_again_on=due_again_on)


def only_on(day: date) -> Schedule:
    return schedule_of("FREQ=DAILY;COUNT=1", day, ())


def numbers(found: Adherence) -> tuple[int, int, int, int]:
    return (found.due, found.done, found.skipped, found.missed)


def test_the_last_seven_days_are_looked_at_today_included() -> None:
    found = kept(TWICE_A_DAY, {}, at(12))
    assert (found.from_on, numbers(found)) == (FIRST, (13, 0, 0, 13))


def test_what_is_due_later_today_is_not_missed_yet() -> None:
    assert numbers(kept(TWICE_A_DAY, {}, at(7, 59)))[0] == 12
    assert numbers(kept(TWICE_A_DAY, {}, at(8)))[0] == 13
    assert numbers(kept(ANY_TIME, {}, at(23, 59)))[0] == 6
    tomorrow = LONDON_DAYS.instant(TODAY + timedelta(days=1))
    assert numbers(kept(ANY_TIME, {}, tomorrow, since=LONDON_DAYS.instant(TODAY))) == (1, 0, 0, 1)


def test_what_is_done_early_counts_at_once() -> None:
    assert numbers(kept(TWICE_A_DAY, {TODAY: DayCount(done=2)}, at(12))) == (14, 2, 0, 12)
    assert numbers(kept(ANY_TIME, {TODAY: DayCount(done=1)}, at(12))) == (7, 1, 0, 6)


def test_a_skip_with_its_reason_is_not_a_miss() -> None:
    assert numbers(kept(TWICE_A_DAY, {FIRST: DayCount(done=1, skipped=1)}, at(12))) == (13, 1, 1, 11)


def test_doing_it_twice_on_one_day_does_not_make_up_for_another() -> None:
    assert numbers(kept(ANY_TIME, {FIRST: DayCount(done=5)}, at(12))) == (6, 1, 0, 5)


def test_nothing_is_due_before_the_plan_was_published() -> None:
    published = LONDON_DAYS.instant(TODAY, time(9))
    found = kept(TWICE_A_DAY, {}, at(21), since=published)
    assert (found.from_on, numbers(found)) == (TODAY, (1, 0, 0, 1))


def test_nothing_is_due_after_the_plan_ended() -> None:
    ended = LONDON_DAYS.instant(date(2026, 10, 24), time(9))
    found = kept(TWICE_A_DAY, {}, at(21), until=ended)
    assert (found.from_on, found.until_at, found.due) == (date(2026, 10, 18), ended, 13)


def test_what_was_to_be_done_once_is_due_once() -> None:
    assert numbers(kept(only_on(date(2026, 10, 22)), {}, at(12))) == (1, 0, 0, 1)
    assert numbers(kept(only_on(TODAY), {TODAY: DayCount(done=1)}, at(12))) == (
        1,
        1,
        0,
        0,
    )
    assert numbers(kept(only_on(date(2026, 10, 27)), {}, at(12))) == (0, 0, 0, 0)


@pytest.mark.parametrize(("today", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_day_on_which_the_clocks_change_is_due_once_whatever_its_length(today: date, hours: int) -> None:
    before_midnight = LONDON_DAYS.instant(today + timedelta(days=1)) - timedelta(seconds=1)
    assert before_midnight - LONDON_DAYS.instant(today) == timedelta(hours=hours, seconds=-1)
    assert kept(TWICE_A_DAY, {}, before_midnight).due == 14


def test_paused_days_are_left_out_and_told() -> None:
    resting = (pause(date(2026, 10, 21), date(2026, 10, 22)),)
    found = kept(TWICE_A_DAY, {date(2026, 10, 21): DayCount(done=2), FIRST: DayCount(done=2)}, at(12), pauses=resting)
    assert (numbers(found), found.paused_days) == ((9, 2, 0, 7), 2)


def test_a_pause_without_an_end_rests_until_it_is_ended_from_that_day_on() -> None:
    assert kept(TWICE_A_DAY, {}, at(12), pauses=(pause(FIRST, None),)).paused_days == 7
    ended = kept(TWICE_A_DAY, {}, at(12), pauses=(pause(FIRST, None, due_again_on=TODAY),))
    assert (numbers(ended), ended.paused_days) == ((1, 0, 0, 1), 6)


def test_pauses_that_overlap_add_up() -> None:
    resting = (pause(FIRST, date(2026, 10, 22)), pause(date(2026, 10, 22), date(2026, 10, 24)))
    assert kept(TWICE_A_DAY, {}, at(12), pauses=resting).paused_days == 5


def test_days_are_the_person_s_own_wherever_they_are() -> None:
    tokyo = LocalDays((ZoneFrom("Asia/Tokyo", date(2026, 1, 1)),))
    evening_in_london = at(20)  # 5 in the morning of the 27th in Tokyo
    found = kept(TWICE_A_DAY, {}, evening_in_london, days=tokyo)
    assert (found.from_on, found.due) == (date(2026, 10, 21), 12)


days_of_october = st.dates(date(2026, 10, 1), date(2026, 11, 5))


@given(st.lists(st.tuples(days_of_october, st.none() | st.integers(0, 9)), max_size=3))
def test_a_pause_never_makes_anything_missed(spans: list[tuple[date, int | None]]) -> None:
    resting = tuple(pause(first, None if length is None else first + timedelta(days=length)) for first, length in spans)
    before, after = kept(TWICE_A_DAY, {}, at(21)), kept(TWICE_A_DAY, {}, at(21), pauses=resting)
    assert after.missed <= before.missed
    assert after.due + 2 * after.paused_days == before.due


times = st.lists(st.builds(time, st.integers(0, 23), st.integers(0, 59)), max_size=4, unique=True).map(
    lambda found: tuple(sorted(found))
)
schedules = st.builds(Schedule, rules, st.dates(date(2026, 2, 1), date(2026, 10, 31)), times)
moments = st.integers(0, 300 * 24 * 60).map(
    lambda minutes: datetime(2026, 2, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
counts_by_day = st.dictionaries(
    st.dates(date(2026, 1, 25), date(2026, 12, 5)),
    st.builds(DayCount, st.integers(0, 5), st.integers(0, 5)),
    max_size=60,
)


@given(schedules, moments, moments, st.none() | moments, counts_by_day)
def test_the_numbers_always_add_up(
    schedule: Schedule, now: datetime, since: datetime, until: datetime | None, counts: dict[date, DayCount]
) -> None:
    if until is not None and until < since:
        since, until = until, since
    found = kept(schedule, counts, max(now, since), since, until)
    window = list(
        days_between(
            schedule, LONDON_DAYS.day_of(found.until_at) - timedelta(days=6), LONDON_DAYS.day_of(found.until_at)
        )
    )
    assert min(numbers(found)) >= 0
    assert found.due == found.done + found.skipped + found.missed
    assert found.due <= sum(len(occurrences_on(schedule, day, LONDON_DAYS)) for day in window)
    assert found.done <= sum(counts.get(day, DayCount()).done for day in window)
    assert found.skipped <= sum(counts.get(day, DayCount()).skipped for day in window)


@given(schedules, moments, counts_by_day)
def test_doing_more_never_lowers_what_is_done_or_raises_what_is_missed(
    schedule: Schedule, now: datetime, counts: dict[date, DayCount]
) -> None:
    before = kept(schedule, counts, now)
    more = {day: DayCount(count.done + 1, count.skipped) for day, count in counts.items()}
    after = kept(schedule, more, now)
    assert after.done >= before.done
    assert after.missed <= before.missed
