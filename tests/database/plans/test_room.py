"""How many goals and plans a patient may have at a time, also when many are added at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import Conflict
from domain.plans.commands import MOST_OPEN_GOALS, change_goal_status, propose_goal
from domain.plans.goal_lifecycle import Change, Lifecycle
from domain.plans.plan_commands import MOST_PLANS_IN_FORCE, end_plan, publish_plan
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.database.plans.stage import ASHA, ROSE, WALK, asked, plan, rose


async def test_a_patient_has_so_many_open_goals_and_no_more_until_one_has_ended(
    session: AsyncSession, cast: Cast
) -> None:
    actor = cast.actor(ROSE)
    goals = [
        await propose_goal(session, actor, rose(cast), replace(WALK, client_id=f"phone-{n}"))
        for n in range(MOST_OPEN_GOALS)
    ]
    for by in (ROSE, ASHA):
        with pytest.raises(Conflict, match="End one before setting another"):
            async with session.begin_nested():
                await propose_goal(session, cast.actor(by), rose(cast), WALK)
    assert await propose_goal(session, actor, rose(cast), replace(WALK, client_id="phone-7")) == goals[7]
    await change_goal_status(session, actor, rose(cast), goals[0], Change(Lifecycle.cancelled))
    assert await propose_goal(session, actor, rose(cast), WALK) not in goals
    await propose_goal(session, cast.actor(ASHA), cast.patients["sam_at_home"], WALK)


async def test_a_patient_has_so_many_plans_in_force_and_a_new_version_takes_no_room(
    session: AsyncSession, cast: Cast
) -> None:
    actor = cast.actor(ASHA)
    plans = [await publish_plan(session, actor, rose(cast), plan(cast)) for _ in range(MOST_PLANS_IN_FORCE)]
    with pytest.raises(Conflict, match="End one before publishing another"):
        async with session.begin_nested():
            await publish_plan(session, actor, rose(cast), plan(cast))
    second = await publish_plan(session, actor, rose(cast), plan(cast, supersedes_id=plans[0]))
    await end_plan(session, actor, rose(cast), second, "Enough")
    await publish_plan(session, actor, rose(cast), plan(cast))


async def test_of_two_who_take_the_last_room_at_once_one_is_refused(committing_database: Database, cast: Cast) -> None:
    async with committing_database.writing() as session:
        for _ in range(MOST_PLANS_IN_FORCE - 1):
            await publish_plan(session, cast.actor(ASHA), rose(cast), plan(cast))
        for _ in range(MOST_OPEN_GOALS - 1):
            await propose_goal(session, cast.actor(ROSE), rose(cast), WALK)

    async def adds(*, a_plan: bool) -> UUID:
        async with committing_database.writing() as session:
            if a_plan:
                return await publish_plan(session, cast.actor(ASHA), rose(cast), plan(cast))
            return await propose_goal(session, cast.actor(ROSE), rose(cast), WALK)

    attempts = (adds(a_plan=n % 2 == 0) for n in range(8))
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(outcome, UUID) for outcome in outcomes) == 2
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 6
    async with committing_database.reading() as session:
        counted = await asked(session, sql="select (select count(*) from goal), (select count(*) from action_plan)")
    assert tuple(counted[0]) == (MOST_OPEN_GOALS, MOST_PLANS_IN_FORCE)
