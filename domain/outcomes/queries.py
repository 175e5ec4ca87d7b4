"""Reading pathways, enrolments and imports, and counting a cohort's contacts and person-days.

Counting hands back `Unreleased`: exact numbers leave this module only inside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.accounts.queries import organisations_above, organisations_below
from domain.audit.commands import record_audits
from domain.errors import NotFound
from domain.outcomes.contact_import import FaultCode, RowFault
from domain.outcomes.definitions import BASELINES_DAYS, MEASURES, ContactKind
from domain.outcomes.disclosure import Exact, Unreleased, cell
from domain.outcomes.tables import ContactImportFaultRow, ContactImportRow, EnrolmentRow, PathwayRow
from domain.people.queries import visible_patient_ids

# A clinician sees a practice's patients: far fewer than this. Beyond it a list would lack some, so it is generous.
VISIBLE_AT_MOST = 100_000
FAULTS_SHOWN = 200

OWNERS = (Role.commissioner, Role.administrator)

# The cohort as it was known at an instant: what was recorded or ended later is not yet so. Death is a fact of the
# person: recorded on one pathway it ends their days on every other. `least` passes over what is null.
_COHORT = """
    select e.patient_id, care_home_id, enrolled_on, known_from,
        greatest(enrolled_on, least(case when end_recorded_at <= :cohort_at then ended_on end, died_on, :cut_off))
            as until_on,
        row_number() over (partition by e.patient_id order by enrolled_on, known_from) as nth
    from enrolment e cross join lateral (
        select min(d.ended_on) as died_on from enrolment d
        where d.patient_id = e.patient_id and d.end_reason = 'died' and d.end_recorded_at <= :cohort_at) death
    where pathway_id = :pathway_id and enrolled_on < :cut_off and recorded_at <= :cohort_at
"""

# One statement: the people, their days and their contacts in each window. `baseline` is null in the window since.
# A contact of an import that is still being stored does not count yet: a file counts whole or not at all.
_COUNTS = text(
    f"""
    with cohort as ({_COHORT}), span as (
        select patient_id, null::int as baseline, enrolled_on as from_on, until_on from cohort
        union all
        select patient_id, b.days, least(greatest(enrolled_on - b.days, known_from), enrolled_on), enrolled_on
        from cohort cross join unnest(cast(:baselines as int[])) as b(days) where nth = 1)
    select 'people' as what, null::int as baseline, null as kind, count(distinct patient_id) as number from cohort
    union all select 'homes', null, null, count(distinct care_home_id) from cohort
    union all select 'outside', null, null, count(distinct patient_id) filter (where care_home_id is null) from cohort
    union all select 'days', baseline, null, sum(until_on - from_on) from span group by baseline
    union all
    select 'contacts', s.baseline, c.kind, count(*)
    from span s
    join contact c on c.patient_id = s.patient_id and c.started_on >= s.from_on and c.started_on < s.until_on
    where not exists (select from contact_import i where i.id = c.import_id and i.state <> 'stored')
    group by s.baseline, c.kind
    """
)
_ENROLMENTS = text(
    """
    select id, pathway_id, patient_id, enrolled_on, known_from, ended_on, end_reason from enrolment
    where pathway_id = :pathway_id and patient_id = any(cast(:visible as uuid[])) and id > :after
    order by id limit :limit
    """
)
_CHANGED = text(
    """
    select count(distinct patient_id) from enrolment
    where pathway_id = :pathway_id and enrolled_on < :cut_off
        and (recorded_at > :cohort_at or end_recorded_at > :cohort_at)
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
    await record_audits(session, actor, "enrolment.list", shown, subject_id=pathway_id)
    return found


async def contact_import(session: AsyncSession, actor: Actor, import_id: UUID) -> ContactImport:
    """Return an import sent from within the tree that the actor administers; raise NotFound in every other case."""
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
        faults_total=row.faults_total,
        faults=tuple(RowFault(f.row_number, f.field, FaultCode(f.code)) for f in faults.scalars()),
    )


async def death_of(session: AsyncSession, patient_id: UUID) -> date | None:
    """Return the day on which the person died, if that is recorded on any pathway: the earliest that was said."""
    query = select(func.min(col(EnrolmentRow.ended_on))).where(
        col(EnrolmentRow.patient_id) == patient_id, col(EnrolmentRow.end_reason) == "died"
    )
    return await session.scalar(query)


async def people_changed(session: AsyncSession, pathway_id: UUID, *, cut_off: date, cohort_at: datetime) -> int:
    """Return how many people joined, or had an end recorded, since the cohort was counted."""
    asked = {"pathway_id": pathway_id, "cut_off": cut_off, "cohort_at": cohort_at}
    changed: int = (await session.execute(_CHANGED, asked)).scalar_one()
    return changed


async def unreleased_outcomes(
    session: AsyncSession, pathway_id: UUID, *, cut_off: date, cohort_at: datetime
) -> Unreleased:
    """Return the counts of a pathway's cohort, as known at an instant, against every baseline."""
    asked = {"pathway_id": pathway_id, "cut_off": cut_off, "cohort_at": cohort_at, "baselines": list(BASELINES_DAYS)}
    rows = (await session.execute(_COUNTS, asked)).all()
    single = {row.what: int(row.number) for row in rows if row.what in {"people", "homes", "outside"}}
    days = {row.baseline: int(row.number) for row in rows if row.what == "days"}
    contacts = {(row.baseline, row.kind): int(row.number) for row in rows if row.what == "contacts"}
    return Unreleased(
        Exact(
            people=single["people"],
            homes=single["homes"],
            people_outside_homes=single["outside"],
            days_since=days.get(None, 0),
            days_before={baseline: days.get(baseline, 0) for baseline in BASELINES_DAYS},
            contacts_since=_sum(contacts, None, ContactKind),
            contacts_before={baseline: _sum(contacts, baseline, ContactKind) for baseline in BASELINES_DAYS},
            events={
                cell(measure.key, baseline): _sum(contacts, baseline, measure.kinds)
                for measure in MEASURES.values()
                for baseline in (None, *BASELINES_DAYS)
            },
        )
    )


def _sum(contacts: dict[tuple[int | None, str], int], baseline: int | None, kinds: Iterable[ContactKind]) -> int:
    return sum(contacts.get((baseline, kind), 0) for kind in kinds)


def _pathway(row: PathwayRow) -> Pathway:
    return Pathway(row.id, row.commissioner_id, row.code, row.name, row.description)
