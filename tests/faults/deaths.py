"""Processes that are killed in mid-ingest, at once and without a word: kill -9."""

from __future__ import annotations

import asyncio
import time

from sqlalchemy import text

from domain.events.commands import _NUMBER
from tests.faults.ingest import ingest, outcome_of
from tests.faults.outcome import Outcome
from tests.faults.site import Site

RECOVERY_SECONDS = 5.0
START_SECONDS = 60.0
# Its imports, and its keys and tables looked at.
WORKER_START_SECONDS = 10.0
# Each relay looks on a connection of its own, and that is the last thing it did there: by the relay's own statement, of
# which no copy here could grow old.
_LOOKING = text("select count(*) from pg_stat_activity where application_name = 'tendwell-worker' and query = :look")


async def api_killed(site: Site) -> Outcome:
    """Return what became of the death of one of the API processes; it is started again, as a supervisor does."""
    async with ingest(site) as going:
        doomed = site.apis[0]
        await site.kill_api(doomed)
        recovery = await going.recovered()
        await site.restart_api(doomed)
        await going.goes_on()
        outcome = await outcome_of(going, "kill -9 of an API process", recovery)
        outcome.promised(f"recovered in {recovery:.1f} s", kept=recovery <= RECOVERY_SECONDS * site.leniency)
        return outcome


async def worker_killed(site: Site) -> Outcome:
    """Return what became of the death of the only worker, and so of the relay, until another was started."""
    async with ingest(site) as going:
        await site.kill_worker(site.workers[0])
        await going.goes_on()
        began = time.monotonic()
        await site.start_worker()
        recovery = await going.recovered(began)
        outcome = await outcome_of(going, "kill -9 of the worker (relay)", recovery)
        at_most = WORKER_START_SECONDS + RECOVERY_SECONDS * site.leniency
        outcome.promised(f"recovered in {recovery:.1f} s, its start included", kept=recovery <= at_most)
        return outcome


async def until_relays_look(site: Site, how_many: int) -> None:
    """Return once so many workers' relays are looking for something to number."""
    database = site.database()
    try:
        async with asyncio.timeout(START_SECONDS):
            while True:
                async with database.reading() as session:
                    if int((await session.execute(_LOOKING, {"look": _NUMBER.sql})).scalar_one()) >= how_many:
                        return
                await asyncio.sleep(0.1)
    finally:
        await database.close()


async def relay_taken_over(site: Site) -> Outcome:
    """Return what became of the death of one of two workers, the one whose relay had been at work all along."""
    async with ingest(site) as going:
        second = await site.start_worker()
        await until_relays_look(site, 2)
        await site.kill_worker(site.workers[0])
        recovery = await going.recovered()
        outcome = await outcome_of(going, "kill -9 of one of two workers", recovery)
        outcome.promised(f"taken over in {recovery:.1f} s", kept=recovery <= RECOVERY_SECONDS * site.leniency)
        assert site.workers == [second]
        return outcome


async def postgres_killed(site: Site) -> Outcome:
    """Return what became of the death of every process of PostgreSQL, started again at once."""
    async with ingest(site) as going:
        await site.kill_postgres()
        await site.start_postgres()
        recovery = await going.recovered()
        await going.goes_on()
        outcome = await outcome_of(going, "kill -9 of PostgreSQL", recovery)
        outcome.promised(f"recovered in {recovery:.1f} s", kept=recovery <= RECOVERY_SECONDS * site.leniency)
        return outcome


async def nats_killed(site: Site) -> Outcome:
    """Return what became of the death of NATS: the poll goes on, and the doorbell is back when it is."""
    async with ingest(site) as going:
        site.nats.kill()
        recovery = await going.recovered()
        await going.goes_on()
        site.nats.__enter__()
        await going.goes_on()
        outcome = await outcome_of(going, "kill -9 of NATS", recovery)
        outcome.promised(f"told without it in {recovery:.1f} s", kept=recovery <= RECOVERY_SECONDS * site.leniency)
        return outcome
