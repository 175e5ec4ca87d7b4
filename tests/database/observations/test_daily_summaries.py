"""Daily summaries are what the readings of a day say, and no series tells of anything else, whenever they are made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.summaries import summarise
from domain.observations.reading import Reading
from domain.observations.series import Point, Span
from domain.observations.summary_commands import Place, summarise_some
from domain.observations.vital_sign import CONVERTED_DECIMALS, rounded_half_up
from integrations.postgres.client import Database
from integrations.postgres.roles import Role, in_role
from tests.cast import Cast
from tests.database.observations.stage import ASHA, correct, record_committed, recorded, retract, series
from tests.standing_clock import StandingClock

Batch = tuple[list[tuple[int, str, int, str]], bool]
_DAY = timedelta(days=1)
_KEPT = text(
    """
    select d.sign, d.day, d.told_in, d.number, d.least, d.greatest, d.total, d.diastolic_least, d.diastolic_greatest,
        d.diastolic_total
    from observation_day d join observation_latest l using (patient_id, sign)
    where d.day < l.summarised_until order by 1, 2, 3
    """
)
_FROM_SCRATCH = text(
    """
    select sign_name(o.sign), (o.effective_at at time zone 'UTC')::date, coalesce(o.code, o.original_unit), count(*),
        min(coalesce(o.value, o.systolic)), max(coalesce(o.value, o.systolic)), sum(coalesce(o.value, o.systolic)),
        min(o.diastolic), max(o.diastolic), sum(o.diastolic)
    from observation o join observation_latest l on l.patient_id = o.patient_id and l.sign = sign_name(o.sign)
    where o.superseded_by_id is null and o.retracted_at is null
        and (o.effective_at at time zone 'UTC')::date < l.summarised_until
    group by 1, 2, 3 order by 1, 2, 3
    """
)
_SIGNS = st.sampled_from(["heart_rate", "blood_pressure", "consciousness_acvpu", "inspired_oxygen"])
_FATES = st.sampled_from(["stays", "stays", "retract", "correct"])
# A batch of readings (hours ago, sign, value, what becomes of it at the end of the batch), and whether the worker comes
# by afterwards.
_BATCH = st.tuples(
    st.lists(st.tuples(st.integers(1, 200), _SIGNS, st.integers(61, 99), _FATES), min_size=1, max_size=6), st.booleans()
)


def a_reading(cast: Cast, serial: str, hours_ago: float, sign: str, value: int) -> Reading:
    at, one = cast.now - timedelta(hours=hours_ago), Decimal(value)
    match sign:
        case "blood_pressure":
            return Reading(serial, sign, at, "mm[Hg]", None, one + 40, one, source=serial, confirmed=True)
        case "consciousness_acvpu":
            return Reading(serial, sign, at, None, None, None, None, "AV"[value % 2], source=serial)
        case "inspired_oxygen":
            return Reading(
                serial, sign, at, *(("%", one) if value % 2 else ("L/min", one / 10)), source=serial, confirmed=True
            )
        case _:
            return Reading(serial, sign, at, "/min", one, source=serial, confirmed=True)


async def a_round(session: AsyncSession, cast: Cast) -> None:
    place: Place | None = Place()
    while place is not None:
        place = (await summarise_some(session, place, cast.now, look_at=2)).place


async def rows(session: AsyncSession, which: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await session.execute(which)]


def by_hand(span: Span, values: Sequence[tuple[datetime, Decimal]]) -> tuple[Point, ...]:
    """Return what a series of days must be, from the values alone."""
    first = span.from_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    width, held = timedelta(seconds=span.bucket_seconds), defaultdict[int, list[Decimal]](list)
    for at, value in values:
        if span.from_at <= at < span.until_at:
            held[(at - first) // width].append(value)
    return tuple(
        Point(
            first + place * width,
            len(each),
            float(min(each)),
            float(max(each)),
            float(rounded_half_up(Fraction(sum(each)) / len(each), CONVERTED_DECIMALS)),
        )
        for place, each in sorted(held.items())
    )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(batches=st.lists(_BATCH, min_size=1, max_size=5), span=st.tuples(st.integers(30, 260), st.integers(0, 29)))
async def test_in_whatever_order_readings_come_and_go_the_days_say_what_the_readings_say(
    session: AsyncSession,
    cast: Cast,
    batches: list[tuple[list[tuple[int, str, int, str]], bool]],
    span: tuple[int, int],
) -> None:
    stretch = Span(cast.now - timedelta(hours=span[0]), cast.now - timedelta(hours=span[1]), 12)
    stretch = Span(stretch.from_at, stretch.until_at, max(1, (stretch.until_at - stretch.from_at) // _DAY))
    stands: dict[str, tuple[datetime, Decimal]] = {}
    async with session.begin_nested() as trial:
        for number, (batch, worker_comes) in enumerate(batches):
            named = [(f"{number}-{place}", *each) for place, each in enumerate(batch)]
            ids = await recorded(session, cast, *(a_reading(cast, *each[:4]) for each in named), by=ASHA)
            for (serial, hours_ago, sign, value, fate), each in zip(named, ids, strict=True):
                reading = a_reading(cast, serial, hours_ago, sign, value)
                if fate == "retract":
                    await retract(session, cast, each, by=ASHA)
                    continue
                if fate == "correct":
                    reading = a_reading(cast, f"{serial}-right", (hours_ago * 7) % 200 + 1, sign, value)
                    await correct(session, cast, each, reading, by=ASHA)
                if sign == "heart_rate":
                    assert reading.value is not None
                    stands[serial] = (reading.effective_at, reading.value)
            if worker_comes:
                await a_round(session, cast)
            assert await rows(session, _KEPT) == await rows(session, _FROM_SCRATCH)
            found = await series(session, cast, "heart_rate", stretch)
            assert found.points == by_hand(stretch, list(stands.values()))
        await trial.rollback()


async def test_a_round_sums_up_every_day_that_is_over_and_today_is_not(session: AsyncSession, cast: Cast) -> None:
    hours = [1, 5, *range(30, 200, 7)]
    await recorded(session, cast, *(a_reading(cast, f"h-{h}", h, "heart_rate", 60 + h % 30) for h in hours), by=ASHA)
    await a_round(session, cast)
    kept = await rows(session, _KEPT)
    until = (cast.now - _DAY).date()
    assert {day for _, day, *_ in kept} == {
        day for day in ((cast.now - timedelta(hours=h)).date() for h in hours) if day < until
    }


@pytest.mark.parametrize("deed", ["late", "retract", "correct"])
async def test_what_comes_late_or_is_put_right_shows_at_once_and_the_worker_makes_the_day_anew(
    session: AsyncSession, cast: Cast, deed: str
) -> None:
    ids = await recorded(
        session, cast, *(a_reading(cast, f"h-{h}", h, "heart_rate", v) for h, v in ((100, 70), (99, 80))), by=ASHA
    )
    await a_round(session, cast)
    span = Span(cast.now - 6 * _DAY, cast.now, 6)
    if deed == "late":
        await recorded(session, cast, a_reading(cast, "late", 99.5, "heart_rate", 90), by=ASHA)
        expected = [70, 80, 90]
    elif deed == "retract":
        await retract(session, cast, ids[1], by=ASHA)
        expected = [70]
    else:
        await correct(session, cast, ids[1], a_reading(cast, "right", 99, "heart_rate", 75), by=ASHA)
        expected = [70, 75]
    for _ in ("before the worker comes by", "after it"):
        points = (await series(session, cast, "heart_rate", span)).points
        assert points is not None
        assert (sum(p.number for p in points), min(p.least for p in points), max(p.greatest for p in points)) == (
            len(expected),
            min(expected),
            max(expected),
        )
        await a_round(session, cast)
    assert await rows(session, _KEPT) == await rows(session, _FROM_SCRATCH) != []


async def test_the_worker_sums_up_in_its_own_role_and_passes_by_a_record_that_is_written_to(
    cast: Cast, committing_database: Database
) -> None:
    early = [a_reading(cast, f"h-{h}", h, "heart_rate", 70) for h in (90, 100, 120)]
    await record_committed(committing_database, cast, early)
    worker = in_role(committing_database.url, committing_database.limits, Role.worker, strictly=False)
    try:
        async with committing_database.writing() as writer:
            await recorded(writer, cast, a_reading(cast, "late", 80, "heart_rate", 70))
            async with worker.writing() as session:
                step = await summarise_some(session, Place(), cast.now)
            assert (step.stretches, step.left_out) == (0, 1)
        await summarise(worker, StandingClock(cast.now))
    finally:
        await worker.close()
    async with committing_database.reading() as session:
        assert await rows(session, _KEPT) == await rows(session, _FROM_SCRATCH) != []
