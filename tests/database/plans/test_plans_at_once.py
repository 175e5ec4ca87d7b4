"""Many at once: one goal, one plan, one end and one completion, and histories that stay whole."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import DomainError, IllegalTransition
from domain.plans.commands import change_goal_status, propose_goal
from domain.plans.completion_commands import NewCompletion, complete_action
from domain.plans.goal_lifecycle import Achievement, Change, Lifecycle
from domain.plans.plan_commands import end_plan, publish_plan
from domain.plans.queries import goal_read
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.database.plans.stage import (
    ASHA,
    CARL,
    GUS,
    ROSE,
    WALK,
    asked,
    made_plan,
    plan,
    rose,
)
from tests.replaying import replayed

REPEATS = 40


async def test_forty_concurrent_repeats_are_one_completion(committing_database: Database, cast: Cast) -> None:
    async with committing_database.writing() as session:
        plan_id, action_id = await made_plan(session, cast)
    new = NewCompletion("phone-1", cast.now, note="Done")

    async def attempt(number: int) -> UUID:
        actor = cast.actor((ROSE, GUS, CARL)[number % 3])
        async with committing_database.writing() as session:
            return (await complete_action(session, actor, rose(cast), plan_id, action_id, new)).id

    found = await racing(committing_database, attempt)
    assert len(set(found)) == 1
    async with committing_database.reading() as session:
        assert (await asked(session, sql="select count(*) from action_completion"))[0][0] == 1
        told = await asked(session, sql="select subject_ids from event_outbox where kind = 'action.completed'")
        assert [row.subject_ids for row in told] == [[action_id, found[0]]]
        counted = await asked(session, sql="select count from audit_event where action = 'action.complete'")
        assert sorted(row.count for row in counted) == [0] * (REPEATS - 1) + [1]


async def test_forty_concurrent_versions_and_endings_leave_one_end(committing_database: Database, cast: Cast) -> None:
    async with committing_database.writing() as session:
        plan_id, _ = await made_plan(session, cast)

    async def attempt(number: int) -> bool:
        try:
            async with committing_database.writing() as session:
                if number % 2:
                    await end_plan(session, cast.actor(ROSE), rose(cast), plan_id, "Enough")
                else:
                    await publish_plan(session, cast.actor(ASHA), rose(cast), plan(cast, supersedes_id=plan_id))
        except IllegalTransition:
            return False
        return True

    assert sum(await racing(committing_database, attempt)) == 1
    async with committing_database.reading() as session:
        plans, ends = (
            await asked(session, sql="select count(*), (select count(*) from action_plan_end) from action_plan")
        )[0]
        successor = (await asked(session, sql="select successor_id from action_plan_end"))[0][0]
    assert (ends, plans) == (1, 1 if successor is None else 2)


async def test_forty_concurrent_repeats_are_one_goal_and_one_plan(committing_database: Database, cast: Cast) -> None:
    async with committing_database.writing() as session:
        first, _ = await made_plan(session, cast)
    new_plan = plan(cast, client_id="phone-1", supersedes_id=first)
    new_goal = replace(WALK, client_id="phone-1")

    async def attempt(number: int) -> UUID:
        async with committing_database.writing() as session:
            if number % 2:
                return await propose_goal(session, cast.actor(ROSE), rose(cast), new_goal)
            return await publish_plan(session, cast.actor(ASHA), rose(cast), new_plan)

    assert len(set(await racing(committing_database, attempt))) == 2
    async with committing_database.reading() as session:
        assert (await asked(session, sql="select count(*) from goal"))[0][0] == 1
        assert (await asked(session, sql="select count(*) from goal_step"))[0][0] == 1
        assert (await asked(session, sql="select count(*) from action_plan"))[0][0] == 2


async def test_of_many_who_answer_at_once_one_does_and_the_history_stays_whole(
    committing_database: Database, cast: Cast
) -> None:
    async with committing_database.writing() as session:
        made = await propose_goal(session, cast.actor(ASHA), rose(cast), WALK)

    async def attempt(number: int) -> bool:
        answer = Lifecycle.accepted if number % 2 else Lifecycle.rejected
        try:
            async with committing_database.writing() as session:
                await change_goal_status(
                    session, cast.actor(ROSE), rose(cast), made, Change(answer, note=f"Answer {number}")
                )
        except IllegalTransition:
            return False
        return True

    assert sum(await racing(committing_database, attempt)) == 1
    async with committing_database.writing() as session:
        found = await goal_read(session, cast.actor(ROSE), rose(cast), made)
    assert len(found.history) == 2
    assert replayed((step.before, step.after) for step in found.history) == found.goal.state


async def racing(database: Database, attempt: Any) -> list[Any]:
    """Return the results of forty attempts, ten at a time, on connections that are open before the first begins."""
    async with AsyncExitStack() as stack:
        for _ in range(database.limits.pool_size):
            await stack.enter_async_context(database.reading())
    gate = asyncio.Semaphore(database.limits.pool_size)

    async def one(number: int) -> Any:
        async with gate:
            return await attempt(number)

    return await asyncio.gather(*(one(number) for number in range(REPEATS)))


async def somebody_waits(database: Database) -> None:
    """Return once a transaction waits for another's lock; bounded by the test's own patience."""
    async with asyncio.timeout(10):
        while True:
            async with database.reading() as session:
                if (await asked(session, sql="select count(*) from pg_locks where not granted"))[0][0]:
                    return


async def test_who_decides_later_sees_what_was_decided_before(committing_database: Database, cast: Cast) -> None:
    async with committing_database.writing() as session:
        made = await propose_goal(session, cast.actor(ASHA), rose(cast), WALK)

    async def decide(session: AsyncSession, answer: Lifecycle) -> None:
        await change_goal_status(session, cast.actor(ROSE), rose(cast), made, Change(answer))

    async def reject() -> None:
        async with committing_database.writing() as session:
            await decide(session, Lifecycle.rejected)

    async with committing_database.writing() as session:
        await decide(session, Lifecycle.accepted)
        later = asyncio.create_task(reject())
        await somebody_waits(committing_database)
    with pytest.raises(IllegalTransition):
        await later


anybody = st.sampled_from([ROSE, ASHA, GUS])


changes = st.builds(
    Change,
    st.none() | st.sampled_from(Lifecycle),
    st.none() | st.sampled_from(Achievement),
    st.none() | st.sampled_from(["First reason", "Second reason"]),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from([ROSE, ASHA, GUS]), changes), max_size=12), st.sampled_from([ROSE, ASHA, GUS])
)
async def test_whatever_is_asked_the_stored_history_replays_to_the_stored_state(
    session: AsyncSession, cast: Cast, asked_for: list[tuple[str, Change]], proposer: str
) -> None:
    made = await propose_goal(session, cast.actor(proposer), rose(cast), WALK)
    for name, change in asked_for:
        try:
            async with session.begin_nested():
                await change_goal_status(session, cast.actor(name), rose(cast), made, change)
        except DomainError:
            continue
    found = await goal_read(session, cast.actor(ASHA), rose(cast), made)
    assert replayed((step.before, step.after) for step in found.history) == found.goal.state
    assert [step.number for step in found.history] == list(range(1, len(found.history) + 1))
