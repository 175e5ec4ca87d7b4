"""Offering a delegation by a code, accepting it, and ending it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis, Touched, ground_of
from domain.accounts.no_person_queries import require_may_see_persons
from domain.audit.commands import record_audit
from domain.errors import Conflict, Fault, Invalid, NotFound
from domain.events.commands import append_event
from domain.people.consent import Purpose
from domain.people.consent_commands import note_consent
from domain.people.consent_texts import require_current
from domain.people.delegation import (
    CODE_LIFETIME,
    ByLaw,
    DelegationEnd,
    Ground,
    Span,
    Terms,
    code_hash,
    span_by_consent,
    span_by_law,
)
from domain.people.ending_commands import end_delegations
from domain.people.permission import Action
from domain.people.queries import VisiblePatient, permitted_patient
from domain.people.tables import DelegationRow
from domain.readable_code import fresh_code

# More than anybody has about them: beyond it somebody fills the record.
MOST_OPEN = 20

# To row security an offer is there for whoever has its code; the person it is of, not yet.
_HAS_CODE = text("select set_config('tendwell.code', :code, true)")
_IS_OWN = text("select is_own_record(:patient_id)")


@dataclass(frozen=True, slots=True)
class Offered:
    """A delegation that waits for whoever is handed the code. The code is told here, once, and kept nowhere."""

    id: UUID
    code: str
    expires_at: datetime


async def invite_delegate(
    session: AsyncSession, actor: Actor, patient_id: UUID, terms: Terms, *, text_version: int
) -> Offered:
    """Return the code by which the person lets somebody act for them; to invite is to consent, by this text.

    Raises NotFound, NotPermitted, Invalid, and Conflict when 20 are open.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.invite_delegates)
    text = require_current(Purpose.delegate, text_version)
    span = span_by_consent(terms, actor.at)
    await note_consent(session, actor, patient, text)
    return await _offer(session, actor, patient, terms, span, text_version=text.version)


async def record_delegate(session: AsyncSession, actor: Actor, patient_id: UUID, terms: Terms, law: ByLaw) -> Offered:
    """Return the code for somebody whom the law lets act for the person, by a clinician of their own practice.

    Raises NotFound, NotPermitted, Invalid, and Conflict when 20 are open.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.record_delegates)
    span = span_by_law(terms, law, patient.born_on, actor.at)
    return await _offer(session, actor, patient, terms, span, law=law)


async def _offer(
    session: AsyncSession,
    actor: Actor,
    patient: VisiblePatient,
    terms: Terms,
    span: Span,
    *,
    text_version: int | None = None,
    law: ByLaw | None = None,
) -> Offered:
    code = fresh_code()
    row = DelegationRow(
        patient_id=patient.id,
        code_hash=code_hash(code),
        code_expires_at=actor.at + CODE_LIFETIME,
        relationship=terms.relationship.value,
        scopes=sorted(scope.value for scope in terms.scopes),
        ground=Ground.consent.value if law is None else law.ground.value,
        evidence=None if law is None else law.evidence,
        review_on=None if law is None else law.review_on,
        text_version=text_version,
        from_at=span.from_at,
        until_at=span.until_at,
        offered_at=actor.at,
        offered_by=actor.account_id,
        offered_as=patient.ground.basis.value,
    )
    session.add(row)
    await session.flush()
    await _require_room(session, patient.id, actor.at)
    await record_audit(session, actor, "delegation.offer", patient, subject_id=row.id)
    return Offered(row.id, code, row.code_expires_at)


async def _require_room(session: AsyncSession, patient_id: UUID, at: datetime) -> None:
    """Raise Conflict when the delegation just offered is one too many; two who offer at once may both find room."""
    still_open = select(func.count()).where(
        col(DelegationRow.patient_id) == patient_id,
        col(DelegationRow.ended_at).is_(None),
        or_(col(DelegationRow.until_at).is_(None), col(DelegationRow.until_at) > at),
        or_(col(DelegationRow.accepted_at).is_not(None), col(DelegationRow.code_expires_at) > at),
    )
    if (await session.execute(still_open)).scalar_one() > MOST_OPEN:
        raise Conflict(f"There are {MOST_OPEN} delegates and offers. End one before making another.")


async def accept_delegation(session: AsyncSession, actor: Actor, code: str) -> UUID:
    """Return the id of the delegation that a code stands for, now the actor's; one they held before is replaced.

    Raises Conflict for an account that sees no person, whatever the code; NotFound for a code that is wrong, spent,
    expired or taken back, all alike; and Invalid for one's own.
    """
    await require_may_see_persons(session, actor.account_id, actor.at)
    handed = code_hash(code)
    await session.execute(_HAS_CODE, {"code": handed.hex()})
    found = await session.execute(
        select(DelegationRow)
        .where(
            col(DelegationRow.code_hash) == handed,
            col(DelegationRow.accepted_at).is_(None),
            col(DelegationRow.ended_at).is_(None),
            col(DelegationRow.code_expires_at) > actor.at,
            or_(col(DelegationRow.until_at).is_(None), col(DelegationRow.until_at) > actor.at),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row: DelegationRow | None = found.scalar_one_or_none()
    if row is None:
        raise NotFound
    is_own = await session.scalar(_IS_OWN, {"patient_id": row.patient_id})
    if is_own or actor.account_id == row.offered_by:
        raise Invalid("Not for yourself.", [Fault("/code", "own_code", "Hand this code to whoever is to act for you.")])
    await end_delegations(session, actor, row.patient_id, DelegationEnd.replaced, account_id=actor.account_id)
    row.account_id, row.accepted_at = actor.account_id, actor.at
    session.add(row)
    await session.flush()
    await append_event(session, "access.changed", patient_id=row.patient_id, subject_ids=[actor.account_id])
    await _audit_own(session, actor, "delegation.accept", row.patient_id, row.id)
    return row.id


async def end_delegation(
    session: AsyncSession, actor: Actor, patient_id: UUID, delegation_id: UUID, reason: DelegationEnd
) -> None:
    """End a delegation, or take back its code, for the person or their practice: effective with this commit.

    The delegate is told nothing but that the person is not theirs to see. Raises NotFound, NotPermitted.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.end_delegations)
    if not await end_delegations(session, actor, patient_id, reason, delegation_id=delegation_id):
        raise NotFound
    await record_audit(session, actor, "delegation.end", patient, subject_id=delegation_id)


async def leave_delegation(session: AsyncSession, actor: Actor, delegation_id: UUID) -> None:
    """End a delegation that the actor holds. Raises NotFound."""
    held = select(col(DelegationRow.patient_id)).where(
        col(DelegationRow.id) == delegation_id,
        col(DelegationRow.account_id) == actor.account_id,
        or_(col(DelegationRow.until_at).is_(None), col(DelegationRow.until_at) > actor.at),
    )
    patient_id = await session.scalar(held)
    left = DelegationEnd.delegate_left
    if patient_id is None or not await end_delegations(session, actor, patient_id, left, delegation_id=delegation_id):
        raise NotFound
    await _audit_own(session, actor, "delegation.leave", patient_id, delegation_id)


async def _audit_own(session: AsyncSession, actor: Actor, action: str, patient_id: UUID, subject_id: UUID) -> None:
    await record_audit(
        session, actor, action, Touched(patient_id, ground_of(actor, Basis.delegate)), subject_id=subject_id
    )
