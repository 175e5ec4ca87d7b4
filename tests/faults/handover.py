"""Ends that are meant: a process that is told to go under load, and a database that is replaced by its backup."""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from pathlib import Path

from sqlalchemy import text

from integrations.linux.children import stop
from integrations.postgres.backup import back_up, restore
from integrations.postgres.embedded import DATABASE, open_cluster
from integrations.postgres.migrate import migrate
from tests.faults.ingest import ingest, outcome_of, until
from tests.faults.outcome import Outcome
from tests.faults.site import STOP_SECONDS, Site, started
from tests.waiting import until_somebody_waits

IN_FLIGHT = 10
ARRIVED_SECONDS = 1.0  # by when all that was sent at once is in flight
# With what comes before, not quite what a statement may take: beyond that it is refused, whoever ends. That a node has
# longer than any statement is for `test_whoever_tells_a_node_to_end_gives_it_time_to_answer_what_is_under_way`.
HELD_SECONDS = 6.0
DRAIN_SECONDS = 30.0
_HOLD = text("select id from patient where id = :id for update")


async def told_to_go(site: Site) -> Outcome:
    """Return what became of an API process told to end (SIGTERM) while requests were under way that take seconds."""
    async with ingest(site) as going:
        leaving, database = site.apis[0], site.database()
        asked: list[asyncio.Task[int | None]] = []
        async with database.writing() as session:
            # Whoever records for this patient waits until we let go: one for the row, the others in the process for
            # that one.
            await session.execute(_HOLD, {"id": going.probes[0].patient_id})
            asked += [asyncio.create_task(going.probes[0].probe(leaving)) for _ in range(IN_FLIGHT)]
            await until_somebody_waits(database)
            await asyncio.sleep(ARRIVED_SECONDS)
            began = time.monotonic()
            ending = asyncio.create_task(site.stop_api(leaving))
            await asyncio.sleep(HELD_SECONDS)
        answers = await asyncio.gather(*asked)
        ended_by_itself = await ending
        drained = time.monotonic() - began
        await database.close()
        await site.restart_api(leaving)
        await going.goes_on()
        outcome = await outcome_of(going, "SIGTERM under load", drained)
        failed = sum(answer != 201 for answer in answers)
        outcome.promised(f"{IN_FLIGHT} requests in flight, {failed} failed", kept=not failed)
        words = f"ended {'by itself' if ended_by_itself else 'by force'} after {drained:.1f} s"
        outcome.promised(words, kept=ended_by_itself and drained <= DRAIN_SECONDS)
        return outcome


async def restored(site: Site) -> Outcome:
    """Return what became of a database that was lost, and replaced on a new server by its last backup.

    What came after the backup is gone, as docs/operations.md says; phones that still hold it send it again. Everybody
    who watches is told to begin again, and then told everything.
    """
    async with ingest(site, may_start_again=True) as going:
        async with going.resting():
            backup = site.folder / "tendwell.dump"
            await back_up(site.cluster.url(), backup)
        kept = len(going.ledger.acknowledged)
        await going.goes_on()
        async with going.resting():
            await _replaced(site, backup)
            gone = going.ledger.acknowledged[kept:]
            del going.ledger.acknowledged[kept:]
            since = time.monotonic()
        # What is stored before a watcher has begun again stands in the snapshots that it is sent. Who comes before the
        # relay has begun the new epoch is told that its cursor lies in the future, and then that the epoch is another.
        await until(lambda: all("epoch" in w.listener.resyncs for w in going.watchers), "everybody begins again")
        begun_again = len(going.ledger.acknowledged)
        recovery = await going.recovered(since)
        await going.goes_on()
        fault = "restore of a backup into a new cluster"
        outcome = await outcome_of(going, fault, recovery, told_from=begun_again)
        reasons = {reason for watcher in going.watchers for reason in watcher.listener.resyncs}
        words = f"every watcher told to begin again ({', '.join(sorted(reasons))})"
        outcome.promised(words, kept=reasons <= {"epoch", "future"})
        outcome.noted.append(f"{len(gone)} readings came after the backup")
        return outcome


async def _replaced(site: Site, backup: Path) -> None:
    """Have a new server with what the backup holds answer where the old one did."""
    elsewhere = site.folder / "restored"
    elsewhere.mkdir(mode=0o711)
    new = await asyncio.to_thread(open_cluster, elsewhere)
    server = await asyncio.to_thread(started, new, site.folder)
    await new.ensure_database("empty")
    await migrate(new.url("empty"))  # the roles are the server's: a dump has them not
    await new.ensure_database(DATABASE)
    await restore(new.url(), backup)
    await asyncio.to_thread(stop, server, signal.SIGINT, grace_seconds=STOP_SECONDS)
    await site.stop_postgres()
    shutil.rmtree(site.cluster.data)
    new.data.rename(site.cluster.data)
    await site.start_postgres()
