"""Ending delegations, for whatever reason: whoever held them is told by the live feed at once that it is over."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.events.commands import append_event
from domain.people.delegation import DelegationEnd, Ground
from domain.people.tables import DelegationRow


async def end_delegations(
    session: AsyncSession,
    actor: Actor,
    patient_id: UUID,
    reason: DelegationEnd,
    *,
    delegation_id: UUID | None = None,
    account_id: UUID | None = None,
    ground: Ground | None = None,
) -> bool:
    """Return whether there was anything to end, of this patient and of all that is named. Whoever calls audits."""
    named = (
        (col(DelegationRow.id), delegation_id),
        (col(DelegationRow.account_id), account_id),
        (col(DelegationRow.ground), None if ground is None else ground.value),
    )
    ended = await session.execute(
        update(DelegationRow)
        .where(
            col(DelegationRow.patient_id) == patient_id,
            col(DelegationRow.ended_at).is_(None),
            *(column == value for column, value in named if value is not None),
        )
        .values(ended_at=actor.at, ended_by=actor.account_id, end_reason=reason.value)
        .execution_options(synchronize_session=False)
        .returning(col(DelegationRow.id), col(DelegationRow.account_id))
    )
    rows = ended.all()
    if rows:
        accounts = [row.account_id for row in rows if row.account_id is not None]
        await append_event(session, "access.changed", patient_id=patient_id, subject_ids=accounts)
    return bool(rows)
