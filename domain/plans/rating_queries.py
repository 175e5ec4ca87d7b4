"""Reading how goals were rated on their scales, and what a person's scaled goals come to together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.plans.attainment import Attainment, Level, ScaledGoal, attainment
from domain.plans.goal_lifecycle import BEGUN, Party
from domain.plans.tables import GoalRatingRow

_SCALED = text(
    """
    select g.id, g.scale_importance * g.scale_difficulty as weight, g.scale_baseline, r.level, r.rated_at
    from goal g
    left join lateral (
        select level, rated_at from goal_rating
        where goal_id = g.id and scale_version = g.scale_version order by rated_at desc, id desc limit 1
    ) r on true
    where g.patient_id = :patient_id and g.scale_version is not null
        and g.lifecycle_status = any(cast(:begun as text[]))
    order by g.id
    """
)


@dataclass(frozen=True, slots=True)
class Rating:
    """At which level of its scale a goal stood. `is_of_scale_in_use`: the scale has not been changed since."""

    id: UUID
    client_id: str
    level: Level
    note: str | None
    rated_at: datetime
    rated_by: UUID
    rated_as: Party
    is_of_scale_in_use: bool


async def ratings_of(
    session: AsyncSession, goal_id: UUID, scale_version: int | None, *, most: int
) -> tuple[Rating, ...]:
    """Return the latest ratings of a goal, the oldest of them first, for callers who have authorised and audited."""
    newest = (
        select(GoalRatingRow)
        .where(col(GoalRatingRow.goal_id) == goal_id)
        .order_by(col(GoalRatingRow.rated_at).desc(), col(GoalRatingRow.id).desc())
    )
    rows = list((await session.execute(newest.limit(most))).scalars())
    return tuple(as_rating(row, scale_version) for row in reversed(rows))


def as_rating(row: GoalRatingRow, scale_version: int | None) -> Rating:
    """Return the row's rating, of a goal whose scale is now of this version."""
    return Rating(
        id=row.id,
        client_id=row.client_id,
        level=Level(row.level),
        note=row.note,
        rated_at=row.rated_at,
        rated_by=row.rated_by,
        rated_as=Party(row.rated_as),
        is_of_scale_in_use=row.scale_version == scale_version,
    )


async def attainment_read(session: AsyncSession, actor: Actor, patient_id: UUID) -> Attainment:
    """Return what the scaled goals that a visible patient has begun come to together, audited. Raises NotFound."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    rows = await session.execute(_SCALED, {"patient_id": patient_id, "begun": [each.value for each in BEGUN]})
    goals = [
        ScaledGoal(
            goal_id=row.id,
            weight=row.weight,
            baseline=Level(row.scale_baseline),
            level=None if row.level is None else Level(row.level),
            rated_at=row.rated_at,
        )
        for row in rows
    ]
    await record_audit(session, actor, "goal.attainment", patient, count=len(goals))
    return attainment(goals, as_of=actor.at)
