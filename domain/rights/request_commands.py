"""What people ask of their own record: to correct, erase or restrict it, or to close their account; and the answer.

The person asks. A clinician of their practice, or whoever answers for privacy there, answers within a month, in words
and, where less is done than was asked, with the ground in law. The record itself and the trail are never erased here:
what may be erased is the account.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis, Touched
from domain.accounts.address_queries import address_of
from domain.accounts.closing_commands import close_account
from domain.audit.commands import record_audit
from domain.errors import Conflict, Fault, IllegalTransition, Invalid, NotFound, NotPermitted
from domain.events.commands import append_event
from domain.ids import new_id
from domain.notifications.closing_commands import forget_how_told
from domain.people.closing_commands import leave_everybody, part_from_account
from domain.people.consent_commands import restrict
from domain.people.permission import Action, decision
from domain.people.queries import VisiblePatient, patient_of_account, permitted, permitted_patient, visible_patient
from domain.rights.export_commands import drop_exports_of
from domain.rights.law import DECISIONS_FOR, GROUNDS_FOR, Decision, Kind
from domain.rights.request_queries import oversight_of

MOST_OPEN = 20

_OPEN = text(
    "select count(*) from rights_request where patient_id = :patient_id and decision is null and withdrawn_at is null"
)
_ASK = text(
    """
    insert into rights_request (id, patient_id, practice_id, asked_by, kind, about, asked_at)
    values (:id, :patient_id, :practice_id, :asked_by, :kind, :about, :at)
    """
)
_LOCK = text(
    "select patient_id, practice_id, asked_by, kind, decision, withdrawn_at from rights_request"
    " where id = :id for update"
)
_WITHDRAW = text("update rights_request set withdrawn_at = :at where id = :id")
_DECIDE = text(
    """
    update rights_request set decision = :decision, ground = :ground, answer = :answer, decided_by = :by,
        decided_at = :at
    where id = :id
    """
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a practice decides: how, in words, and on which ground of the law when less is done than was asked."""

    decision: Decision
    words: str
    ground: str | None


@dataclass(frozen=True, slots=True)
class Answered:
    """Whom to tell that there is an answer, by an address that may be gone by now; None for who has no account."""

    to: str | None = field(repr=False)
    closed_account: bool


async def ask(session: AsyncSession, actor: Actor, kind: Kind, about: str) -> UUID:
    """Return the id of what the caller asks of their own record. Raises NotFound, and Conflict for too many at once."""
    patient_id = await patient_of_account(session, actor.account_id)
    if patient_id is None:
        raise NotFound
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    if (await session.execute(_OPEN, {"patient_id": patient_id})).scalar_one() >= MOST_OPEN:
        raise Conflict("Wait until your practice has answered what you have asked already.")
    made = new_id()
    asked = {"id": made, "patient_id": patient_id, "practice_id": patient.practice_id, "asked_by": actor.account_id}
    await session.execute(_ASK, asked | {"kind": kind.value, "about": about, "at": actor.at})
    await append_event(session, "rights_request.asked", patient_id=patient_id, subject_ids=[made])
    await record_audit(session, actor, "rights_request.ask", patient, subject_id=made)
    return made


async def withdraw(session: AsyncSession, actor: Actor, request_id: UUID) -> None:
    """Take back a correction that one asked for and that is not, or not all, made: the record is disputed no more.

    For the person alone: that their view stands at the head of the record is their right for as long as they wish, and
    nobody else's to end (UK GDPR article 16). What was asked and answered is kept. Raises NotFound, IllegalTransition.
    """
    patient_id = await patient_of_account(session, actor.account_id)
    row = (await session.execute(_LOCK, {"id": request_id})).one_or_none()
    if row is None or patient_id is None or row.patient_id != patient_id:
        raise NotFound
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    if row.kind != Kind.correction or row.decision == Decision.granted:
        raise IllegalTransition("Only a correction that was not, or not all, made can be taken back.")
    if row.withdrawn_at is not None:
        raise IllegalTransition("This has been taken back already.")
    await session.execute(_WITHDRAW, {"id": request_id, "at": actor.at})
    await append_event(session, "rights_request.withdrawn", patient_id=patient_id, subject_ids=[request_id])
    await record_audit(session, actor, "rights_request.withdraw", patient, subject_id=request_id)


