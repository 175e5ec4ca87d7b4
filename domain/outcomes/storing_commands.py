"""Storing contacts, of one patient or of many, each once; for those who hold the patients' lock.

It refuses to know who sent them: by hand or in a file, a contact is recognised in one way (`contact.Known`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import london_date
from domain.ids import new_id
from domain.outcomes.contact import ContactClaim, Known, Recorded

# Arrays, a statement for all. Whatever is alike is of the same day; what has the same id may be of any.
_KNOWN = text(
    """
    select c.patient_id, c.id, c.kind, c.started_at, c.organisation_id, c.source, c.external_id from contact c
    join unnest(cast(:patient_id as uuid[]), cast(:started_on as date[])) as k(patient_id, started_on)
        on c.patient_id = k.patient_id and c.started_on = k.started_on
    union
    select c.patient_id, c.id, c.kind, c.started_at, c.organisation_id, c.source, c.external_id from contact c
    join unnest(cast(:patient_id as uuid[]), cast(:source as text[]), cast(:external_id as text[]))
        as k(patient_id, source, external_id)
        on c.patient_id = k.patient_id and c.source = k.source and c.external_id = k.external_id
    order by id
    """
)
_INSERT = text(
    """
    insert into contact (id, patient_id, kind, started_at, offset_minutes, started_on, organisation_id, source,
        external_id, recorded_at, recorded_by, import_id)
    select c.*, :recorded_at, :recorded_by, :import_id from unnest(
        cast(:id as uuid[]), cast(:patient_id as uuid[]), cast(:kind as text[]), cast(:started_at as timestamptz[]),
        cast(:offset_minutes as smallint[]), cast(:started_on as date[]), cast(:organisation_id as uuid[]),
        cast(:source as text[]), cast(:external_id as text[])) as c
    """
)


@dataclass(frozen=True, slots=True)
class Told:
    """A claim of a patient's contact, with the offset that its time was sent with."""

    patient_id: UUID
    claim: ContactClaim
    offset_minutes: int


@dataclass(frozen=True, slots=True)
class Sender:
    """Who records contacts, when, and from which file if from one."""

    account_id: UUID
    at: datetime
    import_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What a claim is recorded as: anew, or as a contact there was already, which may disagree with it."""

    contact: Recorded
    is_new: bool
    agrees: bool


async def store_once(session: AsyncSession, told: Sequence[Told], sender: Sender) -> list[Stored]:
    """Return what each claim is recorded as, in order. The caller holds every patient's lock: nobody else writes."""
    if not told:
        return []
    known = await _known(session, told)
    found = [_stored(known[each.patient_id], each.claim) for each in told]
    new = [(each, stored.contact.id) for each, stored in zip(told, found, strict=True) if stored.is_new]
    if new:
        values = {"id": [made for _, made in new], **_columns([each for each, _ in new])}
        by = {"recorded_at": sender.at, "recorded_by": sender.account_id, "import_id": sender.import_id}
        await session.execute(_INSERT, {**values, **by})
    return found


def _stored(known: Known, claim: ContactClaim) -> Stored:
    contact = known.told_by(claim)
    if contact is not None:
        return Stored(contact, is_new=False, agrees=contact.is_told_by(claim))
    contact = Recorded(new_id(), claim.kind, claim.started_at, claim.organisation_id, claim.source, claim.external_id)
    known.add(contact)
    return Stored(contact, is_new=True, agrees=True)


async def _known(session: AsyncSession, told: Sequence[Told]) -> dict[UUID, Known]:
    """Return by patient what is recorded that the claims may repeat. Its snapshot is of after the locks."""
    columns = _columns(told)
    asked = {name: columns[name] for name in ("patient_id", "started_on", "source", "external_id")}
    known: defaultdict[UUID, Known] = defaultdict(Known)
    for row in await session.execute(_KNOWN, asked):
        patient_id, *recorded = row
        known[patient_id].add(Recorded(*recorded))
    return known


def _columns(told: Sequence[Told]) -> dict[str, list[Any]]:
    return {
        "patient_id": [each.patient_id for each in told],
        "kind": [each.claim.kind.value for each in told],
        "started_at": [each.claim.started_at for each in told],
        "offset_minutes": [each.offset_minutes for each in told],
        "started_on": [london_date(each.claim.started_at) for each in told],
        "organisation_id": [each.claim.organisation_id for each in told],
        "source": [each.claim.source for each in told],
        "external_id": [each.claim.external_id for each in told],
    }
