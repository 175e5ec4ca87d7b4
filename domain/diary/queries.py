"""Reading diaries back. What is read is audited here, one row a request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis
from domain.audit.commands import record_audit
from domain.diary.entry import Entry, Noticed, Withdrawn
from domain.diary.tables import DiaryEntryRow, DiarySymptomRow
from domain.errors import Fault, Invalid, NotFound
from domain.people.permission import Action
from domain.people.queries import permitted_patient


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries: of a span (from, not including until), with those entered in error if `history`."""

    from_at: datetime | None = None
    until: datetime | None = None
    history: bool = False


async def entries_read(
    session: AsyncSession,
    actor: Actor,
    patient_id: UUID,
    sought: Sought,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Entry]:
    """Return a page of a patient's diary, what was noticed last first: one more than the limit if any.

    Raises NotFound, NotPermitted, and Invalid for a span that ends before it begins.
    """
    _require_order(sought)
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    query = (
        select(DiaryEntryRow)
        .where(col(DiaryEntryRow.patient_id) == patient_id)
        .order_by(col(DiaryEntryRow.effective_at).desc(), col(DiaryEntryRow.id).desc())
        .limit(limit + 1)
    )
    if sought.from_at is not None:
        query = query.where(col(DiaryEntryRow.effective_at) >= sought.from_at)
    if sought.until is not None:
        query = query.where(col(DiaryEntryRow.effective_at) < sought.until)
    if not sought.history:
        query = query.where(col(DiaryEntryRow.retracted_at).is_(None))
    if before is not None:
        query = query.where(tuple_(col(DiaryEntryRow.effective_at), col(DiaryEntryRow.id)) < tuple_(*before))
    found = await _assembled(session, list((await session.execute(query)).scalars()))
    await record_audit(session, actor, "diary.list", patient, count=min(limit, len(found)))
    return found


def _require_order(sought: Sought) -> None:
    if sought.from_at is not None and sought.until is not None and sought.from_at >= sought.until:
        fault = Fault("query/until", "ends_before_it_begins", "The span must end after it begins.")
        raise Invalid("The query is not acceptable as written.", [fault])


async def entry_read(session: AsyncSession, actor: Actor, patient_id: UUID, entry_id: UUID) -> Entry:
    """Return one entry, entered in error or not. Raises NotFound, NotPermitted."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    found = await entry_of(session, patient_id, entry_id)
    await record_audit(session, actor, "diary.read", patient, subject_id=entry_id)
    return found


async def entry_of(session: AsyncSession, patient_id: UUID, entry_id: UUID) -> Entry:
    """Return one entry, for callers who have authorised and audited already. Raises NotFound."""
    query = select(DiaryEntryRow).where(col(DiaryEntryRow.id) == entry_id, col(DiaryEntryRow.patient_id) == patient_id)
    query = query.execution_options(populate_existing=True)
    found = await _assembled(session, list((await session.execute(query)).scalars()))
    if not found:
        raise NotFound
    return found[0]


async def entries_by_ids(session: AsyncSession, patient_id: UUID, ids: Sequence[UUID]) -> list[Entry]:
    """Return those of these entries that are this patient's, in error or not, for callers who have authorised."""
    query = select(DiaryEntryRow).where(col(DiaryEntryRow.id).in_(ids), col(DiaryEntryRow.patient_id) == patient_id)
    return await _assembled(session, list((await session.execute(query.order_by(col(DiaryEntryRow.id)))).scalars()))


async def entry_by_client_id(session: AsyncSession, patient_id: UUID, client_id: str | None) -> Entry:
    """Return the entry that was recorded under a sender's own name for it, for callers who know that there is one."""
    query = select(DiaryEntryRow).where(
        col(DiaryEntryRow.patient_id) == patient_id, col(DiaryEntryRow.client_id) == client_id
    )
    (found,) = await _assembled(session, [(await session.execute(query)).scalar_one()])
    return found


async def entry_called(session: AsyncSession, patient_id: UUID, client_id: str) -> UUID | None:
    """Return the id of what was recorded under a sender's own name for it, for callers who authorise what they do."""
    query = select(col(DiaryEntryRow.id)).where(
        col(DiaryEntryRow.patient_id) == patient_id, col(DiaryEntryRow.client_id) == client_id
    )
    found: UUID | None = (await session.execute(query)).scalar_one_or_none()
    return found


async def _assembled(session: AsyncSession, rows: Sequence[DiaryEntryRow]) -> list[Entry]:
    noticed: dict[UUID, list[Noticed]] = defaultdict(list)
    if rows:
        named = select(DiarySymptomRow).where(col(DiarySymptomRow.entry_id).in_([row.id for row in rows]))
        for each in (await session.execute(named.order_by(col(DiarySymptomRow.symptom)))).scalars():
            noticed[each.entry_id].append(Noticed(each.symptom, each.level))
    return [_entry(row, noticed[row.id]) for row in rows]


def _entry(row: DiaryEntryRow, noticed: Sequence[Noticed]) -> Entry:
    at, by, reason = row.retracted_at, row.retracted_by, row.retraction_reason
    return Entry(
        id=row.id,
        patient_id=row.patient_id,
        client_id=row.client_id,
        effective_at=row.effective_at.astimezone(timezone(timedelta(minutes=row.effective_offset_minutes))),
        note=row.note,
        symptoms=tuple(noticed),
        recorded_by=row.recorded_by,
        recorded_as=Basis(row.recorded_as),
        recorded_at=row.recorded_at,
        withdrawn=None if at is None or by is None or reason is None else Withdrawn(at, by, reason),
    )
