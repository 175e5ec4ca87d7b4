"""What is away for a while and comes back: PostgreSQL, NATS, and the network between a node and the database."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter

from sqlalchemy import text

from integrations.postgres.limits import NOTICED_SECONDS
from tests.faults.cable import Cable, behind_a_cable, why_not
from tests.faults.ingest import Ingest, ingest, outcome_of
from tests.faults.load import Refusal
from tests.faults.outcome import Outcome
from tests.faults.site import Site
from tests.faults.wire import HOST, Wire, wire
from tests.live.processes import Process

AWAY_SECONDS = 10.0
CUT_SECONDS = 20.0
RECOVERY_SECONDS = 5.0
# Beyond this a person would have put the phone down; the pool itself waits two seconds.
FAST_SECONDS = 3.0
# More than a node has connections, so that one that was never given back is missed.
AT_ONCE = 40
PROBES = 12
GIVEN_UP_SECONDS = 40.0
ACKNOWLEDGED = 201
# What a statement may take, what is given to the answer, and what it takes to give the connection up.
SILENT_SECONDS = 17.0
_SOCKET = ".s.PGSQL.5432"

# With what each does, so that whoever reads of a leak knows where to look. Statements hold parameters, not values.
_STUCK = text(
    """
    select format('%s, %s for %s s (%s): %s', application_name, state,
        extract(epoch from now() - state_change)::int, coalesce(wait_event, 'at work'), left(query, 60)) as what
    from pg_stat_activity where datname = current_database() and application_name like 'tendwell-%'
        and state <> 'idle' and state_change < now() - interval '2 seconds'
    """
)


async def postgres_away(site: Site, seconds: float = AWAY_SECONDS) -> Outcome:
    """Return what became of a while without PostgreSQL: fast refusals, a quick recovery, nothing left behind."""
    async with ingest(site) as going:
        await site.stop_postgres()
        refused_before = len(going.ledger.refusals)
        await asyncio.gather(*(_asking(going, api, seconds) for api in site.apis))
        refusals = going.ledger.refusals[refused_before:]
        await site.start_postgres()
        recovery = await going.recovered()
        await going.goes_on()
        outcome = await outcome_of(going, f"PostgreSQL away for {seconds:.0f} s", recovery)
        _judge_refusals(outcome, refusals, FAST_SECONDS * site.leniency)
        outcome.promised(f"recovered in {recovery:.1f} s", kept=recovery <= RECOVERY_SECONDS * site.leniency)
        words, kept = await _leaks(going)
        outcome.promised(words, kept=kept)
        return outcome


async def nats_frozen(site: Site, seconds: float = 5.0) -> Outcome:
    """Return what became of a NATS that keeps its connections and does nothing: the poll goes on."""
    async with ingest(site) as going:
        os.kill(site.nats.pid, signal.SIGSTOP)
        try:
            recovery = await going.recovered()
            await asyncio.sleep(seconds)
            await going.goes_on()
        finally:
            os.kill(site.nats.pid, signal.SIGCONT)
        await going.goes_on()
        outcome = await outcome_of(going, "NATS frozen", recovery)
        outcome.promised(f"told without it in {recovery:.1f} s", kept=recovery <= RECOVERY_SECONDS * site.leniency)
        return outcome


async def nats_cut(site: Site, seconds: float = 5.0) -> Outcome:
    """Return what became of a cut between NATS and a relay and a node: neither hears of it, and the poll goes on."""
    async with wire((HOST, int(site.nats.url.rpartition(":")[2]))) as between:
        url, first = f"nats://{HOST}:{between.port}", site.workers[0]
        far_worker = await site.start_worker(NATS_URL=url)
        await site.start_apis(1, NATS_URL=url)
        far_api = site.apis[-1]
        try:
            await site.kill_worker(first)  # so that the relay at work is the one that is cut off
            async with ingest(site) as going:
                between.cut()
                recovery = await going.recovered()
                await asyncio.sleep(seconds)
                await going.goes_on()
                between.mend()
                await going.goes_on()
                outcome = await outcome_of(
                    going, f"network cut between NATS and relay and node, {seconds:.0f} s", recovery
                )
                in_time = recovery <= RECOVERY_SECONDS * site.leniency
                outcome.promised(f"told without it in {recovery:.1f} s", kept=in_time)
                return outcome
        finally:
            await site.kill_api(far_api)
            await site.kill_worker(far_worker)
            await site.start_worker()


async def network_cut(site: Site, seconds: float = CUT_SECONDS) -> Outcome:
    """Return what became of a cut between the database and one of two nodes, a relay's and an API's, and of its end."""
    fault = f"network cut between node and database, {seconds:.0f} s"
    async with wire(site.cluster.sockets / _SOCKET, noticed_after_seconds=NOTICED_SECONDS) as between:
        url = f"postgresql://tendwell@{HOST}:{between.port}/tendwell"
        return await _cut_off(site, url, between, fault, seconds)


async def namespace_cut(site: Site, seconds: float = CUT_SECONDS) -> Outcome:
    """Return what became of the same where PostgreSQL is in a network namespace of its own, and the kernel cuts."""
    fault = f"network cut between two namespaces, {seconds:.0f} s"
    if (reason := await asyncio.to_thread(why_not, site.folder)) is not None:
        return Outcome(fault, skipped=reason)
    async with behind_a_cable(site) as (cable, url):
        return await _cut_off(site, url, cable, fault, seconds)


async def _cut_off(site: Site, url: str, between: Wire | Cable, fault: str, seconds: float) -> Outcome:
    first = site.workers[0]
    far_worker = await site.start_worker(DATABASE_URL=url)
    await site.start_apis(1, DATABASE_URL=url)
    far_api = site.apis[-1]
    try:
        await site.kill_worker(first)  # so that the relay at work is the one behind the wire
        async with ingest(site, wait_seconds=5) as going:
            return await _cut(going, between, far_api, fault, seconds)
    finally:
        await site.kill_api(far_api)
        await site.kill_worker(far_worker)


async def _cut(going: Ingest, between: Wire | Cable, far_api: Process, fault: str, seconds: float) -> Outcome:
    site = going.site
    await site.start_worker()
    between.cut()
    began = time.monotonic()
    asked = [asyncio.create_task(_timed(going, far_api)) for _ in range(PROBES)]
    told = await going.recovered()
    await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
    between.mend()
    mended = time.monotonic()
    answers = await asyncio.gather(*asked)
    while (
        await going.probes[0].probe(far_api, GIVEN_UP_SECONDS) != ACKNOWLEDGED
        and time.monotonic() - mended < GIVEN_UP_SECONDS
    ):
        await asyncio.sleep(0.1)
    back = time.monotonic() - mended
    await going.goes_on()
    outcome = await outcome_of(going, fault, back)
    words = ", ".join(f"{times} × {answer}" for answer, times in Counter(answer for answer, _ in answers).items())
    slowest = max(seconds for _, seconds in answers)
    outcome.noted.append(f"a reading sent during it was told after {told:.1f} s")
    in_time = slowest <= SILENT_SECONDS * site.leniency and all(answer for answer, _ in answers)
    outcome.promised(f"asked of the cut node: {words}, the slowest after {slowest:.0f} s", kept=in_time)
    outcome.promised(f"the node records again {back:.1f} s after it", kept=back <= RECOVERY_SECONDS * site.leniency)
    words, kept = await _leaks(going)
    outcome.promised(words, kept=kept)
    return outcome


async def _timed(going: Ingest, api: Process) -> tuple[int | None, float]:
    """Return the status with which a process answers a reading (None: not in time), and after how many seconds."""
    began = time.monotonic()
    status = await going.probes[0].probe(api, GIVEN_UP_SECONDS)
    return status, time.monotonic() - began


async def _asking(going: Ingest, api: Process, seconds: float) -> None:
    """Ask much of a process for a while, so that whatever a refusal costs it is used up."""
    probe, ends_at = going.probes[0], time.monotonic() + seconds
    caller = await going.people.caller(probe.name)
    address = f"{api.url}/v1/patients/{probe.patient_id}/observations/latest"
    while time.monotonic() < ends_at:
        await asyncio.gather(*(_asked(going, address, caller.headers) for _ in range(AT_ONCE // 4)))
        await asyncio.sleep(0.2)


async def _asked(going: Ingest, address: str, headers: dict[str, str]) -> int:
    began = time.monotonic()
    answer = await going.people.http.get(address, headers=headers)
    if answer.status_code != 200:
        seconds = time.monotonic() - began
        going.ledger.refusals.append(Refusal(answer.status_code, seconds, answer.headers.get("retry-after")))
    return answer.status_code


def _judge_refusals(outcome: Outcome, refusals: list[Refusal], fast_seconds: float) -> None:
    others = {refusal.status for refusal in refusals if refusal.status != 503 or not refusal.retry_after}
    slowest = max((refusal.seconds for refusal in refusals), default=0.0)
    words = f"{len(refusals)} answers 503 with Retry-After, the slowest after {slowest:.1f} s"
    outcome.promised(words, kept=bool(refusals) and slowest <= fast_seconds)
    outcome.promised(f"no other answer than 503 with Retry-After {others or ''}".strip(), kept=not others)


async def _leaks(going: Ingest) -> tuple[str, bool]:
    """Return whether every connection of the nodes is free again, in words and as a fact."""
    probe = going.probes[0]
    caller = await going.people.caller(probe.name)
    short = 0
    for api in going.site.apis:
        address = f"{api.url}/v1/patients/{probe.patient_id}/observations/latest"
        answers = await asyncio.gather(*(_asked(going, address, caller.headers) for _ in range(AT_ONCE)))
        short += sum(status != 200 for status in answers)
    database = going.site.database()
    async with database.reading() as session:
        stuck = list((await session.execute(_STUCK)).scalars())
    await database.close()
    words = f"{AT_ONCE} at once answered by each node ({short} not), {len(stuck)} connections stuck"
    return "; ".join([words, *stuck]), not (short or stuck)
