"""What people ask of their own record: to correct, erase or restrict it, or to close their account; and the answer.

The person asks, their practice answers within a month, in words and, where less is done than was asked, with the ground
in law. The record itself and the trail are never erased here: what may be erased is the account.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis
from domain.accounts.closing_commands import close_account
from domain.audit.commands import record_audit
from domain.errors import Conflict, Fault, IllegalTransition, Invalid, NotFound
from domain.events.commands import append_event
from domain.ids import new_id
from domain.people.closing_commands import leave_everybody, part_from_account
from domain.people.consent_commands import restrict
from domain.people.permission import Action
from domain.people.queries import VisiblePatient, patient_of_account, permitted, permitted_patient, visible_patient
from domain.rights.export_commands import drop_exports_of
from domain.rights.law import GROUNDS, Decision, Kind

MOST_OPEN = 20

_OPEN = text("select count(*) from rights_request where patient_id = :patient_id and decision is null")
_ASK = text(
    """
    insert into rights_request (id, patient_id, asked_by, kind, about, asked_at)
    values (:id, :patient_id, :asked_by, :kind, :about, :at)
    """
)
_LOCK = text("select patient_id, asked_by, kind, decision from rights_request where id = :id for update")
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


async def ask(session: AsyncSession, actor: Actor, kind: Kind, about: str) -> UUID:
    """Return the id of what the caller asks of their own record. Raises NotFound, and Conflict for too many at once."""
    patient_id = await patient_of_account(session, actor.account_id)
    if patient_id is None:
        raise NotFound
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    if (await session.execute(_OPEN, {"patient_id": patient_id})).scalar_one() >= MOST_OPEN:
        raise Conflict("Wait until your practice has answered what you have asked already.")
    made = new_id()
    asked = {"id": made, "patient_id": patient_id, "asked_by": actor.account_id, "kind": kind.value}
    await session.execute(_ASK, asked | {"about": about, "at": actor.at})
    await append_event(session, "rights_request.asked", patient_id=patient_id, subject_ids=[made])
    await record_audit(session, actor, "rights_request.ask", patient, subject_id=made)
    return made


async def decide(session: AsyncSession, actor: Actor, request_id: UUID, answer: Answer) -> None:
    """Answer what was asked, by a clinician of the patient's practice; closing and restricting happen here and now.

    Raises NotFound, NotPermitted, Invalid, Conflict when the account holds a role, and IllegalTransition when it was
    answered already.
    """
    row = (await session.execute(_LOCK, {"id": request_id})).one_or_none()
    if row is None:
        raise NotFound
    seen = await visible_patient(session, actor, row.patient_id)
    if Basis.self_ in seen.standing.bases:
        raise Conflict("Somebody else must answer what you have asked of your own record.")
    patient = permitted(actor, seen, Action.answer_rights_request)
    if row.decision is not None:
        raise IllegalTransition("This has been answered already.")
    _require_lawful(Kind(row.kind), answer)
    if row.kind == Kind.close_account.value and answer.decision is Decision.granted:
        await _close(session, actor, patient, row.asked_by)
    if row.kind == Kind.restriction.value and answer.decision is Decision.granted:
        await restrict(session, actor, patient)
    told = {"id": request_id, "decision": answer.decision.value, "ground": answer.ground, "answer": answer.words}
    await session.execute(_DECIDE, told | {"by": actor.account_id, "at": actor.at})
    await append_event(session, "rights_request.decided", patient_id=patient.id, subject_ids=[request_id])
    await record_audit(session, actor, "rights_request.decide", patient, subject_id=request_id)


async def _close(session: AsyncSession, actor: Actor, patient: VisiblePatient, asked_by: UUID) -> None:
    """Close the account that asked, if it is the patient's still."""
    if patient.account_id != asked_by:
        raise Conflict("The account that asked is not this patient's any more.")
    await part_from_account(session, patient.id)
    await close_account(session, actor, asked_by)
    await leave_everybody(session, Actor(asked_by, actor.at, request_id=actor.request_id))
    await drop_exports_of(session, asked_by, actor.at)
    await append_event(session, "access.changed", patient_id=patient.id, subject_ids=[asked_by])


def _require_lawful(kind: Kind, answer: Answer) -> None:
    if answer.decision is not Decision.granted and answer.ground not in GROUNDS:
        raise Invalid("No ground.", [Fault("/ground", "ground_required", "Say on which ground less is done.")])
    if answer.decision is Decision.granted and answer.ground is not None:
        raise Invalid("A ground for nothing.", [Fault("/ground", "ground_unused", "What is granted needs no ground.")])
    if kind is Kind.erasure and answer.decision is Decision.granted:
        fault = Fault("/decision", "record_is_kept", "A health record is kept: answer partly, or refuse.")
        raise Invalid("A record is not erased on request.", [fault])
