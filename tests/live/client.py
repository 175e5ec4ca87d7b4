"""A client of the live socket that keeps the rules of docs/live-protocol.md; it checks the server too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.live.processes import Process

PATIENCE_SECONDS = 20
SUBPROTOCOL = Subprotocol("tendwell.v1")

Message = dict[str, Any]


class NoTicket(AssertionError):
    """The answer to the question for a ticket was another one: `status` says which."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(answer.text)
        self.status = answer.status_code


@dataclass(frozen=True)
class Caller:
    """Somebody signed in, at any of the processes."""

    token: str

    @property
    def headers(self) -> dict[str, str]:
        """Return what to send with every request."""
        return {"authorization": f"Bearer {self.token}"}

    async def ticket(self, http: httpx.AsyncClient, api: Process) -> str:
        """Return a fresh ticket. Raises NoTicket."""
        answer = await http.post(f"{api.url}/v1/live/tickets", headers=self.headers)
        if answer.status_code != 201:
            raise NoTicket(answer)
        ticket: str = answer.json()["ticket"]
        return ticket


@dataclass
class Conversation:
    """One open socket."""

    socket: ClientConnection

    async def say(self, message: Message) -> None:
        """Send a message."""
        await self.socket.send(json.dumps(message))

    async def hear(self, seconds: float = PATIENCE_SECONDS) -> Message:
        """Return the next message, whatever it is."""
        async with asyncio.timeout(seconds):
            text = await self.socket.recv()
        heard: Message = json.loads(text)
        return heard

    async def hear_a(self, *kinds: str, seconds: float = PATIENCE_SECONDS) -> Message:
        """Return the next message of one of these kinds, passing over heartbeats; they do not prolong the wait."""
        async with asyncio.timeout(seconds):
            while (heard := await self.hear(seconds))["type"] not in kinds:
                assert heard["type"] == "heartbeat", f"expected {kinds}, heard {heard['type']}"
        return heard

    async def close_code(self, seconds: float = PATIENCE_SECONDS) -> int | None:
        """Return the code with which the server closes, passing over what it says before."""
        with suppress(ConnectionClosed):
            async with asyncio.timeout(seconds):
                while True:
                    await self.socket.recv()
        return self.socket.close_code


def hello(ticket: str, patients: Iterable[UUID] | None = None, cursor: tuple[str, int] | None = None) -> Message:
    """Return a hello that watches these patients, or the whole list when none are named."""
    watch: Message = {"list": "mine"} if patients is None else {"patients": [str(p) for p in patients]}
    return {
        "type": "hello",
        "ticket": ticket,
        "watch": watch,
        "cursor": None if cursor is None else {"epoch": cursor[0], "number": cursor[1]},
    }


@asynccontextmanager
async def opened(api: Process, **options: Any) -> AsyncIterator[Conversation]:
    """Yield an accepted socket on which nothing was said yet."""
    usual = {"uri": api.live_url, "subprotocols": [SUBPROTOCOL], "compression": None, "close_timeout": 1}
    async with connect(**usual | options) as socket:
        yield Conversation(socket)


@asynccontextmanager
async def watching(
    http: httpx.AsyncClient,
    api: Process,
    caller: Caller,
    patients: Iterable[UUID] | None = None,
    cursor: tuple[str, int] | None = None,
    **options: Any,
) -> AsyncIterator[Conversation]:
    """Yield a socket whose hello is said."""
    ticket = await caller.ticket(http, api)
    async with opened(api, **options) as conversation:
        await conversation.say(hello(ticket, patients, cursor))
        yield conversation


@dataclass
class Follower:
    """A client that comes and goes, at any process, and must in the end have been told everything, once, in order.

    `stale_after` is for how long (seconds) it hears nothing before it gives a connection up. Where the log may begin
    anew under it, it `may_start_again`: then it throws away what it was told, as it must, and keeps the reason.
    `dawdles_seconds` is how long it takes over each message; `options` are its connections'.
    """

    patients: list[UUID]
    stale_after: float = 60
    may_start_again: bool = False
    dawdles_seconds: float = 0
    options: dict[str, Any] = field(default_factory=dict)
    resyncs: list[str] = field(default_factory=list)
    epoch: str | None = None
    number: int = 0
    started_at: int = 0
    told: list[Message] = field(default_factory=list)
    connections: int = 0

    async def follow(self, http: httpx.AsyncClient, api: Process, caller: Caller, seconds: float | None) -> None:
        """Stay connected for a while (None: until the connection ends), going on from where the last time ended."""
        cursor = None if self.epoch is None else (self.epoch, self.number)
        async with watching(http, api, caller, self.patients, cursor, **self.options) as conversation:
            self.connections += 1
            last = self._welcomed(await conversation.hear())
            async with asyncio.timeout(seconds):
                while True:
                    last = self._take(await conversation.hear(self.stale_after), last)
                    await asyncio.sleep(self.dawdles_seconds)

    def _welcomed(self, welcome: Message) -> int:
        assert welcome["type"] == "welcome", welcome
        starts_again = self.may_start_again and not welcome["resumed"]
        if self.epoch is None or starts_again:
            self.epoch, self.number = welcome["epoch"], welcome["number"]
            self.started_at = self.number
            self.told.clear()
        else:
            assert welcome["resumed"], "a good cursor was not gone on from"
            assert welcome["number"] == self.number
            self.epoch = welcome["epoch"]  # another where the database's server was started anew
        assert set(welcome["patients"]) == {str(p) for p in self.patients}
        number: int = welcome["number"]
        return number

    def _take(self, message: Message, last: int) -> int:
        if message["type"] == "event":
            assert message["previous"] == last, "a hole, which a client could see"
            assert message["number"] > self.number
            self.told.append(message)
            self.number = message["number"]
            return self.number
        if message["type"] == "heartbeat":
            assert message["last"] == last, "a hole, which a client could see"
            self.number = max(self.number, message["number"])
        if message["type"] == "resync":
            self.resyncs.append(message["reason"])
        return last
