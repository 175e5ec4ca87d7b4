"""The steps of working through a received file of contacts, each small enough for a short transaction of its own.

received → checking → refused, or → storing → stored. Nothing of a file counts before it is stored: queries pass over
contacts whose import is not. A long transaction would hold back the live feed, so there is none. What is recorded
beside the storing may disagree with the file: then it is taken back, step by step as well, and refused.

One import is worked on at a time, in the whole installation: a row that two files share would otherwise belong to one
that may yet be taken back. It costs nothing while there is one worker, and a second one only stands by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, text, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Grant, Role
from domain.access.ground import Encounter, Touched, ground_of
from domain.accounts.queries import organisations_below, organisations_by_ods_code
from domain.audit.commands import record_audits
from domain.events.commands import append_event
from domain.outcomes.contact import ContactClaim
from domain.outcomes.contact_import import FaultCode, RowClaim, RowFault
from domain.outcomes.definitions import ContactKind
from domain.outcomes.storing_commands import Sender, Told, store_once
from domain.outcomes.tables import (
    ContactImportChunkRow,
    ContactImportFaultRow,
    ContactImportPersonRow,
    ContactImportRow,
    StagedContactRow,
)
from domain.people.queries import Registered, registered_patients

LEASE = timedelta(minutes=1)
ATTEMPTS_AT_MOST = 5
FAULTS_KEPT = 1_000
ROWS_STORED_AT_ONCE = 1_000

# Claims are made one after another, or two workers could claim an import each.
_ONE_CLAIM = text("select pg_advisory_xact_lock(hashtextextended('contact import', 0))")
_CLAIM = text(
    """
    update contact_import set
        state = case state when 'received' then 'checking' else state end,
        attempts = attempts + 1, claimed_until = :until
    where id = (
        select id from contact_import
        where state in ('received', 'checking', 'storing') and not exists (
            select from contact_import other where other.state in ('checking', 'storing') and claimed_until >= :now)
        order by state = 'storing' desc, uploaded_at, id limit 1)
    returning id, state, scope, attempts, uploaded_by, uploaded_at
    """
)
# What only the whole file shows: the same contact twice (by its id, or alike when one of the two has none), one
# external_id for two contacts, and what is recorded.
_FOUND_TOGETHER = text(
    """
    with row as (
        select s.*, bool_or(external_id is null) over earlier_alike as after_nameless,
            row_number() over alike as nth, row_number() over same as nth_same,
            case when external_id is null then 1 else
                row_number() over (partition by patient_id, source, external_id order by row_number) end as nth_of_id
        from contact_import_staged s where import_id = :import_id
        window alike as (partition by patient_id, kind, started_at, organisation_id order by row_number),
            earlier_alike as (alike rows between unbounded preceding and 1 preceding),
            same as (
                partition by patient_id, kind, started_at, organisation_id, source, external_id order by row_number)
    ), judged as (
        select *, nth > 1 and (external_id is null or after_nameless or nth_same > 1) as repeats from row)
    select row_number, null as field, 'duplicate_row' as code from judged where repeats
    union all
    select row_number, 'external_id', 'repeated_external_id' from judged where not repeats and nth_of_id > 1
    union all
    select r.row_number, 'external_id', 'conflict' from judged r
    join contact c on c.patient_id = r.patient_id and c.source = r.source and c.external_id = r.external_id
    where (c.kind, c.started_at, c.organisation_id) <> (r.kind, r.started_at, r.organisation_id)
    order by 1
    """
)
_RESOLVED = text(
    """
    insert into contact_import_person (import_id, patient_id, rows)
    select :import_id, r.* from unnest(cast(:patient_id as uuid[]), cast(:rows as integer[])) as r
    on conflict (import_id, patient_id) do update set rows = contact_import_person.rows + excluded.rows
    """
)
_STAGE = text(
    """
    insert into contact_import_staged (import_id, row_number, patient_id, kind, started_at, offset_minutes,
        organisation_id, source, external_id)
    select :import_id, r.* from unnest(
        cast(:row_number as integer[]), cast(:patient_id as uuid[]), cast(:kind as text[]),
        cast(:started_at as timestamptz[]), cast(:offset_minutes as smallint[]), cast(:organisation_id as uuid[]),
        cast(:source as text[]), cast(:external_id as text[])) as r
    """
)
# The lock under which one patient's contacts are recorded by hand (`contact_commands`), in an order that cannot cross.
_ONE_WRITER_EACH = """
    select pg_advisory_xact_lock(hashtextextended('contact ' || cast(patient_id as text), 0))
    from (select distinct patient_id from {rows} order by patient_id) patients
