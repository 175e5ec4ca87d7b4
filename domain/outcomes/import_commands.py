"""The steps of importing a file of contacts, each small enough for a short transaction of its own.

receiving → received → checking → refused, or → storing → stored. Nothing of a file counts before it is stored: queries
pass over contacts whose import is not. A long transaction would hold back the live feed, so there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.accounts.queries import organisations_below, organisations_by_ods_code
from domain.audit.commands import record_audit
from domain.errors import Fault, Invalid, TooManyAttempts
from domain.events.commands import append_event
from domain.ids import new_id
from domain.outcomes.contact_import import EXPLANATIONS, MAX_BYTES, FaultCode, RowClaim, RowFault
from domain.outcomes.tables import (
    ContactImportChunkRow,
    ContactImportFaultRow,
    ContactImportRow,
    StagedContactRow,
)
from domain.people.queries import Registered, registered_patients

UNDER_WAY_AT_MOST = 5
RETRY_AFTER_SECONDS = 60
LEASE = timedelta(minutes=1)
UPLOAD_GIVEN_UP_AFTER = timedelta(hours=1)
ATTEMPTS_AT_MOST = 5
FAULTS_KEPT = 1_000
ROWS_STORED_AT_ONCE = 1_000

_UNDER_WAY = ("receiving", "received", "checking", "storing")
_KEPT = ("received", "checking", "storing", "stored")

_CLAIM = text(
    """
    update contact_import set
        state = case state when 'received' then 'checking' else state end,
        attempts = attempts + 1, claimed_until = :until
    where id = (
        select id from contact_import
        where state in ('received', 'checking', 'storing') and (claimed_until is null or claimed_until < :now)
        order by uploaded_at, id limit 1 for update skip locked)
    returning id, state, scope, attempts, uploaded_by, uploaded_at
    """
)
# What only the whole file shows: the same contact twice, one external_id for two contacts, and what is recorded.
_FOUND_TOGETHER = text(
    """
    with row as (
        select s.*,
            row_number() over (partition by patient_id, kind, started_at, organisation_id order by row_number) as nth,
            case when external_id is null then 1 else
                row_number() over (partition by patient_id, source, external_id order by row_number) end as nth_of_id
        from contact_import_staged s where import_id = :import_id)
    select row_number, null as field, 'duplicate_row' as code from row where nth > 1
    union all
    select row_number, 'external_id', 'repeated_external_id' from row where nth = 1 and nth_of_id > 1
    union all
    select r.row_number, 'external_id', 'conflict' from row r
    join contact c on c.patient_id = r.patient_id and c.source = r.source and c.external_id = r.external_id
    where (c.kind, c.started_at, c.organisation_id) <> (r.kind, r.started_at, r.organisation_id)
    order by 1
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
_STORE = text(
    """
    with moved as (
        delete from contact_import_staged where import_id = :import_id and row_number in (
            select row_number from contact_import_staged where import_id = :import_id order by row_number limit :most)
        returning *
    ), numbered as (
        select *, row_number() over (order by patient_id, started_at, row_number) as place from moved
    ), inserted as (
        insert into contact (id, patient_id, kind, started_at, offset_minutes, started_on, organisation_id, source,
            external_id, recorded_at, recorded_by, import_id)
        select i.id, n.patient_id, n.kind, n.started_at, n.offset_minutes,
            cast((n.started_at at time zone 'UTC') + make_interval(mins => n.offset_minutes) as date),
            n.organisation_id, n.source, n.external_id, :recorded_at, :recorded_by, :import_id
        from numbered n join unnest(cast(:ids as uuid[])) with ordinality as i(id, place) on i.place = n.place
        order by n.place
        on conflict do nothing
        returning 1)
    select (select count(*) from moved) as moved, (select count(*) from inserted) as inserted
    """
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


async def begin_import(session: AsyncSession, actor: Actor) -> UUID:
    """Return the id of an import about to receive its file. Raises NotPermitted, and TooManyAttempts."""
    require_role(actor, Role.administrator)
    scope = sorted(actor.organisations_as(Role.administrator))
    under_way = await session.scalar(
        select(func.count())
        .select_from(ContactImportRow)
        .where(col(ContactImportRow.scope) == scope, col(ContactImportRow.state).in_(_UNDER_WAY))
    )
    if (under_way or 0) >= UNDER_WAY_AT_MOST:
        raise TooManyAttempts("Several files are being imported already. Wait for one to finish.", RETRY_AFTER_SECONDS)
    row = ContactImportRow(state="receiving", scope=scope, uploaded_by=actor.account_id, uploaded_at=actor.at)
    session.add(row)
    await session.flush()
    return row.id


async def keep_chunk(session: AsyncSession, import_id: UUID, number: int, content: bytes) -> None:
    """Keep a piece of the file."""
    session.add(ContactImportChunkRow(import_id=import_id, number=number, content=content))
    await session.flush()


async def finish_upload(
    session: AsyncSession, actor: Actor, import_id: UUID, *, sha256: bytes, size: int, rows: int
) -> UUID:
    """Return the id of the import of this file: the one sent now, or the earlier one of the very same bytes.

    A file that was refused may be sent again: what was missing may be there now. Raises Invalid for an empty file.
    """
    if not size:
        raise Invalid("The file is empty.", [Fault("body", "empty_file", EXPLANATIONS[FaultCode.empty_file][1])])
    scope = sorted(actor.organisations_as(Role.administrator))
    await session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(sha256[:8], signed=True))))
    same = (
        col(ContactImportRow.sha256) == sha256,
        col(ContactImportRow.scope) == scope,
        col(ContactImportRow.state).in_(_KEPT),
    )
    earlier: UUID | None = await session.scalar(select(col(ContactImportRow.id)).where(*same))
    if earlier is not None:
        await _forget(session, import_id)
    else:
        received = {"state": "received", "sha256": sha256, "bytes_received": size, "rows_total": rows}
        await _set(session, import_id, **received)
    await record_audit(session, actor, "contact_import.create", subject_id=earlier or import_id)
    return earlier or import_id


