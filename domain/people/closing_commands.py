"""Parting a patient from their account, when it is closed for good. The record stays, and can have another account."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.people.tables import PatientRow


async def part_from_account(session: AsyncSession, patient_id: UUID) -> UUID | None:
    """Return the account that was the patient's and is no longer; None when they had none. Whoever calls audits."""
    row = await session.get_one(PatientRow, patient_id, with_for_update=True)
    held = row.account_id
    statement = update(PatientRow).where(col(PatientRow.id) == patient_id)
    await session.execute(statement.values(account_id=None, version=PatientRow.version + 1))
    return held