"""
_NEXT_STAGED = "select * from contact_import_staged where import_id = :import_id order by row_number limit :most"
_HOLD_STAGED = text(_ONE_WRITER_EACH.format(rows=f"({_NEXT_STAGED}) few"))
# Under those locks nobody else writes these patients' contacts: what is looked up after is all there is to disagree.
_TAKE_STAGED = text(
    f"""
    with taken as (
        delete from contact_import_staged where import_id = :import_id and row_number in (
            select row_number from ({_NEXT_STAGED}) few)
        returning *)
    select * from taken order by patient_id, started_at, row_number
    """
)
_NEXT_STORED = "select id, patient_id from contact where import_id = :import_id order by id limit :most"
_HOLD_STORED = text(_ONE_WRITER_EACH.format(rows=f"({_NEXT_STORED}) few"))
_TAKE_BACK = text(
    f"delete from contact where import_id = :import_id and id in (select id from ({_NEXT_STORED}) few)"
    " returning patient_id"
)


class LeaseLost(Exception):
    """Another worker has taken the import over: this one must stop."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An import that this worker may work on until its lease runs out."""

    id: UUID
    state: str
    scope: tuple[UUID, ...]
    attempts: int
    uploaded_by: UUID
    uploaded_at: datetime


async def claim_import(session: AsyncSession, now: datetime) -> Claimed | None:
    """Return the oldest import that waits for a worker, under a lease; None while another is being worked on."""
    await session.execute(_ONE_CLAIM)
    row = (await session.execute(_CLAIM, {"now": now, "until": now + LEASE})).one_or_none()
    if row is None:
        return None
    return Claimed(row.id, row.state, tuple(row.scope), row.attempts, row.uploaded_by, row.uploaded_at)


async def start_over(session: AsyncSession, claimed: Claimed, *, now: datetime) -> None:
    """Forget what an earlier attempt at checking had found. Raises LeaseLost."""
    await _renew(session, claimed, now=now, rows_read=0, faults_total=0)
    for rows in (StagedContactRow, ContactImportFaultRow, ContactImportPersonRow):
        await session.execute(delete(rows).where(col(rows.import_id) == claimed.id))


async def file_of(session: AsyncSession, claimed: Claimed) -> bytes:
    """Return the file as it was received."""
    query = select(col(ContactImportChunkRow.content)).where(col(ContactImportChunkRow.import_id) == claimed.id)
    return b"".join((await session.execute(query.order_by(col(ContactImportChunkRow.number)))).scalars())


async def stage(
    session: AsyncSession, claimed: Claimed, found: Sequence[RowClaim | RowFault], *, now: datetime
) -> None:
    """Keep the rows that name a known person and organisation, and the faults of the others. Raises LeaseLost."""
    claims = [row for row in found if isinstance(row, RowClaim)]
    faults = [row for row in found if isinstance(row, RowFault)]
    people = await _people(session, claimed, claims)
    places = await organisations_by_ods_code(session, {claim.ods_code for claim in claims})
    known: list[tuple[RowClaim, UUID, UUID]] = []
    resolved = Counter[UUID]()
    for claim in claims:
        person, place = people.get(claim.nhs_number or claim.patient_id), places.get(claim.ods_code)
        faults += _faults_of(claim, person, place)
        resolved.update([person.patient_id] if person is not None else [])
        if person is not None and place is not None:
            known.append((claim, person.patient_id, place))
    if known:
        await session.execute(_STAGE, {"import_id": claimed.id, **_columns(known)})
    if resolved:
        counts = {"patient_id": list(resolved), "rows": list(resolved.values())}
        await session.execute(_RESOLVED, {"import_id": claimed.id, **counts})
    await _note(session, claimed, faults, now=now, rows_read=max((row.row_number for row in found), default=1) - 1)


