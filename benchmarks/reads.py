"""Reads of records through the API, beside 100 thousand readings and beside 10 million: of the same people."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from benchmarks.figures import Comparison, Figures
from benchmarks.goals import Goal
from benchmarks.history import (
    CLOSELY_WATCHED,
    PATIENTS_OF_A_PRACTICE,
    READINGS_OF_A_PRACTICE,
    WATCHED_SIGN,
    add_patients,
    add_year,
)
from benchmarks.http_client import Connection
from benchmarks.stage import NURSE, Stage

MOST_READINGS = 10_000_000
LOOKS = 200
WARM_UP = 20  # PostgreSQL settles on a plan, and each pooled connection prepares its statements
P95 = 0.95
MONTH, YEAR = "30 days of one sign, 1,000 points", "a year of one sign, 12,000 readings in 365 points"
BOARD = f"board of {PATIENTS_OF_A_PRACTICE} patients, seven signs each"
MOST_MS = {MONTH: 10, YEAR: 10, BOARD: 20}
MOST_TIMES_BESIDE_FEW = 1.3


async def reads(stage: Stage, say: Callable[[str], None], readings: int = MOST_READINGS) -> list[Comparison]:
    """Return each read beside so many readings, with the same beside those of one practice as its limit."""
    mine = [UUID(each) for each in stage.patient_ids]
    say(f"A year of one practice: {READINGS_OF_A_PRACTICE:,} readings…")
    few = await add_year(stage.superuser_url, mine, recorded_by=NURSE, say=say)
    beside_few = await _each_read(await stage.with_new_token(), f"beside {few:,}", say)
    practices = readings // READINGS_OF_A_PRACTICE
    say(f"A year of {practices:,} practices more…")
    others = await add_patients(stage.superuser_url, practices)
    many = few + await add_year(stage.superuser_url, others, recorded_by=NURSE, say=say)
    beside_many = await _each_read(await stage.with_new_token(), f"beside {many:,}", say)
    return [Comparison(title, beside_many[title], beside_few[title], by_rate=False, share=P95) for title in beside_many]


def read_goals(found: Sequence[Comparison]) -> list[Goal]:
    """Return how quick reads were to be, by themselves and beside the same among few readings, and whether they are."""
    of = {each.title: each for each in found}
    quick = [
        Goal.at_most(f"{title}, p95, {of[title].ours.name}", of[title].ours.percentile(P95), most, "ms")
        for title, most in MOST_MS.items()
    ]
    alike = [
        Goal.at_most(
            f"{title}, p95, {of[title].ours.name}", of[title].ratio, MOST_TIMES_BESIDE_FEW, f"× {of[title].limit.name}"
        )
        for title in (MONTH, YEAR)
    ]
    return quick + alike


async def _each_read(stage: Stage, name: str, say: Callable[[str], None]) -> dict[str, Figures]:
    """Return by its title what each read took, one after the other on one connection."""
    now = datetime.now(UTC)
    watched = stage.patient_ids[:CLOSELY_WATCHED]
    asked = {
        MONTH: [_series(each, now, days=30, buckets=1000) for each in watched],
        YEAR: [_series(each, now, days=365, buckets=365) for each in watched],
        "the latest of each sign of one patient": [
            f"/v1/patients/{each}/observations/latest" for each in stage.patient_ids
        ],
        "the newest 200 of one sign": [
            f"/v1/patients/{each}/observations?sign={WATCHED_SIGN}&limit=200" for each in watched
        ],
        "the newest 200 of all signs": [f"/v1/patients/{each}/observations?limit=200" for each in stage.patient_ids],
        BOARD: [f"/v1/board?limit={PATIENTS_OF_A_PRACTICE}"],
    }
    found = {}
    for title, paths in asked.items():
        say(f"  {name}: {title}…")
        found[title] = await _look(stage, name, paths)
    return found


def _series(patient_id: str, until: datetime, *, days: int, buckets: int) -> str:
    begin = until - timedelta(days=days)
    query = {"sign": WATCHED_SIGN, "from": begin.isoformat(), "until": until.isoformat(), "buckets": buckets}
    return f"/v1/patients/{patient_id}/observations/series?{urlencode(query)}"


async def _look(stage: Stage, name: str, paths: Sequence[str]) -> Figures:
    delays_ms: list[float] = []
    started = time.perf_counter()
    async with Connection(stage.api_ports[0]) as connection:
        for path in itertools.islice(itertools.cycle(paths), WARM_UP + LOOKS):
            began = time.perf_counter()
            status, answer = await connection.get(path, stage.token)
            delays_ms.append((time.perf_counter() - began) * 1000)
            if status != 200:
                raise RuntimeError(f"{path} answered {status}: {answer[:300]!r}")
    return Figures(name, tuple(delays_ms[WARM_UP:]), time.perf_counter() - started)
