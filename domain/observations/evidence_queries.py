"""Holding a patient's readings against numbers, many at a time: one statement, and a bounded look at each span.

Takes no actor: for callers who have authorised, and who audit what they read it for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta, timezone
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from domain.observations.catalogue import CATALOGUE
from domain.observations.evidence import Evidence, Measured, Sides, Stretch, Yardstick
from domain.observations.queries import CURRENT
from domain.statements import Statement, Work, rows_of

# The newest readings that are looked at of one span, and the most of its first days: half a year of three a day. A
# sensor that sends every second has 31 million in a year; of those, too, a thousand are read, in about 7 ms.
MOST_LOOKED_AT = 500

_SEEN = """o.id, o.effective_at, o.received_at, o.effective_offset_minutes, o.value, o.systolic, o.diastolic,
            o.comparator, o.original_unit"""
_OF_SPAN = f"""o.patient_id = :patient_id and o.sign = sign_letter(g.sign) and {CURRENT} and o.effective_at >= g.from_at
            and o.effective_at <= g.until_at"""


def _stretch_of(name: str, holds: str, first: str = "0", most: str = ":ids") -> str:
    """Return SQL for what the readings of one stretch come to; no row where there are none."""
    return f"""select '{name}' as name, count(*) as number_of, sum(r.number) as total, min(r.at) as from_at,
            max(r.at) as until_at,
            array_agg(r.id order by r.from_first) filter (where r.from_first <= {first} + {most}) as ids,
            count(*) filter (where r.side = -1) as below, count(*) filter (where r.side = 0) as level,
            count(*) filter (where r.side = 1) as above, count(*) filter (where r.side is null) as undecided,
            min(r.bound) as bound, min(r.offset_minutes) as offset_minutes
        from ranked r where {holds} having count(*) > 0"""


# Each by itself over the few hundred rows that are looked at: to make five rows of each and sort them took ten times as
# long as to read it. `first`: how many come before the stretch.
_BEFORE_LATEST = "(select number_of_all - 1 from last_days)"
_BEFORE_RECENT = "(select before_recent from last_days)"
_STRETCHES = "\n        union all ".join(
    (
        _stretch_of("every", "true"),
        _stretch_of("first", "r.from_first = 1"),
        _stretch_of("latest", f"r.from_first > {_BEFORE_LATEST}", _BEFORE_LATEST, "1"),
        _stretch_of("first_days", "r.at < g.from_at + cast(:days as interval)"),
        _stretch_of("recent", f"r.from_first > {_BEFORE_RECENT}", _BEFORE_RECENT),
    )
)
# Below a limit that is itself at or below the value lies below it, whatever the reading was; so above.
_EVIDENCE = Statement(
    text(
        f"""
    select g.place, e.* from unnest(
        cast(:place as integer[]), cast(:sign as text[]), cast(:part as text[]),
        cast(:units as text[]), cast(:value as numeric[]), cast(:from_at as timestamptz[]),
        cast(:until_at as timestamptz[])
    ) as g(place, sign, part, units, value, from_at, until_at)
    cross join lateral (
        with newest as materialized (
            select {_SEEN} from observation o where {_OF_SPAN}
            order by o.effective_at desc, o.received_at desc, o.id desc limit :most + 1
        ), earliest as materialized (
            select {_SEEN} from observation o where {_OF_SPAN} and o.effective_at < g.from_at + cast(:days as interval)
                and (o.effective_at, o.received_at, o.id) < (
                    select n.effective_at, n.received_at, n.id from newest n order by 1, 2, 3 limit 1)
            order by o.effective_at, o.received_at, o.id limit :most
        ), known as materialized (
            select seen.id, seen.effective_at as at, seen.received_at, seen.effective_offset_minutes as offset_minutes,
                seen.comparator as bound,
                case g.part when 'systolic' then seen.systolic when 'diastolic' then seen.diastolic
                    else seen.value end as number
            from (select * from newest union all select * from earliest) seen
            where seen.original_unit = any((select string_to_array(g.units, ' '))::text[])
        ), ranked as materialized (
            select k.*, row_number() over (order by k.at, k.received_at, k.id) as from_first,
                case when k.bound = '<' and k.number <= g.value or k.bound is null and k.number < g.value then -1
                    when k.bound = '>' and k.number >= g.value or k.bound is null and k.number > g.value then 1
                    when k.bound is null then 0 end as side
            from known k
        ), last_days as materialized (
            select number_of_all, number_of_all - greatest(least(:least, number_of_all), (
                    select count(*) from ranked r where r.at > latest_at - cast(:days as interval))) as before_recent
            from (select count(*) as number_of_all, max(r.at) as latest_at from ranked r) l
        )
        {_STRETCHES}
        union all
        select 'newest', count(*), null, null, null, null, null, null, null, null, null, null from newest
    ) e
    """
    )
)


async def evidence_against(
    work: Work,
    patient_id: UUID,
    yardsticks: Sequence[Yardstick],
    *,
    days: timedelta,
    least: int,
    ids: int,
    most: int = MOST_LOOKED_AT,
) -> list[Evidence]:
    """Return what the patient's current readings show against each yardstick, in order.

    First and recent are those of so many `days` from the span's beginning and up to the latest reading; recent are
    the latest `least` when those are fewer. At most `ids` ids are given for each (the latest's always), and at most
    `most` of the newest readings and as many of the first days' are looked at.
    """
    if not yardsticks:
        return []
    asked = {"patient_id": patient_id, "days": days, "least": least, "ids": ids, "most": most}
    rows = await rows_of(work, _EVIDENCE, asked | _columns(yardsticks))
    found: dict[int, dict[str, Row[Any]]] = defaultdict(dict)
    for row in rows:
        found[row.place][row.name] = row
    return [_evidence(found[place], most) for place in range(len(yardsticks))]


def _columns(yardsticks: Sequence[Yardstick]) -> dict[str, list[Any]]:
    return {
        "place": list(range(len(yardsticks))),
        "sign": [each.sign for each in yardsticks],
        "part": [each.part for each in yardsticks],
        "units": [" ".join(u.ucum for u in CATALOGUE[y.sign].units if u.kept_as == y.unit) for y in yardsticks],
        "value": [each.value for each in yardsticks],
        "from_at": [each.from_at for each in yardsticks],
        "until_at": [each.until_at for each in yardsticks],
    }


def _evidence(rows: dict[str, Row[Any]], most: int) -> Evidence:
    return Evidence(
        every=_stretch(rows.get("every")),
        first=_stretch(rows.get("first")),
        first_days=_stretch(rows.get("first_days")),
        recent=_stretch(rows.get("recent")),
        latest=_measured(rows.get("latest")),
        complete=rows["newest"].number_of <= most,
    )


def _stretch(row: Row[Any] | None) -> Stretch | None:
    if row is None:
        return None
    sides = Sides(row.below, row.level, row.above, row.undecided)
    return Stretch(row.number_of, row.total, row.from_at, row.until_at, tuple(row.ids or ()), sides)


def _measured(row: Row[Any] | None) -> Measured | None:
    """Return the only reading of a stretch, its instant in the offset it was sent with."""
    if row is None:
        return None
    offset = timezone(timedelta(minutes=row.offset_minutes))
    return Measured(row.ids[0], row.from_at.astimezone(offset), row.total, row.bound)
