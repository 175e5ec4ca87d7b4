"""What a person's own numbers are made of is read as it stands: nothing withdrawn, and by summaries alike."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.observations import recent_queries
from domain.observations.personal_best_commands import NewBest, retract_personal_best, state_personal_best
from domain.observations.personal_best_queries import personal_best
from domain.observations.reading import Reading
from domain.observations.recent_queries import (
    PEAK_FLOW,
    PRESSURE,
    WEIGHT,
    heaps_of_weeks,
    recent_glucose,
    recent_readings,
)
from domain.observations.summary_commands import Place, summarise_some
from tests.cast import Cast
from tests.database.observations.stage import ASHA, record, retract

DAY = timedelta(days=1)


def pressure(cast: Cast, serial: int, hours_ago: float, systolic: int = 130) -> Reading:
    at = cast.now - timedelta(hours=hours_ago)
    return Reading(
        f"p-{serial}", PRESSURE, at, "mm[Hg]", systolic=Decimal(systolic), diastolic=Decimal(80), source="cuff"
    )


def glucose(cast: Cast, serial: int, hours_ago: float, value: str, unit: str = "mmol/L", **more: Any) -> Reading:
    return Reading(f"g-{serial}", "blood_glucose", cast.now - timedelta(hours=hours_ago), unit, Decimal(value), **more)


def rose(cast: Cast) -> Any:
    return cast.patients["rose_resident"]


async def test_readings_are_looked_at_as_far_back_of_the_latest_as_each_sign_needs(
    session: AsyncSession, cast: Cast
) -> None:
    at = cast.now - 100 * DAY
    kilograms = [Reading(f"w-{n}", WEIGHT, at - n * DAY, "[lb_av]", Decimal(170 + n)) for n in range(8)]
    await record(session, cast, *kilograms, *(pressure(cast, n, 24 * n) for n in range(12)))
    found = await recent_readings(session, rose(cast), cast.now, [PRESSURE, WEIGHT, PEAK_FLOW])
    assert (len(found.pressures), len(found.weights), found.peak_flows) == (8, 5, ())
    assert found.weights[0].value == Decimal("77.1107")
    assert found.pressures[0].at == cast.now


async def test_what_was_entered_in_error_is_not_among_them(session: AsyncSession, cast: Cast) -> None:
    await record(session, cast, *(pressure(cast, n, n) for n in range(3)))
    before = await recent_readings(session, rose(cast), cast.now, [PRESSURE])
    await retract(session, cast, before.pressures[0].observation_id)
    after = await recent_readings(session, rose(cast), cast.now, [PRESSURE])
    assert after.pressures == before.pressures[1:]
    assert (await heaps_of_weeks(session, rose(cast), cast.now))[PRESSURE, "systolic"].week.count == 2


async def test_glucose_of_a_fortnight_comes_oldest_first_in_one_unit_with_its_limits(
    session: AsyncSession, cast: Cast
) -> None:
    await record(
        session,
        cast,
        glucose(cast, 1, 1, "27.8", comparator=">"),
        glucose(cast, 2, 2, "180", "mg/dL"),
        glucose(cast, 3, 15 * 24, "5.0"),
    )
    found = await recent_glucose(session, rose(cast), cast.now)
    assert [(each.value, each.bound) for each in found.readings] == [(Decimal("9.9899"), None), (Decimal("27.8"), ">")]
    assert (len(found.observation_ids), found.complete) == (2, True)


async def test_more_glucose_than_is_looked_at_is_said_to_be_incomplete(
    session: AsyncSession, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_queries, "MOST_GLUCOSE", 3)
    await record(session, cast, *(glucose(cast, n, n + 1, "6.0") for n in range(4)))
    assert (await recent_glucose(session, rose(cast), cast.now)).complete is False


async def test_the_weeks_are_the_same_by_summaries_as_by_the_readings(session: AsyncSession, cast: Cast) -> None:
    readings = [pressure(cast, n, 6 * n, 100 + n) for n in range(120)]
    lows = [glucose(cast, n, 11 * n + 1, str(4 + n % 5), ("mmol/L", "mmol/L")[n % 2]) for n in range(60)]
    mg = [glucose(cast, 1000 + n, 13 * n + 2, str(90 + n), "mg/dL") for n in range(40)]
    await record(session, cast, *readings, *lows, *mg)
    by_readings = await heaps_of_weeks(session, rose(cast), cast.now)
    place: Place | None = Place()
    while place is not None:
        place = (await summarise_some(session, place, cast.now)).place
    kept = await session.execute(
        text("select count(*) from observation_day where patient_id = :id"), {"id": rose(cast)}
    )
    assert kept.scalar_one() > 30
    by_summaries = await heaps_of_weeks(session, rose(cast), cast.now)
    assert by_summaries == by_readings
    assert set(by_readings) == {(PRESSURE, "systolic"), (PRESSURE, "diastolic"), ("blood_glucose", None)}
    assert by_readings[PRESSURE, "systolic"].week.count + by_readings[PRESSURE, "systolic"].before.count == 120


async def test_a_stated_best_holds_before_what_the_readings_show_and_none_is_none(
    session: AsyncSession, cast: Cast
) -> None:
    assert await personal_best(session, rose(cast), cast.now) is None
    blown = [Reading(f"f-{n}", PEAK_FLOW, cast.now - n * DAY / 2, "L/min", Decimal(400 + n)) for n in range(40)]
    await record(session, cast, *blown)
    measured = await personal_best(session, rose(cast), cast.now)
    assert measured is not None and (measured.source.value, measured.value) == ("measured", Decimal(439))
    asha = cast.actor(ASHA)
    made = await state_personal_best(session, asha, rose(cast), NewBest(Decimal(480), "L/min", "Well in June"))
    stated = await personal_best(session, rose(cast), cast.now)
    assert stated is not None and (stated.source_id, stated.value) == (made, Decimal(480))
    await retract_personal_best(session, asha, rose(cast), made, "Another's")
    assert await personal_best(session, rose(cast), cast.now) == measured
