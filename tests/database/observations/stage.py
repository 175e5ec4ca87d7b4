"""Readings of Rose, the resident: sent in, read back, put right; and what stands in the tables then."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.observations.amendment_commands import correct_observation, retract_observation
from domain.observations.commands import record_observations
from domain.observations.observation import Observation
from domain.observations.queries import Sought, observation_page
from domain.observations.reading import Reading, Unreadable
from domain.observations.series import Series, Span
from domain.observations.series_queries import series_read
from domain.observations.verdict import Verdict
from integrations.postgres.client import Database
from tests.cast import Cast

ROSE, GUS, ASHA, BEA, CARL, SAM = (
    "rose_herself",
    "gus_care_home_staff",
    "asha_clinician_of_practice",
    "bea_clinician_elsewhere",
    "carl_clinician_on_care_team",
    "sam_himself",
)


def pulse(cast: Cast, client_id: str = "c-1", value: str = "72", minutes_ago: int = 5, **more: Any) -> Reading:
    at = more.pop("effective_at", cast.now - timedelta(minutes=minutes_ago))
    return Reading(client_id, "heart_rate", at, "/min", Decimal(value), **more)


def weight(cast: Cast, client_id: str, kilograms: str, days_ago: int, **more: Any) -> Reading:
    return Reading(client_id, "body_weight", cast.now - timedelta(days=days_ago), "kg", Decimal(kilograms), **more)


async def record(
    session: AsyncSession, cast: Cast, *readings: Reading | Unreadable, by: str = ROSE, **more: Any
) -> list[Verdict]:
    return await record_observations(session, cast.actor(by), cast.patients["rose_resident"], readings, **more)


def told(verdicts: Sequence[Verdict]) -> list[str]:
    return [verdict.refusal.code.value if verdict.refusal else verdict.outcome.value for verdict in verdicts]


async def rows(session: AsyncSession) -> list[Any]:
    return list(await session.execute(text("select * from observation order by effective_at, client_id")))


async def audited(session: AsyncSession) -> tuple[Any, ...]:
    found = await session.execute(
        text("select count, basis, patient_id, account_id from audit_event where action = 'observation.create'")
    )
    return tuple(found.one())


async def record_committed(database: Database, cast: Cast, readings: Sequence[Reading]) -> list[Verdict]:
    async with database.writing() as session:
        return await record(session, cast, *readings)


async def until_someone_waits_for_a_lock(database: Database) -> None:
    waiting = text(
        "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')"
    )
    async with asyncio.timeout(5):
        while True:
            async with database.reading() as session:
                if (await session.execute(waiting)).scalar_one():
                    return


def beat(cast: Cast, minutes_ago: float, value: object = 72, **more: Any) -> Reading:
    at = cast.now - timedelta(minutes=minutes_ago)
    return Reading(more.pop("client_id", f"p-{minutes_ago}"), "heart_rate", at, "/min", Decimal(str(value)), **more)


def pressure(cast: Cast, minutes_ago: int, systolic: int, diastolic: int) -> Reading:
    at = cast.now - timedelta(minutes=minutes_ago)
    parts = Decimal(systolic), Decimal(diastolic)
    return Reading(f"bp-{minutes_ago}", "blood_pressure", at, "mm[Hg]", None, *parts)


async def recorded(session: AsyncSession, cast: Cast, *readings: Reading, by: str = GUS) -> list[UUID]:
    verdicts = await record_observations(session, cast.actor(by), cast.patients["rose_resident"], readings)
    ids = [verdict.observation_id for verdict in verdicts if verdict.observation_id is not None]
    assert len(ids) == len(readings), verdicts
    return ids


async def page(
    session: AsyncSession,
    cast: Cast,
    *,
    by: str = GUS,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
    **sought: Any,
) -> list[Observation]:
    rose = cast.patients["rose_resident"]
    return await observation_page(session, cast.actor(by), rose, Sought(**sought), after=after, limit=limit)


async def walk(session: AsyncSession, cast: Cast, limit: int, **more: Any) -> list[Observation]:
    seen: list[Observation] = []
    after = None
    while True:
        found = await page(session, cast, limit=limit, after=after, **more)
        seen += found[:limit]
        if len(found) <= limit:
            return seen
        after = (seen[-1].effective_at, seen[-1].id)


async def correct(
    session: AsyncSession, cast: Cast, old: UUID, reading: Reading, *, by: str = GUS, at: datetime | None = None
) -> Observation:
    return await correct_observation(
        session, cast.actor(by, at=at), cast.patients["rose_resident"], old, reading, "typo"
    )


async def retract(
    session: AsyncSession, cast: Cast, old: UUID, *, by: str = GUS, why: str = "other person"
) -> Observation:
    return await retract_observation(session, cast.actor(by), cast.patients["rose_resident"], old, why)


def hour(cast: Cast, buckets: int) -> Span:
    return Span(cast.now - timedelta(hours=1), cast.now, buckets)


async def series(session: AsyncSession, cast: Cast, sign: str, span: Span, unit: str | None = None) -> Series:
    return await series_read(session, cast.actor(GUS), cast.patients["rose_resident"], sign=sign, unit=unit, span=span)
