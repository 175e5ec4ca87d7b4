"""What is due today is what the plan's own count says, on every day, in every zone, across clock changes."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import FrameType
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from domain.people.local_days import LONDON_DAYS, LocalDays, ZoneFrom
from domain.plans.adherence import DayCount, InForce, adherence, days_looked_at
from domain.plans.due_today import Answer, DueState, due_on
from domain.plans.goal_lifecycle import Party
from domain.plans.pause import Pause, PauseKind
from domain.plans.schedule import Schedule, days_between, occurrences_on, schedule_of
from tests.unit.recurrences import rules

ZONES = (
    "Europe/London",
    "Pacific/Apia",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
DAY = date(2026, 11, 23)
TWICE = schedule_of("FREQ=DAILY", DAY, (time(8), time(20)))


@dataclass(frozen=True)
class World:
    """A schedule, somebody's days, an instant, and what was done and skipped in the days before it."""

    schedule: Schedule
    days: LocalDays
    at: datetime
    in_force: InForce
    answers: dict[date, list[Answer]]


def answer(at: datetime, skipped: str | None = None) -> Answer:
    return Answer(uuid4(), at, skipped)


def pause(from_on: date, until_on: date | None) -> Pause:
    return Pause(UUID(int=1), None, PauseKind.holiday, None, from_on, until_on, UUID(int=2), Party.patient, LONG_AGO)


def on(at: str, day: date = DAY) -> datetime:
    return LONDON_DAYS.instant(day, time.fromisoformat(at))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    # Days about which clocks change somewhere are as likely as all others together.
    changes = [date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 10, 4), date(2026, 10, 25)]
    around = draw(st.sampled_from(changes) | st.dates(date(2024, 2, 20), date(2028, 3, 10)))
    first = around - timedelta(days=30)
    choices: tuple[ZoneFrom, ...] = (ZoneFrom(draw(st.sampled_from(ZONES)), first),)
    if draw(st.booleans()):
        choices += (ZoneFrom(draw(st.sampled_from(ZONES)), around - timedelta(days=draw(st.integers(0, 6)))),)
    days = LocalDays(choices)
    at = days.instant(around) + timedelta(minutes=draw(st.integers(0, 24 * 60 - 1)))
    times = tuple(sorted(draw(st.sets(st.times().map(lambda t: t.replace(second=0, microsecond=0)), max_size=4))))
    rule = draw(rules)
    schedule = Schedule(rule, around - timedelta(days=draw(st.integers(0, 40))), times)
    published_at = at - timedelta(minutes=draw(st.integers(1, 12 * 24 * 60)))
    pauses = [pause(around - timedelta(days=n), around - timedelta(days=m)) for n, m in draw(_stretches)]
    looked_at = days_looked_at(at, days)
    instants = draw(st.lists(st.tuples(st.integers(1, 7 * 24 * 60), st.booleans()), max_size=12))
    answers: dict[date, list[Answer]] = {}
    for minutes, skipped in instants:
        then = at - timedelta(minutes=minutes)
        if days.day_of(then) >= looked_at[0]:
            answers.setdefault(days.day_of(then), []).append(answer(then, "Unwell" if skipped else None))
    return World(schedule, days, at, InForce(published_at, None, tuple(pauses)), answers)


_stretches = st.lists(st.tuples(st.integers(0, 6), st.integers(-1, 6)).map(lambda s: (max(s), min(s))), max_size=2)


@given(worlds())
def test_day_by_day_what_was_due_comes_to_what_the_plan_says_of_its_last_seven_days(world: World) -> None:
    counts = {
        day: DayCount(sum(one.skipped is None for one in given), sum(one.skipped is not None for one in given))
        for day, given in world.answers.items()
    }
    told = adherence(world.schedule, counts, world.in_force, world.days, at=world.at)
    found: Counter[DueState] = Counter()
    first, last = days_looked_at(world.at, world.days)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        given = world.answers.get(day, [])
        for each in due_on(world.schedule, given, world.in_force, world.days, day=day, at=world.at):
            found[each.state] += 1
    assert (found[DueState.done], found[DueState.skipped], found[DueState.overdue]) == (
        told.done,
        told.skipped,
        told.missed,
    )


@given(worlds())
def test_the_times_of_a_day_are_the_schedule_s_and_each_record_answers_one(world: World) -> None:
    day = world.days.day_of(world.at)
    given = world.answers.get(day, [])
    found = due_on(world.schedule, given, world.in_force, world.days, day=day, at=world.at)
    rests = any(each.holds(day) for each in world.in_force.pauses)
    falls = not rests and list(days_between(world.schedule, day, day)) == [day]
    due = occurrences_on(world.schedule, day, world.days) if falls else []
    assert [(each.at_time, each.due_at) for each in found] == [
        (each.at_time, each.due_at) for each in due if each.due_at > world.in_force.from_at
    ]
    ids = [each.answer.completion_id for each in found if each.answer is not None]
    assert len(ids) == len(set(ids)) == min(len(found), len(given))
    answered = [each.answer.at for each in found if each.answer is not None]
    assert answered == sorted(answered)


