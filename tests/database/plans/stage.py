"""Goals, plans and readings of Rose, the resident, to begin a test with, and what the log and the trail say of her."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import london_date
from domain.observations.commands import record_observations
from domain.observations.reading import Reading
from domain.observations.verdict import Outcome
from domain.plans.commands import NewGoal, propose_goal
from domain.plans.plan_commands import NewAction, NewPlan, publish_plan
from domain.plans.plan_queries import plan_read
from domain.plans.queries import GoalRecord, goal_read
from domain.plans.schedule import schedule_of
from domain.plans.target import Comparator, SignTarget
from tests.cast import Cast

ASHA, BEA, CARL, GUS, ROSE, SAM, IRIS = (
    "asha_clinician_of_practice",
    "bea_clinician_elsewhere",
    "carl_clinician_on_care_team",
    "gus_care_home_staff",
    "rose_herself",
    "sam_himself",
    "iris_commissioner",
)


WALK = NewGoal("Walk to the shop and back", why="To see my friends")


def rose(cast: Cast) -> UUID:
    return cast.patients["rose_resident"]


def today(cast: Cast) -> date:
    return london_date(cast.now)


def systolic(cast: Cast, value: int = 135) -> SignTarget:
    due_on = today(cast) + timedelta(days=90)
    return SignTarget("blood_pressure", "systolic", Comparator.below, Decimal(value), "mm[Hg]", due_on)


def plan(cast: Cast, **but: Any) -> NewPlan:
    daily = schedule_of("FREQ=DAILY", today(cast), (time(8), time(20)))
    new = NewPlan(
        title="Keep the heart going",
        agreed_on=today(cast),
        review_on=today(cast) + timedelta(days=30),
        goal_ids=(),
        actions=(
            NewAction("Weigh yourself", "Before breakfast", daily),
            NewAction("Ring us", None, schedule_of("FREQ=DAILY;COUNT=1", today(cast), ())),
        ),
    )
    return replace(new, **but)


async def asked(session: AsyncSession, *, sql: str, **values: Any) -> Sequence[Any]:
    return (await session.execute(text(sql), values)).all()


async def events_of(session: AsyncSession, patient_id: UUID) -> list[str]:
    rows = await asked(session, sql="select kind from event_outbox where patient_id = :p order by id", p=patient_id)
    return [row.kind for row in rows if row.kind.startswith(("goal.", "plan.", "action."))]


async def audits_of(session: AsyncSession, patient_id: UUID) -> list[tuple[str, UUID | None, int | None]]:
    rows = await asked(
        session,
        sql="select action, subject_id, count from audit_event where patient_id = :p and action similar to"
        " '(goal|action|action_plan).%' order by id",
        p=patient_id,
    )
    return [tuple(row) for row in rows]


async def measure(session: AsyncSession, cast: Cast, *pressures: tuple[int, int]) -> list[UUID]:
    """Record blood pressures of Rose, (days ago, systolic) each; return their ids."""
    readings = [
        Reading(
            f"bp-{place}",
            "blood_pressure",
            cast.now - timedelta(days=days_ago),
            "mm[Hg]",
            systolic=Decimal(value),
            diastolic=Decimal(80),
        )
        for place, (days_ago, value) in enumerate(pressures)
    ]
    verdicts = await record_observations(session, cast.actor(GUS), rose(cast), readings)
    assert {verdict.outcome for verdict in verdicts} == {Outcome.stored}
    return [verdict.observation_id for verdict in verdicts if verdict.observation_id is not None]


async def goal(session: AsyncSession, cast: Cast, by: str, new: NewGoal = WALK) -> GoalRecord:
    made = await propose_goal(session, cast.actor(by), rose(cast), new)
    return await goal_read(session, cast.actor(by), rose(cast), made)


async def made_plan(session: AsyncSession, cast: Cast, **but: Any) -> tuple[UUID, UUID]:
    """Return the ids of a plan of Rose's, published an hour ago, and of its first action."""
    asha = cast.actor(ASHA, at=cast.now - timedelta(hours=1))
    agreed = plan(cast, agreed_on=today(cast) - timedelta(days=1), **but)
    plan_id = await publish_plan(session, asha, rose(cast), agreed)
    return plan_id, (await plan_read(session, asha, rose(cast), plan_id)).plan.actions[0].id


async def lives_in(session: AsyncSession, cast: Cast, zone: str) -> None:
    """Have Rose live in a time zone since 2020."""
    await session.execute(
        text(
            "insert into time_zone_choice (patient_id, version, time_zone, from_on, set_by, set_as, set_at)"
            " values (:patient, 2, :zone, '2020-01-01', :by, 'self', '2020-01-01')"
        ),
        {"patient": rose(cast), "zone": zone, "by": cast.accounts[ROSE]},
    )
