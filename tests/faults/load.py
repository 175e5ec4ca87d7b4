"""Devices that send readings and send them again until they know what became of them, as a phone does.

The ledger is what they know: what was acknowledged, and how each attempt ended. Knows nothing of faults.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from tests.cast import PASSWORD
from tests.faults.measured import Measured, as_sent, readings
from tests.faults.oracle import Acknowledged
from tests.faults.site import Site
from tests.live.client import Caller
from tests.live.processes import Process

# What a phone waits for an answer before it asks again.
ANSWER_SECONDS = 15.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 1.0
ACCEPTED = frozenset({201, 207})
# On which basis each of the cast who holds a device records.
BASES = {
    "rose_herself": "self",
    "sam_himself": "self",
    "gus_care_home_staff": "care_home",
    "asha_clinician_of_practice": "practice",
    "uma_delegate": "delegate",
}

Batch = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that was none: its status, after how many seconds it came, and when it asks to be asked again."""

    status: int
    seconds: float
    retry_after: str | None


@dataclass
class Ledger:
    """What all devices know together: what they sent, by their names for it, and what was said to that.

    `broken` counts the connections that ended without an answer.
    """

    acknowledged: list[Acknowledged] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)
    broken: int = 0
    sent: dict[str, Measured] = field(default_factory=dict)

    def keep(self, patient_id: UUID, answer: Batch) -> None:
        """Keep what an answer says of each reading."""
        for verdict in answer["verdicts"]:
            self.verdicts[verdict["verdict"]] += 1
            if verdict["observation_id"] is not None:
                known = Acknowledged(patient_id, verdict["client_id"], verdict["observation_id"])
                self.acknowledged.append(known)


@dataclass
class People:
    """Who is signed in; whoever is refused signs in again."""

    site: Site
    http: httpx.AsyncClient
    callers: dict[str, Caller] = field(default_factory=dict)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def caller(self, name: str, *, instead_of: Caller | None = None) -> Caller:
        """Return the named account's caller, signing in where there is none, or none but the one that was refused."""
        async with self._asking:
            if (known := self.callers.get(name)) is None or known is instead_of:
                self.callers[name] = await self._signed_in(name)
            return self.callers[name]

    async def _signed_in(self, name: str) -> Caller:
        body = {"email": f"{name}@example.test", "password": PASSWORD}
        for api in turns(self.site):
            try:
                answer = await self.http.post(f"{api.url}/v1/sessions", json=body)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 201:
                return Caller(answer.json()["access_token"])
            await asyncio.sleep(FIRST_PAUSE_SECONDS)
        raise AssertionError("there is always another process to ask")


def turns(site: Site) -> Iterator[Process]:
    """Yield the API processes in turn, without end: those that run at that moment, or where one has been."""
    last: Process | None = None
    for number in itertools.count():
        if site.apis:
            last = site.apis[number % len(site.apis)]
        assert last is not None
        yield last


@dataclass
class Device:
    """One phone or monitor, and the account that is signed in on it."""

    people: People
    ledger: Ledger
    name: str
    patient_id: UUID
    each: int = 1
    wait_seconds: float = ANSWER_SECONDS
    last: Batch | None = None

    @property
    def source(self) -> str:
        """Return what the device calls itself."""
        return f"monitor-of-{self.name}"

    def note(self, batch: Batch) -> None:
        """Note in the ledger what is to be found of what is about to be sent."""
        account, basis = self.people.site.cast.accounts[self.name], BASES[self.name]
        for reading in batch["readings"]:
            self.ledger.sent[reading["client_id"]] = as_sent(reading, self.patient_id, account, basis)

    async def run(self, stopped: asyncio.Event) -> None:
        """Send until stopped, and then until what is under way was acknowledged."""
        while not stopped.is_set():
            await self.deliver(readings(self.each, self.source))
            await asyncio.sleep(self.people.site.pause_seconds)

    async def deliver(self, batch: Batch) -> None:
        """Send a batch until it is acknowledged, each time to the next process."""
        self.last = batch
        pause = FIRST_PAUSE_SECONDS
        for api in turns(self.people.site):
            if await self.send(api, batch):
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def send(self, api: Process, batch: Batch) -> bool:
        """Return whether one attempt was answered with verdicts; what it was refused with is kept."""
        caller, began = await self.people.caller(self.name), time.monotonic()
        answer = await self._posted(api, batch, caller, self.wait_seconds)
        if answer is None:
            self.ledger.broken += 1
            return False
        if answer.status_code in ACCEPTED:
            return True
        seconds = time.monotonic() - began
        self.ledger.refusals.append(Refusal(answer.status_code, seconds, answer.headers.get("retry-after")))
        if answer.status_code == 401:
            await self.people.caller(self.name, instead_of=caller)
        return False

    async def probe(self, api: Process, wait_seconds: float = ANSWER_SECONDS) -> int | None:
        """Return the status with which a process answers one reading, None: not in time; a refusal is not kept."""
        answer = await self._posted(api, readings(), await self.people.caller(self.name), wait_seconds)
        return None if answer is None else answer.status_code

    async def _posted(self, api: Process, batch: Batch, caller: Caller, wait_seconds: float) -> httpx.Response | None:
        """Return the answer to one attempt, what it acknowledges kept; None without an answer."""
        self.note(batch)
        address = f"{api.url}/v1/patients/{self.patient_id}/observations"
        try:
            answer = await self.people.http.post(address, json=batch, headers=caller.headers, timeout=wait_seconds)
        except httpx.TransportError:
            return None
        if answer.status_code in ACCEPTED:
            self.ledger.keep(self.patient_id, answer.json())
        return answer
