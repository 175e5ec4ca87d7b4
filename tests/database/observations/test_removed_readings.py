"""Readings that were removed by decision: their summaries stand for them, once, and nothing else has changed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.observations.removal_commands import remove_readings
from domain.observations.series import Series, Span
from domain.observations.summary_commands import Place
from tests.cast import Cast
from tests.database.observations.stage import ASHA, correct, recorded, retract, series
from tests.database.observations.test_daily_summaries import a_reading, a_round

_DAY = timedelta(days=1)
_LEFT = text("select count(*) from observation")
HOURS = [*range(30, 700, 5)]


async def old_readings(session: AsyncSession, cast: Cast) -> None:
    ids = await recorded(
        session, cast, *(a_reading(cast, f"h-{h}", h, "heart_rate", 60 + h % 37) for h in HOURS), by=ASHA
    )
    await retract(session, cast, ids[-1], by=ASHA)
    await correct(session, cast, ids[-2], a_reading(cast, "right", HOURS[-2], "heart_rate", 99), by=ASHA)
    await a_round(session, cast)


async def removed(session: AsyncSession, cast: Cast, days_ago: int) -> int:
    found, place = 0, Place()
    while True:
        step = await remove_readings(session, place, (cast.now - days_ago * _DAY).date(), cast.now, look_at=2)
        found += step.readings
        if step.place is None:
            return found
        place = step.place


async def a_month(session: AsyncSession, cast: Cast, buckets: int = 31) -> Series:
    return await series(session, cast, "heart_rate", Span(cast.now - 31 * _DAY, cast.now, buckets))


async def test_a_chart_shows_of_days_whose_readings_are_gone_what_it_showed_before(
    session: AsyncSession, cast: Cast
) -> None:
    await old_readings(session, cast)
    before = await a_month(session, cast)
    stood = (await session.execute(_LEFT)).scalar_one()
    gone = await removed(session, cast, 10)
    assert gone > len(HOURS) / 2
    assert (await session.execute(_LEFT)).scalar_one() == stood - gone
    for _ in ("at once", "and when the worker came by"):
        assert await a_month(session, cast) == before
        await a_round(session, cast)
    assert await removed(session, cast, 10) == 0


async def test_a_long_record_goes_in_many_short_steps_and_between_them_a_chart_shows_the_same(
    session: AsyncSession, cast: Cast
) -> None:
    await old_readings(session, cast)
    torn, *_ = await recorded(session, cast, a_reading(cast, "torn", 601, "heart_rate", 70), by=ASHA)
    await correct(session, cast, torn, a_reading(cast, "moved", 551, "heart_rate", 71), by=ASHA)
    back, *_ = await recorded(session, cast, a_reading(cast, "back", 302, "heart_rate", 70), by=ASHA)
    await correct(session, cast, back, a_reading(cast, "moved-back", 352, "heart_rate", 71), by=ASHA)
    await a_round(session, cast)
    before = await a_month(session, cast)
    place: Place | None = Place()
    gone = list[int]()
    while place is not None:
        step = await remove_readings(
            session, place, (cast.now - 10 * _DAY).date(), cast.now, at_once=6, within=timedelta(0)
        )
        gone, place = [*gone, step.readings], step.place
        assert await a_month(session, cast) == before
        assert step.left_out == 0
    assert len(gone) >= 10
    a_day_s, across_what_was_corrected = 6, 50 // 5 + 4 * 6
    assert sorted(gone)[-3] <= 2 * a_day_s
    assert max(gone) <= across_what_was_corrected
    assert sum(gone) > len(HOURS) / 2
    await a_round(session, cast)
    assert await a_month(session, cast) == before


async def test_what_came_late_goes_in_short_steps_as_well_and_is_in_the_summaries_once(
    session: AsyncSession, cast: Cast
) -> None:
    await old_readings(session, cast)
    await removed(session, cast, 10)
    late = [a_reading(cast, f"late-{h}", h, "heart_rate", 70) for h in range(311, 691, 10)]
    await recorded(session, cast, *late, by=ASHA)
    await a_round(session, cast)
    before = await a_month(session, cast)
    place, gone = Place(), list[int]()
    while True:
        step = await remove_readings(
            session, place, (cast.now - 10 * _DAY).date(), cast.now, at_once=4, within=timedelta(0)
        )
        gone.append(step.readings)
        assert await a_month(session, cast) == before
        if step.place is None:
            break
        place = step.place
    assert sum(gone) == len(late)
    assert max(gone) <= 4


async def test_a_chart_in_narrower_buckets_is_drawn_in_days_where_readings_are_gone(
    session: AsyncSession, cast: Cast
) -> None:
    await old_readings(session, cast)
    before = await a_month(session, cast)
    await removed(session, cast, 10)
    found = await a_month(session, cast, 1_000)
    assert (found.span.bucket_seconds, found.points) == (86_400, before.points)


async def test_what_comes_late_for_such_a_day_counts_once_before_and_after_it_is_removed_too(
    session: AsyncSession, cast: Cast
) -> None:
    await old_readings(session, cast)
    before = await a_month(session, cast)
    await removed(session, cast, 10)
    await recorded(session, cast, a_reading(cast, "late", 401, "heart_rate", 99), by=ASHA)
    assert before.points is not None
    for _ in ("it stands beside the summary", "it is in it"):
        points = (await a_month(session, cast)).points
        assert points is not None
        assert sum(p.number for p in points) == sum(p.number for p in before.points) + 1
        await a_round(session, cast)
        await removed(session, cast, 10)
    assert (await session.execute(text("select count(*) from observation where client_id = 'late'"))).scalar_one() == 0


async def test_the_latest_of_a_sign_stays_however_old_and_so_does_what_is_not_summed_up(
    session: AsyncSession, cast: Cast
) -> None:
    await recorded(session, cast, a_reading(cast, "only", 600, "heart_rate", 70), by=ASHA)
    assert await removed(session, cast, 1) == 0  # not summed up
    await a_round(session, cast)
    assert await removed(session, cast, 1) == 0  # the latest


async def test_of_what_was_corrected_across_the_day_nothing_is_torn_apart(session: AsyncSession, cast: Cast) -> None:
    old, *_ = await recorded(
        session, cast, *(a_reading(cast, f"h-{h}", h, "heart_rate", 70) for h in (500, 450, 30)), by=ASHA
    )
    await correct(session, cast, old, a_reading(cast, "moved", 100, "heart_rate", 71), by=ASHA)
    await a_round(session, cast)
    assert await removed(session, cast, 10) == 0
    assert await removed(session, cast, 3) == 4 - 1
