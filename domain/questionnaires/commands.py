"""Keeping answers to questionnaires, and marking what was entered in error.

An answer that cannot wait raises its alert in the same transaction: there is never the one without the other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import NAMESPACE_OID, UUID, uuid5

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
from domain.instant import NotAnInstant, objection_to_instant, offset_minutes, parse_instant
from domain.people.permission import Action, adds_without_reading
from domain.people.queries import VisiblePatient, amended, permitted_patient
from domain.questionnaires.answers import answered, as_json
from domain.questionnaires.catalogue import INSTRUMENTS, Instrument
from domain.questionnaires.queries import response_by_client_id, response_of
from domain.questionnaires.response import NewResponse, Response
from domain.questionnaires.scoring import total
from domain.questionnaires.tables import QuestionnaireResponseRow
from domain.questionnaires.urgent import Reading, When, as_one, whatever_is_read, when_answered

_WHEN = {
    "future_time": "The time lies in the future.",
    "before_birth": "The time lies before the person's birth.",
    "past_time": "The time lies more than five years back.",
}
_NOT_SO = "This questionnaire cannot be answered so."
_NOT_THEN = "It cannot have been answered then."


async def record_response(session: AsyncSession, actor: Actor, patient_id: UUID, new: NewResponse) -> Response:
    """Return the response that is kept. Safe to repeat with a `client_id`.

    Answers that cannot wait are kept, and raise their alert, whatever time they bear, in whatever version they were
    asked, whatever stands beside them, and under another name where theirs is taken by other answers.

    Whoever may add and not read is not told the total before. Raises NotFound, NotPermitted, Invalid, and AlreadyExists
    when the repeat disagrees with what is recorded.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.check_in)
    instrument = _instrument(new)
    keeping = _keeping(patient, actor, instrument, new)
    for client_id in _names(new, keeping):
        made = await _insert(session, actor, patient, new, keeping, client_id)
        if made is not None:
            found = await _recorded(session, actor, patient, instrument, made)
            break
        found = await response_by_client_id(session, patient_id, client_id)
        if _is_the_same(found, new, keeping):
            break
    else:
        raise AlreadyExists("Different answers are recorded under this client_id.")
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


@dataclass(frozen=True, slots=True)
class _Keeping:
    """What is kept of new answers, and as of when."""

    reading: Reading
    when: When
    total: int | None


def _instrument(new: NewResponse) -> Instrument:
    """Return the instrument that is answered. Raises Invalid unless it is one of a record."""
    instrument = INSTRUMENTS.get(new.questionnaire)
    if instrument is None:
        fault = Fault("/questionnaire", "unknown_questionnaire", "Name one of GET /v1/questionnaires.")
    elif instrument.anonymous:
        fault = Fault("/questionnaire", "anonymous", "This is answered anonymously, and never in a record.")
    else:
        return instrument
    raise Invalid(_NOT_SO, [fault])


def _keeping(patient: VisiblePatient, actor: Actor, instrument: Instrument, new: NewResponse) -> _Keeping:
    """Return what is kept. Raises Invalid for answers that can wait, where anything of them is not as it must be."""
    reading, is_in_use = whatever_is_read(instrument, new.answers), new.version == instrument.questionnaire.version
    if reading.cannot_wait:
        when = when_answered(new.authored_at, received_at=actor.at, sent_at=new.sent_at, born_on=patient.born_on)
    elif not is_in_use:
        fault = Fault("/version", "other_version", "Another version is in use: show that one, and ask again.")
        raise Invalid(_NOT_SO, [fault])
    else:
        when = When(_required_time(patient, actor, new))
        fits = answered(instrument.questionnaire, new.answers)
        if not fits.answers:
            raise Invalid("Nothing is answered.", [Fault("/answers", "nothing_said", "Answer at least one question.")])
    is_whole = is_in_use and not reading.not_read
    return _Keeping(reading, when, total(instrument.questionnaire, reading.fits.answers) if is_whole else None)


def _required_time(patient: VisiblePatient, actor: Actor, new: NewResponse) -> datetime:
    """Return when it was answered. Raises Invalid when it cannot have been."""
    try:
        at = parse_instant(new.authored_at)
    except NotAnInstant as wrong:
        raise Invalid(_NOT_THEN, [Fault("/authored_at", wrong.code, wrong.message)]) from None
    code = objection_to_instant(at, received_at=actor.at, born_on=patient.born_on)
    if code is not None:
        raise Invalid(_NOT_THEN, [Fault("/authored_at", code, _WHEN[code])])
    return at


def _names(new: NewResponse, keeping: _Keeping) -> list[str | None]:
    """Return under which names it may be kept, the sender's first.

    What cannot wait has a second: always the same for the same answers, so that sent again it is kept once as well.
    """
    if new.client_id is None or not keeping.reading.cannot_wait:
        return [new.client_id]
    answers = [*_stored(keeping.reading), *_unread(keeping.reading)]
    said = json.dumps([new.client_id, new.questionnaire, new.version, as_one(new.authored_at), answers])
    return [new.client_id, str(uuid5(NAMESPACE_OID, said))]


def _is_the_same(before: Response, new: NewResponse, keeping: _Keeping) -> bool:
    """Return whether a response says what the new one does; `sent_at` is no part of that."""
    at = as_one(before.stated_time or before.authored_at.isoformat())
    kept = (before.instrument.key, before.version, at, dict(before.answers), before.not_read)
    reading = keeping.reading
    said = (new.questionnaire, new.version, as_one(new.authored_at), dict(reading.fits.answers), reading.not_read)
    return kept == said


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
    keeping: _Keeping,
    client_id: str | None,
) -> UUID | None:
    """Return the id of the new response; None when its client_id is taken. A concurrent repeat is waited for."""
    reading, when = keeping.reading, keeping.when
    made = await session.execute(
        insert(QuestionnaireResponseRow)
        .values(
            id=new_id(),
            patient_id=patient.id,
            client_id=client_id,
            questionnaire=new.questionnaire,
            version=new.version,
            authored_at=when.at,
            authored_offset_minutes=offset_minutes(when.at),
            answers=_stored(reading),
            total=keeping.total,
            cannot_wait=reading.cannot_wait,
            recorded_by=actor.account_id,
            recorded_as=patient.ground.basis.value,
            recorded_at=actor.at,
            stated_time=when.stated,
            not_read=_unread(reading) or None,
        )
        .on_conflict_do_nothing(index_elements=["patient_id", "client_id"])
        .returning(col(QuestionnaireResponseRow.id))
    )
    return made.scalar_one_or_none()


def _stored(reading: Reading) -> list[dict[str, str | int | bool]]:
    return [{"link_id": link_id, "value": as_json(value)} for link_id, value in reading.fits.answers.items()]


def _unread(reading: Reading) -> list[dict[str, str | int | bool]]:
    return [{"link_id": each.link_id, "value": each.value} for each in reading.not_read]
