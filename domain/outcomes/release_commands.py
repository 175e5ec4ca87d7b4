"""Reading a pathway's released outcomes: what may move within a month, and what is held.

It writes: what a figure rests on is kept, so that a few late records, or a few people more, cannot be told apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.queries import organisations_above, organisations_below
from domain.audit.commands import record_audit
from domain.clock import london_date
from domain.outcomes.cohort_queries import Cohort, people_differing, unreleased_outcomes
from domain.outcomes.definitions import MEASURES, MeasureKey
from domain.outcomes.disclosure import (
    Released,
    Shown,
    Standing,
    is_told_apart,
    recalled,
    record_of,
    release,
    settled,
)
from domain.outcomes.person_time import data_cut_off, next_cut_off
from domain.outcomes.queries import Pathway, commissioned_pathway, database_now
from domain.outcomes.tables import OutcomeReleaseRow, PathwayRow

# Releases are made one after another: two pathways shown at the same moment could not otherwise be held apart.
_ONE_RELEASE = text("select pg_advisory_xact_lock(hashtextextended('outcome release', 0))")

Standings = Mapping[MeasureKey, Standing]


@dataclass(frozen=True, slots=True)
class OutcomeReport:
    """A pathway's outcomes as they may be shown, with the windows they are about."""

    pathway: Pathway
    cut_off: date
    next_cut_off: date
    baseline_days: int
    results: tuple[Released, ...]


async def read_outcomes(
    session: AsyncSession, actor: Actor, pathway_id: UUID, *, measures: Sequence[MeasureKey], baseline_days: int
) -> OutcomeReport:
    """Return a pathway's outcomes for its commissioner, after disclosure control. Raises NotFound for everyone else."""
    pathway = await commissioned_pathway(session, actor, pathway_id)
    today = london_date(actor.at)
    cut_off = data_cut_off(today)
    standings = await _standings(session, pathway, cut_off=cut_off, today=today)
    results = tuple(release(standings[key], key, baseline_days=baseline_days) for key in measures)
    await record_audit(session, actor, "outcome.read", subject_id=pathway.id, count=len(results))
    return OutcomeReport(pathway, cut_off, next_cut_off(cut_off), baseline_days, results)


async def _standings(session: AsyncSession, pathway: Pathway, *, cut_off: date, today: date) -> Standings:
    """Return what each measure's figures rest on, all measures at once: one cohort for as many as may be."""
    await session.execute(_ONE_RELEASE)
    # Waits for enrolments under way, which hold the row's key: none can later appear to be older than this instant.
    await session.execute(select(col(PathwayRow.id)).where(col(PathwayRow.id) == pathway.id).with_for_update())
    earlier = await _shown_this_month(session, pathway.id, cut_off)
    if all(key in earlier and _has_moved(earlier[key]) for key in MEASURES):
        return earlier
    now = Cohort(pathway.id, await database_now(session))
    fresh = await unreleased_outcomes(session, now, cut_off=cut_off)
    cohorts = await _cohorts_shown(session, pathway.commissioner_id, cut_off)
    people = await people_differing(session, now, cohorts, cut_off=cut_off)
    alike = await _shown_of_the_same(session, pathway.id, people, cut_off)
    standings = {
        key: settled(
            alike[key].counts if key in alike else fresh,
            key,
            earlier.get(key),
            now=Shown(today, now.at, moved=False),
            people_moved=_people_moved(earlier.get(key), pathway.id, people),
            told_apart=is_told_apart(people.values()),
        )
        for key in MEASURES
    }
    await _keep(session, pathway.id, cut_off, standings)
    return standings


async def _shown_this_month(session: AsyncSession, pathway_id: UUID, cut_off: date) -> Standings:
    of_month = (col(OutcomeReleaseRow.pathway_id) == pathway_id, col(OutcomeReleaseRow.cut_off) == cut_off)
    query = select(OutcomeReleaseRow).where(*of_month).execution_options(populate_existing=True)
    rows = {row.measure: row for row in (await session.execute(query)).scalars()}
    return {
        key: recalled(rows[name].counts, Shown(rows[name].shown_on, rows[name].cohort_at, rows[name].moved))
        for key in MEASURES
        if (name := _name(key)) in rows
    }


async def _cohorts_shown(session: AsyncSession, commissioner_id: UUID, cut_off: date) -> list[Cohort]:
    """Return the cohorts shown this month to anybody who may also be shown this commissioner's: the whole tree's."""
    tree = await organisations_below(session, await organisations_above(session, [commissioner_id]))
    rows = await session.execute(
        select(col(OutcomeReleaseRow.pathway_id), col(OutcomeReleaseRow.cohort_at))
        .join(PathwayRow, col(PathwayRow.id) == col(OutcomeReleaseRow.pathway_id))
        .where(col(OutcomeReleaseRow.cut_off) == cut_off, col(PathwayRow.commissioner_id).in_(tree))
        .distinct()
    )
    return [Cohort(pathway_id, at) for pathway_id, at in rows]


async def _shown_of_the_same(
    session: AsyncSession, pathway_id: UUID, people: Mapping[Cohort, int], cut_off: date
) -> Standings:
    """Return what another pathway shows of the very same people and days: a copy of a pathway tells nothing newer."""
    same = [cohort for cohort, differing in people.items() if not differing and cohort.pathway_id != pathway_id]
    if not same:
        return {}
    latest = max(same, key=lambda cohort: cohort.at)
    shown = await _shown_this_month(session, latest.pathway_id, cut_off)
    return {key: each for key, each in shown.items() if each.shown and each.shown.cohort_at == latest.at}


def _people_moved(earlier: Standing | None, pathway_id: UUID, people: Mapping[Cohort, int]) -> int:
    """Return how many people tell the present cohort from the one that the measure was shown of."""
    return people[Cohort(pathway_id, earlier.shown.cohort_at)] if earlier and earlier.shown else 0


def _has_moved(standing: Standing) -> bool:
    return standing.shown is not None and standing.shown.moved


async def _keep(session: AsyncSession, pathway_id: UUID, cut_off: date, standings: Standings) -> None:
    """Keep what is shown for the first time, or has moved. Where nothing is shown nothing is held."""
    for key, standing in standings.items():
        if standing.shown is None or standing.held:
            continue
        shown = {
            "shown_on": standing.shown.on,
            "cohort_at": standing.shown.cohort_at,
            "moved": standing.shown.moved,
            "counts": record_of(standing),
        }
        one = {"pathway_id": pathway_id, "cut_off": cut_off, "measure": _name(key)}
        statement = insert(OutcomeReleaseRow).values(one | shown)
        await session.execute(statement.on_conflict_do_update(index_elements=list(one), set_=shown))


def _name(measure: MeasureKey) -> str:
    """Return the measure with its version: a new definition has not been shown before."""
    return f"{measure}.{MEASURES[measure].version}"
