"""What is let go of when an account is closed for good: its own record, and whom it acted for or cared for.

The records stay, and a patient can have another account.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis, Touched, ground_of
from domain.audit.commands import record_audit
from domain.people.delegation import DelegationEnd
from domain.people.ending_commands import end_delegations
from domain.people.tables import CareTeamMemberRow, DelegationRow, PatientRow


async def part_from_account(session: AsyncSession, patient_id: UUID) -> UUID | None:
    """Return the account that was the patient's and is no longer; None when they had none. Whoever calls audits."""
    row = await session.get_one(PatientRow, patient_id, with_for_update=True)
    held = row.account_id
    statement = update(PatientRow).where(col(PatientRow.id) == patient_id)
    await session.execute(statement.values(account_id=None, version=PatientRow.version + 1))
    return held


async def leave_everybody(session: AsyncSession, holder: Actor) -> None:
    """End the delegations that the holder of a closed account had for others, audited as theirs, and places on teams.

    To be called once the account is closed: to row security these rows are there from then on.
    """
    held = select(col(DelegationRow.id), col(DelegationRow.patient_id)).where(
        col(DelegationRow.account_id) == holder.account_id, col(DelegationRow.ended_at).is_(None)
    )
    for row in (await session.execute(held.order_by(col(DelegationRow.id)))).all():
        left = DelegationEnd.delegate_left
        await end_delegations(session, holder, row.patient_id, left, delegation_id=row.id)
        touched = Touched(row.patient_id, ground_of(holder, Basis.delegate))
        await record_audit(session, holder, "delegation.leave", touched, subject_id=row.id)
    await session.execute(
        update(CareTeamMemberRow)
        .where(col(CareTeamMemberRow.account_id) == holder.account_id, col(CareTeamMemberRow.until_at).is_(None))
        .values(until_at=holder.at)
        .execution_options(synchronize_session=False)
    )
