"""Recording contacts one by one: each once, whatever is repeated or raced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.queries import organisations_by_id
from domain.audit.commands import record_audit
from domain.clock import london_date
from domain.events.commands import append_event
from domain.ids import new_id
from domain.outcomes.contact import ContactClaim, ContactOutcome, ContactRefusal, ContactVerdict, objection_to_time
from domain.outcomes.queries import death_of
from domain.people.queries import STAFF, VisiblePatient, require_basis, visible_patient

# One patient's writers go one after another: two batches with contacts in common could otherwise wait for each other.
_ONE_WRITER = "pg_advisory_xact_lock(hashtextextended('contact ' || cast(cast(:patient_id as uuid) as text), 0))"

# `on conflict do nothing` names no index on purpose: either key makes a repeat, within the batch as well.
_INSERT = text(
    f"""
    with one_writer as materialized (select {_ONE_WRITER})
    insert into contact (id, patient_id, kind, started_at, offset_minutes, started_on, organisation_id, source,
        external_id, recorded_at, recorded_by)
    select c.id, :patient_id, c.kind, c.started_at, c.offset_minutes, c.started_on, c.organisation_id, c.source,
        c.external_id, :recorded_at, :recorded_by
    from one_writer, unnest(
        cast(:id as uuid[]), cast(:kind as text[]), cast(:started_at as timestamptz[]),
        cast(:offset_minutes as smallint[]), cast(:started_on as date[]), cast(:organisation_id as uuid[]),
        cast(:source as text[]), cast(:external_id as text[])
    ) with ordinality
        as c(id, kind, started_at, offset_minutes, started_on, organisation_id, source, external_id, place)
    order by c.place
    on conflict do nothing
    returning id
    """
)

# A statement of its own, so that its snapshot shows what was committed while the insert waited.
_ALREADY = text(
    """
    select k.place, found.* from unnest(
        cast(:place as integer[]), cast(:kind as text[]), cast(:started_at as timestamptz[]),
        cast(:organisation_id as uuid[]), cast(:source as text[]), cast(:external_id as text[])
    ) as k(place, kind, started_at, organisation_id, source, external_id)
    cross join lateral (
        select c.id, c.kind, c.started_at, c.organisation_id, 0 as by_natural_key from contact c
        where c.patient_id = :patient_id and c.source = k.source and c.external_id = k.external_id
        union all
        select c.id, c.kind, c.started_at, c.organisation_id, 1 from contact c
        where c.patient_id = :patient_id and c.kind = k.kind and c.started_at = k.started_at
            and c.organisation_id = k.organisation_id
        order by by_natural_key limit 1) found
    """
)

# A contact of a file that does not count yet, and may still be taken back, becomes the one told by hand.
_TAKE_OVER = text(
    """
    update contact set import_id = null, recorded_at = :recorded_at, recorded_by = :recorded_by
    from contact_import i
    where contact.id = any(cast(:ids as uuid[])) and i.id = contact.import_id and i.state <> 'stored'
    returning contact.id
    """
)


@dataclass(frozen=True, slots=True)
class _Recorded:
    id: UUID
    kind: str
    started_at: datetime
    organisation_id: UUID

    def is_told_by(self, claim: ContactClaim) -> bool:
        return (self.kind, self.started_at, self.organisation_id) == (
            claim.kind,
            claim.started_at,
            claim.organisation_id,
        )


async def record_contacts(
    session: AsyncSession, actor: Actor, patient_id: UUID, claims: Sequence[ContactClaim]
) -> list[ContactVerdict]:
    """Return a verdict for each claim, in order; those stored are stored once, and refused ones stop no other.

    A repeat by the source's id, or of the same kind at the same instant and place, is a duplicate; one that says
    something else under the same id is refused as a conflict. Raises NotFound, NotPermitted.
    """
    patient = await visible_patient(session, actor, patient_id)
    require_basis(patient, *STAFF)
    refusals = await _objections(session, actor, patient, claims)
    acceptable = {place: claim for place, claim in enumerate(claims) if place not in refusals}
    stored = await _insert(session, actor, patient_id, acceptable)
    already = await _already(session, patient_id, {p: c for p, c in acceptable.items() if p not in stored})
    refusals |= {p: ContactRefusal.conflict for p, found in already.items() if not found.is_told_by(claims[p])}
    stored |= await _take_over(session, actor, {p: found.id for p, found in already.items() if p not in refusals})
    if stored:
        await append_event(session, "contact.recorded", patient_id=patient_id, subject_ids=list(stored.values()))
    await record_audit(session, actor, "contact.create", patient_id=patient_id, count=len(stored))
    return [_verdict(refusals.get(place), stored.get(place), already.get(place)) for place in range(len(claims))]


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


def _verdict(refusal: ContactRefusal | None, stored: UUID | None, already: _Recorded | None) -> ContactVerdict:
    if refusal is not None:
        return ContactVerdict(ContactOutcome.refused, refusal=refusal)
    if stored is not None:
        return ContactVerdict(ContactOutcome.stored, stored)
    if already is None:
        raise RuntimeError("a contact that stood in the way of another has vanished")
    return ContactVerdict(ContactOutcome.duplicate, already.id)


async def _insert(
    session: AsyncSession, actor: Actor, patient_id: UUID, claims: Mapping[int, ContactClaim]
) -> dict[int, UUID]:
    """Return by place the ids of those that were not there yet."""
    if not claims:
        return {}
    ids = {place: new_id() for place in claims}
    values: dict[str, Any] = {
        "patient_id": patient_id,
        "recorded_at": actor.at,
        "recorded_by": actor.account_id,
        "id": list(ids.values()),
        "offset_minutes": [claim.offset_minutes for claim in claims.values()],
        "started_on": [london_date(claim.started_at) for claim in claims.values()],
        **_keys(claims),
    }
    inserted = set((await session.execute(_INSERT, values)).scalars())
    return {place: made for place, made in ids.items() if made in inserted}


async def _take_over(session: AsyncSession, actor: Actor, told: Mapping[int, UUID]) -> dict[int, UUID]:
    """Return by place, the first that tells each, the contacts that were those of a file not stored yet."""
    first = {contact_id: place for place, contact_id in reversed(list(told.items()))}
    by = {"recorded_at": actor.at, "recorded_by": actor.account_id}
    taken = await session.execute(_TAKE_OVER, {"ids": list(first), **by}) if first else None
    return {first[contact_id]: contact_id for contact_id in taken.scalars()} if taken else {}


async def _already(session: AsyncSession, patient_id: UUID, claims: Mapping[int, ContactClaim]) -> dict[int, _Recorded]:
    if not claims:
        return {}
    rows = await session.execute(_ALREADY, {"patient_id": patient_id, "place": list(claims), **_keys(claims)})
    return {row.place: _Recorded(row.id, row.kind, row.started_at, row.organisation_id) for row in rows}


def _keys(claims: Mapping[int, ContactClaim]) -> dict[str, list[Any]]:
    return {
        name: [getattr(claim, name) for claim in claims.values()]
        for name in ("kind", "started_at", "organisation_id", "source", "external_id")
    }
