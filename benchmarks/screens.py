"""Screens that cost little: sockets that count what they hear, and leave the cores to what is measured.

A websocket client of a few lines over asyncio's own transport: it answers pings, and looks into a message no further
than its first letters. Only what the benchmarks need; loopback only.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import os
import time
from collections.abc import Iterable, Iterator, Sequence

import orjson

from benchmarks.http_client import LOOPBACK

GREETING_SECONDS = 60
_OPENED_AT_ONCE = 10  # a pool of connections for accounts has as many
_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_SHORT, _TWO_BYTES = 126, 126
# Zeroes: the client must mask (RFC 6455 §5.3), with what does not matter here.
_MASKED, _NO_MASK = 0x80, bytes(4)
_EVENT, _SNAPSHOT = b'{"previous":', b'{"type":"snapshot"'


class Screen(asyncio.Protocol):
    """One socket: when it heard each message that begins as asked, and with which code it was closed.

    `greets` is said once the handshake is done; `is_greeted` is done when it has had so many snapshots.
    """

    def __init__(self, path: str, *, greets: bytes = b"", snapshots: int = 0, counts: bytes = b"") -> None:
        self.path, self.greets, self.counts = path, greets, counts
        self._awaited = snapshots
        self.heard_at: list[float] = []
        self.close_code: int | None = None
        self.is_greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = b""
        self._is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the socket."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self.path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: tendwell.v1\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Take what arrived."""
        buffer = self._buffer + data if self._buffer else data
        if not self._is_open:
            head, found, buffer = buffer.partition(b"\r\n\r\n")
            if not found:
                self._buffer = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise RuntimeError(f"no socket: {head[:200]!r}")
            self._is_open = True
            if self.greets:
                self._say(_TEXT, self.greets)
            if not self._awaited:
                self.is_greeted.set_result(None)
        self._buffer = self._taken(buffer)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """End; who waited to be greeted is told."""
        if not self.is_greeted.done():
            self.is_greeted.set_exception(RuntimeError(f"closed before it was greeted: {self.close_code}"))

    def close(self) -> None:
        """Go away."""
        self._transport.close()

    def _taken(self, buffer: bytes) -> bytes:
        """Take the whole frames; return what remains of the last one."""
        now, place = time.perf_counter(), 0
        for opcode, start, end in _frames(buffer):
            place = end
            if opcode == _TEXT:
                if buffer.startswith(self.counts, start):
                    self.heard_at.append(now)
                if self._awaited and buffer.startswith(_SNAPSHOT, start):
                    self._greeted()
            elif opcode == _PING:
                self._say(_PONG, buffer[start:end])
            elif opcode == _CLOSE:
                self.close_code = int.from_bytes(buffer[start : start + 2], "big")
        return buffer[place:]

    def _greeted(self) -> None:
        self._awaited -= 1
        if not self._awaited:
            self.is_greeted.set_result(None)

    def _say(self, opcode: int, payload: bytes) -> None:
        length = len(payload)
        size = bytes([_MASKED | length])
        if length >= _SHORT:
            size = bytes([_MASKED | _TWO_BYTES]) + length.to_bytes(2, "big")
        self._transport.write(bytes([0x80 | opcode]) + size + _NO_MASK + payload)


def _frames(buffer: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield of each whole frame what it is, and where its payload begins and ends."""
    place, most = 0, len(buffer)
    while most - place >= 2:
        length, start = buffer[place + 1], place + 2
        if length >= _SHORT:
            wide = 2 if length == _TWO_BYTES else 8
            if most < start + wide:
                return
            length, start = int.from_bytes(buffer[start : start + wide], "big"), start + wide
        if most < start + length:
            return
        yield buffer[place] & 0x0F, start, start + length
        place = start + length


async def open_screens(port: int, tickets: Sequence[str], watched: Iterable[Sequence[str]]) -> list[Screen]:
    """Return a screen for each ticket, that watches these patients and has its snapshot of each."""

    def made(ticket: str, patient_ids: Sequence[str]) -> Screen:
        hello = {"type": "hello", "ticket": ticket, "watch": {"patients": list(patient_ids)}, "cursor": None}
        return Screen("/v1/live", greets=orjson.dumps(hello), snapshots=len(patient_ids), counts=_EVENT)

    return await _opened(port, [made(*each) for each in zip(tickets, watched, strict=False)])


async def open_bare_screens(port: int, how_many: int) -> list[Screen]:
    """Return screens that hear the bare broadcast."""
    return await _opened(port, [Screen("/broadcast") for _ in range(how_many)])


async def _opened(port: int, screens: list[Screen]) -> list[Screen]:
    loop, rest = asyncio.get_running_loop(), iter(screens)
    while page := list(itertools.islice(rest, _OPENED_AT_ONCE)):
        async with asyncio.timeout(GREETING_SECONDS):
            for screen in page:
                await loop.create_connection(lambda screen=screen: screen, LOOPBACK, port)  # type: ignore[misc]
            await asyncio.gather(*(screen.is_greeted for screen in page))
    return screens
