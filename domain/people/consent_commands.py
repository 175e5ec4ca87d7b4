"""Recording what a person decides, and what follows from it at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis, OnGround
from domain.accounts.address_queries import address_of
from domain.audit.commands import record_audit
from domain.clock import london_date
from domain.errors import Conflict, Fault, Invalid
from domain.events.commands import append_event
from domain.keys.sealing import Sealing
from domain.mail.commands import queue_letter
from domain.mail.letters import decision_recorded
from domain.people.consent import WEIGHTS, Authority, Provision, Purpose, Weight
from domain.people.consent_texts import ConsentText, current_text, require_current
from domain.people.deciding_queries import ground_of_delegate, has_decider_by_law
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
_RESTRICTION_NOTE = "Asked for in writing, as a restriction of the record."


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody decides: for which purpose, by which version of its text, and how it was told if not in person.

    `informed_on`: the day on which the person was told that a restriction of theirs ends.
    """

    purpose: Purpose
    provision: Provision
    text_version: int
    note: str | None = None
    informed_on: date | None = None

    @property
    def noted(self) -> str | None:
        """Return what is kept of how it came about."""
        told = None if self.informed_on is None else f"Told on {self.informed_on:%d %B %Y} that the restriction ends."
        return "\n".join(filter(None, (self.note, told))) or None


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision now in force, and the person's account where somebody else made it: they are to be told."""

    id: UUID
    to_be_told: UUID | None


async def decide(session: AsyncSession, actor: Actor, patient_id: UUID, choice: Choice) -> Decided:
    """Return the decision now in force; the one before it ends. Effective with this commit, sockets too.

    To decide again what holds already changes nothing. Raises NotFound, NotPermitted, Invalid for another text than
    the latest, or when a practice records what a person said without a note of how, and Conflict for a refusal that
    is not the actor's to take back.
    """
    patient = await _deciding(session, actor, patient_id)
    text = require_current(choice.purpose, choice.text_version)
    if patient.ground.basis is Basis.practice and choice.note is None:
        fault = Fault("/note", "note_missing", "Say in a note how the person told you, and when.")
        raise Invalid("A decision recorded on behalf of somebody needs a note.", [fault])
    if choice.provision is Provision.permit:
        await _require_theirs_to_lift(session, actor, patient, choice)
    made, changed = await _put(session, actor, patient, text, choice.provision, choice.noted)
    if changed:
        await append_event(session, "access.changed", patient_id=patient_id)
        if choice.purpose is Purpose.delegate and choice.provision is Provision.deny:
            # What rests on their consent, codes not used yet too; what the law gives stays.
            await end_delegations(session, actor, patient_id, DelegationEnd.consent_withdrawn, ground=Ground.consent)
    verb = "give" if choice.provision is Provision.permit else "withdraw"
    await record_audit(session, actor, f"consent.{verb}", patient, subject_id=made, count=int(changed))
    by_another = changed and patient.ground.basis is not Basis.self_
    return Decided(made, patient.account_id if by_another else None)


async def tell_of_decision(
    session: AsyncSession, decided: Decided, sealing: Sealing, page: str, *, at: datetime
) -> None:
    """Write to the person that somebody else has recorded a decision for them, in the same transaction.

    Which one stands on `page`, for them alone. Nobody is written to where they decided themselves, or have no account.
    """
    address = None if decided.to_be_told is None else await address_of(session, decided.to_be_told)
    if address is not None:
        await queue_letter(session, address, decision_recorded(page), sealing, at=at)


async def _deciding(session: AsyncSession, actor: Actor, patient_id: UUID) -> VisiblePatient:
    patient = await related_patient(session, actor, patient_id)
    in_person = decision(patient.standing, Action.decide_consents).allowed
    return permitted(actor, patient, Action.decide_consents if in_person else Action.record_consents)