def states(*answers: Answer, at: str = "12:00", schedule: Schedule = TWICE) -> list[str]:
    found = due_on(schedule, answers, InForce(LONG_AGO), LONDON_DAYS, day=DAY, at=on(at))
    return [each.state.value for each in found]


def test_a_time_is_overdue_once_it_has_passed_and_not_before() -> None:
    assert states(at="07:59") == ["not_yet", "not_yet"]
    assert states(at="08:00") == ["overdue", "not_yet"]
    assert states(at="23:59") == ["overdue", "overdue"]


def test_one_of_two_times_that_was_kept_answers_the_nearer_and_not_the_first() -> None:
    assert states(answer(on("20:10")), at="20:15") == ["overdue", "done"]
    assert states(answer(on("09:30")), at="20:15") == ["done", "overdue"]


def test_what_is_done_twice_in_the_evening_answers_the_morning_too_as_adherence_counts_it() -> None:
    assert states(answer(on("20:01")), answer(on("20:02")), at="20:15") == ["done", "done"]


def test_what_was_done_counts_before_what_was_skipped_where_there_is_more_than_was_due() -> None:
    skips = answer(on("07:00"), "Unwell"), answer(on("08:00"), "Unwell")
    assert states(*skips, answer(on("08:30")), at="08:31") == ["skipped", "done"]


def test_without_a_time_of_day_it_is_due_by_the_end_of_the_day_and_not_overdue_on_it() -> None:
    any_time = schedule_of("FREQ=DAILY", DAY, ())
    [due] = due_on(any_time, (), InForce(LONG_AGO), LONDON_DAYS, day=DAY, at=on("23:59"))
    assert (due.at_time, due.due_at, due.state) == (None, on("00:00", DAY + timedelta(days=1)), DueState.not_yet)


def test_on_a_day_of_a_pause_nothing_is_due_and_what_was_done_even_so_is_no_answer() -> None:
    resting = InForce(LONG_AGO, None, (pause(DAY, DAY),))
    assert due_on(TWICE, [answer(on("08:00"))], resting, LONDON_DAYS, day=DAY, at=on("12:00")) == []


def test_what_was_due_before_the_plan_was_published_is_not_asked_for() -> None:
    found = due_on(TWICE, (), InForce(on("10:00")), LONDON_DAYS, day=DAY, at=on("12:00"))
    assert [each.at_time for each in found] == [time(20)]


def cheapest(due: list[datetime], given: list[Answer]) -> tuple[int, int, float]:
    """Return the least that pairing costs, all ways looked at: those left over, the skips kept, seconds apart."""
    row = [(n, 0, 0.0) for n in range(len(given) + 1)]
    for each in due:
        before, row = row, [row[0]]
        for place, one in enumerate(given):
            left, skips, apart = before[place]
            paired = left, skips + (one.skipped is not None), apart + abs((one.at - each).total_seconds())
            over, skips_over, apart_over = row[place]
            row.append(min(paired, (over + 1, skips_over, apart_over), before[place + 1]))
    return row[-1]


minutes = st.integers(0, 24 * 60 - 1)


@given(st.sets(minutes, min_size=1, max_size=4), st.lists(st.tuples(minutes, st.booleans()), max_size=40))
def test_of_however_many_records_those_are_held_against_the_times_that_fit_best(
    times: set[int], records: list[tuple[int, bool]]
) -> None:
    schedule = schedule_of("FREQ=DAILY", DAY, tuple(time(*divmod(each, 60)) for each in times))
    given = [answer(on("00:00") + timedelta(minutes=m), "Unwell" if skipped else None) for m, skipped in records]
    found = due_on(schedule, given, InForce(LONG_AGO), LONDON_DAYS, day=DAY, at=on("23:59"))
    kept = [(each.due_at, each.answer) for each in found if each.answer is not None]
    cost = (
        len(given) - len(kept),
        sum(one.skipped is not None for _, one in kept),
        sum(abs((one.at - due_at).total_seconds()) for due_at, one in kept),
    )
    assert cost == cheapest([each.due_at for each in found], sorted(given, key=lambda one: one.at))


def calls_of(name: str, work: Callable[[], object]) -> int:
    """Return how often a built-in of this name is called in some work."""
    count = 0

    def hear(_frame: FrameType, event: str, called: object) -> None:
        nonlocal count
        count += event == "c_call" and getattr(called, "__name__", "") == name

    sys.setprofile(hear)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_ten_thousand_records_of_one_day_are_as_much_work_as_two_thousand() -> None:
    hourly = schedule_of("FREQ=DAILY", DAY, tuple(time(hour) for hour in range(24)))

    def looked_at(number: int) -> int:
        every = timedelta(days=1) / number
        given = [Answer(UUID(int=n), on("00:00") + n * every, None) for n in range(number)]
        return calls_of(
            "total_seconds", lambda: due_on(hourly, given, InForce(LONG_AGO), LONDON_DAYS, day=DAY, at=on("23:59"))
        )

    assert looked_at(10_000) == looked_at(2_000) <= 24 * 2 * 24 * 24
