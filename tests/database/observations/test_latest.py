"""The latest of each sign, with its age."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.observations.commands import record_observations
from domain.observations.observation import Status
from domain.observations.queries import latest_for_patients, latest_read
from domain.observations.reading import Reading
from tests.cast import Cast
from tests.database.observations.stage import ASHA, beat, correct, pressure, recorded, retract


async def test_the_latest_of_each_sign_has_its_age_and_a_sign_never_taken_is_absent(
    session: AsyncSession, cast: Cast
) -> None:
    weight = Reading("w", "body_weight", cast.now - timedelta(hours=25), "kg", Decimal(80))
    warm = Reading("t", "body_temperature", cast.now - timedelta(hours=24, seconds=1), "Cel", Decimal(37))
    ahead = replace(beat(cast, 0), effective_at=cast.now + timedelta(seconds=90))
    await recorded(session, cast, weight, warm, beat(cast, 30), pressure(cast, 1440, 128, 82), ahead, beat(cast, 10))
    latest = await latest_read(session, cast.actor(ASHA), cast.patients["rose_resident"])
    assert [(x.observation.sign, x.age_seconds, x.stale) for x in latest] == [
        ("heart_rate", 0, False),
        ("blood_pressure", 24 * 3600, False),
        ("body_temperature", 24 * 3600 + 1, True),
        ("body_weight", 25 * 3600, False),
    ]


async def test_the_latest_of_several_patients_is_read_at_once_and_nobody_without_any_is_made_up(
    session: AsyncSession, cast: Cast
) -> None:
    await recorded(session, cast, beat(cast, 5, 71), beat(cast, 3, 72))
    sam, tess = cast.patients["sam_at_home"], cast.patients["tess_of_other_practice"]
    await record_observations(session, cast.actor(ASHA), sam, [beat(cast, 4, 73), pressure(cast, 4, 120, 80)])
    found = await latest_for_patients(session, [tess, sam, cast.patients["rose_resident"]], at=cast.now)
    assert {patient: [x.observation.sign for x in latest] for patient, latest in found.items()} == {
        sam: ["heart_rate", "blood_pressure"],
        cast.patients["rose_resident"]: ["heart_rate"],
    }
    assert found[cast.patients["rose_resident"]][0].observation.value == 72


async def test_what_was_superseded_or_entered_in_error_is_not_the_latest(session: AsyncSession, cast: Cast) -> None:
    _, wrong, mistaken = await recorded(session, cast, beat(cast, 9, 60), beat(cast, 5, 70), beat(cast, 3, 80))
    await correct(session, cast, wrong, beat(cast, 5, 75, client_id="right"))
    await retract(session, cast, mistaken)
    (latest,) = await latest_read(session, cast.actor(ASHA), cast.patients["rose_resident"])
    assert (latest.observation.value, latest.observation.status) == (Decimal(75), Status.corrected)
