"""What is kept as the latest of each sign is what the readings say, in whatever order they came and were put right."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.observations.commands import record_observations
from domain.observations.reading import Reading
from integrations.postgres.client import Database
from integrations.postgres.roles import Role
from tests.cast import Cast
from tests.database.observations.stage import ASHA, correct, recorded, retract

_KEPT = text("select patient_id, sign, effective_at, observation_id from observation_latest")
_BY_READINGS = text(
    """
    select distinct on (patient_id, sign) patient_id, sign_name(sign) as sign, effective_at, id from observation
    where superseded_by_id is null and retracted_at is null order by patient_id, sign,
        effective_at desc, received_at desc, id desc
    """
)
# How long before, by which device (two may measure at one instant), and what becomes of it.
_DEEDS = st.lists(
    st.tuples(st.integers(1, 20), st.sampled_from(["a", "b"]), st.sampled_from(["stays", "retract", "correct"])),
    min_size=1,
    max_size=12,
    unique_by=lambda deed: deed[:2],
)


async def kept(session: AsyncSession) -> dict[tuple[UUID, str], object]:
    rows = (await session.execute(_KEPT)).all()
    return {(row.patient_id, row.sign): (row.effective_at, row.observation_id) for row in rows if row.observation_id}


async def by_readings(session: AsyncSession) -> dict[tuple[UUID, str], object]:
    rows = (await session.execute(_BY_READINGS)).all()
    return {(row.patient_id, row.sign): (row.effective_at, row.id) for row in rows}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(deeds=_DEEDS, sizes=st.lists(st.integers(1, 4), min_size=12, max_size=12))
async def test_the_latest_is_what_the_readings_say_whatever_comes_in_whatever_order(
    session: AsyncSession, cast: Cast, deeds: list[tuple[int, str, str]], sizes: list[int]
) -> None:
    async with session.begin_nested() as trial:
        left = list(deeds)
        for turn, size in enumerate(sizes):
            now, left = left[:size], left[size:]
            if not now:
                break
            ids = await received(session, cast, 12 - turn, *(beat_of(cast, *deed[:2]) for deed in now))
            for (minutes, source, fate), each in zip(now, ids, strict=True):
                if fate == "retract":
                    await retract(session, cast, each, by=ASHA)
                elif fate == "correct":
                    # As far as an hour later or earlier than it was said to be: what was the latest may be so no more.
                    moved = beat_of(cast, minutes * 7 % 23 + 0.5, source, client_id=f"right-{minutes}-{source}")
                    await correct(session, cast, each, moved, by=ASHA)
            assert await kept(session) == await by_readings(session)
        await trial.rollback()


async def received(session: AsyncSession, cast: Cast, seconds_ago: int, *readings: Reading) -> list[UUID]:
    """Record readings as they came in so long ago; return their ids."""
    actor = cast.actor(ASHA, at=cast.now - timedelta(seconds=seconds_ago))
    verdicts = await record_observations(session, actor, cast.patients["rose_resident"], readings)
    return [verdict.observation_id for verdict in verdicts if verdict.observation_id is not None]


@pytest.mark.parametrize("order", [(9, 5), (5, 9)], ids=str)
async def test_of_one_instant_the_reading_received_last_is_the_latest_whatever_their_ids(
    session: AsyncSession, cast: Cast, order: tuple[int, int]
) -> None:
    for trial in range(8):  # ids are hashes: either may be the greater
        for source, seconds_ago in zip("ab", order, strict=True):
            await received(session, cast, seconds_ago, beat_of(cast, 30 - trial, source))
        assert await kept(session) == await by_readings(session)
    (late,) = await received(session, cast, 1, beat_of(cast, 23, "c"))
    await retract(session, cast, late, by=ASHA)
    assert await kept(session) == await by_readings(session)


def beat_of(cast: Cast, minutes_ago: float, source: str, client_id: str | None = None) -> Reading:
    at = cast.now - timedelta(minutes=minutes_ago)
    return Reading(client_id or f"{minutes_ago}-{source}", "heart_rate", at, "/min", Decimal(72), source=source)


async def test_where_the_only_reading_was_in_error_there_is_no_latest_until_the_next(
    session: AsyncSession, cast: Cast
) -> None:
    (only,) = await recorded(session, cast, beat_of(cast, 5, "a"))
    await retract(session, cast, only)
    assert await kept(session) == await by_readings(session) == {}
    await recorded(session, cast, beat_of(cast, 9, "a"))
    assert await kept(session) == await by_readings(session) != {}


async def test_nobody_but_the_database_says_what_is_the_latest(database: Database) -> None:
    for deed in ("insert into observation_latest values (uuidv7(), 'x')", "delete from observation_latest"):
        async with database.writing() as session:
            await session.execute(text("select set_config('role', :role, true)"), {"role": Role.runtime.value})
            with pytest.raises(DBAPIError, match="permission denied"):
                await session.execute(text(deed))
            await session.rollback()
