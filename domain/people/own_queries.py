"""What a person's own copy of their record holds of who they are and where they live, that no other list shows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.people.permission import Action
from domain.people.queries import permitted_patient

_FORMER = text(
    "select nhs_number, given_name, family_name, born_on, replaced_at from patient_former"
    " where patient_id = :patient_id order by version"
)
_RESIDENCES = text(
    "select o.name as care_home, r.room, r.from_on, r.until_on from residence r"
    " join organisation o on o.id = r.care_home_id where r.patient_id = :patient_id order by r.from_on"
)


async def former_details(session: AsyncSession, actor: Actor, patient_id: UUID) -> list[dict[str, Any]]:
    """Return what the record said of who the patient is before it was put right, oldest first; audited."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    found = [dict(row) for row in (await session.execute(_FORMER, {"patient_id": patient_id})).mappings()]
    await record_audit(session, actor, "patient.history", patient, count=len(found))
    return found


async def residences(session: AsyncSession, actor: Actor, patient_id: UUID) -> list[dict[str, Any]]:
    """Return the care homes that the patient has lived in, oldest first; audited."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    found = [dict(row) for row in (await session.execute(_RESIDENCES, {"patient_id": patient_id})).mappings()]
    await record_audit(session, actor, "residence.list", patient, count=len(found))
    return found
