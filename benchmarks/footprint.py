"""What a process takes: memory with many sockets, memory over time under load, and the time until it can serve."""

from __future__ import annotations

import asyncio
import itertools
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import linear_regression, mean, median

from benchmarks.crowd import gather_crowd, tickets
from benchmarks.findings import Findings, Say
from benchmarks.goals import Goal
from benchmarks.http_client import Connection
from benchmarks.live import poster_of
from benchmarks.screens import Screen, open_screens
from benchmarks.stage import NURSE, STOP_GRACE_SECONDS, Stage, answers, free_port
from integrations.linux.children import spawn, stop

SOCKETS, CROWD = 2_000, 200
OPENED_AT_ONCE = 200  # a ticket lapses after 30 seconds
FLAT_FOR_MINUTES = 10
STARTS = 5
SAMPLE_SECONDS = 1.0
LOAD_CONNECTIONS, LOAD_SCREENS, LOAD_BATCH = 8, 50, 20
_SETTLE_SECONDS = 6  # one round of pings and heartbeats
_KIBIBYTES_PER_MB = 1_000_000 / 1_024


@dataclass(frozen=True, slots=True)
class Run:
    """The memory of a process over a run: seconds since its beginning, and megabytes."""

    seconds: tuple[float, ...]
    megabytes: tuple[float, ...]

    @property
    def thirds(self) -> tuple[float, float, float]:
        """Return the mean of each third of the run in megabytes."""
        third = max(1, len(self.megabytes) // 3)
        first, second, last = (
            mean(self.megabytes[begin:end]) for begin, end in ((0, third), (third, 2 * third), (2 * third, None))
        )
        return first, second, last

    @property
    def mb_per_hour(self) -> float:
        """Return how much it grew over the last two thirds, in megabytes an hour."""
        begin = len(self.seconds) // 3
        return linear_regression(self.seconds[begin:], self.megabytes[begin:]).slope * 3600


async def footprint(stage: Stage, say: Say, minutes: float) -> AsyncIterator[Findings]:
    """Yield what a process takes, beside what it may."""
    await gather_crowd(stage.database_url, NURSE, CROWD)
    yield await _with_sockets(stage, say)
    yield await _starts(stage, say)
    say(f"Memory under load, for {minutes:g} minute(s)…")
    run = await _under_load(stage, minutes)
    first, second, last = run.thirds
    say(f"  {first:.0f}, {second:.0f} and {last:.0f} MB in its thirds; {run.mb_per_hour:+.0f} MB an hour at the end")
    yield Findings(goals=memory_goals(run, minutes))


async def _with_sockets(stage: Stage, say: Say) -> Findings:
    say(f"{SOCKETS:,} sockets on one process…")
    async with _own_process(stage) as own:
        port, process_id = own.port, own.process_id
        before = memory_mb(process_id)
        screens: list[Screen] = []
        watched = itertools.cycle([[patient] for patient in stage.patient_ids])
        while len(screens) < SOCKETS:
            good = await tickets(stage.database_url, OPENED_AT_ONCE)
            screens += await open_screens(port, good, watched)
        await asyncio.sleep(_SETTLE_SECONDS)
        after = memory_mb(process_id)
        open_now = sum(screen.close_code is None for screen in screens)
        for screen in screens:
            screen.close()
        await asyncio.sleep(_SETTLE_SECONDS)
    detail = f"{before:.0f} MB before, {(after - before) * 1000 / SOCKETS:.0f} kB a socket"
    say(f"  {after:.0f} MB, {detail}")
    goals = (Goal("sockets", open_now), Goal("memory with sockets", after, detail))
    return Findings(goals=goals, figures={"sockets_per_process": open_now})


async def _under_load(stage: Stage, minutes: float) -> Run:
    async with _own_process(stage) as own:
        port, process_id = own.port, own.process_id
        good = await tickets(stage.database_url, LOAD_SCREENS)
        screens = await open_screens(port, good, itertools.cycle([[patient] for patient in stage.patient_ids]))
        run = await _loaded(stage, port, process_id, minutes * 60)
        for screen in screens:
            screen.close()
    return run


def memory_goals(run: Run, minutes: float) -> tuple[Goal, ...]:
    """Return what memory under load is held to. Of less than ten minutes nobody can say that it is flat."""
    most = Goal("memory under load", max(run.megabytes), f"{minutes:g} min")
    if minutes < FLAT_FOR_MINUTES:
        return (most, Goal("memory flat", None, why_not=f"needs --minutes {FLAT_FOR_MINUTES}, had {minutes:g}"))
    _, second, last = run.thirds
    return (most, Goal("memory flat", last - second, f"{minutes:g} min"))


async def _loaded(stage: Stage, port: int, process_id: int, seconds: float) -> Run:
    """Return the memory of the process while singles and batches are posted to it as fast as they are taken."""
    began, numbers = time.monotonic(), itertools.count()
    poster = replace(poster_of(stage, stage.patient_ids), port=port)
    samples: list[tuple[float, float]] = []

    async def client(each: int) -> None:
        nonlocal poster
        async with Connection(port) as connection:
            while time.monotonic() < began + seconds:
                await poster.post(connection, next(numbers), each)

    async def renew() -> None:
        nonlocal poster
        while True:
            await asyncio.sleep(300)  # a token is good for ten minutes
            poster = replace(poster, token=(await stage.with_new_token()).token)

    async def sample() -> None:
        while True:
            samples.append((time.monotonic() - began, memory_mb(process_id)))
            await asyncio.sleep(SAMPLE_SECONDS)

    beside = [asyncio.create_task(renew()), asyncio.create_task(sample())]
    try:
        await asyncio.gather(*(client(LOAD_BATCH if n % 2 else 1) for n in range(LOAD_CONNECTIONS)))
    finally:
        for task in beside:
            task.cancel()
    return Run(*zip(*samples, strict=True))


async def _starts(stage: Stage, say: Say) -> Findings:
    say(f"{STARTS} cold starts, and of a bare FastAPI…")
    bare, ours = [], []
    for _ in range(STARTS):
        async with _own_process(stage, is_bare=True) as process:
            bare.append(process.started_in_seconds)
        async with _own_process(stage) as process:
            ours.append(process.started_in_seconds)
    return Findings(goals=(Goal("start", median(ours), f"a bare FastAPI: {median(bare):.1f} s"),))


@dataclass(frozen=True, slots=True)
class _Process:
    """A process of this measurement's own."""

    port: int
    process_id: int
    started_in_seconds: float


@asynccontextmanager
async def _own_process(stage: Stage, *, is_bare: bool = False) -> AsyncIterator[_Process]:
    """Yield one more API process, or the bare application, as soon as it can serve."""
    port = free_port()
    ours = ["-m", "api", "serve", "--port", str(port)]
    theirs = ["-m", "uvicorn", "benchmarks.limits:app", "--port", str(port), "--log-level", "warning"]
    with tempfile.TemporaryDirectory(prefix="tendwell-bench-") as folder:
        began = time.perf_counter()
        command = [sys.executable, *(theirs if is_bare else ours)]
        child = spawn(command, log=Path(folder) / "log", environment=stage.environment)
        try:
            await answers(port, "/openapi.json" if is_bare else "/health/ready")
            yield _Process(port, child.pid, time.perf_counter() - began)
        finally:
            stop(child, signal.SIGINT, grace_seconds=STOP_GRACE_SECONDS)


def memory_mb(process_id: int) -> float:
    """Return what a process holds in memory, in megabytes (VmRSS of proc(5))."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / _KIBIBYTES_PER_MB
    raise RuntimeError(f"process {process_id} is gone")
