"""Watchers who follow by the rules of the live protocol, come back with their cursor, and keep what they were told."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.faults.load import People, turns
from tests.faults.measured import as_told
from tests.faults.oracle import Announced, Stored, Told
from tests.live.client import Follower, Message, NoTicket
from tests.live.processes import Process

# Two and a half heartbeats: after them a client gives a silent connection up.
STALE_SECONDS = 12.5
# As the protocol has it, but sooner, so that a run is short.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 1.0


# How a connection ends that is none of the watcher's doing.
ENDS = (TimeoutError, ConnectionClosed, InvalidHandshake, InvalidMessage, OSError, httpx.TransportError)


@dataclass
class Listener(Follower):
    """A follower that notes when it was told what."""

    told_at: dict[str, float] = field(default_factory=dict)

    def _take(self, message: Message, last: int) -> int:
        last = super()._take(message, last)
        if message["type"] == "event":
            for subject in message["subject_ids"]:
                self.told_at.setdefault(subject, time.monotonic())
        return last


@dataclass
class Watcher:
    """One open screen. What it finds wrong with what it is told stands in `faults`."""

    people: People
    name: str
    patients: list[UUID]
    may_start_again: bool = False
    begins_with: int = 0
    api: Process | None = None
    listener: Listener = field(init=False)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listener = Listener(self.patients, stale_after=STALE_SECONDS, may_start_again=self.may_start_again)

    @property
    def told(self) -> Told:
        """Return what it was told."""
        return Told(frozenset(self.patients), [_announced(message) for message in self.listener.told])

    @property
    def is_watching(self) -> bool:
        """Return whether it was ever welcomed."""
        return self.listener.epoch is not None

    async def run(self) -> None:
        """Follow until cancelled, each time at the next process; `api` names the only one, if there is one."""
        pause, chance, several = FIRST_PAUSE_SECONDS, random.Random(self.begins_with), turns(self.people.site)
        for _ in range(self.begins_with):
            next(several)
        while True:
            connections = self.listener.connections
            await self._follow(self.api or next(several))
            pause = FIRST_PAUSE_SECONDS if self.listener.connections > connections else pause
            await asyncio.sleep(chance.uniform(0.5, 1.5) * pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _follow(self, api: Process) -> None:
        """Follow at one process until the connection ends or falls silent."""
        caller = await self.people.caller(self.name)
        try:
            with suppress(*ENDS):
                await self.listener.follow(self.people.http, api, caller, None)
        except NoTicket as refused:
            if refused.status == 401:
                await self.people.caller(self.name, instead_of=caller)
        except AssertionError as fault:
            self.faults.append(str(fault))


def _announced(message: Message) -> Announced:
    shown = [Stored(each["client_id"], each["id"], as_told(each)) for each in message["observations"]]
    recorded = message["kind"] == "observation.recorded"
    return Announced(UUID(message["patient_id"]), message["subject_ids"], shown, shows_all=recorded)
