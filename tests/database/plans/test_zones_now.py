"""Zones of plans in force on a real database: by as many statements however many plans, and of no other plan."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import event
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.diary.commands import record_entry
from domain.diary.entry import NewEntry, Noticed
from domain.people.local_days_queries import local_days
from domain.plans.plan_commands import end_plan
from domain.plans.templates import templates
from domain.plans.zone import Colour
from domain.plans.zone_queries import ZoneNow, zones_now
from tests.cast import Cast
from tests.database.plans.stage import ASHA, ROSE, made_plan, rose


async def asked(session: AsyncSession, cast: Cast) -> tuple[int, list[ZoneNow]]:
    """Return how many statements were asked, and the zones."""
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        heard.append(statement)

    days = await local_days(session, rose(cast))
    connection = (await session.connection()).sync_connection
    event.listen(connection, "before_cursor_execute", hear)
    found = await zones_now(session, rose(cast), days, cast.now)
    event.remove(connection, "before_cursor_execute", hear)
    return len(heard), found


async def test_zones_take_as_many_statements_for_ten_plans_as_for_one(session: AsyncSession, cast: Cast) -> None:
    assert await asked(session, cast) == (1, [])
    numbers = []
    for more in (1, 9):
        for _ in range(more):
            await made_plan(session, cast, zones=templates()["copd"].zones)
        numbers.append((await asked(session, cast))[0])
    assert (numbers, len((await asked(session, cast))[1])) == ([3, 3], 10)


async def test_a_plan_that_ended_or_has_no_zones_is_in_none(session: AsyncSession, cast: Cast) -> None:
    ended, _ = await made_plan(session, cast, zones=templates()["copd"].zones)
    await end_plan(session, cast.actor(ASHA), rose(cast), ended, "A new one was agreed")
    await made_plan(session, cast)
    made, _ = await made_plan(session, cast, zones=templates()["copd"].zones)
    pain = NewEntry(cast.now - timedelta(minutes=1), None, (Noticed("chest_pain", 1),), None)
    await record_entry(session, cast.actor(ROSE), rose(cast), pain)
    [found] = (await asked(session, cast))[1]
    assert (found.plan_id, found.decision.colour) == (made, Colour.red)
    assert found.agreed == templates()["copd"].zones[2]
