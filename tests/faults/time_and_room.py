"""What runs short or wrong beneath the service: a transaction that does not end, a full disk, a clock that jumps."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from domain.events.commands import append_event
from integrations.postgres.client import Database
from integrations.postgres.limits import Limits
from tests.faults.ingest import ROSE, Ingest, ingest, outcome_of, until
from tests.faults.outcome import Outcome
from tests.faults.site import Site, standing_site
from tests.live.processes import Installation, free_port

HELD_SECONDS = 60.0
CAUGHT_UP_SECONDS = 15.0
JUMPS_SECONDS = (3600.0, -3600.0, 0.0)
# An app's session lasts 30 days.
WEEKS_AHEAD_SECONDS = 40 * 86_400.0
TIDIED_WITHIN_SECONDS = 20.0
# The embedded server's files take some 60 MB, its log of what it does 16 at a time; the rest is there to be used up.
DISK_MEGABYTES = 400
ROOM_LEFT_BYTES = 1_000_000
FULL_SECONDS = 10.0
FULL_RECOVERY_SECONDS = 15.0  # PostgreSQL that ended goes through its log before it answers
ALARM, ALL_CLEAR = "feed_lag_seconds=", "the live feed has caught up"


async def long_transaction(site: Site, seconds: float = HELD_SECONDS) -> Outcome:
    """Return what became of a writing transaction that somebody left open: the feed waits, says so, and catches up."""
    async with ingest(site) as going:
        rose, subject = site.cast.patients[ROSE], uuid4()
        # Nobody of ours may idle so long in a transaction: this one is a stranger's, on the same server.
        database = Database(site.cluster.url(), Limits(idle_in_transaction_timeout_ms=0))
        alarms, all_clears, before = _said(site, ALARM), _said(site, ALL_CLEAR), len(going.ledger.acknowledged)
        async with database.writing() as session:
            await append_event(session, "test.happened", patient_id=rose, subject_ids=[subject])
            seen = await _lag_seen(going, seconds)
            recorded = len(going.ledger.acknowledged) - before
        ended = time.monotonic()
        await database.close()
        going.announced[str(subject)] = rose
        recovery = await going.recovered(ended)
        outcome = await outcome_of(going, f"a writing transaction of {seconds:.0f} s", recovery)
        outcome.promised(f"feed_lag_seconds reached {seen:.0f}", kept=seen >= 0.8 * seconds)
        outcome.promised(f"{recorded} readings recorded meanwhile", kept=recorded > 0)
        await until(lambda: _said(site, ALL_CLEAR) > all_clears, "the worker's log gives the all-clear")
        outcome.promised("alarmed in the worker's log, and cleared", kept=_said(site, ALARM) > alarms + 1)
        outcome.promised(f"caught up after {recovery:.1f} s", kept=recovery <= CAUGHT_UP_SECONDS * site.leniency)
        return outcome


def _said(site: Site, words: str) -> int:
    """Return how often the processes have printed something."""
    return site.installed.printed().count(words)


async def _lag_seen(going: Ingest, seconds: float) -> float:
    """Return the greatest lag that a node's readiness told of within the time, while readings go on being stored."""
    seen, ends_at = 0.0, time.monotonic() + seconds
    async with httpx.AsyncClient(timeout=5) as http:
        while time.monotonic() < ends_at:
            await asyncio.sleep(min(1.0, seconds / 10))
            answer = await http.get(f"{going.site.apis[0].url}/health/ready")
            if answer.status_code == 200:
                seen = max(seen, answer.json()["feed_lag_seconds"])
            elif "blind" in answer.json()["detail"]:
                seen = max(seen, seconds - (ends_at - time.monotonic()))
    return seen


async def clock_jumps(site: Site, jumps: tuple[float, ...] = JUMPS_SECONDS) -> Outcome:
    """Return what became of nodes whose clocks were set an hour ahead, two hours back, and right again.

    And of the sessions, beside a worker whose clock is weeks ahead: longer than any of them lasts.
    """
    moved = site.folder / "clock"
    moved.write_text("0")
    right = list(site.apis)
    for _ in right:
        await site.start_variant("tests.faults.jumping_api", CLOCK=str(moved))
    jumping = [api for api in site.apis if api not in right]
    site.apis = jumping
    try:
        async with ingest(site) as going:
            slowest = 0.0
            standing = await standing_sessions(site.cluster.url())
            for seconds in jumps:
                moved.write_text(str(seconds))
                slowest = max(slowest, await going.recovered())
                await going.goes_on()
            await tidied_weeks_ahead(site.installed, TIDIED_WITHIN_SECONDS * site.leniency)
            ended = standing - await standing_sessions(site.cluster.url())
            await going.goes_on()
            outcome = await outcome_of(
                going, "the nodes' clocks jump by an hour, both ways, the worker's by weeks", slowest
            )
            outcome.promised(f"{len(standing) - len(ended)} of {len(standing)} sessions go on", kept=not ended)
            refused = sum(refusal.status == 401 for refusal in going.ledger.refusals)
            outcome.noted.append(f"{refused} requests told to sign in again")
            return outcome
    finally:
        site.apis = right
        for api in jumping:
            await asyncio.to_thread(site.installed.kill, api)


