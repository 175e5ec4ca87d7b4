"""Reading what a record said before of who the patient is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.people.tables import FormerPatientRow


@dataclass(frozen=True, slots=True)
class FormerPatient:
    """What a record said of who the patient is, until somebody put it right."""

    version: int
    nhs_number: str | None
    given_name: str
    family_name: str
    born_on: date
    replaced_at: datetime
    replaced_by: UUID


async def former_particulars(
    session: AsyncSession, actor: Actor, patient_id: UUID, *, before: int | None, limit: int
) -> list[FormerPatient]:
    """Return what a patient's record said before, newest first: one beyond the limit if any. Raises NotFound.

    For clinicians of the practice, who alone may change it; NotPermitted for others who see the patient.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.correct_particulars)
    query = select(FormerPatientRow).where(col(FormerPatientRow.patient_id) == patient_id)
    if before is not None:
        query = query.where(col(FormerPatientRow.version) < before)
    rows = await session.execute(query.order_by(col(FormerPatientRow.version).desc()).limit(limit + 1))
    found = [
        FormerPatient(
            version=row.version,
            nhs_number=row.nhs_number,
            given_name=row.given_name,
            family_name=row.family_name,
            born_on=row.born_on,
            replaced_at=row.replaced_at,
            replaced_by=row.replaced_by,
        )
        for row in rows.scalars()
    ]
    await record_audit(session, actor, "patient.history", patient, count=min(limit, len(found)))
    return found
