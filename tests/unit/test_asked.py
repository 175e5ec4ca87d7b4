"""What meets an action that asks for a reading or a check-in: each record one time, in any zone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people.local_days import LONDON_DAYS, LocalDays, ZoneFrom
from domain.plans.adherence import InForce, adherence, days_looked_at
from domain.plans.asked import (
    AskedFor,
    RecordKind,
    counts_of_asked,
    due_of_asked,
    faults_of_asked,
    stretches_asked,
    stretches_of_week,
    stretches_on,
)
from domain.plans.due_today import Answer, DueState
from domain.plans.schedule import days_between, occurrences_on, schedule_of
from tests.unit.test_due_today import DAY, LONG_AGO, TWICE, World, answer, on, pause, worlds

CLOCKS_BACK = date(2026, 10, 25)


def record(at: datetime) -> Answer:
    return Answer(None, at, None, uuid4())


def states(*answers: Answer, at: str = "23:59", day: date = DAY) -> list[str]:
    found = due_of_asked(TWICE, answers, InForce(LONG_AGO), LONDON_DAYS, day=day, at=on(at, day))
    return [each.state.value for each in found]


def of_week(world: World) -> list[Answer]:
    """Return the answers of a world in no order, every second one of them as a record."""
    given = [each for answers in world.answers.values() for each in answers]
    return [record(each.at) if place % 2 else each for place, each in enumerate(given)]


def test_a_reading_meets_the_time_in_whose_half_of_the_day_it_lies() -> None:
    assert states(record(on("07:40"))) == ["done", "overdue"]
    assert states(record(on("13:59"))) == ["done", "overdue"]
    assert states(record(on("14:00"))) == ["overdue", "done"]
    assert states(record(on("00:00"))) == ["done", "overdue"]


def test_two_readings_of_one_morning_are_not_told_as_the_morning_s_and_the_evening_s() -> None:
    first, second = record(on("08:00")), record(on("08:01"))
    found = due_of_asked(TWICE, [second, first], InForce(LONG_AGO), LONDON_DAYS, day=DAY, at=on("09:00"))
    assert [each.state.value for each in found] == ["done", "not_yet"]
    assert found[0].answer == first


def test_a_reading_and_that_it_was_done_meet_one_time_and_not_two() -> None:
    assert states(record(on("08:00")), answer(on("08:05"))) == ["done", "overdue"]
    assert states(answer(on("08:05")), record(on("20:05"))) == ["done", "done"]


def test_a_time_that_was_skipped_is_done_once_the_reading_is_there_and_not_the_other_way_round() -> None:
    assert states(answer(on("08:00"), "Unwell")) == ["skipped", "overdue"]
    assert states(answer(on("08:00"), "Unwell"), record(on("11:00"))) == ["done", "overdue"]
    assert states(record(on("07:00")), answer(on("08:00"), "Unwell")) == ["done", "overdue"]


def test_nothing_is_asked_on_a_day_of_a_pause_nor_of_before_the_plan_nor_after_its_end() -> None:
    resting = InForce(LONG_AGO, None, (pause(DAY, DAY),))
    assert stretches_asked(TWICE, resting, LONDON_DAYS, day=DAY) == []
    published = stretches_asked(TWICE, InForce(on("10:00")), LONDON_DAYS, day=DAY)
    assert [each.due.at_time for each in published] == [time(20)]
    ended = stretches_asked(TWICE, InForce(LONG_AGO, on("12:00")), LONDON_DAYS, day=DAY)
    assert [(each.from_at, each.until_at) for each in ended] == [(on("00:00"), on("12:00"))]


def test_on_the_day_on_which_the_clocks_go_back_the_halves_are_of_the_hours_there_are() -> None:
    morning, evening = stretches_on(TWICE, CLOCKS_BACK, LONDON_DAYS)
    assert (morning.until_at - morning.from_at, evening.until_at - evening.from_at) == (
        timedelta(hours=15),
        timedelta(hours=10),
    )


def test_a_time_beyond_a_day_that_is_short_for_flying_east_can_still_be_met_on_it() -> None:
    days = LocalDays((ZoneFrom("Pacific/Auckland", DAY + timedelta(days=1)),))
    morning, evening = stretches_on(TWICE, DAY, days)
    assert evening.due.due_at > evening.until_at == days.instant(DAY + timedelta(days=1))
    assert morning.until_at == evening.from_at < evening.until_at


def test_what_is_not_answered_yet_counts_as_missed_by_its_own_time_and_not_by_another_s_reading() -> None:
    counts = counts_of_asked(TWICE, [record(on("19:00"))], InForce(LONG_AGO), LONDON_DAYS, at=on("19:30"))
    told = adherence(TWICE, counts, InForce(LONG_AGO), LONDON_DAYS, at=on("19:30"))
    assert (told.due, told.done, told.missed) == (2, 1, 1)


@given(worlds())
def test_each_record_lies_in_one_stretch_of_its_day_and_all_of_the_day_is_some_time_s(world: World) -> None:
    first, last = days_looked_at(world.at, world.days)
    for day in days_between(world.schedule, first, last):
        stretches = stretches_on(world.schedule, day, world.days)
        assert [each.due for each in stretches] == occurrences_on(world.schedule, day, world.days)
        borders = [stretches[0].from_at, *(each.until_at for each in stretches)]
        assert borders == sorted(borders)
        assert [each.from_at for each in stretches] == borders[:-1]
        assert (borders[0], borders[-1]) == (world.days.instant(day), world.days.instant(day + timedelta(days=1)))


@given(worlds())
def test_day_by_day_what_was_asked_for_comes_to_what_adherence_says(world: World) -> None:
    answers = of_week(world)
    counts = counts_of_asked(world.schedule, answers, world.in_force, world.days, at=world.at)
    told = adherence(world.schedule, counts, world.in_force, world.days, at=world.at)
    found: Counter[DueState] = Counter()
    used: list[Answer] = []
    first, last = days_looked_at(world.at, world.days)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        for each in due_of_asked(world.schedule, answers, world.in_force, world.days, day=day, at=world.at):
            found[each.state] += 1
            used += [] if each.answer is None else [each.answer]
    assert (found[DueState.done], found[DueState.skipped], found[DueState.overdue]) == (
        told.done,
        told.skipped,
        told.missed,
    )
    ids = [each.completion_id or each.record_id for each in used]
    assert len(ids) == len(set(ids))


@given(worlds(), st.data())
def test_what_is_uploaded_late_counts_as_if_it_had_come_at_once_and_what_is_taken_back_as_if_it_never_had(
    world: World, data: st.DataObject
) -> None:
    answers = of_week(world)
    shuffled = data.draw(st.permutations(answers))

    def told(given: list[Answer]) -> object:
        counts = counts_of_asked(world.schedule, given, world.in_force, world.days, at=world.at)
        return adherence(world.schedule, counts, world.in_force, world.days, at=world.at)

    assert told(shuffled) == told(answers)
    late = record(world.at - timedelta(minutes=data.draw(st.integers(0, 6 * 24 * 60))))
    assert told([answer for answer in [*answers, late] if answer != late]) == told(answers)
    before, after = (
        adherence(
            world.schedule,
            counts_of_asked(world.schedule, given, world.in_force, world.days, at=world.at),
            world.in_force,
            world.days,
            at=world.at,
        )
        for given in (answers, [*answers, late])
    )
    assert before.done <= after.done <= before.done + 1
    assert after.missed <= before.missed


@given(worlds())
def test_the_first_record_of_each_stretch_tells_as_much_as_all_of_them(world: World) -> None:
    records = [record(each.at) for answers in world.answers.values() for each in answers]
    stretches = stretches_of_week(world.schedule, world.in_force, world.days, at=world.at)
    within = [[one for one in records if each.from_at <= one.at < each.until_at] for each in stretches]
    first = [min(each, key=lambda one: one.at) for each in within if each]
    in_force, days, at = world.in_force, world.days, world.at
    assert counts_of_asked(world.schedule, first, in_force, days, at=at) == counts_of_asked(
        world.schedule, records, in_force, days, at=at
    )


@given(worlds(), st.integers(0, 7 * 24 * 60))
def test_after_a_plan_s_end_nothing_meets_it(world: World, minutes: int) -> None:
    ended = replace(world.in_force, until_at=world.at - timedelta(minutes=minutes))
    after = [record(world.at - timedelta(minutes=number)) for number in range(0, minutes + 1, 60)]
    counts = counts_of_asked(world.schedule, after, ended, world.days, at=world.at)
    assert sum(each.done for each in counts.values()) == 0


@pytest.mark.parametrize(
    "asked",
    [
        AskedFor(RecordKind.reading, "blood_pressure"),
        AskedFor(RecordKind.questionnaire, "phq-9"),
        AskedFor(RecordKind.diary_entry, None),
        None,
    ],
)
def test_a_sign_a_questionnaire_or_the_diary_may_be_asked_for(asked: AskedFor | None) -> None:
    assert faults_of_asked(asked, "/actions/0/asks_for") == []


@pytest.mark.parametrize(
    "asked",
    [
        AskedFor(RecordKind.reading, "phq-9"),
        AskedFor(RecordKind.reading, None),
        AskedFor(RecordKind.reading, "news2_total"),
        AskedFor(RecordKind.questionnaire, "friends-and-family-test"),
        AskedFor(RecordKind.questionnaire, "blood_pressure"),
        AskedFor(RecordKind.diary_entry, "phq-9"),
    ],
)
def test_what_nobody_can_record_in_their_own_name_is_not_asked_for(asked: AskedFor) -> None:
    [fault] = faults_of_asked(asked, "/actions/0/asks_for")
    assert (fault.pointer, fault.code) == ("/actions/0/asks_for/of", "unknown_record")


def test_a_weekly_check_in_is_due_once_by_the_end_of_its_day() -> None:
    weekly = schedule_of("FREQ=WEEKLY;BYDAY=MO", DAY, ())
    assert DAY.isoweekday() == 1
    [stretch] = stretches_of_week(weekly, InForce(LONG_AGO), LONDON_DAYS, at=on("12:00"))
    assert (stretch.from_at, stretch.until_at) == (
        datetime(2026, 11, 23, tzinfo=UTC),
        datetime(2026, 11, 24, tzinfo=UTC),
    )
