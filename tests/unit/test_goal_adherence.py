"""Adherence counts a person's own days, and never more done than was due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import london_date
from domain.plans.adherence import Adherence, DayCount, adherence
from domain.plans.schedule import Rule, Schedule, days_between, london_instant, occurrences_on, schedule_of

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
TWICE_A_DAY = schedule_of("FREQ=DAILY", date(2026, 1, 1), (time(8), time(20)))
ANY_TIME = schedule_of("FREQ=DAILY", date(2026, 1, 1), ())
FIRST, TODAY = date(2026, 10, 20), date(2026, 10, 26)  # the clocks go back on the 25th


def at(hour: int, minute: int = 0) -> datetime:
    """Return a London time of today."""
    return london_instant(TODAY, time(hour, minute))


def kept(
    schedule: Schedule,
    counts: dict[date, DayCount],
    now: datetime,
    since: datetime = LONG_AGO,
    until: datetime | None = None,
) -> Adherence:
    return adherence(schedule, counts, in_force_from=since, in_force_until=until, at=now)


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
    tomorrow = london_instant(TODAY + timedelta(days=1))
    assert numbers(kept(ANY_TIME, {}, tomorrow, since=london_instant(TODAY))) == (1, 0, 0, 1)


def test_what_is_done_early_counts_at_once() -> None:
    assert numbers(kept(TWICE_A_DAY, {TODAY: DayCount(done=2)}, at(12))) == (14, 2, 0, 12)
    assert numbers(kept(ANY_TIME, {TODAY: DayCount(done=1)}, at(12))) == (7, 1, 0, 6)


def test_a_skip_with_its_reason_is_not_a_miss() -> None:
    assert numbers(kept(TWICE_A_DAY, {FIRST: DayCount(done=1, skipped=1)}, at(12))) == (13, 1, 1, 11)


def test_doing_it_twice_on_one_day_does_not_make_up_for_another() -> None:
    assert numbers(kept(ANY_TIME, {FIRST: DayCount(done=5)}, at(12))) == (6, 1, 0, 5)


def test_nothing_is_due_before_the_plan_was_published() -> None:
    published = london_instant(TODAY, time(9))
    found = kept(TWICE_A_DAY, {}, at(21), since=published)
    assert (found.from_on, numbers(found)) == (TODAY, (1, 0, 0, 1))


def test_nothing_is_due_after_the_plan_ended() -> None:
    ended = london_instant(date(2026, 10, 24), time(9))
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
    before_midnight = london_instant(today + timedelta(days=1)) - timedelta(seconds=1)
    assert before_midnight - london_instant(today) == timedelta(hours=hours, seconds=-1)
    assert kept(TWICE_A_DAY, {}, before_midnight).due == 14


rules = st.builds(
    Rule,
    weekly=st.booleans(),
    interval=st.integers(1, 3),
    weekdays=st.sets(st.integers(0, 6)).map(lambda chosen: tuple(sorted(chosen))),
    count=st.none() | st.integers(1, 20),
)
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
    window = list(days_between(schedule, london_date(found.until_at) - timedelta(days=6), london_date(found.until_at)))
    assert min(numbers(found)) >= 0
    assert found.due == found.done + found.skipped + found.missed
    assert found.due <= sum(len(occurrences_on(schedule, day)) for day in window)
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
