"""Putting right who a patient is: the name, date of birth and NHS number. What was there before is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.errors import Fault, Invalid
from domain.events.commands import append_event
from domain.people.commands import OF_NHS_NUMBER, AlreadyRegistered, require_plausible_birth
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.people.tables import FormerPatientRow, PatientRow, ResidenceRow
from domain.versions import Seen, require_seen


@dataclass(frozen=True, slots=True)
class Particulars:
    """Who a person is: names, birth date, and the NHS number (10 checked digits) if it is known."""

    given_name: str
    family_name: str
    born_on: date
    nhs_number: str | None


async def correct_patient(session: AsyncSession, actor: Actor, patient_id: UUID, new: Particulars, seen: Seen) -> None:
    """Put a patient's particulars right, by a clinician of the practice; what stood there before is kept.

    To ask for what stands there already changes nothing, so a repeat after a lost answer is safe. Raises NotFound,
    NotPermitted, Invalid, Stale, and AlreadyRegistered: then call `audit_refused_registration` once this transaction
    has been rolled back, before the caller is told.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.correct_particulars)
    row = await _locked(session, patient_id)
    before = Particulars(row.given_name, row.family_name, row.born_on, row.nhs_number)
    if new != before:
        require_seen(row.version, seen)
        await _require_possible(session, actor, patient_id, new)
        await _replace(session, actor, row, before, new)
        await append_event(session, "patient.corrected", patient_id=patient_id)
    if new.nhs_number != before.nhs_number:
        await record_audit(session, actor, "patient.change_nhs_number", patient)
    await record_audit(session, actor, "patient.correct", patient, count=int(new != before))


async def _locked(session: AsyncSession, patient_id: UUID) -> PatientRow:
    found = await session.execute(
        select(PatientRow)
        .where(col(PatientRow.id) == patient_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    row: PatientRow = found.scalar_one()
    return row


async def _require_possible(session: AsyncSession, actor: Actor, patient_id: UUID, new: Particulars) -> None:
    require_plausible_birth(new.born_on, actor.at)
    first_stay = await session.scalar(
        select(func.min(col(ResidenceRow.from_on))).where(col(ResidenceRow.patient_id) == patient_id)
    )
    if first_stay is not None and first_stay < new.born_on:
        fault = Fault("/born_on", "implausible", "The record has a stay in a care home before this date.")
        raise Invalid("No such birth date.", [fault])


async def _replace(session: AsyncSession, actor: Actor, row: PatientRow, before: Particulars, new: Particulars) -> None:
    former = FormerPatientRow(
        patient_id=row.id,
        version=row.version,
        nhs_number=before.nhs_number,
        given_name=before.given_name,
        family_name=before.family_name,
        born_on=before.born_on,
        replaced_at=actor.at,
        replaced_by=actor.account_id,
    )
    session.add(former)
    await session.flush()
    try:
        async with session.begin_nested():
            row.given_name, row.family_name = new.given_name, new.family_name
            row.born_on, row.nhs_number = new.born_on, new.nhs_number
            row.version += 1
            session.add(row)
            await session.flush()
    except IntegrityError:
        holder = await session.execute(OF_NHS_NUMBER, {"nhs_number": new.nhs_number})
        raise AlreadyRegistered(holder.scalar_one()) from None
