"""Who decides in a person's place by law, and on which ground somebody acts for them. For commands; shown to nobody."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.people.delegation import Ground
from domain.people.permission import Scope
from domain.people.tables import DelegationRow


async def ground_of_delegate(session: AsyncSession, actor: Actor, patient_id: UUID) -> Ground | None:
    """Return on which ground the actor acts for a person now; None when they do not."""
    query = select(col(DelegationRow.ground)).where(
        col(DelegationRow.account_id) == actor.account_id, *_in_force(patient_id, actor.at)
    )
    found = (await session.execute(query)).scalar_one_or_none()
    return None if found is None else Ground(found)


async def has_decider_by_law(session: AsyncSession, patient_id: UUID, at: datetime) -> bool:
    """Return whether somebody decides in a person's place now."""
    decides = exists().where(
        col(DelegationRow.account_id).is_not(None),
        col(DelegationRow.scopes).contains([Scope.decide.value]),
        *_in_force(patient_id, at),
    )
    return bool(await session.scalar(select(decides)))


def _in_force(patient_id: UUID, at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(DelegationRow.patient_id) == patient_id,
        col(DelegationRow.accepted_at).is_not(None),
        col(DelegationRow.ended_at).is_(None),
        col(DelegationRow.from_at) <= at,
        or_(col(DelegationRow.until_at).is_(None), col(DelegationRow.until_at) > at),
    )
