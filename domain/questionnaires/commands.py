"""Keeping answers to questionnaires, and marking what was entered in error.

An answer that cannot wait raises its alert in the same transaction: there is never the one without the other.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.alerts.alert import EvidenceKind
from domain.alerts.commands import raise_alert, withdraw_evidence
from domain.audit.commands import record_audit
from domain.errors import AlreadyExists, Fault, IllegalTransition, Invalid, NotFound
from domain.events.commands import append_event
from domain.ids import new_id
from domain.instant import objection_to_instant, offset_minutes
from domain.people.permission import Action, adds_without_reading
from domain.people.queries import VisiblePatient, amended, permitted_patient
from domain.questionnaires.answers import Answered, answered, as_json
from domain.questionnaires.catalogue import INSTRUMENTS, Instrument
from domain.questionnaires.queries import response_by_client_id, response_of
from domain.questionnaires.response import NewResponse, Response
from domain.questionnaires.scoring import total
from domain.questionnaires.tables import QuestionnaireResponseRow

_WHEN = {
    "future_time": "The time lies in the future.",
    "before_birth": "The time lies before the person's birth.",
    "past_time": "The time lies more than five years back.",
}


async def record_response(session: AsyncSession, actor: Actor, patient_id: UUID, new: NewResponse) -> Response:
    """Return the response that is kept. Safe to repeat with a `client_id`.

    Whoever may add and not read is not told the total before. Raises NotFound, NotPermitted, Invalid, and AlreadyExists
    when the repeat disagrees with what is recorded.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.check_in)
    instrument = _instrument(new)
    _require_when(patient, actor, new)
    fits = answered(instrument.questionnaire, new.answers)
    if not fits.answers:
        raise Invalid("Nothing is answered.", [Fault("/answers", "nothing_said", "Answer at least one question.")])
    made = await _insert(session, actor, patient, new, instrument, fits)
    if made is None:
        found = await _require_the_same(session, patient_id, new, fits)
    else:
        found = await _recorded(session, actor, patient, instrument, made)
    await record_audit(
        session, actor, "questionnaire.answer", patient, subject_id=found.id, count=int(made is not None)
    )
    return replace(found, previous_total=None) if adds_without_reading(patient.standing, Action.check_in) else found


async def _recorded(
    session: AsyncSession, actor: Actor, patient: VisiblePatient, instrument: Instrument, made: UUID
) -> Response:
    """Return the new response once it is told of, and its alert is raised if it cannot wait."""
    await append_event(session, "questionnaire.answered", patient_id=patient.id, subject_ids=[made])
    found = await response_of(session, patient.id, made)
    if found.cannot_wait and instrument.safety is not None:
        kind = EvidenceKind.questionnaire_response
        await raise_alert(session, actor, patient, instrument.safety.rule, kind, made)
    return found


async def retract_response(
    session: AsyncSession, actor: Actor, patient_id: UUID, response_id: UUID, reason: str
) -> Response:
    """Return the response marked as entered in error, for a stated reason: left out of lists, kept for ever.

    By whoever recorded it, or by staff. An alert that rests on it stays, and says that its evidence was withdrawn. A
    repeat by the same account for the same reason changes nothing. Raises NotFound, NotPermitted, IllegalTransition.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.check_in)
    row = await _locked(session, patient_id, response_id)
    ground = amended(actor, patient, row.recorded_by)
    changed = row.retracted_at is None
    if changed:
        row.retracted_at, row.retracted_by, row.retraction_reason = actor.at, actor.account_id, reason
        session.add(row)
        await session.flush()
        await append_event(session, "questionnaire.retracted", patient_id=patient_id, subject_ids=[response_id])
        await withdraw_evidence(session, actor, ground, response_id)
    elif (row.retracted_by, row.retraction_reason) != (actor.account_id, reason):
        raise IllegalTransition("This was entered in error, and stays so.")
    await record_audit(session, actor, "questionnaire.retract", ground, subject_id=response_id, count=int(changed))
    found = await response_of(session, patient_id, response_id)
    return replace(found, previous_total=None) if adds_without_reading(patient.standing, Action.check_in) else found


def _instrument(new: NewResponse) -> Instrument:
    """Return the instrument that is answered. Raises Invalid unless it is one of a record, in the version in use."""
    instrument = INSTRUMENTS.get(new.questionnaire)
    if instrument is None:
        fault = Fault("/questionnaire", "unknown_questionnaire", "Name one of GET /v1/questionnaires.")
    elif instrument.anonymous:
        fault = Fault("/questionnaire", "anonymous", "This is answered anonymously, and never in a record.")
    elif instrument.questionnaire.version != new.version:
        fault = Fault("/version", "other_version", "Another version is in use: show that one, and ask again.")
    else:
        return instrument
    raise Invalid("This questionnaire cannot be answered so.", [fault])


def _require_when(patient: VisiblePatient, actor: Actor, new: NewResponse) -> None:
    code = objection_to_instant(new.authored_at, received_at=actor.at, born_on=patient.born_on)
    if code is not None:
        raise Invalid("It cannot have been answered then.", [Fault("/authored_at", code, _WHEN[code])])


async def _require_the_same(session: AsyncSession, patient_id: UUID, new: NewResponse, fits: Answered) -> Response:
    """Return the response recorded under this client_id. Raises AlreadyExists when it says something else."""
    before = await response_by_client_id(session, patient_id, new.client_id)
    kept = (before.instrument.key, before.version, before.authored_at, dict(before.answers))
    if kept != (new.questionnaire, new.version, new.authored_at, dict(fits.answers)):
        raise AlreadyExists("Different answers are recorded under this client_id.")
    return before


async def _locked(session: AsyncSession, patient_id: UUID, response_id: UUID) -> QuestionnaireResponseRow:
    found = await session.execute(
        select(QuestionnaireResponseRow)
        .where(col(QuestionnaireResponseRow.id) == response_id, col(QuestionnaireResponseRow.patient_id) == patient_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    row: QuestionnaireResponseRow | None = found.scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


async def _insert(
    session: AsyncSession,
    actor: Actor,
    patient: VisiblePatient,
    new: NewResponse,
    instrument: Instrument,
    fits: Answered,
) -> UUID | None:
    """Return the id of the new response; None when its client_id is taken. A concurrent repeat is waited for."""
    made = await session.execute(
        insert(QuestionnaireResponseRow)
        .values(
            id=new_id(),
            patient_id=patient.id,
            client_id=new.client_id,
            questionnaire=instrument.key,
            version=new.version,
            authored_at=new.authored_at,
            authored_offset_minutes=offset_minutes(new.authored_at),
            answers=[{"link_id": link_id, "value": as_json(value)} for link_id, value in fits.answers.items()],
            total=total(instrument.questionnaire, fits.answers),
            cannot_wait=instrument.cannot_wait(fits.answers),
            recorded_by=actor.account_id,
            recorded_as=patient.ground.basis.value,
            recorded_at=actor.at,
        )
        .on_conflict_do_nothing(index_elements=["patient_id", "client_id"])
        .returning(col(QuestionnaireResponseRow.id))
    )
    return made.scalar_one_or_none()
