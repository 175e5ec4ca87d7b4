"""Reading pathways, enrolments, deaths and imports. What is counted of them is in `cohort_queries.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.access.ground import Touched
from domain.accounts.queries import organisations_above, organisations_below
from domain.audit.commands import record_audits
from domain.errors import NotFound
from domain.outcomes.contact_import import FaultCode, RowFault
from domain.outcomes.tables import ContactImportFaultRow, ContactImportRow, EnrolmentRow, PathwayRow
from domain.people.queries import visible_patient_ids
from domain.people.reach_queries import grounds

# A clinician sees a practice's patients: far fewer than this. Beyond it a list would lack some, so it is generous.
VISIBLE_AT_MOST = 100_000
FAULTS_SHOWN = 200

OWNERS = (Role.commissioner, Role.administrator)

_ENROLMENTS = text(
    """
    select id, pathway_id, patient_id, enrolled_on, known_from, ended_on, end_reason from enrolment
    where pathway_id = :pathway_id and patient_id = any(cast(:visible as uuid[])) and id > :after
    order by id limit :limit
    """
)


@dataclass(frozen=True, slots=True)
class Pathway:
    """A clinical design, and the body that reads its outcomes."""

    id: UUID
    commissioner_id: UUID
    code: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A person's time on a pathway."""

    id: UUID
    pathway_id: UUID
    patient_id: UUID
    enrolled_on: date
    known_from: date
    ended_on: date | None
    end_reason: str | None


class ImportState(StrEnum):
    """Where an import stands; only the contacts of a stored one count."""

    receiving = "receiving"
    received = "received"
    checking = "checking"
    storing = "storing"
    stored = "stored"
    refused = "refused"


@dataclass(frozen=True, slots=True)
class ContactImport:
    """How an import stands, and the first of what is wrong with its file."""

    id: UUID
    state: ImportState
    uploaded_at: datetime
    finished_at: datetime | None
    bytes_received: int
    rows_read: int
    rows_total: int
    rows_stored: int
    rows_duplicate: int
    faults_total: int
    faults: tuple[RowFault, ...]


async def visible_pathways(
    session: AsyncSession, actor: Actor, *, after: UUID | None = None, limit: int, only: UUID | None = None
) -> list[Pathway]:
    """Return up to `limit` pathways, by id, that the actor may know of.

    Those owned within the tree of which they are commissioner or administrator, and those owned above where they are
    a clinician.
    """
    owners = await organisations_below(session, actor.organisations_as(*OWNERS))
    owners |= await organisations_above(session, actor.organisations_as(Role.clinician))
    query = select(PathwayRow).where(col(PathwayRow.commissioner_id).in_(owners)).order_by(col(PathwayRow.id))
    if after is not None:
        query = query.where(col(PathwayRow.id) > after)
    if only is not None:
        query = query.where(col(PathwayRow.id) == only)
    return [_pathway(row) for row in (await session.execute(query.limit(limit))).scalars()]


async def visible_pathway(session: AsyncSession, actor: Actor, pathway_id: UUID) -> Pathway:
    """Return the pathway if the actor may know of it; raise NotFound in every other case."""
    found = await visible_pathways(session, actor, limit=1, only=pathway_id)
    if not found:
        raise NotFound
    return found[0]


async def commissioned_pathway(session: AsyncSession, actor: Actor, pathway_id: UUID) -> Pathway:
    """Return the pathway if it is owned within the tree of which the actor is commissioner; raise NotFound."""
    row = await session.get(PathwayRow, pathway_id)
    tree = await organisations_below(session, actor.organisations_as(Role.commissioner))
    if row is None or row.commissioner_id not in tree:
        raise NotFound
    return _pathway(row)


async def enrolments(
    session: AsyncSession, actor: Actor, pathway_id: UUID, *, after: UUID | None, limit: int
) -> list[Enrolment]:
    """Return the enrolments, by id, of those patients whom this clinician may see: `limit`, and one beyond if any.

    The reading of each of the `limit` is audited. Raises NotFound, and NotPermitted for who may know of the pathway
    but not of persons.
    """
    await visible_pathway(session, actor, pathway_id)
    require_role(actor, Role.clinician)
    visible = await visible_patient_ids(session, actor, VISIBLE_AT_MOST)
    asked = {"pathway_id": pathway_id, "visible": visible, "after": after or UUID(int=0), "limit": limit + 1}
    found = [Enrolment(**row) for row in (await session.execute(_ENROLMENTS, asked)).mappings()]
    shown = [each.patient_id for each in found[:limit]]
    standing = await grounds(session, actor, shown)
    if not standing.keys() >= set(shown):
        raise NotFound  # a relation ended between the two statements: asked again, the list is without that person
    touched = [Touched(each, standing[each]) for each in shown]
    await record_audits(session, actor, "enrolment.list", touched, subject_id=pathway_id)
    return found


async def contact_import(session: AsyncSession, actor: Actor, import_id: UUID) -> ContactImport:
    """Return an import sent from within the tree that the actor administers; raise NotFound in every other case.

    What is wrong with its file is told once it is checked, when everybody whom it found has been audited.
    """
    row = await session.get(ContactImportRow, import_id)
    if row is None or not set(row.scope) <= await organisations_below(
        session, actor.organisations_as(Role.administrator)
    ):
        raise NotFound
    faults = await session.execute(
        select(ContactImportFaultRow)
        .where(col(ContactImportFaultRow.import_id) == import_id)
        .order_by(col(ContactImportFaultRow.row_number), col(ContactImportFaultRow.id))
        .limit(FAULTS_SHOWN)
    )
    is_checked = row.finished_at is not None or row.state == ImportState.storing
    return ContactImport(
        id=row.id,
        state=ImportState(row.state),
        uploaded_at=row.uploaded_at,
        finished_at=row.finished_at,
        bytes_received=row.bytes_received,
        rows_read=row.rows_read,
        rows_total=row.rows_total,
        rows_stored=row.rows_stored,
        rows_duplicate=row.rows_duplicate,
        faults_total=row.faults_total if is_checked else 0,
        faults=tuple(RowFault(f.row_number, f.field, FaultCode(f.code)) for f in faults.scalars() if is_checked),
    )


async def database_now(session: AsyncSession) -> datetime:
    """Return the instant by the database's clock: the one by which enrolments and cohorts are put in order."""
    now: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return now


async def death_of(session: AsyncSession, patient_id: UUID) -> date | None:
    """Return the day on which the person died, if that is recorded on any pathway: the earliest that was said."""
    query = select(func.min(col(EnrolmentRow.ended_on))).where(
        col(EnrolmentRow.patient_id) == patient_id, col(EnrolmentRow.end_reason) == "died"
    )
    return await session.scalar(query)


def _pathway(row: PathwayRow) -> Pathway:
    return Pathway(row.id, row.commissioner_id, row.code, row.name, row.description)
