"""Evidence: what PostgreSQL counts is what the readings show one by one, and it looks at no more than it must."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.observations.commands import record_observations
from domain.observations.evidence import Evidence, Measured, Sides, Yardstick
from domain.observations.evidence_queries import evidence_against
from domain.observations.reading import Reading
from domain.plans.progress import LEAST_READINGS, MOST_IDS, WINDOW
from tests.cast import Cast
from tests.database.observations.stage import GUS, pressure, recorded
from tests.evidence import evidence_of


async def look(session: AsyncSession, cast: Cast, *against: Yardstick, **more: Any) -> list[Evidence]:
    asked: dict[str, Any] = {"days": WINDOW, "least": LEAST_READINGS, "ids": MOST_IDS} | more
    return await evidence_against(session, cast.patients["rose_resident"], against, **asked)


def glucose(cast: Cast, value: object = 10, days_ago: float = 90) -> Yardstick:
    start = cast.now - timedelta(days=days_ago)
    return Yardstick("blood_glucose", None, "mmol/L", Decimal(str(value)), start, cast.now)


@pytest.mark.parametrize(
    ("bound", "limits"),
    [
        (None, {"9": Sides(below=1), "10": Sides(level=1), "11": Sides(above=1)}),
        ("<", {"9": Sides(below=1), "10": Sides(below=1), "11": Sides(undecided=1)}),
        (">", {"9": Sides(undecided=1), "10": Sides(above=1), "11": Sides(above=1)}),
    ],
)
async def test_a_meter_s_limit_lies_on_a_side_only_where_every_reading_beyond_it_does(
    session: AsyncSession, cast: Cast, bound: str | None, limits: dict[str, Sides]
) -> None:
    for limit, sides in limits.items():
        async with session.begin_nested() as trial:
            at = cast.now - timedelta(hours=1)
            await recorded(session, cast, Reading("g", "blood_glucose", at, "mmol/L", Decimal(limit), comparator=bound))
            (found,) = await look(session, cast, glucose(cast))
            await trial.rollback()
        assert found.every is not None
        assert (found.every.sides, found.latest and found.latest.bound) == (sides, bound)


async def test_each_yardstick_is_answered_for_itself(session: AsyncSession, cast: Cast) -> None:
    def oxygen(minutes_ago: int, value: int, unit: str) -> Reading:
        at = cast.now - timedelta(minutes=minutes_ago)
        return Reading(f"o-{minutes_ago}", "inspired_oxygen", at, unit, Decimal(value))

    await recorded(session, cast, pressure(cast, 9, 120, 80), oxygen(9, 2, "L/min"), oxygen(8, 28, "%"))
    start = cast.now - timedelta(days=1)
    sticks = [
        Yardstick("blood_pressure", "systolic", "mm[Hg]", Decimal(130), start, cast.now),
        Yardstick("inspired_oxygen", None, "%", Decimal(30), start, cast.now),
        Yardstick("steps", None, "{steps}", Decimal(30), start, cast.now),
        Yardstick("blood_pressure", "diastolic", "mm[Hg]", Decimal(80), start, cast.now),
        Yardstick("blood_pressure", "diastolic", "mm[Hg]", Decimal(80), start, start),
    ]
    found = await look(session, cast, *sticks)
    assert [each.every and (each.every.total, each.every.sides) for each in found] == [
        (Decimal(120), Sides(below=1)),
        (Decimal(28), Sides(below=1)),
        None,
        (Decimal(80), Sides(level=1)),
        None,
    ]
    assert await look(session, cast) == []


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    taken=st.lists(
        st.tuples(
            st.integers(0, 40) | st.integers(0, 40 * 86_400),
            st.decimals(1, 30, places=1),
            st.sampled_from([None, None, "<", ">"]),
        ),
        max_size=40,
        unique_by=lambda one: one[0],
    ),
    value=st.decimals(1, 30, places=1),
    days_ago=st.floats(0, 50),
)
async def test_the_evidence_is_what_the_readings_show_one_by_one(
    session: AsyncSession,
    cast: Cast,
    taken: list[tuple[int, Decimal, str | None]],
    value: Decimal,
    days_ago: float,
) -> None:
    stick = glucose(cast, value, days_ago)
    async with session.begin_nested() as trial:
        readings = [
            Reading(
                f"g-{n}",
                "blood_glucose",
                cast.now - timedelta(seconds=seconds),
                "mmol/L",
                number,
                comparator=bound,
                confirmed=True,
            )
            for n, (seconds, number, bound) in enumerate(taken)
        ]
        verdicts = await record_observations(session, cast.actor(GUS), cast.patients["rose_resident"], readings)
        (found,) = await look(session, cast, stick)
        await trial.rollback()
    measured = [
        Measured(verdict.observation_id or UUID(int=0), r.effective_at, r.value or Decimal(), r.comparator)
        for r, verdict in zip(readings, verdicts, strict=True)
    ]
    assert found == evidence_of(value, measured, start_at=stick.from_at, as_of=stick.until_at)


async def a_reading_a_second(session: AsyncSession, cast: Cast, number: int) -> datetime:
    """Record so many pulses, one a second up to now, past the commands; return when they begin."""
    await session.execute(
        text(
            "insert into observation (id, patient_id, recorded_by, effective_at, received_at, effective_offset_minutes,"
            " confirmed, sign, source, client_id, recorded_as, value, original_value, original_unit)"
            " select gen_random_uuid(), :patient_id, :account_id, cast(:now as timestamptz) - make_interval(secs => n),"
            " :now, 0, false, sign_letter('heart_rate'), 'wrist', convert_to('second-' || n, 'UTF8'), 'self',"
            " 60 + n % 40, 60 + n % 40, '/min'"
            " from generate_series(0, cast(:number as integer) - 1) n"
        ),
        {
            "patient_id": cast.patients["rose_resident"],
            "account_id": cast.accounts["rose_herself"],
            "now": cast.now,
            "number": number,
        },
    )
    return cast.now - timedelta(seconds=number - 1)


async def rows_read(session: AsyncSession) -> int:
    read = text(
        "select pg_stat_get_xact_tuples_fetched('observation'::regclass)"
        " + pg_stat_get_xact_tuples_returned('observation'::regclass)"
        " + coalesce((select sum(pg_stat_get_xact_tuples_fetched(indexrelid)) from pg_index"
        "   where indrelid = 'observation'::regclass), 0)"
    )
    return int((await session.execute(read)).scalar_one())


async def test_of_a_sensor_that_sends_every_second_only_the_ends_are_looked_at(
    session: AsyncSession, cast: Cast
) -> None:
    start, most, sticks = await a_reading_a_second(session, cast, 40_000), 100, 50
    against = [
        Yardstick("heart_rate", None, "/min", Decimal(80), start + timedelta(seconds=n), cast.now)
        for n in range(sticks)
    ]
    before = await rows_read(session)
    found = await look(session, cast, *against, most=most)
    assert await rows_read(session) - before <= sticks * 2 * (2 * most + 2)
    for n, each in enumerate(found):
        assert not each.complete
        assert each.every is not None and each.every.count == 2 * most + 1
        assert each.first is not None and each.first.from_at == start + timedelta(seconds=n)
        assert each.latest is not None and each.latest.at == cast.now
        assert each.recent is not None and each.recent.until_at == cast.now


async def test_the_latest_keeps_the_offset_it_was_sent_with(session: AsyncSession, cast: Cast) -> None:
    at = (cast.now - timedelta(hours=1)).astimezone(timezone(timedelta(hours=1)))
    await recorded(session, cast, Reading("g", "blood_glucose", at, "mmol/L", Decimal(6)))
    (found,) = await look(session, cast, glucose(cast))
    assert found.latest is not None
    assert (found.latest.at, found.latest.at.utcoffset()) == (at, timedelta(hours=1))
