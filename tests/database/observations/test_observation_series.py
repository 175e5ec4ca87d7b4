"""Series: exact buckets, in one unit."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import Invalid
from domain.observations.reading import Reading
from domain.observations.series import Point, Span
from domain.observations.vital_sign import CONVERTED_DECIMALS, rounded_half_up
from tests.cast import Cast
from tests.database.observations.stage import beat, hour, pressure, recorded, series


async def test_each_bucket_has_its_number_least_greatest_and_mean_and_empty_ones_are_absent(
    session: AsyncSession, cast: Cast
) -> None:
    await recorded(
        session, cast, *(beat(cast, n, v) for n, v in ((60, 60), (55, 61), (51, "65.5"), (10, 90), (0.5, 80)))
    )
    found = await series(session, cast, "heart_rate", hour(cast, 6))
    assert (found.unit, found.span.bucket_seconds, found.parts) == ("/min", 600, None)
    start = cast.now - timedelta(hours=1)
    assert found.points == (
        Point(start, 3, 60, 65.5, 62.1667),
        Point(start + timedelta(minutes=50), 2, 80, 90, 85),
    )


async def test_a_series_of_pressures_has_both_parts(session: AsyncSession, cast: Cast) -> None:
    await recorded(session, cast, pressure(cast, 30, 120, 80), pressure(cast, 20, 130, 84))
    found = await series(session, cast, "blood_pressure", hour(cast, 1))
    assert found.points is None
    assert found.parts is not None
    assert {part: (p.least, p.greatest, p.mean) for part, (p,) in found.parts.items()} == {
        "systolic": (120, 130, 125),
        "diastolic": (80, 84, 82),
    }


async def test_oxygen_flow_and_concentration_are_never_drawn_together(session: AsyncSession, cast: Cast) -> None:
    def oxygen(minutes_ago: int, value: int, unit: str) -> Reading:
        at = cast.now - timedelta(minutes=minutes_ago)
        return Reading(f"o-{minutes_ago}", "inspired_oxygen", at, unit, Decimal(value))

    await recorded(session, cast, oxygen(9, 2, "L/min"), oxygen(8, 28, "%"), oxygen(7, 4, "L/min"))
    flow = await series(session, cast, "inspired_oxygen", hour(cast, 1), "L/min")
    share = await series(session, cast, "inspired_oxygen", hour(cast, 1), "%")
    assert flow.points is not None
    assert share.points is not None
    assert ([(p.number, p.mean) for p in flow.points], [p.mean for p in share.points]) == ([(2, 3)], [28])


async def test_values_sent_in_other_units_are_drawn_in_the_canonical_one(session: AsyncSession, cast: Cast) -> None:
    at = cast.now - timedelta(minutes=5)
    await recorded(
        session,
        cast,
        Reading("f", "body_temperature", at, "[degF]", Decimal("98.6")),
        Reading("c", "body_temperature", at - timedelta(minutes=1), "Cel", Decimal(38)),
    )
    found = await series(session, cast, "body_temperature", hour(cast, 1))
    assert found.points is not None
    assert [(p.number, p.mean) for p in found.points] == [(2, 37.5)]


@pytest.mark.parametrize(
    ("sign", "unit", "code"),
    [
        ("mood", None, "sign_unknown"),
        ("consciousness_acvpu", None, "sign_not_numeric"),
        ("inspired_oxygen", None, "unit_missing"),
        ("body_weight", "[lb_av]", "unit_unknown"),
    ],
)
async def test_a_series_that_cannot_be_drawn_is_refused(
    session: AsyncSession, cast: Cast, sign: str, unit: str | None, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await series(session, cast, sign, hour(cast, 10), unit)
    assert refused.value.faults[0].code == code


async def test_a_series_must_end_after_it_begins(session: AsyncSession, cast: Cast) -> None:
    with pytest.raises(Invalid):
        await series(session, cast, "heart_rate", Span(cast.now, cast.now, 10))


@given(seconds=st.integers(1, 10**9), buckets=st.integers(1, 1000))
def test_a_span_is_never_cut_into_more_buckets_than_asked_for(seconds: int, buckets: int) -> None:
    span = Span(datetime(2026, 1, 1), datetime(2026, 1, 1) + timedelta(seconds=seconds), buckets)
    assert 1 <= -(-seconds // span.bucket_seconds) <= buckets
    assert not span.is_of_days or span.bucket_seconds % 86_400 == 0


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    values=st.lists(
        st.tuples(st.integers(1, 3599), st.decimals(30, 200, places=3)),
        min_size=1,
        max_size=40,
        unique_by=lambda v: v[0],
    ),
    buckets=st.integers(1, 60),
)
async def test_each_bucket_tells_of_the_raw_values_exactly(
    session: AsyncSession, cast: Cast, values: list[tuple[int, Decimal]], buckets: int
) -> None:
    async with session.begin_nested() as trial:
        readings = [
            Reading(f"c-{second}", "heart_rate", cast.now - timedelta(seconds=second), "/min", value)
            for second, value in values
        ]
        await recorded(session, cast, *readings)
        found = await series(session, cast, "heart_rate", hour(cast, buckets))
        await trial.rollback()
    width, raw = found.span.bucket_seconds, dict[int, list[Decimal]]()
    for second, value in values:
        raw.setdefault((3600 - second) // width, []).append(value)
    assert found.points == tuple(
        Point(
            found.span.from_at + timedelta(seconds=width * place),
            len(held),
            float(min(held)),
            float(max(held)),
            float(rounded_half_up(Fraction(sum(held)) / len(held), CONVERTED_DECIMALS)),
        )
        for place, held in sorted(raw.items())
    )
    assert len(found.points) <= buckets
