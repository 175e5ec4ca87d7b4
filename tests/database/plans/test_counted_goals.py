"""Goals that are counted in what was done, and rated on scales, on a real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import AlreadyExists, IllegalTransition, NotFound, NotPermitted
from domain.observations.sufficiency import Sufficiency
from domain.people.local_days import LocalDays
from domain.people.local_days_queries import local_days
from domain.plans.attainment import Level, Scale
from domain.plans.commands import NewGoal, change_goal_status
from domain.plans.completion_commands import NewCompletion, Which, complete_action, take_back_completion
from domain.plans.goal_lifecycle import Achievement, Change, Lifecycle
from domain.plans.plan_commands import NewAction, publish_plan
from domain.plans.plan_queries import plan_read
from domain.plans.progress import MOST_IDS, Progress
from domain.plans.queries import goal_read, goals_read
from domain.plans.rating_commands import NewRating, rate_goal
from domain.plans.rating_queries import attainment_read
from domain.plans.rewording_commands import Wording, reword_goal
from domain.plans.schedule import schedule_of
from domain.plans.tally_queries import Counting, tallies
from domain.plans.target import Comparator, Counted, CountTarget, Per
from integrations.postgres.roles import Role
from tests.cast import Cast
from tests.database.plans.stage import (
    ASHA,
    BEA,
    GUS,
    ROSE,
    audits_of,
    events_of,
    goal,
    lives_in,
    plan,
    rose,
    today,
)
from tests.in_one_role import entered

WEEKS_AGO = 30  # days: four whole weeks, and two days of the fifth
SCALE = Scale(("Bed", "Chair", "Garden gate", "Shop", "Park"), 3, 2, Level.less)


def walks(cast: Cast, per: Per = Per.week, value: int = 3) -> NewGoal:
    due_on = today(cast) + timedelta(days=60)
    target = CountTarget(Counted.completions, Comparator.at_least, Decimal(value), per, due_on)
    return NewGoal("Walk more", target=target, start_on=today(cast) - timedelta(days=WEEKS_AGO))


async def served(session: AsyncSession, cast: Cast, *goals: UUID) -> tuple[UUID, UUID]:
    """Return a plan of Rose's and its one action, which serves these goals."""
    agreed = today(cast) - timedelta(days=WEEKS_AGO)
    walk = NewAction("Walk", None, schedule_of("FREQ=DAILY", agreed, ()), goals)
    new = plan(cast, agreed_on=agreed, goal_ids=goals, actions=(walk,))
    plan_id = await publish_plan(session, cast.actor(ASHA), rose(cast), new)
    return plan_id, (await plan_read(session, cast.actor(ROSE), rose(cast), plan_id)).plan.actions[0].id


async def do(
    session: AsyncSession, cast: Cast, of: tuple[UUID, UUID], *days_ago: int, skipped: str | None = None
) -> None:
    for days in days_ago:
        done = NewCompletion(f"d-{days}-{skipped}", cast.now - timedelta(days=days), None, skipped)
        await complete_action(session, cast.actor(ROSE), rose(cast), *of, done)


async def progress_of(session: AsyncSession, cast: Cast, goal_id: UUID) -> Progress:
    found = (await goal_read(session, cast.actor(ROSE), rose(cast), goal_id)).goal.progress
    assert found is not None and found.tally is not None
    return found


async def test_what_is_done_of_the_actions_that_serve_a_goal_is_counted_by_week(
    session: AsyncSession, cast: Cast
) -> None:
    made = (await goal(session, cast, ROSE, walks(cast))).goal.id
    of = await served(session, cast, made)
    other = await served(session, cast)
    await do(session, cast, other, 20, 21)
    await do(session, cast, of, 29, 28, 27, 22, 21, 20, 15, 14, 13, 8, 7, 6, 0)
    await do(session, cast, of, 26, skipped="It rained")
    found = await progress_of(session, cast, made)
    assert found.tally is not None
    assert [(each.done, each.skipped) for each in found.tally.periods] == [(3, 1), (3, 0), (3, 0), (3, 0), (1, 0)]
    assert (found.count, found.judged, found.within, found.percent) == (13, 4, 4, 100)
    assert (found.data, found.suggestion) == (Sufficiency.enough, Achievement.achieved)
    assert (len(found.tally.ids), found.tally.latest_at) == (14, cast.now)
    [listed] = await goals_read(session, cast.actor(ROSE), rose(cast), before=None, limit=9)
    assert listed.progress == found


