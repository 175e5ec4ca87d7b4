"""Reading a down-sampled series: from the readings, or from the summaries of the days that are over.

Exact either way. Up to which day the summaries are those of the readings, the database itself keeps (0049): from there
on, and for the days that the span begins and ends in, it is the readings that are asked. What is not current is in
neither.
"""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Date, bindparam, text

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.observations.queries import CURRENT, invalid, known_sign, require_order
from domain.observations.series import DAY, Point, Series, Span, midnight_before
from domain.observations.vital_sign import Shape, VitalSign
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.statements import Statement, Work, rows_of

# Nothing is asked of a row but what the index holds. The mean is exact, and then rounded half away from zero to four
# decimals. Told as five lists: a thousand rows cost 4 ms of Python, a list of a thousand next to nothing.
_MEAN = "cast(div({sum} * 20000 + {number} * sign({sum}), 2 * {number}) / 10000 as float8)"
_LISTS = {
    part: ", ".join(
        f"array_agg({part}_{which} order by at) as {part}_{which}" for which in ("least", "greatest", "mean")
    )
    for part in ("value", "systolic", "diastolic")
}
_TIMES = "array_agg(at order by at) as at, array_agg(number_of order by at) as number_of"
_KEPT = "observation_latest l where l.patient_id = :patient_id and l.sign = :sign"
_SIGN = "sign_letter(cast(:sign as text))"
_READING = f"from observation o where o.patient_id = :patient_id and o.sign = {_SIGN} and {CURRENT}"
# What is asked of: one value, both parts of a pair, or the value of a sign that is kept in several units: in which one,
# the row alone knows.
_PARTS = {"value": ["value"], "pair": ["systolic", "diastolic"], "in_one_unit": ["value"]}
_UNIT = {"value": "", "pair": "", "in_one_unit": "and {sent_in} = any(cast(:sent_units as text[]))"}
_LISTED = {kind: ", ".join(_LISTS[part] for part in parts) for kind, parts in _PARTS.items()}
_FIGURES = {
    kind: ", ".join(
        f"""cast(min(o.{part}) as float8) as {part}_least, cast(max(o.{part}) as float8) as {part}_greatest,
        {_MEAN.format(sum=f"sum(o.{part})", number="count(*)")} as {part}_mean"""
        for part in parts
    )
    for kind, parts in _PARTS.items()
}
_BY_READINGS = {
    kind: Statement(
        text(
            f"""
        select {_TIMES}, {_LISTED[kind]}, (select max(l.removed_before) from {_KEPT}) as removed_before from (
            select date_bin(make_interval(secs => :seconds), o.effective_at, :from_at) as at, count(*) as number_of,
                {_FIGURES[kind]}
            {_READING} {_UNIT[kind].format(sent_in="o.original_unit")}
                and o.effective_at >= :from_at and o.effective_at < :until_at
            group by 1 order by 1) bucket
        """
        )
    )
    for kind in _PARTS
}

# Whole days by their summaries, as far as these are the readings'; the rest, and what came late for days whose readings
# are gone, by the readings. Nothing counts twice: the stretches do not meet. Of a day whose readings are gone there is
# but the whole, also where the span begins or ends in it.
_MIDNIGHT = "cast({day} as timestamp) at time zone 'UTC'"
_SUMMED_UP = "greatest(:first_day, least(:last_day, (select until from kept)))"
_SUMMARY_OF = {"value": "", "systolic": "", "diastolic": "diastolic_"}
_EACH = {
    kind: [f"{part}_{which}" for part in parts for which in ("least", "greatest", "total")]
    for kind, parts in _PARTS.items()
}
_OF_DAY = {
    kind: ", ".join(f"d.{_SUMMARY_OF[part]}{which}" for part in parts for which in ("least", "greatest", "total"))
    for kind, parts in _PARTS.items()
}
_OF_READING = {
    kind: f"""select o.effective_at, 1, {", ".join(f"o.{part}, o.{part}, o.{part}" for part in parts)}
            {_READING} {_UNIT[kind].format(sent_in="o.original_unit")} and"""
    for kind, parts in _PARTS.items()
}
_SUMS = {
    kind: ", ".join(
        f"""cast(min(p.{part}_least) as float8) as {part}_least,
                cast(max(p.{part}_greatest) as float8) as {part}_greatest,
                {_MEAN.format(sum=f"sum(p.{part}_total)", number="sum(p.number)")} as {part}_mean"""
        for part in parts
    )
    for kind, parts in _PARTS.items()
}
_BY_DAYS = {
    kind: Statement(
        text(
            f"""
        with kept as (
            select coalesce(max(l.summarised_until), '-infinity') as until,
                coalesce(max(l.removed_before), '-infinity') as removed_before
            from {_KEPT}),
        part(at, number, {", ".join(_EACH[kind])}) as (
            select {_MIDNIGHT.format(day="d.day")}, d.number, {_OF_DAY[kind]} from observation_day d
            where d.patient_id = :patient_id and d.sign = :sign {_UNIT[kind].format(sent_in="d.told_in")}
                and d.day >= :begin_day
                and d.day < greatest({_SUMMED_UP}, least(:end_day, (select removed_before from kept)))
                and (d.day >= :first_day or d.day < (select removed_before from kept))
            union all
            {_OF_READING[kind]} o.effective_at >= :from_at and o.effective_at < :head_until
            union all
            {_OF_READING[kind]} o.effective_at >= (select {_MIDNIGHT.format(day=_SUMMED_UP)})
                and o.effective_at < :until_at
            union all
            {_OF_READING[kind]} o.effective_at >= :first_at and o.effective_at
                < (select {_MIDNIGHT.format(day="least(:last_day, removed_before)")} from kept))
        select {_TIMES}, {_LISTED[kind]} from (
            select date_bin(make_interval(secs => :seconds), p.at, :begin_at) as at,
                cast(sum(p.number) as bigint) as number_of, {_SUMS[kind]}
            from part p group by 1 order by 1) bucket
        """
        ).bindparams(*(bindparam(name, type_=Date()) for name in ("begin_day", "first_day", "last_day", "end_day")))
    )
    for kind in _PARTS
}