async def conclude_check(session: AsyncSession, claimed: Claimed, *, now: datetime) -> str:
    """Return the state that follows: refused when anything is wrong with any row, else storing. Raises LeaseLost.

    Faults are told from here on, and tell who is registered: everybody whom the file found is audited with them.
    """
    together = [
        RowFault(row.row_number, row.field, FaultCode(row.code))
        for row in await session.execute(_FOUND_TOGETHER, {"import_id": claimed.id})
    ]
    faults = await _note(session, claimed, together, now=now)
    resolved = await session.execute(
        select(col(ContactImportPersonRow.patient_id), col(ContactImportPersonRow.rows)).where(
            col(ContactImportPersonRow.import_id) == claimed.id
        )
    )
    await _audit(session, claimed, "contact.check", {row.patient_id: row.rows for row in resolved}, now)
    if not faults:
        await _set(session, claimed.id, state="storing", rows_total=col(ContactImportRow.rows_read))
        return "storing"
    await refuse(session, claimed, now=now)
    return "refused"


async def refuse(session: AsyncSession, claimed: Claimed, *, now: datetime) -> None:
    """Refuse the file as a whole. Raises LeaseLost."""
    none = {"rows_stored": 0, "rows_duplicate": 0}
    await _renew(
        session, claimed, now=now, state="refused", finished_at=now, rows_total=col(ContactImportRow.rows_read), **none
    )
    await _forget_file(session, claimed.id)


async def refuse_unreadable(session: AsyncSession, claimed: Claimed, *, now: datetime) -> None:
    """Refuse a file at which workers failed again and again."""
    await start_over(session, claimed, now=now)
    await _note(session, claimed, [RowFault(1, None, FaultCode.could_not_be_read)], now=now)
    await refuse(session, claimed, now=now)


async def store_some(session: AsyncSession, claimed: Claimed, *, now: datetime) -> bool:
    """Return whether there may be more, after storing some of the rows. Raises LeaseLost.

    A row that disagrees with what was recorded since the check is a fault, and the others are stored to find them all.
    """
    some = {"import_id": claimed.id, "most": ROWS_STORED_AT_ONCE}
    await session.execute(_HOLD_STAGED, some)
    rows = (await session.execute(_TAKE_STAGED, some)).all()
    sender = Sender(claimed.uploaded_by, now, claimed.id)
    found = await store_once(session, [_told(row) for row in rows], sender)
    disagreeing = sorted(row.row_number for row, each in zip(rows, found, strict=True) if not each.agrees)
    inserted = [row.patient_id for row, each in zip(rows, found, strict=True) if each.is_new]
    await _note(
        session,
        claimed,
        [RowFault(number, "external_id", FaultCode.conflict) for number in disagreeing],
        now=now,
        rows_stored=col(ContactImportRow.rows_stored) + len(inserted),
        rows_duplicate=col(ContactImportRow.rows_duplicate) + (len(rows) - len(inserted) - len(disagreeing)),
    )
    await _audit(session, claimed, "contact.create", Counter(inserted), now)
    return len(rows) == ROWS_STORED_AT_ONCE


def _told(row: Any) -> Told:
    claim = ContactClaim(ContactKind(row.kind), row.started_at, row.organisation_id, row.source, row.external_id)
    return Told(row.patient_id, claim, row.offset_minutes)


async def give_up_storing(session: AsyncSession, claimed: Claimed, *, now: datetime) -> None:
    """Let a file be taken back at whose storing workers failed again and again. Raises LeaseLost."""
    if not await _note(session, claimed, [], now=now):
        await _note(session, claimed, [RowFault(1, None, FaultCode.could_not_be_read)], now=now)
    await session.execute(delete(StagedContactRow).where(col(StagedContactRow.import_id) == claimed.id))


async def finish_import(session: AsyncSession, claimed: Claimed, *, now: datetime) -> bool:
    """Return whether the whole file counts, from this commit on; False when it must be taken back. Raises LeaseLost."""
    if await _note(session, claimed, [], now=now):
        return False
    await _renew(session, claimed, now=now, state="stored", finished_at=now)
    await _forget_file(session, claimed.id)
    await append_event(session, "contacts.imported", subject_ids=[claimed.id])
    return True


async def take_back_some(session: AsyncSession, claimed: Claimed, *, now: datetime) -> bool:
    """Return whether there may be more, after taking back some of what never counted. Raises LeaseLost."""
    some = {"import_id": claimed.id, "most": ROWS_STORED_AT_ONCE}
    await session.execute(_HOLD_STORED, some)
    taken = list((await session.execute(_TAKE_BACK, some)).scalars())
    await _renew(session, claimed, now=now)
    await _audit(session, claimed, "contact.delete", Counter(taken), now)
    return len(taken) == ROWS_STORED_AT_ONCE