async def decide(session: AsyncSession, actor: Actor, request_id: UUID, answer: Answer) -> Answered:
    """Return who is to be told, having answered as a clinician of the patient's practice or as its privacy officer.

    Closing and restricting happen here and now; closing is for those who care for the person alone. Raises NotFound,
    NotPermitted, Invalid, Conflict when the account holds a role, and IllegalTransition when it was answered already.
    """
    row = (await session.execute(_LOCK, {"id": request_id})).one_or_none()
    if row is None:
        raise NotFound
    kind = Kind(row.kind)
    patient = await _asker(session, actor, row.patient_id, row.practice_id)
    if kind is Kind.close_account and not isinstance(patient, VisiblePatient):
        raise NotPermitted("Whether an account is closed is for a clinician of the person's practice to answer.")
    if row.decision is not None:
        raise IllegalTransition("This has been answered already.")
    if row.withdrawn_at is not None:
        raise IllegalTransition("The person has taken this back.")
    _require_lawful(kind, answer)
    to = await address_of(session, row.asked_by)
    closes = kind is Kind.close_account and answer.decision is Decision.granted
    if isinstance(patient, VisiblePatient) and closes:
        await _close(session, actor, patient, row.asked_by)
    if kind is Kind.restriction and answer.decision is Decision.granted:
        await restrict(session, actor, patient)
    told = {"id": request_id, "decision": answer.decision.value, "ground": answer.ground, "answer": answer.words}
    await session.execute(_DECIDE, told | {"by": actor.account_id, "at": actor.at})
    await append_event(session, "rights_request.decided", patient_id=patient.id, subject_ids=[request_id])
    await record_audit(session, actor, "rights_request.decide", patient, subject_id=request_id)
    return Answered(to, closes)


async def _asker(session: AsyncSession, actor: Actor, patient_id: UUID, practice_id: UUID) -> VisiblePatient | Touched:
    """Return who asked, with the ground on which the actor answers: as who cares for them, else as privacy officer.

    Raises NotFound, NotPermitted, and Conflict for one's own.
    """
    as_officer = (await oversight_of(session, actor)).ground(actor, practice_id)
    try:
        seen = await visible_patient(session, actor, patient_id)
    except NotFound:
        if as_officer is None:
            raise
        return Touched(patient_id, as_officer)
    if Basis.self_ in seen.standing.bases:
        raise Conflict("Somebody else must answer what you have asked of your own record.")
    if as_officer is not None and not decision(seen.standing, Action.answer_rights_request).allowed:
        return Touched(patient_id, as_officer)
    return permitted(actor, seen, Action.answer_rights_request)


async def _close(session: AsyncSession, actor: Actor, patient: VisiblePatient, asked_by: UUID) -> None:
    """Close the account that asked, if it is the patient's still."""
    if patient.account_id != asked_by:
        raise Conflict("The account that asked is not this patient's any more.")
    await part_from_account(session, patient.id)
    await close_account(session, actor, asked_by)
    await forget_how_told(session, asked_by)
    await leave_everybody(session, Actor(asked_by, actor.at, request_id=actor.request_id))
    await drop_exports_of(session, asked_by, actor.at)
    await append_event(session, "access.changed", patient_id=patient.id, subject_ids=[asked_by])


def _require_lawful(kind: Kind, answer: Answer) -> None:
    """Raise Invalid unless this can be done of what was asked, and the ground is one of the law's for it."""
    if answer.decision not in DECISIONS_FOR[kind]:
        raise Invalid("That cannot be done.", [_FAULTS[kind]])
    if answer.decision is Decision.granted:
        if answer.ground is not None:
            unused = Fault("/ground", "ground_unused", "What is granted needs no ground.")
            raise Invalid("A ground for nothing.", [unused])
        return
    if answer.ground is None:
        raise Invalid("No ground.", [Fault("/ground", "ground_required", "Say on which ground less is done.")])
    if answer.ground not in GROUNDS_FOR[kind]:
        other = "The law does not give this ground for what was asked: it would tell the person something untrue."
        raise Invalid("Another request's ground.", [Fault("/ground", "ground_of_another_kind", other)])


_FAULTS = {
    Kind.erasure: Fault("/decision", "record_is_kept", "A health record is kept: answer partly, or refuse."),
    Kind.close_account: Fault("/decision", "closed_or_not", "An account is closed or it is not: grant it, or refuse."),
}
