"""Goals on a real database: who may do what, histories that replay, progress from the record as it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import london_date
from domain.errors import AlreadyExists, IllegalTransition, Invalid, NotFound, NotPermitted
from domain.observations.amendment_commands import retract_observation
from domain.observations.commands import record_observations
from domain.observations.evidence_queries import MOST_LOOKED_AT
from domain.observations.reading import Reading
from domain.observations.sufficiency import Sufficiency
from domain.plans.commands import change_goal_status, propose_goal
from domain.plans.completion_commands import NewCompletion, complete_action
from domain.plans.goal_lifecycle import Achievement, Change, GoalState, Lifecycle, Party
from domain.plans.plan_commands import end_plan, publish_plan
from domain.plans.plan_queries import plan_read, plans_read
from domain.plans.queries import goal_read, goals_read
from domain.plans.target import Comparator, SignTarget
from tests.cast import Cast
from tests.database.plans.stage import (
    ASHA,
    BEA,
    CARL,
    GUS,
    ROSE,
    SAM,
    WALK,
    audits_of,
    events_of,
    goal,
    measure,
    plan,
    rose,
    systolic,
    today,
)
from tests.replaying import replayed


async def test_a_goal_of_one_s_own_is_active_in_one_s_own_words(session: AsyncSession, cast: Cast) -> None:
    found = await goal(session, cast, ROSE)
    assert (found.goal.description, found.goal.why) == (WALK.description, WALK.why)
    assert found.goal.state == GoalState(Lifecycle.active, Achievement.in_progress)
    assert (found.goal.proposed_by, found.goal.proposed_as) == (cast.accounts[ROSE], Party.patient)
    assert (found.goal.start_on, found.goal.progress) == (today(cast), None)
    assert await events_of(session, rose(cast)) == ["goal.changed"]


@pytest.mark.parametrize(("by", "party"), [(ASHA, "clinician"), (CARL, "clinician"), (GUS, "care_home_staff")])
async def test_what_others_suggest_waits_for_the_patient(
    session: AsyncSession, cast: Cast, by: str, party: str
) -> None:
    found = await goal(session, cast, by)
    assert found.goal.state == GoalState(Lifecycle.proposed, None)
    assert found.goal.proposed_as == party
    assert await events_of(session, rose(cast)) == ["goal.proposed"]


@pytest.mark.parametrize("stranger", [BEA, SAM, "admin", "nobody_at_all"])
async def test_to_strangers_there_is_no_such_patient(session: AsyncSession, cast: Cast, stranger: str) -> None:
    actor, patient_id = cast.actor(stranger), rose(cast)
    made = (await goal(session, cast, ROSE)).goal.id
    plan_id = await publish_plan(session, cast.actor(ROSE), patient_id, plan(cast))
    action_id = (await plan_read(session, cast.actor(ROSE), patient_id, plan_id)).plan.actions[0].id
    done = NewCompletion("c", cast.now)
    for refused in (
        propose_goal(session, actor, patient_id, WALK),
        goals_read(session, actor, patient_id, before=None, limit=5),
        goal_read(session, actor, patient_id, made),
        change_goal_status(session, actor, patient_id, made, Change(Lifecycle.on_hold)),
        publish_plan(session, actor, patient_id, plan(cast)),
        plans_read(session, actor, patient_id, before=None, limit=5),
        plan_read(session, actor, patient_id, plan_id),
        end_plan(session, actor, patient_id, plan_id, "No"),
        complete_action(session, actor, patient_id, plan_id, action_id, done),
    ):
        with pytest.raises(NotFound):
            await refused


async def test_another_patient_s_goal_and_plan_are_not_found_under_one_s_own_name(
    session: AsyncSession, cast: Cast
) -> None:
    asha, sam = cast.actor(ASHA), cast.patients["sam_at_home"]
    made = (await goal(session, cast, ROSE)).goal.id
    plan_id = await publish_plan(session, asha, rose(cast), plan(cast))
    action_id = (await plan_read(session, asha, rose(cast), plan_id)).plan.actions[0].id
    other = await publish_plan(session, asha, rose(cast), plan(cast))
    for refused in (
        goal_read(session, asha, sam, made),
        change_goal_status(session, asha, sam, made, Change(Lifecycle.on_hold)),
        plan_read(session, asha, sam, plan_id),
        end_plan(session, asha, sam, plan_id, "No"),
        complete_action(session, asha, sam, plan_id, action_id, NewCompletion("c", cast.now)),
        complete_action(session, asha, rose(cast), other, action_id, NewCompletion("c", cast.now)),
    ):
        with pytest.raises(NotFound):
            await refused
    for new in (plan(cast, goal_ids=(made,)), plan(cast, supersedes_id=plan_id)):
        with pytest.raises(Invalid):
            await publish_plan(session, asha, sam, new)


async def test_the_history_says_who_took_each_step_and_replays_to_the_present(
    session: AsyncSession, cast: Cast
) -> None:
    made = (await goal(session, cast, ASHA)).goal.id
    steps = (
        (CARL, Change(Lifecycle.accepted, note="Rose said yes on the ward round")),
        (ROSE, Change(Lifecycle.active)),
        (ROSE, Change(achievement=Achievement.improving, note="I got to the corner")),
        (ASHA, Change(Lifecycle.on_hold, note="A cold")),
        (ROSE, Change(Lifecycle.active)),
        (ROSE, Change(Lifecycle.completed, Achievement.achieved)),
    )
    for number, (name, change) in enumerate(steps, 1):
        actor = cast.actor(name, at=cast.now + timedelta(minutes=number))
        await change_goal_status(session, actor, rose(cast), made, change)
    found = await goal_read(session, cast.actor(ROSE), rose(cast), made)
    assert [step.number for step in found.history] == [1, 2, 3, 4, 5, 6, 7]
    assert [step.taken_by for step in found.history] == [cast.accounts[n] for n in (ASHA, *(n for n, _ in steps))]
    assert [step.note for step in found.history] == [None, *(change.note for _, change in steps)]
    assert replayed((step.before, step.after) for step in found.history) == found.goal.state
    assert found.goal.status_at == cast.now + timedelta(minutes=len(steps))
    assert await events_of(session, rose(cast)) == ["goal.proposed", *["goal.changed"] * len(steps)]


async def test_asking_again_for_the_same_step_changes_nothing(session: AsyncSession, cast: Cast) -> None:
    made = (await goal(session, cast, ASHA)).goal.id
    accept = Change(Lifecycle.accepted, note="By telephone")
    for _ in range(3):
        await change_goal_status(session, cast.actor(ASHA), rose(cast), made, accept)
    assert len((await goal_read(session, cast.actor(ASHA), rose(cast), made)).history) == 2
    with pytest.raises(IllegalTransition):
        await change_goal_status(session, cast.actor(CARL), rose(cast), made, replace(accept, note="I asked as well"))


async def test_care_home_staff_suggest_and_do_not_decide(session: AsyncSession, cast: Cast) -> None:
    made = (await goal(session, cast, GUS)).goal.id
    with pytest.raises(NotPermitted):
        await change_goal_status(
            session, cast.actor(GUS), rose(cast), made, Change(Lifecycle.accepted, note="She nodded")
        )
    with pytest.raises(NotPermitted):
        await publish_plan(session, cast.actor(GUS), rose(cast), plan(cast))
    plan_id = await publish_plan(session, cast.actor(ASHA), rose(cast), plan(cast))
    with pytest.raises(NotPermitted):
        await end_plan(session, cast.actor(GUS), rose(cast), plan_id, "Enough")


async def test_a_goal_entered_in_error_is_hidden_and_kept(session: AsyncSession, cast: Cast) -> None:
    kept, mistaken = (await goal(session, cast, ROSE)).goal.id, (await goal(session, cast, ASHA)).goal.id
    change = Change(Lifecycle.entered_in_error, note="Meant for somebody else")
    await change_goal_status(session, cast.actor(ASHA), rose(cast), mistaken, change)
    listed = await goals_read(session, cast.actor(ROSE), rose(cast), before=None, limit=10)
    assert [found.id for found in listed] == [kept]
    found = await goal_read(session, cast.actor(ROSE), rose(cast), mistaken)
    assert found.goal.state.lifecycle is Lifecycle.entered_in_error
    with pytest.raises(Invalid):
        await publish_plan(session, cast.actor(ASHA), rose(cast), plan(cast, goal_ids=(mistaken,)))


async def test_goals_are_paged_newest_first(session: AsyncSession, cast: Cast) -> None:
    made = [(await goal(session, cast, ROSE, replace(WALK, description=f"Goal {n}"))).goal.id for n in range(5)]
    actor, seen, before = cast.actor(ROSE), [], None
    while True:
        found = await goals_read(session, actor, rose(cast), before=before, limit=2)
        seen += [one.id for one in found[:2]]
        if len(found) <= 2:
            break
        before = found[1].id
    assert seen == list(reversed(made))


async def test_progress_is_computed_from_the_observations_of_this_patient_since_the_start(
    session: AsyncSession, cast: Cast
) -> None:
    pressures = [(20, 90), *((days_ago, 155) for days_ago in range(13, 6, -1)), *((d, 145) for d in range(6, -1, -1))]
    ids = await measure(session, cast, *pressures)
    new = replace(WALK, target=systolic(cast), start_on=today(cast) - timedelta(days=13))
    found = (await goal(session, cast, ROSE, new)).goal.progress
    assert found is not None
    assert (found.data, found.count, found.complete) == (Sufficiency.enough, 14, True)
    assert (found.percent, found.suggestion) == (50, Achievement.improving)
    assert found.latest is not None and found.latest.observation_id == ids[-1]
    assert found.baseline is not None and found.baseline.observation_ids == tuple(ids[1:8])
    assert found.recent is not None and found.recent.observation_ids == tuple(ids[8:])
    diastolic = replace(systolic(cast), part="diastolic", value=Decimal(85))
    other = (await goal(session, cast, ROSE, replace(new, target=diastolic))).goal.progress
    assert other is not None and other.suggestion is Achievement.achieved


async def test_a_retracted_reading_is_no_evidence(session: AsyncSession, cast: Cast) -> None:
    ids = await measure(session, cast, (3, 150), (2, 150), (1, 120))
    new = replace(WALK, target=systolic(cast), start_on=today(cast) - timedelta(days=5))
    before = (await goal(session, cast, ROSE, new)).goal.progress
    await retract_observation(session, cast.actor(GUS), rose(cast), ids[2], "The neighbour's")
    after = (await goal(session, cast, ROSE, new)).goal.progress
    assert before is not None and after is not None
    assert (before.data, before.count) == (Sufficiency.enough, 3)
    assert (after.data, after.count, after.suggestion) == (Sufficiency.not_enough, 2, None)


async def test_a_proposal_or_a_goal_that_starts_later_has_no_progress(session: AsyncSession, cast: Cast) -> None:
    await measure(session, cast, (3, 150), (2, 150), (1, 150))
    measured = replace(WALK, target=systolic(cast), start_on=today(cast) - timedelta(days=5))
    assert (await goal(session, cast, ASHA, measured)).goal.progress is None
    later = replace(measured, start_on=today(cast) + timedelta(days=1))
    assert (await goal(session, cast, ROSE, later)).goal.progress is None


async def test_the_progress_of_a_completed_goal_stands_as_on_its_last_day(session: AsyncSession, cast: Cast) -> None:
    await measure(session, cast, (3, 120), (2, 120), (1, 120))
    new = replace(WALK, target=systolic(cast), start_on=today(cast) - timedelta(days=5))
    made = (await goal(session, cast, ROSE, new)).goal.id
    done = Change(Lifecycle.completed, Achievement.achieved)
    await change_goal_status(session, cast.actor(ROSE), rose(cast), made, done)
    next_year = cast.actor(ROSE, at=cast.now + timedelta(days=365))
    found = (await goal_read(session, next_year, rose(cast), made)).goal.progress
    assert found is not None
    assert (found.as_of, found.data, found.suggestion) == (cast.now, Sufficiency.enough, Achievement.sustaining)


async def test_goals_are_judged_from_the_newest_readings_and_say_when_there_are_more(
    session: AsyncSession, cast: Cast
) -> None:
    start = cast.now - timedelta(days=30)
    readings = [
        Reading(f"p-{n}", "heart_rate", start + timedelta(minutes=n), "/min", Decimal(90 if n < 600 else 70))
        for n in range(1_500)
    ]
    for first in range(0, len(readings), 1_000):
        await record_observations(session, cast.actor(GUS), rose(cast), readings[first : first + 1_000])
    target = SignTarget("heart_rate", None, Comparator.below, Decimal(80), "/min", today(cast) + timedelta(days=9))
    new = replace(WALK, target=target, start_on=london_date(start))
    found = (await goal(session, cast, ROSE, new)).goal.progress
    assert found is not None
    assert (found.complete, found.count) == (False, 2 * MOST_LOOKED_AT + 1)
    assert found.latest is not None and found.latest.at == readings[-1].effective_at


async def test_a_page_of_goals_looks_at_the_readings_of_all_of_them_at_once(session: AsyncSession, cast: Cast) -> None:
    await measure(session, cast, *((days_ago, 150) for days_ago in range(9)))
    for n in range(12):
        started = replace(WALK, target=systolic(cast, 120 + n), start_on=today(cast) - timedelta(days=n))
        await propose_goal(session, cast.actor(ROSE), rose(cast), started)
    statements: list[str] = []

    def heard(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    connection = (await session.connection()).sync_connection
    event.listen(connection, "before_cursor_execute", heard)
    found = await goals_read(session, cast.actor(ROSE), rose(cast), before=None, limit=20)
    event.remove(connection, "before_cursor_execute", heard)
    assert [one.progress and one.progress.count for one in found] == [min(n + 1, 9) for n in reversed(range(12))]
    assert len([statement for statement in statements if "observation" in statement]) == 1


async def test_the_audit_row_of_a_goal_says_how_many_readings_its_progress_was_worked_out_from(
    session: AsyncSession, cast: Cast
) -> None:
    await measure(session, cast, (3, 150), (2, 150), (1, 150))
    with_target = replace(WALK, target=systolic(cast), start_on=today(cast) - timedelta(days=5))
    made = [await propose_goal(session, cast.actor(ROSE), rose(cast), new) for new in (with_target, WALK)]
    for goal_id in made:
        await goal_read(session, cast.actor(ASHA), rose(cast), goal_id)
    read = [row for row in await audits_of(session, rose(cast)) if row[0] == "goal.read"]
    assert read == [("goal.read", made[0], 3), ("goal.read", made[1], None)]


async def test_a_goal_sent_again_is_kept_once_and_a_different_one_is_refused(session: AsyncSession, cast: Cast) -> None:
    new = replace(WALK, client_id="phone-1", target=systolic(cast))
    first = await propose_goal(session, cast.actor(ROSE), rose(cast), new)
    # The day after, a goal without a start of its own would start on another day.
    tomorrow = cast.actor(ROSE, at=cast.now + timedelta(days=1))
    assert await propose_goal(session, tomorrow, rose(cast), new) == first
    assert len(await goals_read(session, cast.actor(ROSE), rose(cast), before=None, limit=10)) == 1
    with pytest.raises(AlreadyExists):
        await propose_goal(session, cast.actor(ROSE), rose(cast), replace(new, why=None))


@pytest.mark.parametrize("days", [-5 * 366, 400])
async def test_a_start_far_off_is_a_slip(session: AsyncSession, cast: Cast, days: int) -> None:
    with pytest.raises(Invalid):
        await propose_goal(
            session, cast.actor(ROSE), rose(cast), replace(WALK, start_on=today(cast) + timedelta(days=days))
        )


async def test_every_read_and_write_is_audited(session: AsyncSession, cast: Cast) -> None:
    patient_id, actor = rose(cast), cast.actor(ASHA)
    made = await propose_goal(session, actor, patient_id, WALK)
    await goals_read(session, actor, patient_id, before=None, limit=5)
    await goal_read(session, actor, patient_id, made)
    await change_goal_status(session, actor, patient_id, made, Change(Lifecycle.rejected, note="No thanks, she said"))
    plan_id = await publish_plan(session, actor, patient_id, plan(cast))
    action_id = (await plan_read(session, actor, patient_id, plan_id)).plan.actions[0].id
    await plans_read(session, actor, patient_id, before=None, limit=5)
    await complete_action(session, actor, patient_id, plan_id, action_id, NewCompletion("c", cast.now))
    await complete_action(session, actor, patient_id, plan_id, action_id, NewCompletion("c", cast.now))
    await end_plan(session, actor, patient_id, plan_id, "She would rather not")
    assert await audits_of(session, patient_id) == [
        ("goal.create", made, 1),
        ("goal.list", None, 1),
        ("goal.read", made, None),
        ("goal.change_status", made, 1),
        ("action_plan.publish", plan_id, 1),
        ("action_plan.read", plan_id, None),
        ("action_plan.list", None, 1),
        ("action.complete", action_id, 1),
        ("action.complete", action_id, 0),
        ("action_plan.end", plan_id, None),
    ]
    assert await events_of(session, patient_id) == [
        "goal.proposed",
        "goal.changed",
        "plan.published",
        "action.completed",
        "plan.ended",
    ]
