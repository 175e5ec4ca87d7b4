"""By what right somebody acts for a person, or did, and whether somebody decides in their place by law.

Asked by what has authorised already, and audits itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.people.delegation import Ground
from domain.people.permission import Scope
from domain.people.reach_queries import delegation_holds_at
from domain.people.tables import DelegationRow


@dataclass(frozen=True, slots=True)
class HeldRight:
    """On which ground an account acted for a person, from when on and, once it was over, until when."""

    account_id: UUID
    ground: Ground
    from_at: datetime
    until_at: datetime | None


async def rights_held(session: AsyncSession, patient_id: UUID, accounts: Collection[UUID]) -> list[HeldRight]:
    """Return by what right each of the accounts has acted for a person, the latest first."""
    if not accounts:
        return []
    rows = await session.execute(
        select(
            col(DelegationRow.account_id),
            col(DelegationRow.ground),
            col(DelegationRow.accepted_at),
            func.least(DelegationRow.ended_at, DelegationRow.until_at),
        )
        .where(col(DelegationRow.patient_id) == patient_id, col(DelegationRow.account_id).in_(accounts))
        .order_by(col(DelegationRow.accepted_at).desc(), col(DelegationRow.id).desc())
    )
    return [HeldRight(account, Ground(ground), first, last) for account, ground, first, last in rows]


def right_at(held: Sequence[HeldRight], account_id: UUID, at: datetime) -> Ground | None:
    """Return by what right an account acted at an instant, of those held, the latest first; None when none is known.

    The instants at which it began and ended belong to it: to take it up and to give it up are deeds of the delegate.
    """
    for right in held:
        is_then = right.from_at <= at and (right.until_at is None or at <= right.until_at)
        if right.account_id == account_id and is_then:
            return right.ground
    return None


async def ground_of_delegate(session: AsyncSession, actor: Actor, patient_id: UUID) -> Ground | None:
    """Return on which ground the actor acts for a person now; None when they do not."""
    query = select(col(DelegationRow.ground)).where(
        col(DelegationRow.account_id) == actor.account_id,
        col(DelegationRow.patient_id) == patient_id,
        delegation_holds_at(actor.at),
    )
    found = (await session.execute(query)).scalar_one_or_none()
    return None if found is None else Ground(found)


async def has_decider_by_law(session: AsyncSession, patient_id: UUID, at: datetime) -> bool:
    """Return whether somebody decides in a person's place now."""
    decides = exists().where(
        col(DelegationRow.patient_id) == patient_id,
        col(DelegationRow.scopes).contains([Scope.decide.value]),
        delegation_holds_at(at),
    )
    return bool(await session.scalar(select(decides)))
