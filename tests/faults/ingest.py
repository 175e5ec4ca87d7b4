"""Ingest under way: devices that send, watchers who follow, and at the end what the oracle says of them.

Knows nothing of faults, which are brought on while it goes on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Container, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import Row, text

from domain.observations.basis_letter import recorded_as
from domain.observations.client_id import unpacked
from integrations.postgres.client import Database
from tests.faults.load import Device, Ledger, People
from tests.faults.measured import Measured, readings
from tests.faults.oracle import Judgement, Stored, judge
from tests.faults.outcome import Outcome
from tests.faults.site import Site
from tests.faults.watchers import Watcher
from tests.live.processes import Process

ROSE, SAM = "rose_resident", "sam_at_home"
DEVICES = (
    ("rose_herself", ROSE, 1),
    ("sam_himself", SAM, 1),
    ("gus_care_home_staff", ROSE, 1),
    ("asha_clinician_of_practice", SAM, 5),
    ("uma_delegate", ROSE, 20),
)
WATCHERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("asha_clinician_of_practice", (ROSE, SAM)),
    ("rose_herself", (ROSE,)),
    ("sam_himself", (SAM,)),
    ("gus_care_home_staff", (ROSE,)),
    ("carl_clinician_on_care_team", (ROSE,)),
    ("asha_clinician_of_practice", (SAM,)),
)
WARM_ACKNOWLEDGEMENTS = 30
# Enough for any recovery that is no failure.
PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.01

_STORED = text(
    """
    select id, client_id, patient_id, recorded_by, recorded_as, sign_name(sign) as sign, source, effective_at,
        effective_offset_minutes, confirmed, value, systolic, diastolic, code, comparator,
        coalesce(original_value, value) as sent_value, original_unit from observation
    """
)
_NUMBERS = text("select number from event_feed order by number")


@dataclass
class Ingest:
    """What goes on, and who knows what of it."""

    site: Site
    people: People
    ledger: Ledger
    devices: list[Device]
    watchers: list[Watcher]
    announced: dict[str, UUID] = field(default_factory=dict)
    patience_seconds: float = PATIENCE_SECONDS / 2
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    sending: list[asyncio.Task[None]] = field(default_factory=list)
    following: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def probes(self) -> list[Device]:
        """Return one device for each patient, to ask with whether all is well."""
        return list({device.patient_id: device for device in self.devices}.values())

    def begin(self) -> None:
        """Have everybody begin."""
        self.following = [asyncio.create_task(watcher.run()) for watcher in self.watchers]

    def begin_to_send(self) -> None:
        """Have the devices begin."""
        self.sending = [asyncio.create_task(device.run(self.stopped)) for device in self.devices]

    async def goes_on(self, acknowledgements: int = WARM_ACKNOWLEDGEMENTS) -> None:
        """Return once so many more readings were acknowledged."""
        enough = len(self.ledger.acknowledged) + acknowledgements
        await until(lambda: len(self.ledger.acknowledged) >= enough, "devices send")

    async def recovered(self, since: float | None = None) -> float:
        """Return the seconds until a new reading of each patient is stored and every watcher told."""
        began = time.monotonic() if since is None else since
        before = len(self.ledger.acknowledged)
        sent = [(probe, readings()) for probe in self.probes]
        await asyncio.gather(*(probe.deliver(batch) for probe, batch in sent))
        names = {reading["client_id"] for _, batch in sent for reading in batch["readings"]}
        owed = [each for each in self.ledger.acknowledged[before:] if each.client_id in names]
        await until(
            lambda: all(
                each.observation_id in watcher.listener.told_at
                for watcher in self.watchers
                for each in owed
                if each.patient_id in watcher.patients
            ),
            "every watcher is told",
        )
        return time.monotonic() - began

    @asynccontextmanager
    async def resting(self) -> AsyncIterator[None]:
        """Have no device send while the block lasts; whatever was under way has been answered."""
        await self.stop_sending()
        yield
        self.stopped = asyncio.Event()
        self.begin_to_send()

    async def stop_sending(self) -> None:
        """Return once every device knows what became of its last readings."""
        self.stopped.set()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*self.sending)

    async def judged(self, told_from: int = 0) -> Judgement:
        """Return the oracle's judgement, once the devices have had their last answers and the watchers their time.

        The watchers are owed what was acknowledged since `told_from`: before, they may not have watched.
        """
        await self.stop_sending()
        give_up_at = time.monotonic() + self.patience_seconds
        database = self.site.database()
        try:
            while True:
                found = await self._judgement(database, told_from)
                if not found.missed or time.monotonic() > give_up_at:
                    return found
                await asyncio.sleep(0.2)
        finally:
            await database.close()

    async def _judgement(self, database: Database, told_from: int) -> Judgement:
        stored, numbers = await what_is_stored(database, self.ledger.sent)
        told = [watcher.told for watcher in self.watchers]
        before = {each.observation_id for each in self.ledger.acknowledged[:told_from]}
        ledger = self.ledger
        found = judge(ledger.acknowledged, stored, told, sent=ledger.sent, announced=self.announced, numbers=numbers)
        found.missed -= before
        found.faults += [fault for watcher in self.watchers for fault in watcher.faults]
        return found

    async def end(self) -> None:
        """End whatever still goes on."""
        for task in (*self.sending, *self.following):
            task.cancel()
        await asyncio.gather(*self.sending, *self.following, return_exceptions=True)


async def what_is_stored(database: Database, names: Container[str]) -> tuple[list[Stored], list[int]]:
    """Return the rows of these names of the devices' own, and the numbers of the event log."""
    async with database.reading() as session:
        rows = (await session.execute(_STORED)).all()
        numbers = list((await session.execute(_NUMBERS)).scalars())
    stored = [Stored(unpacked(row.client_id), str(row.id), _measured(row)) for row in rows]
    return [row for row in stored if row.client_id in names], numbers


