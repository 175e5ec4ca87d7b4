"""Recording contacts one by one: each once, whatever is repeated or raced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.queries import organisations_by_id
from domain.audit.commands import record_audit
from domain.events.commands import append_event
from domain.outcomes.contact import ContactClaim, ContactOutcome, ContactRefusal, ContactVerdict, objection_to_time
from domain.outcomes.queries import death_of
from domain.outcomes.storing_commands import Sender, Told, store_once
from domain.people.permission import Action
from domain.people.queries import VisiblePatient, permitted_patient

# One patient's writers go one after another: they look for what is alike before they insert.
_ONE_WRITER = text("select pg_advisory_xact_lock(hashtextextended('contact ' || cast(cast(:id as uuid) as text), 0))")

# A contact of a file that does not count yet, and may still be taken back, becomes the one told by hand.
_TAKE_OVER = text(
    """
    update contact set import_id = null, recorded_at = :recorded_at, recorded_by = :recorded_by
    from contact_import i
    where contact.id = any(cast(:ids as uuid[])) and i.id = contact.import_id and i.state <> 'stored'
    returning contact.id
    """
)


async def record_contacts(
    session: AsyncSession, actor: Actor, patient_id: UUID, claims: Sequence[ContactClaim]
) -> list[ContactVerdict]:
    """Return a verdict for each claim, in order; those stored are stored once, and refused ones stop no other.

    A repeat by the source's id is a duplicate; so is one of the same kind at the same instant and place when either has
    no id. One that says something else under the same id is refused as a conflict. Raises NotFound, NotPermitted.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.record_contacts)
    refusals = await _objections(session, actor, patient, claims)
    await session.execute(_ONE_WRITER, {"id": patient_id})
    acceptable = [place for place in range(len(claims)) if place not in refusals]
    told = [Told(patient_id, claims[place], claims[place].offset_minutes) for place in acceptable]
    found = dict(zip(acceptable, await store_once(session, told, Sender(actor.account_id, actor.at)), strict=True))
    refusals |= {place: ContactRefusal.conflict for place, each in found.items() if not each.agrees}
    stored = {place: each.contact.id for place, each in found.items() if each.is_new}
    repeated = {place: each.contact.id for place, each in found.items() if each.agrees and not each.is_new}
    stored |= await _take_over(session, actor, repeated)
    if stored:
        await append_event(session, "contact.recorded", patient_id=patient_id, subject_ids=list(stored.values()))
    await record_audit(session, actor, "contact.create", patient, count=len(stored))
    return [_verdict(refusals.get(place), stored.get(place), repeated.get(place)) for place in range(len(claims))]


async def _objections(
    session: AsyncSession, actor: Actor, patient: VisiblePatient, claims: Sequence[ContactClaim]
) -> dict[int, ContactRefusal]:
    """Return by place why a claim cannot be, whatever else is recorded."""
    known = await organisations_by_id(session, {claim.organisation_id for claim in claims})
    died_on = await death_of(session, patient.id)
    refusals: dict[int, ContactRefusal] = {}
    for place, claim in enumerate(claims):
        refusal = objection_to_time(claim.started_at, received_at=actor.at, born_on=patient.born_on, died_on=died_on)
        if refusal is None and claim.organisation_id not in known:
            refusal = ContactRefusal.unknown_organisation
        if refusal is not None:
            refusals[place] = refusal
    return refusals


def _verdict(refusal: ContactRefusal | None, stored: UUID | None, repeated: UUID | None) -> ContactVerdict:
    if refusal is not None:
        return ContactVerdict(ContactOutcome.refused, refusal=refusal)
    if stored is not None:
        return ContactVerdict(ContactOutcome.stored, stored)
    return ContactVerdict(ContactOutcome.duplicate, repeated)


async def _take_over(session: AsyncSession, actor: Actor, told: Mapping[int, UUID]) -> dict[int, UUID]:
    """Return by place, the first that tells each, the contacts that were those of a file not stored yet."""
    first = {contact_id: place for place, contact_id in reversed(list(told.items()))}
    by = {"recorded_at": actor.at, "recorded_by": actor.account_id}
    taken = await session.execute(_TAKE_OVER, {"ids": list(first), **by}) if first else None
    return {first[contact_id]: contact_id for contact_id in taken.scalars()} if taken else {}
