"""The readings that a person's own numbers are made of: some statements, each bounded however much there is.

Takes no actor: for callers who have authorised, and who audit what they read it for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Date, bindparam, text

from domain.instant import seen_until
from domain.observations.evidence import Measured
from domain.observations.glucose_range import WINDOW, Glucose
from domain.observations.home_blood_pressure import Pressure
from domain.observations.queries import CURRENT
from domain.observations.trend import LEAST_DIFFERENCE, Heap, week_of, weeks_before
from domain.statements import Statement, Work, rows_of

PRESSURE, WEIGHT, PEAK_FLOW, GLUCOSE = "blood_pressure", "body_weight", "peak_expiratory_flow", "blood_glucose"
# How far back of the latest reading, and how many at the most: a cuff or a meter that sends each minute makes no more.
LOOKED_BACK: Mapping[str, tuple[timedelta, int]] = {
    PRESSURE: (timedelta(days=8), 500),
    WEIGHT: (timedelta(days=5), 100),
    PEAK_FLOW: (timedelta(days=366), 1_000),
}
# A sensor's reading a minute for the fortnight that is looked at.
MOST_GLUCOSE = 14 * 24 * 60
MOST_IDS = 50

_OF = "o.patient_id = :patient_id and o.sign = sign_letter({sign})"
# By the latest there is, whenever that was; from the newest down.
_NEWEST = Statement(
    text(
        f"""
    select o.* from unnest(cast(:signs as text[]), cast(:spans as interval[]), cast(:mosts as integer[]))
        as asked(sign, span, most)
    join observation_latest l on l.patient_id = :patient_id and l.sign = asked.sign
    cross join lateral (
        select asked.sign as asked_sign, o.id, o.effective_at, o.effective_offset_minutes, o.value, o.systolic,
            o.diastolic, o.comparator
        from observation o
        where {_OF.format(sign="asked.sign")} and {CURRENT} and o.effective_at <= :until_at
            and o.effective_at > l.effective_at - asked.span
        order by o.effective_at desc, o.received_at desc, o.id desc limit asked.most) o
    """
    )
)
# Told as lists: a sensor's fortnight is 4,000 readings and more.
_GLUCOSE = Statement(
    text(
        f"""
    select array_agg(g.effective_at order by g.place desc) as at, array_agg(g.value order by g.place desc) as value,
        array_agg(g.comparator order by g.place desc) as comparator,
        array_agg(g.id order by g.place) filter (where g.place <= :ids) as ids
    from (
        select o.id, o.effective_at, o.value, o.comparator,
            row_number() over (order by o.effective_at desc, o.received_at desc, o.id desc) as place
        from observation o
        where {_OF.format(sign="cast(:sign as text)")} and {CURRENT} and o.effective_at > :from_at
            and o.effective_at <= :until_at
        order by o.effective_at desc, o.received_at desc, o.id desc limit :most + 1) g
    """
    )
)
# Of days that are summed up by their summaries, of the others by the readings: as a chart is (series_queries.py).
_HEAPS = Statement(
    text(
        f"""
    with kept as (
        select l.sign, l.summarised_until as until from observation_latest l
        where l.patient_id = :patient_id and l.sign = any(cast(:signs as text[]))),
    part(sign, day, number, total, diastolic) as (
        select k.sign, d.day, d.number, d.total, d.diastolic from kept k
        cross join lateral (
            select d.day, sum(d.number) as number, sum(d.total) as total, sum(d.diastolic_total) as diastolic
            from observation_day d
            where d.patient_id = :patient_id and d.sign = k.sign
                and d.day >= :first_day and d.day < least(:end_day, k.until)
            group by d.day) d
        union all
        select k.sign, o.day, o.number, o.total, o.diastolic from kept k
        cross join lateral (
            select cast(o.effective_at at time zone 'UTC' as date) as day, count(*) as number,
                sum(coalesce(o.value, o.systolic)) as total, sum(o.diastolic) as diastolic
            from observation o
            where {_OF.format(sign="k.sign")} and {CURRENT}
                and o.effective_at >= cast(greatest(:first_day, k.until) as timestamp) at time zone 'UTC'
                and o.effective_at < cast(:end_day as timestamp) at time zone 'UTC'
            group by 1) o)
    select p.sign, p.day >= :week_day as in_week, cast(sum(p.number) as bigint) as number_of,
        count(distinct p.day) as days, sum(p.total) as total, sum(p.diastolic) as diastolic
    from part p group by 1, 2
    """
    ).bindparams(*(bindparam(name, type_=Date()) for name in ("first_day", "week_day", "end_day")))
)


@dataclass(frozen=True, slots=True)
class Recent:
    """The newest readings of blood pressure, weight and peak flow, as far back of the latest as each is looked at."""

    pressures: tuple[Pressure, ...]
    weights: tuple[Measured, ...]
    peak_flows: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class RecentGlucose:
    """A fortnight's glucose (mmol/L), oldest first, and the newest of their ids.

    `complete` is False when there were more than are looked at.
    """

    readings: tuple[Glucose, ...]
    observation_ids: tuple[UUID, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Heaps:
    """Of one sign, or one part of a pair, what the week holds and the four weeks before it."""

    week: Heap
    before: Heap


async def recent_readings(work: Work, patient_id: UUID, at: datetime, signs: Sequence[str]) -> Recent:
    """Return a patient's newest readings of these of the three signs up to an instant."""
    asked = {
        "patient_id": patient_id,
        "signs": list(signs),
        "spans": [LOOKED_BACK[sign][0] for sign in signs],
        "mosts": [LOOKED_BACK[sign][1] for sign in signs],
        "until_at": seen_until(at),
    }
    found: dict[str, list[Any]] = {sign: [] for sign in LOOKED_BACK}
    for row in await rows_of(work, _NEWEST, asked):
        found[row.asked_sign].append(row)
    return Recent(
        tuple(Pressure(row.id, _at(row), row.systolic, row.diastolic) for row in found[PRESSURE]),
        tuple(_measured(row) for row in found[WEIGHT]),
        tuple(_measured(row) for row in found[PEAK_FLOW]),
    )


