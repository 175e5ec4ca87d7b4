"""How many goals and plans a patient may have at a time, also when many are added at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import Conflict
from domain.people.local_days import LONDON_DAYS
from domain.plans.commands import MOST_OPEN_GOALS, change_goal_status, propose_goal
from domain.plans.completion_commands import MOST_OF_A_DAY, NewCompletion, complete_action
from domain.plans.goal_lifecycle import Change, Lifecycle
from domain.plans.plan_commands import (
    MOST_PLANS_IN_FORCE,
    MOST_TIMES_A_DAY,
    NewAction,
    NewPlan,
    end_plan,
    publish_plan,
)
from domain.plans.plan_queries import plan_read
from domain.plans.schedule import schedule_of
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.database.plans.stage import ASHA, ROSE, WALK, asked, plan, rose, today


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


async def test_all_plans_in_force_together_name_so_many_times_of_a_day_and_no_more(
    session: AsyncSession, cast: Cast
) -> None:
    hourly = schedule_of("FREQ=DAILY", today(cast), tuple(time(hour) for hour in range(24)))
    once, actor = schedule_of("FREQ=WEEKLY", today(cast), ()), cast.actor(ROSE)

    def of(number: int, **but: Any) -> NewPlan:
        """Return a plan with so many times of a day."""
        whole, rest = divmod(number, 24)
        schedules = [hourly] * whole + [once] * rest
        return plan(cast, actions=tuple(NewAction("Breathe", None, each) for each in schedules), **but)

    first = await publish_plan(session, actor, rose(cast), of(MOST_TIMES_A_DAY - 24))
    second = await publish_plan(session, actor, rose(cast), of(24))
    for by in (ROSE, ASHA):
        with pytest.raises(Conflict, match="would name 201 times of a day, and 200 is the most. Name fewer"):
            async with session.begin_nested():
                await publish_plan(session, cast.actor(by), rose(cast), of(1))
    with pytest.raises(Conflict, match="201 times"):
        async with session.begin_nested():
            await publish_plan(session, actor, rose(cast), of(25, supersedes_id=second))
    third = await publish_plan(session, actor, rose(cast), of(23, supersedes_id=second))
    await publish_plan(session, actor, rose(cast), of(1))
    await end_plan(session, actor, rose(cast), first, "Enough")
    await publish_plan(session, actor, rose(cast), of(24, supersedes_id=third))
    await publish_plan(session, cast.actor(ASHA), cast.patients["sam_at_home"], of(24))


async def test_an_action_is_recorded_so_often_of_one_day_and_a_repeat_is_the_same_still(
    session: AsyncSession, cast: Cast
) -> None:
    plan_id, other_plan = [await publish_plan(session, cast.actor(ROSE), rose(cast), plan(cast)) for _ in range(2)]
    of = plan_id, (await plan_read(session, cast.actor(ROSE), rose(cast), plan_id)).plan.actions[0].id
    other = other_plan, (await plan_read(session, cast.actor(ROSE), rose(cast), other_plan)).plan.actions[0].id
    noon = LONDON_DAYS.instant(today(cast), time(12))
    then = cast.actor(ROSE, at=noon)
    done = [NewCompletion(f"n-{n}", noon - n * timedelta(minutes=1)) for n in range(MOST_OF_A_DAY + 1)]
    for each in done[:-1]:
        kept = await complete_action(session, then, rose(cast), *of, each)
    with pytest.raises(Conflict, match="recorded 100 times on that day"):
        async with session.begin_nested():
            await complete_action(session, then, rose(cast), *of, done[-1])
    assert await complete_action(session, then, rose(cast), *of, done[-2]) == kept
    assert (await complete_action(session, then, rose(cast), *other, done[-1])).client_id == done[-1].client_id
    tomorrow = cast.actor(ROSE, at=noon + timedelta(days=1))
    await complete_action(session, tomorrow, rose(cast), *of, NewCompletion("tomorrow", tomorrow.at))


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
