"""Clients that fare badly: a lost reply, a phone that was offline for a month, screens that freeze or dawdle."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from uuid import UUID

from tests.faults.ingest import ROSE, Ingest, ingest, outcome_of, until
from tests.faults.load import Batch, Device
from tests.faults.measured import readings
from tests.faults.outcome import Outcome
from tests.faults.site import Site
from tests.faults.watchers import Watcher
from tests.faults.wire import HOST, wire
from tests.live.client import Caller, hello, watching
from tests.live.processes import Process
from tests.live.readings import post
from tests.live.unkind import RawClient, told_much

LOST_REPLIES = 5
DAYS, READINGS_A_DAY, BATCH, OVERLAP = 30, 96, 200, 50
DROPPED_SECONDS = 15.0
BEA, TESS = "bea_clinician_elsewhere", "tess_of_other_practice"
# Rose's, so that fifty screens show the same record: no account may hold more than twenty at one process.
FOUR = ("asha_clinician_of_practice", "carl_clinician_on_care_team", "gus_care_home_staff", "rose_herself")
OTHERS = [FOUR[number % len(FOUR)] for number in range(49)]
POSTS, POST_PAUSE_SECONDS = 100, 0.1
# Below this a ratio says more of the machine than of the service.
LEAST_P99_MILLISECONDS = 25.0
# As told some 60 KB each: together more than all buffers on the way to a client hold.
BIG_EVENTS, SUBJECTS = 40, 100
SLOW_EVENTS, PAUSE_A_MESSAGE_SECONDS = 160, 1.0


async def replies_lost(site: Site, replies: int = LOST_REPLIES) -> Outcome:
    """Return what became of readings whose acknowledgement never arrived, and which the phone therefore sent again."""
    async with ingest(site) as going, wire((HOST, site.apis[0].port)) as between:
        through = Process(site.apis[0].popen, site.apis[0].log, between.port)
        phone = Device(going.people, going.ledger, "rose_herself", site.cast.patients[ROSE], wait_seconds=2)
        before = going.ledger.verdicts["duplicate"]
        for _ in range(replies):
            between.swallow_answers()
            batch = readings(3)
            went_well = await phone.send(through, batch)
            assert not went_well, "the reply was not lost"
            between.mend()
            await phone.deliver(batch)
        repeats = going.ledger.verdicts["duplicate"] - before
        outcome = await outcome_of(going, "a reply lost after the commit", None)
        outcome.promised(f"{repeats} of {3 * replies} known again", kept=repeats >= 3 * replies)
        return outcome


async def back_online(site: Site, days: int = DAYS) -> Outcome:
    """Return what became of a phone that was offline for a month, and sends all of it in batches that overlap."""
    async with ingest(site) as going:
        phone = Device(going.people, going.ledger, "rose_herself", site.cast.patients[ROSE])
        began = time.monotonic()
        batches = month_of(days, random.Random(30))
        for batch in batches:
            await phone.deliver(batch)
        took = time.monotonic() - began
        outcome = await outcome_of(going, f"an offline phone's {days} days, with repeats", None)
        sent = sum(len(batch["readings"]) for batch in batches)
        outcome.noted.append(f"{sent:,} readings sent in {took:.1f} s, of {days * READINGS_A_DAY:,} measured")
        return outcome


def month_of(days: int, chance: random.Random) -> list[Batch]:
    """Return what a phone kept while it was offline, in batches that overlap, some sent twice and not in order."""
    now = datetime.now(UTC)
    kept = [
        {
            "client_id": f"offline-{now.timestamp():.0f}-{n}",
            "sign": "heart_rate",
            "value": 50 + n % 50,
            "unit": "/min",
            "effective_at": (now - n * timedelta(days=1) / READINGS_A_DAY - timedelta(days=2)).isoformat(),
        }
        for n in range(days * READINGS_A_DAY)
    ]
    starts = range(0, len(kept), BATCH - OVERLAP)
    batches = [{"readings": kept[start : start + BATCH]} for start in starts]
    batches += chance.sample(batches, len(batches) // 3)
    chance.shuffle(batches)
    return batches


async def one_frozen(site: Site, posts: int = POSTS) -> Outcome:
    """Return what one frozen screen among fifty did to the others: the delay of each reading to each of them."""
    watchers = [(name, (ROSE,)) for name in OTHERS]
    async with ingest(site, devices=[("rose_herself", ROSE, 1)], watchers=watchers, all_at=site.apis[0]) as going:
        async with going.resting():
            big = await _BigEvents.of_tess(going, site.apis[0])
            # The same is told to a fiftieth screen that reads, so that it is not the work that makes the difference.
            reading = asyncio.create_task(big.read())
            await big.told()
            await going.recovered()
            without = await _delays(going, site.apis[1], posts)
            reading.cancel()
            frozen = RawClient(site.apis[0], hello(await big.ticket(), [big.patient_id]), receive_buffer=4_096)
            waiting = asyncio.create_task(asyncio.to_thread(frozen.closed_after, 2 * DROPPED_SECONDS, reading=False))
            await big.told()
            await going.recovered()
            with_it = await _delays(going, site.apis[1], posts)
            dropped = await waiting
            frozen.socket.close()
        outcome = await outcome_of(going, f"a frozen watcher among {len(OTHERS) + 1}", None)
    calm, disturbed = (1000 * quantiles(each, n=100)[98] for each in (without, with_it))
    words = f"p99 of the others {disturbed:.0f} ms, {calm:.0f} ms without"
    outcome.promised(words, kept=disturbed <= 2 * max(calm, LEAST_P99_MILLISECONDS) * site.leniency)
    words = "never dropped" if dropped is None else f"dropped after {dropped:.1f} s"
    outcome.promised(words, kept=dropped is not None and dropped <= DROPPED_SECONDS)
    return outcome


async def one_slow(site: Site, events: int = SLOW_EVENTS) -> Outcome:
    """Return what became of a reader slower than what it is told: let go by name, it resumes and misses nothing."""
    async with ingest(site) as going:
        big = await _BigEvents.of_tess(going, site.apis[0])
        slow = Watcher(going.people, BEA, [big.patient_id], api=site.apis[0])
        slow.listener.dawdles_seconds = PAUSE_A_MESSAGE_SECONDS
        slow.listener.options = {"max_size": 2**24, "max_queue": 1}
        following = asyncio.create_task(slow.run())
        await until(lambda: slow.is_watching, "the slow one watches")
        await big.told(events)
        await until(lambda: slow.listener.connections > 1, "the slow one is let go")
        slow.listener.dawdles_seconds = 0
        await until(lambda: len(slow.listener.told) >= events, "the slow one is told everything")
        following.cancel()
        numbers = [message["number"] for message in slow.listener.told]
        outcome = await outcome_of(going, "a slow reader", None)
        outcome.judgement.faults += slow.faults
        times = slow.listener.connections - 1
        words = f"told {len(numbers)} of {events} large events in order, having been let go {times} times"
        in_order = numbers == sorted(set(numbers)) and len(numbers) == events
        outcome.promised(words, kept=in_order and times >= 1)
        return outcome


@dataclass(frozen=True)
class _BigEvents:
    """Large events about a patient whom nobody else here watches."""

    going: Ingest
    api: Process
    caller: Caller
    patient_id: UUID
    observations: list[str]

    @classmethod
    async def of_tess(cls, going: Ingest, api: Process) -> _BigEvents:
        """Return what there is to tell of Tess."""
        caller, tess = await going.people.caller(BEA), going.site.cast.patients[TESS]
        return cls(going, api, caller, tess, await post(going.people.http, api, caller, tess, SUBJECTS))

    async def ticket(self) -> str:
        """Return a ticket of somebody who may watch her."""
        return await self.caller.ticket(self.going.people.http, self.api)

    async def told(self, events: int = BIG_EVENTS) -> None:
        """Have so many events be committed."""
        database = self.going.site.database()
        await told_much(database, self.patient_id, self.observations, events)
        await database.close()

    async def read(self) -> None:
        """Watch her and read everything, until cancelled."""
        http = self.going.people.http
        async with watching(http, self.api, self.caller, [self.patient_id], max_size=2**24) as socket:
            while True:
                await socket.hear()


async def _delays(going: Ingest, api: Process, posts: int) -> list[float]:
    """Return how long each reading took to each watcher, in seconds from before it was sent."""
    probe = going.probes[0]
    sent: list[float] = []
    before = len(going.ledger.acknowledged)
    for _ in range(posts):
        sent.append(time.monotonic())
        assert await probe.send(api, readings())
        await asyncio.sleep(POST_PAUSE_SECONDS)
    owed = [each.observation_id for each in going.ledger.acknowledged[before:]]
    await until(lambda: all(o in w.listener.told_at for w in going.watchers for o in owed), "everybody is told")
    return [w.listener.told_at[o] - at for o, at in zip(owed, sent, strict=True) for w in going.watchers]
