"""Recording what a person decides, and what follows from it at once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis, OnGround
from domain.audit.commands import record_audit
from domain.errors import Fault, Invalid
from domain.events.commands import append_event
from domain.people.consent import Authority, Provision, Purpose
from domain.people.consent_texts import ConsentText, current_text, require_current
from domain.people.delegation import DelegationEnd, Ground
from domain.people.ending_commands import end_delegations
from domain.people.permission import Action, decision
from domain.people.queries import VisiblePatient, permitted, related_patient
from domain.people.tables import ConsentRow, PatientRow

_AUTHORITY = {
    Basis.self_: Authority.person,
    Basis.delegate: Authority.delegate_by_law,
    Basis.practice: Authority.practice_on_behalf,
}

# UK GDPR article 18(2): what may go on is what the person consents to, as whom they let act for them; what protects
# their vital interests, as an emergency; and their own care, which the practice answers for.
RESTRICTED = (Purpose.care_sharing, Purpose.research)
RESTRICTION_NOTE = "Asked for in writing, as a restriction of the record."


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody decides: for which purpose, by which version of its text, and how it was told if not in person."""

    purpose: Purpose
    provision: Provision
    text_version: int
    note: str | None = None


async def decide(session: AsyncSession, actor: Actor, patient_id: UUID, choice: Choice) -> UUID:
    """Return the id of the decision now in force; the one before it ends. Effective with this commit, sockets too.

    To decide again what holds already changes nothing. Raises NotFound, NotPermitted, and Invalid for another text
    than the latest, or when a practice records what a person said without a note of how.
    """
    patient = await _deciding(session, actor, patient_id)
    text = require_current(choice.purpose, choice.text_version)
    if patient.ground.basis is Basis.practice and choice.note is None:
        fault = Fault("/note", "note_missing", "Say in a note how the person told you, and when.")
        raise Invalid("A decision recorded on behalf of somebody needs a note.", [fault])
    made, changed = await _put(session, actor, patient, text, choice.provision, choice.note)
    if changed:
        await append_event(session, "access.changed", patient_id=patient_id)
        if choice.purpose is Purpose.delegate and choice.provision is Provision.deny:
            # What rests on their consent, codes not used yet too; what the law gives stays.
            await end_delegations(session, actor, patient_id, DelegationEnd.consent_withdrawn, ground=Ground.consent)
    verb = "give" if choice.provision is Provision.permit else "withdraw"
    await record_audit(session, actor, f"consent.{verb}", patient, subject_id=made, count=int(changed))
    return made


async def _deciding(session: AsyncSession, actor: Actor, patient_id: UUID) -> VisiblePatient:
    patient = await related_patient(session, actor, patient_id)
    in_person = decision(patient.standing, Action.decide_consents).allowed
    return permitted(actor, patient, Action.decide_consents if in_person else Action.record_consents)


async def note_consent(session: AsyncSession, actor: Actor, patient: VisiblePatient, text: ConsentText) -> None:
    """Record that the person agreed by what they are doing, if that is not recorded yet. Whoever calls audits."""
    await _put(session, actor, patient, text, Provision.permit, None)


async def restrict(session: AsyncSession, actor: Actor, patient: OnGround) -> None:
    """Shut care teams and care homes out, their systems too, and count the person nowhere, because the person asked so.

    What stays: the practice, break-glass, and whoever acts for the person, by their own choice, which they end
    themselves, or by law. They lift it themselves, purpose by purpose, like any refusal.
    Whoever calls has asked whether the actor may.
    """
    for purpose in RESTRICTED:
        made, changed = await _put(session, actor, patient, current_text(purpose), Provision.deny, RESTRICTION_NOTE)
        await record_audit(session, actor, "consent.withdraw", patient, subject_id=made, count=int(changed))
    await append_event(session, "access.changed", patient_id=patient.id)


async def _put(
    session: AsyncSession,
    actor: Actor,
    patient: OnGround,
    text: ConsentText,
    provision: Provision,
    note: str | None,
) -> tuple[UUID, bool]:
    """Return the id of the decision in force, and whether it is a new one."""
    # The patient's row is held, so that of two who decide at once the second sees what the first did.
    await session.execute(select(col(PatientRow.id)).where(col(PatientRow.id) == patient.id).with_for_update())
    in_force = col(ConsentRow.patient_id) == patient.id, col(ConsentRow.purpose) == text.purpose.value
    query = select(ConsentRow).where(*in_force, col(ConsentRow.ended_at).is_(None))
    before = (await session.execute(query)).scalar_one_or_none()
    if before is not None and (before.provision, before.text_version) == (provision.value, text.version):
        return before.id, False
    ended_at = func.greatest(col(ConsentRow.decided_at), actor.at)
    # A privacy officer who grants a restriction acts for the practice.
    basis = patient.ground.basis if isinstance(patient.ground.basis, Basis) else Basis.practice
    still = update(ConsentRow).where(*in_force, col(ConsentRow.ended_at).is_(None))
    await session.execute(still.values(ended_at=ended_at).execution_options(synchronize_session=False))
    row = ConsentRow(
        patient_id=patient.id,
        purpose=text.purpose.value,
        provision=provision.value,
        text_version=text.version,
        language=text.language,
        text_sha256=text.sha256,
        decided_at=actor.at,
        decided_by=actor.account_id,
        decided_as=basis.value,
        authority=_AUTHORITY[basis].value,
        note=note,
    )
    session.add(row)
    await session.flush()
    return row.id, True