# As a tuple that is one already: by its fields a thousand points take five times as long.
_as_point = partial(tuple.__new__, Point)


async def series_read(work: Work, actor: Actor, patient_id: UUID, *, sign: str, unit: str | None, span: Span) -> Series:
    """Return the down-sampled current observations of one sign of a visible patient.

    `unit` matters only for a sign that is kept in more than one. Where the readings of some of the span were removed by
    policy, the buckets are of whole days: there are summaries of no less. Raises NotFound, and Invalid for a sign
    without numbers, a unit nothing is kept in, or a span that ends before it begins.
    """
    patient = await permitted_patient(work, actor, patient_id, Action.read_record)
    found = known_sign(sign)
    kept_as = _unit_kept(found, unit)
    require_order(span.from_at, span.until_at)
    asked: dict[str, Any] = {"patient_id": patient_id, "sign": sign}
    is_pair = found.shape is Shape.pair
    kind = "pair" if is_pair else "value"
    if len(_units_kept(found)) > 1:
        kind = "in_one_unit"
        asked["sent_units"] = [known.ucum for known in found.units if known.kept_as == kept_as]
    span, buckets = await _buckets(work, asked, span, kind)
    await record_audit(work, actor, "observation.series", patient, count=len(buckets.at or ()), about=sign)
    if is_pair:
        parts = {part.key: _points(buckets, part.key) for part in found.parts}
        return Series(sign, kept_as, span, None, parts)
    return Series(sign, kept_as, span, _points(buckets, "value"), None)


async def _buckets(work: Work, asked: dict[str, Any], span: Span, kind: str) -> tuple[Span, Any]:
    """Return the one row of lists, and the span as it was cut."""
    if not span.is_of_days:
        ends = {"from_at": span.from_at, "until_at": span.until_at, "seconds": span.bucket_seconds}
        (row,) = await rows_of(work, _BY_READINGS[kind], asked | ends)
        if row.removed_before is None or row.removed_before <= midnight_before(span.from_at).date():
            return span, row
        span = span.in_days()
    (row,) = await rows_of(work, _BY_DAYS[kind], asked | _days_of(span))
    return span, row


def _days_of(span: Span) -> dict[str, Any]:
    """Return where a span's days begin and end: `first` up to `last` are whole ones, `begin` to `end` hold it all."""
    begin_at, last_at = midnight_before(span.from_at), midnight_before(span.until_at)
    first_at = begin_at if begin_at == span.from_at else begin_at + DAY
    end_at = last_at if last_at == span.until_at else last_at + DAY
    last_at = max(first_at, last_at)
    return {
        "from_at": span.from_at,
        "until_at": span.until_at,
        "seconds": span.bucket_seconds,
        "begin_at": begin_at,
        "first_at": first_at,
        "head_until": min(first_at, span.until_at),
        "begin_day": begin_at.date(),
        "first_day": first_at.date(),
        "last_day": last_at.date(),
        "end_day": end_at.date(),
    }


def _points(buckets: Any, of: str) -> tuple[Point, ...]:
    columns = attrgetter("at", "number_of", f"{of}_least", f"{of}_greatest", f"{of}_mean")(buckets)
    return tuple(map(_as_point, zip(*columns, strict=True))) if buckets.at else ()


def _units_kept(sign: VitalSign) -> list[str]:
    return list(dict.fromkeys(known.kept_as for known in sign.units))


def _unit_kept(sign: VitalSign, unit: str | None) -> str:
    kept = _units_kept(sign)
    if not kept:
        raise invalid("query/sign", "sign_not_numeric", "This vital sign has no numbers to draw.")
    if unit is None and len(kept) > 1:
        raise invalid("query/unit", "unit_missing", f"One of: {', '.join(kept)}.")
    if unit is not None and unit not in kept:
        raise invalid("query/unit", "unit_unknown", f"One of: {', '.join(kept)}.")
    return unit or kept[0]