async def test_weeks_begin_at_midnight_where_the_person_is(session: AsyncSession, cast: Cast) -> None:
    await lives_in(session, cast, "Pacific/Kiritimati")
    there = cast.now.astimezone(ZoneInfo("Pacific/Kiritimati"))
    new = replace(walks(cast), start_on=there.date() - timedelta(days=14))
    made = (await goal(session, cast, ROSE, new)).goal.id
    of = await served(session, cast, made)
    midnight = there.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=7)
    for n, seconds in enumerate((-1, 0, 1)):
        done = NewCompletion(f"m-{n}", midnight + timedelta(seconds=seconds), None, None)
        await complete_action(session, cast.actor(ROSE), rose(cast), *of, done)
    found = await progress_of(session, cast, made)
    assert found.tally is not None
    assert [(each.from_on, each.done) for each in found.tally.periods] == [
        (there.date() - timedelta(days=14), 1),
        (there.date() - timedelta(days=7), 2),
        (there.date(), 0),
    ]


async def test_all_together_is_counted_whichever_version_of_the_plan_it_was_done_in(
    session: AsyncSession, cast: Cast
) -> None:
    made = (await goal(session, cast, ROSE, walks(cast, Per.in_all, 100))).goal.id
    first = await served(session, cast, made)
    await do(session, cast, first, *range(10))
    agreed = today(cast) - timedelta(days=WEEKS_AGO)
    again = NewAction("Walk", None, schedule_of("FREQ=DAILY", agreed, ()), (made,))
    new = plan(cast, agreed_on=agreed, goal_ids=(made,), actions=(again,), supersedes_id=first[0])
    second_plan = await publish_plan(session, cast.actor(ASHA), rose(cast), new)
    second = (await plan_read(session, cast.actor(ROSE), rose(cast), second_plan)).plan.actions[0].id
    await do(session, cast, (second_plan, second), *range(10))
    found = await progress_of(session, cast, made)
    assert (found.count, found.percent, found.suggestion) == (20, 20, Achievement.in_progress)
    assert found.tally is not None and found.tally.periods == ()


async def test_of_many_the_latest_are_named_as_evidence(session: AsyncSession, cast: Cast) -> None:
    made = (await goal(session, cast, ROSE, walks(cast, Per.in_all, 100))).goal.id
    of = await served(session, cast, made)
    for n in range(MOST_IDS + 5):
        done = NewCompletion(f"n-{n}", cast.now - timedelta(hours=n))
        last = await complete_action(session, cast.actor(ROSE), rose(cast), *of, done)
    found = await progress_of(session, cast, made)
    assert found.tally is not None
    assert (found.count, len(found.tally.ids), last.id in found.tally.ids) == (MOST_IDS + 5, MOST_IDS, False)


@pytest.mark.parametrize("per", [Per.day, Per.week, Per.in_all])
async def test_what_is_done_by_a_clock_that_is_ahead_is_counted_at_once(
    session: AsyncSession, cast: Cast, per: Per
) -> None:
    made = (await goal(session, cast, ROSE, walks(cast, per))).goal.id
    of = await served(session, cast, made)
    ahead = NewCompletion("ahead", cast.now + timedelta(seconds=100))
    await complete_action(session, cast.actor(ROSE), rose(cast), *of, ahead)
    assert (await progress_of(session, cast, made)).count == 1


async def test_what_was_recorded_in_error_counts_for_no_goal(session: AsyncSession, cast: Cast) -> None:
    goal_id = (await goal(session, cast, ROSE, walks(cast, Per.in_all, 100))).goal.id
    of = await served(session, cast, goal_id)
    made = await complete_action(session, cast.actor(ROSE), rose(cast), *of, NewCompletion("n", cast.now))
    before = (await progress_of(session, cast, goal_id)).count
    await take_back_completion(session, cast.actor(ROSE), Which(rose(cast), *of, made.id), "Pressed by mistake")
    assert (before, (await progress_of(session, cast, goal_id)).count) == (1, 0)


async def test_nobody_s_doings_count_for_a_goal_that_is_not_begun(session: AsyncSession, cast: Cast) -> None:
    made = (await goal(session, cast, ASHA, walks(cast))).goal.id
    await do(session, cast, await served(session, cast, made), 3, 2, 1)
    assert (await goal_read(session, cast.actor(ROSE), rose(cast), made)).goal.progress is None


async def scaled(session: AsyncSession, cast: Cast, by: str = ROSE) -> UUID:
    return (await goal(session, cast, by, NewGoal("See my friends", scale=SCALE))).goal.id