def _measured(row: Row[Any]) -> Measured:
    return Measured(
        patient_id=row.patient_id,
        recorded_by=row.recorded_by,
        recorded_as=recorded_as(row.recorded_as),
        sign=row.sign,
        source=row.source,
        effective_at=row.effective_at,
        offset=timedelta(minutes=row.effective_offset_minutes),
        confirmed=row.confirmed,
        value=row.value,
        systolic=row.systolic,
        diastolic=row.diastolic,
        code=row.code,
        comparator=row.comparator,
        sent_value=row.sent_value,
        sent_unit=row.original_unit,
    )


@asynccontextmanager
async def ingest(
    site: Site,
    *,
    devices: Sequence[tuple[str, str, int]] = DEVICES,
    watchers: Sequence[tuple[str, tuple[str, ...]]] = WATCHERS,
    wait_seconds: float = 15.0,
    may_start_again: bool = False,
    all_at: Process | None = None,
) -> AsyncIterator[Ingest]:
    """Yield ingest under way: every watcher watches (`all_at` one process), every device was acknowledged."""
    patients = site.cast.patients
    async with httpx.AsyncClient(timeout=15) as http:
        people, ledger = People(site, http), Ledger()
        going = Ingest(
            site,
            people,
            ledger,
            [Device(people, ledger, name, patients[of], each, wait_seconds=wait_seconds) for name, of, each in devices],
            [
                Watcher(people, name, [patients[each] for each in of], may_start_again, begins_with=number, api=all_at)
                for number, (name, of) in enumerate(watchers)
            ],
        )
        try:
            going.begin()
            await until(lambda: all(watcher.is_watching for watcher in going.watchers), "everybody watches")
            going.begin_to_send()
            await going.goes_on()
            yield going
        finally:
            await going.end()


async def outcome_of(going: Ingest, fault: str, recovery: float | None, *, told_from: int = 0) -> Outcome:
    """Return what became of a fault that was brought on while this went on, once it has come to its end."""
    outcome = Outcome(fault, await going.judged(told_from), recovery)
    if going.ledger.broken:
        outcome.noted.append(f"{going.ledger.broken} requests had no answer and were sent again")
    if repeats := going.ledger.verdicts["duplicate"]:
        outcome.noted.append(f"{repeats} readings had been stored when they came again")
    return outcome


async def until(check: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Return when something is so; raise TimeoutError that names it when it does not come to be."""
    give_up_at = time.monotonic() + seconds
    while not check():
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"still not so after {seconds:.0f} s: {what}")
        await asyncio.sleep(_LOOK_SECONDS)
