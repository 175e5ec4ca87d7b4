"""Reads of records through the API, beside 100 thousand readings and beside 10 million: of the same people."""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

import asyncpg

from benchmarks.figures import Comparison, Figures, row
from benchmarks.findings import Findings, Say
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

READINGS_OF_THE_GOALS = 10_000_000
"""Beside how many, stored, a read is to be as quick as its goals say: beside fewer nobody knows."""
LOOKS, FEWER_LOOKS = 200, 100  # at what has a goal, and at the rest
LOOKING_SECONDS = 45.0
"""What the reads beside many take, and taking the stage down."""
TIMES_FILLING = 4.0
"""How much longer it takes to put readings in with what follows it: indexes, daily summaries, a vacuum."""
WARM_UP = 20  # PostgreSQL settles on a plan, and each pooled connection prepares its statements
P95 = 0.95
MONTH, YEAR = "30 days of one sign, 1,000 points", "a year of one sign, 12,000 readings in 365 points"
BOARD = f"board of {PATIENTS_OF_A_PRACTICE} patients, seven signs each"
# Which goals each is held to: by itself, and beside the same among few.
_HELD_TO = {MONTH: ("month p95", "month alike"), YEAR: ("year p95", "year alike"), BOARD: ("board p95", "")}
_KEPT = {"daily_summary_bytes": "observation_day", "latest_bytes": "observation_latest"}
_SIZE_OF_A_ROW = "select pg_total_relation_size('{table}')::float8 / count(*) from {table}"


async def reads(stage: Stage, say: Say, readings: int, within_seconds: float) -> AsyncIterator[Findings]:
    """Yield each read beside so many readings, with the same beside those of one practice as its limit.

    What cannot be put in within these seconds is left out: the rows say beside how many it was.
    """
    end_at = time.monotonic() + within_seconds
    mine = [UUID(each) for each in stage.patient_ids]
    say(f"A year of one practice: {READINGS_OF_A_PRACTICE:,} readings…")
    few = await add_year(stage.superuser_url, mine, recorded_by=NURSE, say=say)
    beside_few = await _each_read(await stage.with_new_token(), f"beside {few:,}", say)
    practices = readings // READINGS_OF_A_PRACTICE
    say(f"A year of {practices:,} practices more…")
    others = await add_patients(stage.superuser_url, practices)
    filling = (end_at - time.monotonic() - LOOKING_SECONDS) / TIMES_FILLING
    many = few + await add_year(stage.superuser_url, others, recorded_by=NURSE, say=say, within_seconds=filling)
    yield Findings(figures=await _bytes_a_row(stage.superuser_url))
    beside_many = await _each_read(await stage.with_new_token(), f"beside {many:,}", say)
    for title in beside_many:
        yield looked(Comparison(title, beside_many[title], beside_few[title], by_rate=False, share=P95), many)


def looked(found: Comparison, beside: int) -> Findings:
    """Return a read's row, and how quick it was to be beside so many, by itself and beside the same among few."""
    why_not = "" if beside >= READINGS_OF_THE_GOALS else f"beside {beside:,} only"
    by_itself, alike = _HELD_TO.get(found.title, ("", ""))
    goals: tuple[Goal, ...] = ()
    if by_itself:
        goals += (Goal(by_itself, found.ours.percentile(P95), found.ours.name, why_not),)
    if alike:
        goals += (Goal(alike, found.ratio, f"{found.ours.name} and {found.limit.name}", why_not),)
    return Findings((row(found),), goals)


async def _bytes_a_row(url: str) -> dict[str, float]:
    """Return what a row takes, indexes included, of what is kept for ever beside the readings."""
    connection = await asyncpg.connect(url)
    try:
        return {name: float(await connection.fetchval(_SIZE_OF_A_ROW.format(table=t))) for name, t in _KEPT.items()}
    finally:
        await connection.close()


async def _each_read(stage: Stage, name: str, say: Say) -> dict[str, Figures]:
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
        found[title] = await _look(stage, name, paths, LOOKS if title in _HELD_TO else FEWER_LOOKS)
    return found


def _series(patient_id: str, until: datetime, *, days: int, buckets: int) -> str:
    begin = until - timedelta(days=days)
    query = {"sign": WATCHED_SIGN, "from": begin.isoformat(), "until": until.isoformat(), "buckets": buckets}
    return f"/v1/patients/{patient_id}/observations/series?{urlencode(query)}"


async def _look(stage: Stage, name: str, paths: Sequence[str], looks: int) -> Figures:
    delays_ms: list[float] = []
    started = time.perf_counter()
    async with Connection(stage.api_ports[0]) as connection:
        for path in itertools.islice(itertools.cycle(paths), WARM_UP + looks):
            began = time.perf_counter()
            status, answer = await connection.get(path, stage.token)
            delays_ms.append((time.perf_counter() - began) * 1000)
            if status != 200:
                raise RuntimeError(f"{path} answered {status}: {answer[:300]!r}")
    return Figures(name, tuple(delays_ms[WARM_UP:]), time.perf_counter() - started)