async def test_a_goal_is_rated_by_the_person_or_a_clinician_and_each_rating_is_kept(
    session: AsyncSession, cast: Cast
) -> None:
    made = await scaled(session, cast)
    before = len(await audits_of(session, rose(cast)))
    for by, name, level in ((ROSE, "r-1", Level.less), (ASHA, "a-1", Level.more), (ROSE, "r-1", Level.less)):
        await rate_goal(session, cast.actor(by), rose(cast), made, NewRating(name, level))
    found = await goal_read(session, cast.actor(ROSE), rose(cast), made)
    assert [(each.level, each.rated_as) for each in found.ratings] == [(-1, "patient"), (1, "clinician")]
    assert [row[2] for row in (await audits_of(session, rose(cast)))[before:]] == [1, 1, 0, None]
    assert (await events_of(session, rose(cast)))[-2:] == ["goal.changed", "goal.changed"]
    with pytest.raises(AlreadyExists):
        await rate_goal(session, cast.actor(ROSE), rose(cast), made, NewRating("r-1", Level.much_more))
    with pytest.raises(NotPermitted):
        await rate_goal(session, cast.actor(GUS), rose(cast), made, NewRating("g-1", Level.more))
    with pytest.raises(NotFound):
        await rate_goal(session, cast.actor(BEA), rose(cast), made, NewRating("b-1", Level.more))


async def test_what_is_not_scaled_or_not_begun_is_not_rated(session: AsyncSession, cast: Cast) -> None:
    for made in ((await goal(session, cast, ROSE)).goal.id, await scaled(session, cast, ASHA)):
        with pytest.raises(IllegalTransition):
            await rate_goal(session, cast.actor(ROSE), rose(cast), made, NewRating("x", Level.more))


async def test_a_rating_on_a_scale_that_was_changed_says_nothing_on_the_new_one(
    session: AsyncSession, cast: Cast
) -> None:
    made, actor = await scaled(session, cast), cast.actor(ROSE)
    await rate_goal(session, actor, rose(cast), made, NewRating("r-1", Level.much_more))
    assert (await attainment_read(session, actor, rose(cast))).t == 70
    seen = frozenset({(await goal_read(session, actor, rose(cast), made)).goal.version})
    words = Wording("See my friends", "They make me laugh", None, SCALE)
    await reword_goal(session, actor, rose(cast), made, words, note=None, seen=seen)
    assert (await attainment_read(session, actor, rose(cast))).t == 70
    seen = frozenset({(await goal_read(session, actor, rose(cast), made)).goal.version})
    other = replace(words, scale=replace(SCALE, importance=1))
    await reword_goal(session, actor, rose(cast), made, other, note=None, seen=seen)
    found = await attainment_read(session, actor, rose(cast))
    assert (found.t, found.goals[0].level, found.goals[0].weight) == (None, None, 2)
    record = await goal_read(session, actor, rose(cast), made)
    assert [each.is_of_scale_in_use for each in record.ratings] == [False]
    assert [each.scale for each in record.former] == [SCALE, SCALE]


async def test_what_goals_come_to_counts_those_begun_and_not_those_given_up(session: AsyncSession, cast: Cast) -> None:
    actor = cast.actor(ROSE)
    first, second, proposed = [await scaled(session, cast, by) for by in (ROSE, ROSE, ASHA)]
    await goal(session, cast, ROSE)
    await rate_goal(session, actor, rose(cast), first, NewRating("1", Level.more))
    found = await attainment_read(session, actor, rose(cast))
    assert ({each.goal_id for each in found.goals}, found.t) == ({first, second}, None)
    await change_goal_status(session, actor, rose(cast), second, Change(Lifecycle.cancelled))
    found = await attainment_read(session, actor, rose(cast))
    assert ([each.goal_id for each in found.goals], found.baseline_t, found.t, found.change) == ([first], 40, 60, 20)
    assert proposed not in {each.goal_id for each in found.goals}
    assert (await audits_of(session, rose(cast)))[-1] == ("goal.attainment", None, 1)


@pytest.mark.parametrize(("caller", "counted"), [(ROSE, 2), (ASHA, 2), (BEA, 0), (None, 0)])
async def test_what_was_done_is_counted_for_whom_the_record_is_there_and_for_nobody_else(
    session: AsyncSession, cast: Cast, caller: str | None, counted: int
) -> None:
    made = (await goal(session, cast, ROSE, walks(cast))).goal.id
    await do(session, cast, await served(session, cast, made), 2, 1)
    await session.execute(text("select set_config('role', :role, true)"), {"role": Role.runtime.value})
    if caller is not None:
        await entered(session, cast.actor(caller))
    days = await local_days(session, rose(cast))
    asked = Counting(made, Per.week, today(cast) - timedelta(days=WEEKS_AGO), cast.now)
    found = await tallies(session, rose(cast), [asked], ids=9, days=days)
    assert (found[made].done, len(found[made].ids)) == (counted, counted)


async def test_what_is_counted_is_of_the_patient_who_is_named_alone(session: AsyncSession, cast: Cast) -> None:
    made = (await goal(session, cast, ROSE, walks(cast))).goal.id
    await do(session, cast, await served(session, cast, made), 2, 1)
    asked = Counting(made, Per.week, today(cast) - timedelta(days=WEEKS_AGO), cast.now)
    found = await tallies(session, cast.patients["sam_at_home"], [asked], ids=9, days=LocalDays())
    assert (found[made].done, found[made].ids) == (0, ())
