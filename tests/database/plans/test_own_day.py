"""One's own day on a real database: by one's own clock, and by as many statements whatever there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.plans.due_today import DueState
from domain.plans.goal_lifecycle import Party
from domain.plans.plan_commands import NewAction, publish_plan
from domain.plans.schedule import schedule_of
from domain.plans.target import Comparator, Counted, CountTarget, Per
from domain.plans.today_queries import Today, today_read
from tests.cast import Cast
from tests.database.plans.stage import ASHA, ROSE, goal, lives_in, made_plan, measure, plan, rose, systolic, today
from tests.database.plans.stage import WALK as WALKING

DAILY = "FREQ=DAILY"


async def statements_of(session: AsyncSession, cast: Cast) -> tuple[int, Today]:
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        heard.append(statement)

    connection = (await session.connection()).sync_connection
    event.listen(connection, "before_cursor_execute", hear)
    found = await today_read(session, cast.actor(ROSE))
    event.remove(connection, "before_cursor_execute", hear)
    return len(heard), found


async def test_one_s_own_day_takes_as_many_statements_for_ten_plans_as_for_one(
    session: AsyncSession, cast: Cast
) -> None:
    await measure(session, cast, *((days_ago, 150) for days_ago in range(5)))
    due_on = today(cast) + timedelta(days=60)
    weekly = CountTarget(Counted.completions, Comparator.at_least, Decimal(5), Per.week, due_on)
    numbers = []
    for more in (1, 9):
        for n in range(more):
            counted = await goal(session, cast, ROSE, replace(WALKING, target=weekly))
            await goal(session, cast, ROSE, replace(WALKING, target=systolic(cast, 120 + n)))
            step = NewAction("Walk", None, schedule_of(DAILY, today(cast), ()), (counted.goal.id,))
            await made_plan(session, cast, goal_ids=(counted.goal.id,), actions=(step,) * 4)
        number, found = await statements_of(session, cast)
        numbers.append(number)
    assert (len(found.plans), len(found.goals)) == (10, 20)
    assert numbers == [12, 12]


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Pacific/Kiritimati", "2027-11-23T10:30+00:00", date(2027, 11, 24)),
        ("Pacific/Pago_Pago", "2027-11-24T10:30+00:00", date(2027, 11, 23)),
        ("Europe/London", "2027-10-31T00:30+01:00", date(2027, 10, 31)),
        ("Europe/London", "2027-10-31T23:59:59+00:00", date(2027, 10, 31)),
    ],
)
async def test_the_day_is_the_one_that_the_person_lives_whatever_the_clocks_do(
    session: AsyncSession, cast: Cast, zone: str, at: str, day: date
) -> None:
    await lives_in(session, cast, zone)
    asked_at = datetime.fromisoformat(at)
    asha = cast.actor(ASHA, at=asked_at - timedelta(days=3))
    step = NewAction("Walk", None, schedule_of(DAILY, date(2027, 1, 2), ()))
    agreed = plan(cast, agreed_on=date(2027, 1, 2), review_on=date(2028, 1, 2), actions=(step,))
    await publish_plan(session, asha, rose(cast), agreed)
    found = await today_read(session, cast.actor(ROSE, at=asked_at))
    assert (found.day, found.time_zone) == (day, zone)
    assert found.from_at.astimezone(ZoneInfo(zone)).isoformat().startswith(f"{day}T00:00:00")
    assert found.from_at <= asked_at < found.until_at
    [due] = found.plans[0].actions[0].due
    assert (due.due_at, due.state) == (found.until_at, DueState.not_yet)


async def test_what_was_done_before_midnight_where_the_person_is_is_not_of_today(
    session: AsyncSession, cast: Cast
) -> None:
    await lives_in(session, cast, "Pacific/Auckland")
    midnight = datetime(2027, 11, 24, tzinfo=ZoneInfo("Pacific/Auckland"))
    asha = cast.actor(ASHA, at=midnight - timedelta(days=3))
    step = NewAction("Walk", None, schedule_of(DAILY, date(2027, 1, 2), ()))
    agreed = plan(cast, agreed_on=date(2027, 1, 2), review_on=date(2028, 1, 2), actions=(step,))
    plan_id = await publish_plan(session, asha, rose(cast), agreed)
    for seconds, state in ((-1, DueState.not_yet), (0, DueState.done)):
        await was_done(session, cast, plan_id, midnight + timedelta(seconds=seconds))
        found = await today_read(session, cast.actor(ROSE, at=midnight + timedelta(hours=1)))
        assert [due.state for due in found.plans[0].actions[0].due] == [state]


async def was_done(session: AsyncSession, cast: Cast, plan_id: UUID, at: datetime) -> None:
    await session.execute(
        text(
            "insert into action_completion (id, action_id, client_id, done_at, done_offset_minutes, recorded_by,"
            " recorded_as, recorded_at) select uuidv7(), a.id, :name, :at, 0, :by, :party, :at from action a"
            " where a.plan_id = :plan"
        ),
        {"name": at.isoformat(), "at": at, "by": cast.accounts[ROSE], "party": Party.patient.value, "plan": plan_id},
    )
