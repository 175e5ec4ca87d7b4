"""Writing into a diary, and marking what was written in error. Nothing is deleted or overwritten."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.diary.entry import NewEntry, faults_of
from domain.diary.queries import entry_by_client_id
from domain.diary.tables import DiaryEntryRow, DiarySymptomRow
from domain.errors import AlreadyExists, IllegalTransition, Invalid, NotFound
from domain.events.commands import append_event
from domain.ids import new_id
from domain.instant import offset_minutes
from domain.people.permission import Action
from domain.people.queries import VisiblePatient, amended, permitted_patient


async def record_entry(session: AsyncSession, actor: Actor, patient_id: UUID, new: NewEntry) -> UUID:
    """Return the entry's id. Safe to repeat with a `client_id`.

    Raises NotFound, NotPermitted, Invalid, and AlreadyExists when the repeat disagrees with what is recorded.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.check_in)
    faults = faults_of(new, now=actor.at, born_on=patient.born_on)
    if faults:
        raise Invalid("The entry cannot be kept as written.", faults)
    made = await _insert(session, actor, patient, new)
    if made is None:
        before = await entry_by_client_id(session, patient_id, new.client_id)
        if not before.says(new):
            raise AlreadyExists("A different entry is recorded under this client_id.")
        await record_audit(session, actor, "diary.create", patient, subject_id=before.id, count=0)
        return before.id
    await append_event(session, "diary.recorded", patient_id=patient_id, subject_ids=[made])
    await record_audit(session, actor, "diary.create", patient, subject_id=made, count=1)
    return made


async def retract_entry(session: AsyncSession, actor: Actor, patient_id: UUID, entry_id: UUID, reason: str) -> None:
    """Mark an entry as entered in error, for a stated reason: left out of lists from now on, kept for ever.

    By whoever recorded it, or by staff. A repeat by the same account for the same reason changes nothing. Raises
    NotFound, NotPermitted, IllegalTransition.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.check_in)
    row = await _locked(session, patient_id, entry_id)
    ground = amended(actor, patient, row.recorded_by)
    changed = row.retracted_at is None
    if changed:
        row.retracted_at, row.retracted_by, row.retraction_reason = actor.at, actor.account_id, reason
        session.add(row)
        await session.flush()
        await append_event(session, "diary.retracted", patient_id=patient_id, subject_ids=[entry_id])
    elif (row.retracted_by, row.retraction_reason) != (actor.account_id, reason):
        raise IllegalTransition("This was entered in error, and stays so.")
    await record_audit(session, actor, "diary.retract", ground, subject_id=entry_id, count=int(changed))


async def _locked(session: AsyncSession, patient_id: UUID, entry_id: UUID) -> DiaryEntryRow:
    found = await session.execute(
        select(DiaryEntryRow)
        .where(col(DiaryEntryRow.id) == entry_id, col(DiaryEntryRow.patient_id) == patient_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    row: DiaryEntryRow | None = found.scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


async def _insert(session: AsyncSession, actor: Actor, patient: VisiblePatient, new: NewEntry) -> UUID | None:
    """Return the id of the new entry with its symptoms; None when its client_id is taken."""
    made = await session.execute(
        insert(DiaryEntryRow)
        .values(
            id=new_id(),
            patient_id=patient.id,
            client_id=new.client_id,
            effective_at=new.effective_at,
            effective_offset_minutes=offset_minutes(new.effective_at),
            note=new.note,
            recorded_by=actor.account_id,
            recorded_as=patient.ground.basis.value,
            recorded_at=actor.at,
        )
        .on_conflict_do_nothing(index_elements=["patient_id", "client_id"])
        .returning(col(DiaryEntryRow.id))
    )
    entry_id: UUID | None = made.scalar_one_or_none()
    if entry_id is not None:
        session.add_all(
            DiarySymptomRow(entry_id=entry_id, symptom=each.symptom, level=each.level, patient_id=patient.id)
            for each in new.symptoms
        )
        await session.flush()
    return entry_id