async def standing_sessions(url: str) -> set[UUID]:
    """Return the sessions whose time is not over, as the database has it."""
    database = Database(url)
    async with database.reading() as session:
        found = set(await session.scalars(text("select id from session where expires_at > clock_timestamp()")))
    await database.close()
    return found


async def tidied_weeks_ahead(installed: Installation, within_seconds: float = TIDIED_WITHIN_SECONDS) -> None:
    """Return when a worker whose clock is weeks ahead has tidied up, and is gone again."""
    moved = installed.folder / "clock-of-the-worker"
    moved.write_text(str(WEEKS_AHEAD_SECONDS))
    address = f"127.0.0.1:{free_port()}"
    start = partial(installed.start_doomed, CLOCK=str(moved), WORKER_METRICS=address)
    worker = await asyncio.to_thread(start, "tests.faults.jumping_worker")
    try:
        async with httpx.AsyncClient() as http, asyncio.timeout(within_seconds):
            while not await _has_tidied(http, address):
                await asyncio.sleep(0.1)
    finally:
        await asyncio.to_thread(installed.kill, worker)


async def _has_tidied(http: httpx.AsyncClient, address: str) -> bool:
    try:
        told = (await http.get(f"http://{address}/metrics")).text
    except httpx.TransportError:
        return False  # it has not begun
    done = re.search(r'^tendwell_work_done_timestamp_seconds\{work="tidying"\} (\S+)$', told, re.MULTILINE)
    return done is not None and float(done[1]) > 0


async def disk_full(_: Site, seconds: float = FULL_SECONDS) -> Outcome:
    """Return what became of a database whose disk was full for a while: nothing more is taken, nothing is forgotten."""
    fault = "a full disk"
    if (reason := why_no_small_disk()) is not None:
        return Outcome(fault, skipped=reason)
    with small_disk() as disk:
        async with standing_site(disk, apis=2) as site, ingest(site) as going:
            filler = disk / "filler"
            refused_before = len(going.ledger.refusals)
            await asyncio.to_thread(_fill, filler)
            await until(lambda: len(going.ledger.refusals) > refused_before, "the disk is full")
            await asyncio.sleep(seconds)
            refusals = going.ledger.refusals[refused_before:]
            await asyncio.to_thread(filler.unlink)
            since = time.monotonic()
            died = site.server.poll() is not None
            if died:  # PostgreSQL that cannot write its log ends, and is started again by whoever supervises it
                await site.start_postgres()
            recovery = await going.recovered(since)
            outcome = await outcome_of(going, fault, recovery)
            at_most = FULL_RECOVERY_SECONDS * site.leniency
            outcome.promised(f"recovered in {recovery:.1f} s", kept=recovery <= at_most)
            others = {refusal.status for refusal in refusals if refusal.status != 503 or not refusal.retry_after}
            outcome.promised(f"{len(refusals)} answers 503 with Retry-After, {others or 'no'} other", kept=not others)
            if died:
                outcome.noted.append("PostgreSQL ended and was started again")
            return outcome


def why_no_small_disk() -> str | None:
    """Return why no small file system can be made here, None when it can."""
    if os.geteuid() != 0:
        return "only root may mount a small file system"
    if shutil.which("mount") is None:
        return "there is no mount command"
    with tempfile.TemporaryDirectory() as folder:
        if not _mounted(Path(folder), 1):
            return "this machine does not let us mount a file system"
        _unmount(Path(folder))
    return None


@contextmanager
def small_disk(megabytes: int = DISK_MEGABYTES) -> Iterator[Path]:
    """Yield a folder that is a file system of its own."""
    with tempfile.TemporaryDirectory(prefix="tendwell-disk-") as folder:
        disk = Path(folder)
        assert _mounted(disk, megabytes)
        try:
            disk.chmod(0o711)
            yield disk
        finally:
            _unmount(disk)


def _mounted(disk: Path, megabytes: int) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(disk)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _unmount(disk: Path) -> None:
    subprocess.run(["umount", "--lazy", str(disk)], check=True, capture_output=True)


def _fill(filler: Path) -> None:
    """Take all room but a little."""
    with filler.open("wb") as file:
        room = shutil.disk_usage(filler.parent).free
        os.posix_fallocate(file.fileno(), 0, max(1, room - ROOM_LEFT_BYTES))
