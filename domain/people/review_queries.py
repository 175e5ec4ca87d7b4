"""The delegations by law that end soon, for the clinicians who may record them anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.access.ground import Basis, Touched, ground_of
from domain.accounts.queries import names_of_accounts
from domain.audit.commands import record_audits
from domain.people.delegation import REMINDED_BEFORE, Ground, Relationship

_TO_REVIEW = text(
    """
    select d.id, d.patient_id, p.given_name, p.family_name, p.practice_id, d.account_id, d.relationship, d.ground,
        d.until_at
    from delegation d join patient p on p.id = d.patient_id
    where p.practice_id = any(cast(:practices as uuid[])) and d.ground <> 'consent' and d.accepted_at is not null
        and d.ended_at is null and d.until_at > :at and d.until_at <= :soon and d.id > :after
    order by d.id limit :limit
    """
)
_BEFORE_ALL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Review:
    """Who acts for which patient on which ground of law, and until when unless it is recorded anew."""

    id: UUID
    patient_id: UUID
    patient_name: str
    delegate: str
    relationship: Relationship
    ground: Ground
    until_at: datetime


async def delegations_to_review(session: AsyncSession, actor: Actor, *, after: UUID | None, limit: int) -> list[Review]:
    """Return the delegations by law, of patients of the practices where the actor is a clinician, that end soon.

    One beyond the limit if any; audited for each patient. Raises NotPermitted.
    """
    require_role(actor, Role.clinician)
    asked = {
        "practices": list(actor.organisations_as(Role.clinician)),
        "at": actor.at,
        "soon": actor.at + REMINDED_BEFORE,
        "after": after or _BEFORE_ALL,
        "limit": limit + 1,
    }
    rows = (await session.execute(_TO_REVIEW, asked)).all()
    names = await names_of_accounts(session, {row.account_id for row in rows})
    touched = {
        row.patient_id: Touched(row.patient_id, ground_of(actor, Basis.practice, places=(row.practice_id,)))
        for row in rows[:limit]
    }
    await record_audits(session, actor, "delegation.list_reviews", list(touched.values()))
    return [_review(row, names[row.account_id]) for row in rows]


def _review(row: Row[Any], delegate: str) -> Review:
    return Review(
        id=row.id,
        patient_id=row.patient_id,
        patient_name=f"{row.given_name} {row.family_name}",
        delegate=delegate,
        relationship=Relationship(row.relationship),
        ground=Ground(row.ground),
        until_at=row.until_at,
    )