async def _audit(session: AsyncSession, claimed: Claimed, action: str, rows: Mapping[UUID, int], now: datetime) -> None:
    """Say in each patient's trail what the file's sender had done with their record, and in how many rows."""
    grants = tuple(Grant(Role.administrator, place) for place in claimed.scope)
    sender = Actor(claimed.uploaded_by, now, request_id="contact-import", grants=grants)
    ground = ground_of(sender, Encounter.contact_file)
    touched = [Touched(patient_id, ground, count) for patient_id, count in rows.items()]
    await record_audits(session, sender, action, touched, subject_id=claimed.id)


async def _people(
    session: AsyncSession, claimed: Claimed, claims: Sequence[RowClaim]
) -> dict[str | UUID | None, Registered]:
    """Return whom the claims name, by NHS number and by id, among those registered in the sender's tree."""
    found = await registered_patients(
        session,
        await organisations_below(session, claimed.scope),
        nhs_numbers={claim.nhs_number for claim in claims if claim.nhs_number is not None},
        patient_ids={claim.patient_id for claim in claims if claim.patient_id is not None},
    )
    return {**{p.nhs_number: p for p in found if p.nhs_number}, **{p.patient_id: p for p in found}}


def _faults_of(claim: RowClaim, person: Registered | None, place: UUID | None) -> list[RowFault]:
    faults = []
    # Neither birth nor death is asked about: dates could be tried until one told it. Such a contact counts nowhere.
    if person is None:
        column = "nhs_number" if claim.nhs_number else "patient_id"
        faults.append(RowFault(claim.row_number, column, FaultCode.unknown_person))
    if place is None:
        faults.append(RowFault(claim.row_number, "organisation_ods_code", FaultCode.unknown_organisation))
    return faults


async def _note(
    session: AsyncSession, claimed: Claimed, faults: Iterable[RowFault], *, now: datetime, **changes: Any
) -> int:
    """Return how many faults the file has by now. All are counted, the first are kept."""
    listed = list(faults)
    before: int = (
        await session.execute(select(col(ContactImportRow.faults_total)).where(col(ContactImportRow.id) == claimed.id))
    ).scalar_one()
    if kept := listed[: max(0, FAULTS_KEPT - before)]:
        values = [
            {"import_id": claimed.id, "row_number": f.row_number, "field": f.field, "code": f.code.value} for f in kept
        ]
        await (await session.connection()).execute(insert(ContactImportFaultRow), values)
    await _renew(session, claimed, now=now, faults_total=before + len(listed), **changes)
    return before + len(listed)


async def _renew(session: AsyncSession, claimed: Claimed, *, now: datetime, **changes: Any) -> None:
    """Record progress and prolong the lease. Raises LeaseLost when another worker has claimed the import since."""
    statement = (
        update(ContactImportRow)
        .where(col(ContactImportRow.id) == claimed.id, col(ContactImportRow.attempts) == claimed.attempts)
        .values(claimed_until=now + LEASE, **changes)
        .returning(col(ContactImportRow.id))
    )
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise LeaseLost


async def _set(session: AsyncSession, import_id: UUID, **changes: Any) -> None:
    await session.execute(update(ContactImportRow).where(col(ContactImportRow.id) == import_id).values(**changes))


async def _forget_file(session: AsyncSession, import_id: UUID) -> None:
    """Drop the file and its rows: they hold NHS numbers and have served."""
    for rows in (ContactImportChunkRow, StagedContactRow, ContactImportPersonRow):
        await session.execute(delete(rows).where(col(rows.import_id) == import_id))


def _columns(known: Sequence[tuple[RowClaim, UUID, UUID]]) -> dict[str, list[Any]]:
    """Return the rows to stage as one array a column: a statement a slice, not a statement a row."""
    claims = [claim for claim, _, _ in known]
    return {
        "row_number": [claim.row_number for claim in claims],
        "patient_id": [person for _, person, _ in known],
        "kind": [claim.kind.value for claim in claims],
        "started_at": [claim.started_at for claim in claims],
        "offset_minutes": [(claim.started_at.utcoffset() or timedelta(0)) // timedelta(minutes=1) for claim in claims],
        "organisation_id": [place for _, _, place in known],
        "source": [claim.source for claim in claims],
        "external_id": [claim.external_id for claim in claims],
    }