async def _require_theirs_to_lift(session: AsyncSession, actor: Actor, patient: VisiblePatient, choice: Choice) -> None:
    """Raise Conflict where a refusal in force is the person's own, or the law's choice for them, and the actor neither.

    A practice notes a changed mind of somebody who has no account to say so with, and whom nobody decides for by law;
    it lifts a restriction once it has told them (UK GDPR article 18(3)), or raises Invalid. A parent does not undo what
    a child with an account refused: they are old enough to be given one.
    """
    held = await _in_force(session, patient.id, choice.purpose)
    if held is None or held.provision != Provision.deny.value or patient.ground.basis is Basis.self_:
        return
    whose = _weight(held)
    if patient.ground.basis is Basis.delegate:
        by = await ground_of_delegate(session, actor, patient.id)
        if whose >= Weight.their_own and patient.account_id is not None and by is Ground.parental_responsibility:
            raise Conflict("They refused this themselves, and have an account of their own: only they can give it.")
    elif whose > Weight.recorded_for_them:
        if patient.account_id is not None:
            raise Conflict(
                "They refused this themselves, or asked for it in writing: only they can give it, signed in."
            )
        if await has_decider_by_law(session, patient.id, actor.at):
            raise Conflict("Somebody decides for them by law: only they can give it.")
        if whose is Weight.restriction:
            _require_informed(choice, london_date(actor.at))


def _require_informed(choice: Choice, today: date) -> None:
    if choice.informed_on is None or choice.informed_on > today:
        tell_first = "Say on which day you told the person that the restriction ends: that comes first."
        raise Invalid("A restriction is not lifted unsaid.", [Fault("/informed_on", "informing_missing", tell_first)])


async def note_consent(session: AsyncSession, actor: Actor, patient: VisiblePatient, text: ConsentText) -> None:
    """Record that the person agreed by what they are doing, if that is not recorded yet. Whoever calls audits."""
    await _put(session, actor, patient, text, Provision.permit, None)


async def restrict(session: AsyncSession, actor: Actor, patient: OnGround) -> None:
    """Shut care teams and care homes out, their systems too, and count the person nowhere, because the person asked so.

    What stays: the practice, break-glass, and whoever acts for the person, by their own choice, which they end
    themselves, or by law. They lift it themselves, purpose by purpose; nobody does it for who has an account.
    Whoever calls has asked whether the actor may.
    """
    for purpose in RESTRICTED:
        text = current_text(purpose)
        made, changed = await _put(
            session, actor, patient, text, Provision.deny, _RESTRICTION_NOTE, as_restriction=True
        )
        await record_audit(session, actor, "consent.withdraw", patient, subject_id=made, count=int(changed))
    await append_event(session, "access.changed", patient_id=patient.id)


async def _put(
    session: AsyncSession,
    actor: Actor,
    patient: OnGround,
    text: ConsentText,
    provision: Provision,
    note: str | None,
    *,
    as_restriction: bool = False,
) -> tuple[UUID, bool]:
    """Return the id of the decision in force, and whether it is a new one."""
    before = await _in_force(session, patient.id, text.purpose)
    basis = _decided_as(patient)
    weight = Weight.restriction if as_restriction else WEIGHTS[basis]
    if before is not None and _holds_already(before, text, provision, weight):
        return before.id, False
    ended_at = func.greatest(col(ConsentRow.decided_at), actor.at)
    still = update(ConsentRow).where(
        col(ConsentRow.patient_id) == patient.id,
        col(ConsentRow.purpose) == text.purpose.value,
        col(ConsentRow.ended_at).is_(None),
    )
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
        is_restriction=as_restriction,
    )
    session.add(row)
    await session.flush()
    return row.id, True


async def _in_force(session: AsyncSession, patient_id: UUID, purpose: Purpose) -> ConsentRow | None:
    """Return the decision in force, held: of two who decide at once the second sees what the first did."""
    await session.execute(select(col(PatientRow.id)).where(col(PatientRow.id) == patient_id).with_for_update())
    query = select(ConsentRow).where(
        col(ConsentRow.patient_id) == patient_id,
        col(ConsentRow.purpose) == purpose.value,
        col(ConsentRow.ended_at).is_(None),
    )
    row: ConsentRow | None = (await session.execute(query)).scalar_one_or_none()
    return row


def _holds_already(before: ConsentRow, text: ConsentText, provision: Provision, new: Weight) -> bool:
    """Return whether nothing new is decided. A refusal that weighs more stays: else it could be taken back by less."""
    if before.provision != provision.value:
        return False
    is_same = before.text_version == text.version
    if provision is Provision.permit:
        return is_same
    held = _weight(before)
    return held > new or (held == new and is_same)


def _decided_as(patient: OnGround) -> Basis:
    """Return on which ground a decision is made: a privacy officer who grants a restriction acts for the practice."""
    return patient.ground.basis if isinstance(patient.ground.basis, Basis) else Basis.practice


def _weight(held: ConsentRow) -> Weight:
    return Weight.restriction if held.is_restriction else WEIGHTS[Basis(held.decided_as)]
