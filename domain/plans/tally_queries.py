"""Counting what was done towards many goals at once. Takes no actor: for callers who have authorised and who audit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from domain.instant import seen_until
from domain.people.local_days import LocalDays
from domain.plans.tally import DAYS, Tally, first_period, periods
from domain.plans.target import Per
from domain.statements import Statement, Work, rows_of

# Whether the patient may be looked at is asked once, not of each time something was done (0099).
_DONE = """completions_towards(:patient_id, cast(:goal_id as uuid[]), cast(:from_at as timestamptz[]),
        cast(:until_at as timestamptz[])) c"""
_IN_ALL = Statement(
    text(
        f"""
    select c.goal_id, count(*) filter (where not c.is_skipped) as done, count(*) filter (where c.is_skipped) as skipped,
        max(c.done_at) as latest_at,
        (array_agg(c.id order by c.done_at desc, c.id desc))[1:cast(:ids as integer)] as ids
    from {_DONE} group by 1
    """
    )
)
_BY_PERIOD = Statement(
    text(
        f"""
    select c.goal_id, b.first + width_bucket(c.done_at, b.begun) - 1 as number,
        count(*) filter (where not c.is_skipped) as done, count(*) filter (where c.is_skipped) as skipped,
        max(c.done_at) as latest_at
    from {_DONE}
    join (
        select g.goal_id, g.first, array_agg(b.at order by b.at) as begun
        from unnest(cast(:goal_id as uuid[]), cast(:first as integer[])) as g(goal_id, first)
        join unnest(cast(:begun_of as uuid[]), cast(:begun_at as timestamptz[])) as b(goal_id, at)
            on b.goal_id = g.goal_id
        group by 1, 2
    ) b on b.goal_id = c.goal_id
    group by 1, 2
    """
    )
)


@dataclass(frozen=True, slots=True)
class Counting:
    """What is to be counted of one goal: over which periods, from its first day up to an instant."""

    goal_id: UUID
    per: Per
    start_on: date
    until_at: datetime


async def tallies(
    work: Work, patient_id: UUID, asked: Sequence[Counting], *, ids: int, days: LocalDays
) -> dict[UUID, Tally]:
    """Return what was done towards each of these goals of a patient, by its id; two statements for them all, or one.

    Days and weeks are the person's. Of them the latest are looked at (`MOST_PERIODS`), of all together everything since
    the goal's start.
    """
    first = {each.goal_id: first_period(each.per, each.start_on, days.day_of(each.until_at)) for each in asked}
    by_period = await _by_period(work, patient_id, [each for each in asked if each.per in DAYS], first, days)
    # Where all days or weeks are looked at, what is counted in them is all; else, and for the ids, all is gone through.
    whole = [each for each in asked if ids or first[each.goal_id] > 0 or each.per not in DAYS]
    totals = {each.goal_id: _added_up(by_period[each.goal_id].values()) for each in asked} | await _in_all(
        work, patient_id, whole, ids, days
    )
    return {
        each.goal_id: Tally(
            done=totals[each.goal_id].done,
            skipped=totals[each.goal_id].skipped,
            latest_at=totals[each.goal_id].latest_at,
            ids=totals[each.goal_id].ids,
            periods=periods(
                each.per,
                each.start_on,
                days.day_of(each.until_at),
                {number: (one.done, one.skipped) for number, one in by_period[each.goal_id].items()},
            ),
            complete=first[each.goal_id] == 0,
        )
        for each in asked
    }


@dataclass(frozen=True, slots=True)
class _Total:
    done: int
    skipped: int
    latest_at: datetime | None
    ids: tuple[UUID, ...] = ()


def _added_up(parts: Collection[_Total]) -> _Total:
    latest = max((each.latest_at for each in parts if each.latest_at is not None), default=None)
    return _Total(sum(each.done for each in parts), sum(each.skipped for each in parts), latest)


async def _in_all(
    work: Work, patient_id: UUID, asked: Sequence[Counting], ids: int, days: LocalDays
) -> dict[UUID, _Total]:
    if not asked:
        return {}
    spans = _spans(asked, {each.goal_id: 0 for each in asked}, days) | {"patient_id": patient_id, "ids": ids}
    return {
        row.goal_id: _Total(row.done, row.skipped, row.latest_at, tuple(row.ids))
        for row in await rows_of(work, _IN_ALL, spans)
    }


async def _by_period(
    work: Work, patient_id: UUID, asked: Sequence[Counting], first: dict[UUID, int], days: LocalDays
) -> dict[UUID, dict[int, _Total]]:
    """Return what was done in each day or week by its number, of each goal that is counted so."""
    counts: dict[UUID, dict[int, _Total]] = defaultdict(dict)
    if asked:
        begun = [(each.goal_id, days.instant(day)) for each in asked for day in _begun(each, first, days)]
        spans = _spans(asked, first, days) | {
            "patient_id": patient_id,
            "first": [first[each.goal_id] for each in asked],
            "begun_of": [goal_id for goal_id, _ in begun],
            "begun_at": [at for _, at in begun],
        }
        for row in await rows_of(work, _BY_PERIOD, spans):
            counts[row.goal_id][row.number] = _Total(row.done, row.skipped, row.latest_at)
    return counts


def _begun(counting: Counting, first: dict[UUID, int], days: LocalDays) -> list[date]:
    """Return the day on which each period that is looked at begins, the present one's last."""
    length = DAYS[counting.per]
    last = (days.day_of(counting.until_at) - counting.start_on).days // length
    numbers = range(first[counting.goal_id], last + 1)
    return [counting.start_on + timedelta(days=number * length) for number in numbers]


def _spans(asked: Sequence[Counting], first: dict[UUID, int], days: LocalDays) -> dict[str, object]:
    return {
        "goal_id": [each.goal_id for each in asked],
        "from_at": [
            days.instant(each.start_on + timedelta(days=first[each.goal_id] * DAYS.get(each.per, 0))) for each in asked
        ],
        "until_at": [seen_until(each.until_at) for each in asked],
    }
