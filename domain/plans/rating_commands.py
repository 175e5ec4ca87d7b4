"""Rating a goal on its scale. A rating is never changed: who sees it otherwise rates again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.errors import AlreadyExists, Conflict, IllegalTransition
from domain.events.commands import append_event
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.plans.attainment import Level
from domain.plans.commands import locked_goal
from domain.plans.goal_lifecycle import BEGUN, Party
from domain.plans.queries import acting_as, state_of
from domain.plans.rating_queries import Rating, as_rating
from domain.plans.tables import GoalRatingRow, GoalRow

# Ten years of weekly ratings: beyond it an app repeats itself.
MOST_RATINGS = 520


@dataclass(frozen=True, slots=True)
class NewRating:
    """A level at which a goal stands, under the sender's own id for saying so."""

    client_id: str
    level: Level
    note: str | None = None


async def rate_goal(session: AsyncSession, actor: Actor, patient_id: UUID, goal_id: UUID, new: NewRating) -> Rating:
    """Return the rating as recorded: kept once, however often it is sent.

    Raises NotFound, NotPermitted, IllegalTransition when the goal has no scale or is not begun, AlreadyExists when a
    repeat disagrees, and Conflict when it was rated 520 times.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.decide_goals_and_plans)
    goal = await locked_goal(session, patient_id, goal_id)
    row = await _rating(session, goal_id, new.client_id)
    if row is not None and (row.level, row.note) != (new.level, new.note):
        raise AlreadyExists("A different rating is recorded under this client_id.")
    is_new = row is None
    if row is None:
        row = await _add(session, actor, goal, new, acting_as(patient))
        await append_event(session, "goal.changed", patient_id=patient_id, subject_ids=[goal_id])
    await record_audit(session, actor, "goal.rate", patient, subject_id=goal_id, count=int(is_new))
    return as_rating(row, goal.scale_version)


async def _rating(session: AsyncSession, goal_id: UUID, client_id: str) -> GoalRatingRow | None:
    found = await session.execute(
        select(GoalRatingRow).where(col(GoalRatingRow.goal_id) == goal_id, col(GoalRatingRow.client_id) == client_id)
    )
    row: GoalRatingRow | None = found.scalar_one_or_none()
    return row


async def _add(session: AsyncSession, actor: Actor, goal: GoalRow, new: NewRating, party: Party) -> GoalRatingRow:
    """Return the new row. The goal's row is locked, so nobody else rates it at the same time."""
    if goal.scale_version is None:
        raise IllegalTransition("This goal has no scale. Give it one before rating it.")
    if state_of(goal).lifecycle not in BEGUN:
        raise IllegalTransition(f"A goal that is {goal.lifecycle_status} is not rated.")
    counted = select(func.count()).where(col(GoalRatingRow.goal_id) == goal.id)
    if (await session.execute(counted)).scalar_one() >= MOST_RATINGS:
        raise Conflict(f"This goal was rated {MOST_RATINGS} times. Set another.")
    row = GoalRatingRow(
        goal_id=goal.id,
        client_id=new.client_id,
        scale_version=goal.scale_version,
        level=int(new.level),
        note=new.note,
        rated_at=actor.at,
        rated_by=actor.account_id,
        rated_as=party.value,
    )
    session.add(row)
    await session.flush()
    return row