def _at(row: Any) -> datetime:
    """Return a row's instant in the offset it was sent with."""
    instant: datetime = row.effective_at
    return instant.astimezone(timezone(timedelta(minutes=row.effective_offset_minutes)))


def _measured(row: Any) -> Measured:
    return Measured(row.id, _at(row), row.value, row.comparator)


async def recent_glucose(work: Work, patient_id: UUID, at: datetime) -> RecentGlucose:
    """Return a patient's glucose of the fortnight up to an instant."""
    asked = {
        "patient_id": patient_id,
        "sign": GLUCOSE,
        "from_at": at - WINDOW,
        "until_at": seen_until(at),
        "most": MOST_GLUCOSE,
        "ids": MOST_IDS,
    }
    (row,) = await rows_of(work, _GLUCOSE, asked)
    if not row.at:
        return RecentGlucose((), (), complete=True)
    readings = tuple(map(Glucose, row.at, row.value, row.comparator))
    return RecentGlucose(readings, tuple(row.ids), complete=len(readings) <= MOST_GLUCOSE)


async def heaps_of_weeks(work: Work, patient_id: UUID, at: datetime) -> dict[tuple[str, str | None], Heaps]:
    """Return the week and the four weeks before it of each sign and part that a trend is told of; absent if empty."""
    asked = {
        "patient_id": patient_id,
        "signs": list(LEAST_DIFFERENCE),
        "first_day": weeks_before(at).from_at.date(),
        "week_day": week_of(at).from_at.date(),
        "end_day": week_of(at).until_at.date(),
    }
    found: dict[tuple[str, str | None], dict[bool, Heap]] = {}
    for row in await rows_of(work, _HEAPS, asked):
        parts: dict[str | None, Decimal] = {None: row.total}
        if row.diastolic is not None:
            parts = {"systolic": row.total, "diastolic": row.diastolic}
        for part, total in parts.items():
            found.setdefault((row.sign, part), {})[row.in_week] = Heap(row.number_of, row.days, total)
    return {key: Heaps(heaps.get(True, Heap()), heaps.get(False, Heap())) for key, heaps in found.items()}
