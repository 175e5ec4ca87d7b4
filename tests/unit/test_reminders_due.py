"""When somebody is reminded next: every instant that a plan has once, in order, through every change of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from domain.notifications.attempts import LONGEST_PAUSE, MOST_ATTEMPTS, next_attempt_at, pause_after
from domain.notifications.quiet_hours import QuietHours
from domain.people.local_days import LocalDays, ZoneFrom
from domain.plans.schedule import Schedule, days_between, occurrences_on, schedule_of
from domain.reminders.due import EVENING, next_reminding

LONDON = ZoneInfo("Europe/London")
ZONES = ("Europe/London", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Niue")
RULES = (
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=DAILY;COUNT=5",
    "FREQ=WEEKLY;BYDAY=MO,SU",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
)
times = some.lists(
    some.times(max_value=time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0)), max_size=4, unique=True
)
starts = some.dates(date(2023, 10, 1), date(2026, 12, 31))


def every_instant(schedule: Schedule, days: LocalDays, first: date, last: date) -> set[datetime]:
    """Return each instant that the schedule names, by looking at each day: what is due at no time, in the evening."""
    found: set[datetime] = set()
    for day in days_between(schedule, first, last):
        for each in occurrences_on(schedule, day, days):
            found.add(days.instant(day, EVENING) if each.at_time is None else each.due_at.astimezone(UTC))
    return found


@settings(max_examples=150)
@given(
    rule=some.sampled_from(RULES),
    start=starts,
    at_times=times,
    moves=some.lists(some.tuples(some.sampled_from(ZONES), some.integers(0, 120)), max_size=4),
    begin=some.integers(-5, 40),
)
def test_each_instant_of_a_plan_is_reminded_of_once_and_in_order_however_somebody_moves(
    rule: str, start: date, at_times: list[time], moves: list[tuple[str, int]], begin: int
) -> None:
    schedule, days = schedule_of(rule, start, tuple(at_times)), LocalDays()
    after = datetime.combine(start + timedelta(days=begin), time(9, 30), UTC)
    end = after + timedelta(days=130)
    pending = sorted((after + timedelta(days=offset, minutes=17), name) for name, offset in moves)
    told: list[datetime] = []
    expected: set[datetime] = set()
    cursor = since = after
    while True:
        until = pending[0][0] if pending else end
        coming = next_reminding(schedule, days, cursor)
        if coming is not None and coming.at <= until:
            told.append(coming.at)
            cursor = coming.at
            continue
        whole = every_instant(schedule, days, start, end.date() + timedelta(days=3))
        expected |= {instant for instant in whole if since < instant <= until}
        cursor = since = max(cursor, until)
        if not pending:
            break
        at, name = pending.pop(0)
        days = days.chosen(name, at)
    assert told == sorted(set(told))
    assert set(told) == expected


@settings(max_examples=60)
@given(
    rule=some.sampled_from(RULES), start=starts, at_times=times, steps=some.lists(some.integers(1, 200), min_size=60)
)
def test_when_the_worker_looks_changes_nothing_of_what_is_due(
    rule: str, start: date, at_times: list[time], steps: list[int]
) -> None:
    schedule, days = schedule_of(rule, start, tuple(at_times)), LocalDays()
    after = datetime.combine(start, time(), UTC) - timedelta(days=1)
    now, cursor, told = after, after, []
    for minutes in steps:
        now += timedelta(minutes=minutes)
        while (coming := next_reminding(schedule, days, cursor)) is not None and coming.at <= now:
            told.append(coming.at)
            cursor = coming.at
    whole = every_instant(schedule, days, start, now.date() + timedelta(days=2))
    assert told == sorted(instant for instant in whole if after < instant <= now)


def test_an_hour_that_is_skipped_reminds_once_and_says_how_many_are_due_then() -> None:
    schedule = schedule_of("FREQ=DAILY", date(2026, 3, 1), (time(1, 30), time(2, 30)))
    found = next_reminding(schedule, LocalDays(), datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert found is not None
    assert (found.at, found.on_day, found.number) == (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), date(2026, 3, 29), 2)


def test_an_hour_that_comes_twice_reminds_at_the_first() -> None:
    schedule = schedule_of("FREQ=DAILY", date(2026, 10, 1), (time(1, 30),))
    after = datetime(2026, 10, 24, 12, tzinfo=UTC)
    told: list[datetime] = []
    while (found := next_reminding(schedule, LocalDays(), after)) is not None and len(told) < 2:
        told.append(found.at)
        after = found.at
    assert told == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)]


def test_nothing_comes_after_the_last() -> None:
    schedule = schedule_of("FREQ=DAILY;COUNT=2", date(2026, 11, 1), (time(8),))
    assert next_reminding(schedule, LocalDays(), datetime(2026, 11, 2, 8, tzinfo=UTC)) is None


def test_a_leap_day_is_found_years_ahead() -> None:
    schedule = schedule_of("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", date(2024, 2, 29), (time(8),))
    found = next_reminding(schedule, LocalDays((ZoneFrom("UTC", date(2020, 1, 1)),)), datetime(2024, 3, 1, tzinfo=UTC))
    assert found is not None
    assert found.at == datetime(2028, 2, 29, 8, tzinfo=UTC)


@settings(max_examples=300)
@given(
    begin=some.times(max_value=time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0)),
    length=some.integers(1, 24 * 60 - 1),
    at=some.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),
    zone=some.sampled_from((*ZONES, "Australia/Lord_Howe")),
)
def test_quiet_hours_end_and_then_it_is_not_quiet(begin: time, length: int, at: datetime, zone: str) -> None:
    end = (datetime.combine(date(2026, 1, 1), begin) + timedelta(minutes=length)).time()
    quiet, there = QuietHours(begin, end), ZoneInfo(zone)
    over = quiet.over_at(at, there)
    assert at <= over <= at + timedelta(hours=27)
    assert not quiet.hold_at(over, there)
    assert (over == at) == (not quiet.hold_at(at, there))


@pytest.mark.parametrize(
    ("at", "is_quiet"), [("20:59", False), ("21:00", True), ("03:00", True), ("07:59", True), ("08:00", False)]
)
def test_quiet_hours_go_over_midnight_from_their_beginning_up_to_their_end(at: str, is_quiet: bool) -> None:
    quiet = QuietHours(time(21), time(8))
    now = datetime.combine(date(2026, 7, 1), time.fromisoformat(at), LONDON)
    assert quiet.hold_at(now, LONDON) is is_quiet


@given(attempts=some.integers(1, 40), chance=some.floats(0, 1, exclude_max=True))
def test_pauses_double_up_to_an_hour_and_never_are_shorter_than_asked(attempts: int, chance: float) -> None:
    pause = pause_after(attempts, chance)
    assert timedelta(seconds=10) <= pause <= LONGEST_PAUSE
    assert pause_after(attempts, chance, 7_200) == timedelta(hours=2)
    assert pause_after(attempts + 1, chance) >= pause


def test_it_is_given_up_after_the_last_attempt_and_when_it_would_be_old_news() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    assert next_attempt_at(MOST_ATTEMPTS, at, at + timedelta(days=1), 0.5) is None
    assert next_attempt_at(1, at, at + timedelta(seconds=15), 0.5) is None
    assert next_attempt_at(1, at, at + timedelta(seconds=16), 0.5) == at + timedelta(seconds=15)