async def give_up_uploads(session: AsyncSession, now: datetime) -> None:
    """Forget files that stopped arriving: their sender has gone."""
    stale = (
        col(ContactImportRow.state) == "receiving",
        col(ContactImportRow.uploaded_at) < now - UPLOAD_GIVEN_UP_AFTER,
    )
    await session.execute(delete(ContactImportRow).where(*stale))


async def claim_import(session: AsyncSession, now: datetime) -> Claimed | None:
    """Return the oldest import that waits for a worker, under a lease, or None."""
    row = (await session.execute(_CLAIM, {"now": now, "until": now + LEASE})).one_or_none()
    if row is None:
        return None
    return Claimed(row.id, row.state, tuple(row.scope), row.attempts, row.uploaded_by, row.uploaded_at)


async def start_over(session: AsyncSession, claimed: Claimed, *, now: datetime) -> None:
    """Forget what an earlier attempt at checking had found. Raises LeaseLost."""
    await _renew(session, claimed, now=now, rows_read=0, faults_total=0)
    for rows in (StagedContactRow, ContactImportFaultRow):
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
    for claim in claims:
        person, place = people.get(claim.nhs_number or claim.patient_id), places.get(claim.ods_code)
        faults += _faults_of(claim, person, place)
        if person is not None and place is not None:
            known.append((claim, person.patient_id, place))
    if known:
        await session.execute(_STAGE, {"import_id": claimed.id, **_columns(known)})
    await _note(session, claimed, faults, now=now, rows_read=max((row.row_number for row in found), default=1) - 1)


async def conclude_check(session: AsyncSession, claimed: Claimed, *, now: datetime) -> str:
    """Return the state that follows: refused when anything is wrong with any row, else storing. Raises LeaseLost."""
    together = [
        RowFault(row.row_number, row.field, FaultCode(row.code))
        for row in await session.execute(_FOUND_TOGETHER, {"import_id": claimed.id})
    ]
    faults = await _note(session, claimed, together, now=now)
    if not faults:
        await _set(session, claimed.id, state="storing", rows_total=col(ContactImportRow.rows_read))
        return "storing"
    await refuse(session, claimed, now=now)
    return "refused"


async def refuse(session: AsyncSession, claimed: Claimed, *, now: datetime) -> None:
    """Refuse the file as a whole."""
    await _set(session, claimed.id, state="refused", finished_at=now, rows_total=col(ContactImportRow.rows_read))
    await _forget_file(session, claimed.id)


async def refuse_unreadable(session: AsyncSession, claimed: Claimed, *, now: datetime) -> None:
    """Refuse a file at which workers failed again and again."""
    await start_over(session, claimed, now=now)
    await _note(session, claimed, [RowFault(1, None, FaultCode.could_not_be_read)], now=now)
    await refuse(session, claimed, now=now)


async def store_some(session: AsyncSession, claimed: Claimed, *, now: datetime) -> bool:
    """Return whether there may be more, after storing some of the rows. Raises LeaseLost."""
    ids = [new_id() for _ in range(ROWS_STORED_AT_ONCE)]
    asked = {"import_id": claimed.id, "most": ROWS_STORED_AT_ONCE, "ids": ids}
    by = {"recorded_at": now, "recorded_by": claimed.uploaded_by}
    done = (await session.execute(_STORE, {**asked, **by})).one()
    await _renew(
        session,
        claimed,
        now=now,
        rows_stored=col(ContactImportRow.rows_stored) + done.inserted,
        rows_duplicate=col(ContactImportRow.rows_duplicate) + (done.moved - done.inserted),
    )
    return bool(done.moved == ROWS_STORED_AT_ONCE)


async def finish_import(session: AsyncSession, claimed: Claimed, *, now: datetime) -> None:
    """Make the whole file count, from this commit on."""
    await _renew(session, claimed, now=now, state="stored", finished_at=now)
    await _forget_file(session, claimed.id)
    await append_event(session, "contacts.imported", subject_ids=[claimed.id])


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
    if person is None:
        column = "nhs_number" if claim.nhs_number else "patient_id"
        faults.append(RowFault(claim.row_number, column, FaultCode.unknown_person))
    elif claim.started_at.date() < person.born_on:
        faults.append(RowFault(claim.row_number, "started_at", FaultCode.before_birth))
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


async def _forget(session: AsyncSession, import_id: UUID) -> None:
    await session.execute(delete(ContactImportRow).where(col(ContactImportRow.id) == import_id))


async def _forget_file(session: AsyncSession, import_id: UUID) -> None:
    """Drop the file and its rows: they hold NHS numbers and have served."""
    for rows in (ContactImportChunkRow, StagedContactRow):
        await session.execute(delete(rows).where(col(rows.import_id) == import_id))


def too_large() -> Invalid:
    """Return the refusal of a file beyond the limit."""
    limit = MAX_BYTES // (1024 * 1024)
    return Invalid("The file is too large.", [Fault("body", "too_large", f"Split it into files of up to {limit} MB.")])


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
