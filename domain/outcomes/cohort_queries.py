"""Counting a cohort's people, person-days and contacts, and how many people tell two cohorts apart.

Counting hands back `Unreleased`: exact numbers leave this module only inside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.outcomes.definitions import BASELINES_DAYS, MEASURES, ContactKind
from domain.outcomes.disclosure import Exact, Places, Unreleased, cell
from domain.people.consent_queries import NOT_TO_BE_COUNTED

# Cohorts, each as it was known at an instant: what was recorded or ended later is not yet so. Death is a fact of the
# person: recorded on one pathway it ends their days on every other. `least` passes over what is null. Of two
# enrolments on one day the one that ended sooner is the first: otherwise the home counted would be left to chance.
# `person` are those with days in both windows: who has none before (or none since) is compared with nobody, and would
# only make a handful look like many. Who had said no to being counted, at the cohort's instant, is not of it.
_COHORTS = f"""
    wanted as (
        select * from unnest(cast(:pathways as uuid[]), cast(:instants as timestamptz[])) with ordinality
            as w(pathway_id, cohort_at, place)
    ), enrolled as (
        select place, e.patient_id, care_home_id, enrolled_on, known_from,
            greatest(enrolled_on, least(case when end_recorded_at <= cohort_at then ended_on end, died_on, :cut_off))
                as until_on,
            row_number() over (partition by place, e.patient_id order by enrolled_on, known_from,
                case when end_recorded_at <= cohort_at then ended_on end nulls last, recorded_at, e.id) as nth
        from wanted w join counted_enrolment e on e.pathway_id = w.pathway_id cross join lateral (
            select min(d.ended_on) as died_on from counted_enrolment d
            where d.patient_id = e.patient_id and d.end_reason = 'died' and d.end_recorded_at <= cohort_at) death
        where enrolled_on < :cut_off and recorded_at <= cohort_at and not exists (
            select from ({NOT_TO_BE_COUNTED}) said_no where said_no.patient_id = e.patient_id
                and said_no.decided_at <= cohort_at and (said_no.ended_at is null or said_no.ended_at > cohort_at))
    ), person as (
        select place, patient_id,
            array_agg(array[enrolled_on, until_on, case nth when 1 then known_from end] order by nth) as days
        from enrolled group by place, patient_id
        having sum(until_on - enrolled_on) > 0 and bool_or(nth = 1 and known_from < enrolled_on)
    )
"""
# One statement: the people, their days and their contacts in each window. `baseline` is null in the window since.
# A contact of an import that is still being stored does not count yet: a file counts whole or not at all.
_COUNTS = text(
    f"""
    with {_COHORTS}, cohort as (
        select * from enrolled where patient_id in (select patient_id from person)
    ), span as (
        select patient_id, null::int as baseline, enrolled_on as from_on, until_on from cohort
        union all
        select patient_id, b.days, greatest(enrolled_on - b.days, known_from), enrolled_on
        from cohort cross join unnest(cast(:baselines as int[])) as b(days) where nth = 1)
    select 'enrolled' as what, null::int as baseline, null as kind, count(distinct patient_id) as number from enrolled
    union all select 'people', null, null, count(*) from person
    union all select 'homes before', null, null, count(distinct care_home_id) filter (where nth = 1) from cohort
    union all select 'outside before', null, null, count(*) filter (where nth = 1 and care_home_id is null) from cohort
    union all select 'homes since', null, null, count(distinct care_home_id) from cohort where until_on > enrolled_on
    union all
    select 'outside since', null, null, count(distinct patient_id) from cohort
    where until_on > enrolled_on and care_home_id is null
    union all select 'days', baseline, null, sum(until_on - from_on) from span group by baseline
    union all
    select 'contacts', s.baseline, c.kind, count(*)
    from span s
    join counted_contact c on c.patient_id = s.patient_id and c.started_on >= s.from_on and c.started_on < s.until_on
    where not exists (select from contact_import i where i.id = c.import_id and i.state <> 'stored')
    group by s.baseline, c.kind
    """
)
# Who is in one cohort alone, and who is in both for other days: a window shifted by a day tells of that day.
_DIFFERING = text(
    f"""
    with {_COHORTS}, mine as (select * from person where place = 1)
    select (
        select count(*) from mine full join (select * from person p where p.place = w.place) theirs using (patient_id)
        where mine.days is distinct from theirs.days) as people
    from wanted w where place > 1 order by place
    """
)


@dataclass(frozen=True, slots=True)
class Cohort:
    """The people of a pathway as they were known at an instant."""

    pathway_id: UUID
    at: datetime


async def people_differing(
    session: AsyncSession, one: Cohort, others: Sequence[Cohort], *, cut_off: date
) -> dict[Cohort, int]:
    """Return for each of the other cohorts how many people, or people's days, are in only one of the two."""
    if not others:
        return {}
    rows = await session.execute(_DIFFERING, {**_asked([one, *others]), "cut_off": cut_off})
    return dict(zip(others, rows.scalars(), strict=True))


async def unreleased_outcomes(session: AsyncSession, cohort: Cohort, *, cut_off: date) -> Unreleased:
    """Return the counts of a cohort against every baseline."""
    asked = {**_asked([cohort]), "cut_off": cut_off, "baselines": list(BASELINES_DAYS)}
    rows = (await session.execute(_COUNTS, asked)).all()
    single = {row.what: int(row.number) for row in rows if row.what not in {"days", "contacts"}}
    days = {row.baseline: int(row.number) for row in rows if row.what == "days"}
    contacts = {(row.baseline, row.kind): int(row.number) for row in rows if row.what == "contacts"}
    return Unreleased(
        Exact(
            enrolled=single["enrolled"],
            people=single["people"],
            lived_before=Places(single["homes before"], single["outside before"]),
            lived_since=Places(single["homes since"], single["outside since"]),
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


def _asked(cohorts: Sequence[Cohort]) -> dict[str, object]:
    return {"pathways": [cohort.pathway_id for cohort in cohorts], "instants": [cohort.at for cohort in cohorts]}


def _sum(contacts: dict[tuple[int | None, str], int], baseline: int | None, kinds: Iterable[ContactKind]) -> int:
    return sum(contacts.get((baseline, kind), 0) for kind in kinds)
