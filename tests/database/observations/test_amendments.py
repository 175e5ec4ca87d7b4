"""Corrections and retractions: what they change, who may, and of many at once one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import AlreadyExists, IllegalTransition, Invalid, NotFound, NotPermitted
from domain.observations.observation import Observation, Status
from domain.observations.queries import observation_read
from domain.observations.reading import Reading
from domain.observations.series import Point
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.database.observations.stage import (
    ASHA,
    BEA,
    GUS,
    ROSE,
    beat,
    correct,
    hour,
    page,
    pressure,
    recorded,
    retract,
    series,
)


async def test_a_correction_takes_the_place_of_what_it_corrects_and_both_are_kept(
    session: AsyncSession, cast: Cast
) -> None:
    (old,) = await recorded(session, cast, beat(cast, 5, 27 * 3))
    await session.execute(text("delete from event_outbox"))
    new = await correct(session, cast, old, beat(cast, 4, 72, client_id="right"), by=ASHA)
    assert (new.value, new.status, new.supersedes_id, new.reason) == (Decimal(72), Status.corrected, old, "typo")
    assert (new.recorded_by, new.recorded_as) == (cast.accounts[ASHA], "care_team")
    assert [o.id for o in await page(session, cast)] == [new.id]
    before = await observation_read(session, cast.actor(GUS), cast.patients["rose_resident"], old)
    assert (before.value, before.status, before.superseded_by_id) == (Decimal(81), Status.superseded, new.id)
    (event,) = await session.execute(text("select kind, subject_ids from event_outbox"))
    assert (event.kind, event.subject_ids) == ("observation.corrected", [new.id, old])


async def test_a_correction_can_itself_be_corrected_but_only_the_current_version(
    session: AsyncSession, cast: Cast
) -> None:
    (old,) = await recorded(session, cast, beat(cast, 5, 80))
    second = await correct(session, cast, old, beat(cast, 5, 81, client_id="2"))
    third = await correct(session, cast, second.id, beat(cast, 5, 82, client_id="3"))
    assert [o.value for o in await page(session, cast)] == [82]
    for stale in (old, second.id):
        with pytest.raises(IllegalTransition):
            await correct(session, cast, stale, beat(cast, 5, 83, client_id="4"))
        with pytest.raises(IllegalTransition):
            await retract(session, cast, stale)
    assert (await retract(session, cast, third.id)).status is Status.entered_in_error
    assert await page(session, cast) == []


async def test_a_repeated_correction_returns_the_version_it_made(session: AsyncSession, cast: Cast) -> None:
    (old,) = await recorded(session, cast, beat(cast, 5, 80))
    right = beat(cast, 5, 81, client_id="right")
    new = await correct(session, cast, old, right)
    assert (await correct(session, cast, old, right)).id == new.id
    with pytest.raises(IllegalTransition):
        await correct(session, cast, old, replace(right, value=Decimal(82)))
    assert len(await page(session, cast)) == 1


async def test_a_correction_is_judged_like_any_reading(session: AsyncSession, cast: Cast) -> None:
    (old,) = await recorded(session, cast, beat(cast, 5, 80))
    right = beat(cast, 5, 81, client_id="right")
    for wrong, pointer, code in (
        (replace(right, value=Decimal(8100)), "/reading/value", "out_of_range"),
        (replace(right, value=Decimal(210)), "/reading/value", "needs_confirmation"),
        (replace(right, unit="bpm"), "/reading/unit", "unit_unknown"),
        (replace(right, effective_at=cast.now + timedelta(hours=1)), "/reading/effective_at", "future_time"),
        (pressure(cast, 5, 120, 80), "/reading/sign", "sign_differs"),
    ):
        with pytest.raises(Invalid) as refused:
            await correct(session, cast, old, wrong)
        assert [(f.pointer, f.code) for f in refused.value.faults] == [(pointer, code)]
    assert (await correct(session, cast, old, replace(right, value=Decimal(210), confirmed=True))).confirmed


async def test_a_corrected_weight_is_not_compared_with_the_slip_it_corrects(session: AsyncSession, cast: Cast) -> None:
    def weight(client_id: str, kilograms: int, days_ago: int, **more: Any) -> Reading:
        at = cast.now - timedelta(days=days_ago)
        return Reading(client_id, "body_weight", at, "kg", Decimal(kilograms), **more)

    _, slip = await recorded(session, cast, weight("a", 80, 9), weight("b", 180, 5, confirmed=True))
    new = await correct(session, cast, slip, weight("right", 81, 4))
    assert new.value == 81


async def test_a_correction_cannot_take_the_client_id_of_another_reading(session: AsyncSession, cast: Cast) -> None:
    old, _ = await recorded(session, cast, beat(cast, 5, 80), beat(cast, 9, 70, client_id="taken"))
    with pytest.raises(AlreadyExists):
        await correct(session, cast, old, beat(cast, 5, 81, client_id="taken"))
    assert {o.value for o in await page(session, cast)} == {80, 70}


async def test_a_person_amends_what_they_recorded_themself_and_staff_amend_anything(
    session: AsyncSession, cast: Cast
) -> None:
    (own,) = await recorded(session, cast, beat(cast, 5, 80), by=ROSE)
    (staffs,) = await recorded(session, cast, beat(cast, 6, 80), by=GUS)
    with pytest.raises(NotPermitted):
        await correct(session, cast, staffs, beat(cast, 6, 81, client_id="x"), by=ROSE)
    with pytest.raises(NotPermitted):
        await retract(session, cast, staffs, by=ROSE)
    with pytest.raises(NotFound):
        await correct(session, cast, staffs, beat(cast, 6, 81, client_id="x"), by=BEA)
    with pytest.raises(NotFound):
        await retract(session, cast, staffs, by=BEA)
    corrected = await correct(session, cast, own, beat(cast, 5, 81, client_id="y"), by=ROSE)
    assert corrected.recorded_as == "self"
    assert (await retract(session, cast, corrected.id, by=ASHA)).status is Status.entered_in_error


async def test_what_is_entered_in_error_is_hidden_and_kept_with_its_reason(session: AsyncSession, cast: Cast) -> None:
    kept, wrong = await recorded(session, cast, beat(cast, 9, 70), beat(cast, 5, 80))
    await session.execute(text("delete from event_outbox"))
    await retract(session, cast, wrong)
    assert [o.id for o in await page(session, cast)] == [kept]
    assert (await series(session, cast, "heart_rate", hour(cast, 1))).points == (
        Point(cast.now - timedelta(hours=1), 1, 70, 70, 70),
    )
    found = await observation_read(session, cast.actor(ROSE), cast.patients["rose_resident"], wrong)
    assert (found.status, found.reason, found.value) == (Status.entered_in_error, "other person", Decimal(80))
    assert [tuple(row) for row in await session.execute(text("select kind, subject_ids from event_outbox"))] == [
        ("observation.retracted", [wrong])
    ]


async def test_a_repeated_retraction_changes_nothing_and_another_one_is_refused(
    session: AsyncSession, cast: Cast
) -> None:
    (wrong,) = await recorded(session, cast, beat(cast, 5))
    await retract(session, cast, wrong)
    await session.execute(text("delete from event_outbox"))
    assert (await retract(session, cast, wrong)).status is Status.entered_in_error
    assert (await session.execute(text("select count(*) from event_outbox"))).scalar_one() == 0
    for by, why in ((ASHA, "other person"), (GUS, "another reason")):
        with pytest.raises(IllegalTransition):
            await retract(session, cast, wrong, by=by, why=why)
    with pytest.raises(IllegalTransition):
        await correct(session, cast, wrong, beat(cast, 5, 81, client_id="x"))


async def outcomes_of(*attempts: Any) -> Sequence[Any]:
    return await asyncio.gather(*attempts, return_exceptions=True)


async def test_of_ten_who_amend_at_once_exactly_one_does(committing_database: Database, cast: Cast) -> None:
    async with committing_database.writing() as session:
        (old,) = await recorded(session, cast, beat(cast, 5, 80))

    async def corrects(n: int) -> Observation:
        async with committing_database.writing() as session:
            return await correct(session, cast, old, beat(cast, 5, 60 + n, client_id=f"n-{n}"))

    async def retracts(n: int) -> Observation:
        async with committing_database.writing() as session:
            return await retract(session, cast, old, why=f"reason {n}")

    outcomes = await outcomes_of(*(corrects(n) for n in range(7)), *(retracts(n) for n in range(3)))
    winners = [outcome for outcome in outcomes if isinstance(outcome, Observation)]
    assert len(winners) == 1
    assert sum(isinstance(outcome, IllegalTransition) for outcome in outcomes) == 9
    async with committing_database.writing() as session:
        assert len(await page(session, cast)) <= 1
        versions = (await session.execute(text("select count(*) from observation"))).scalar_one()
    assert versions == (2 if winners[0].status is Status.corrected else 1)
