"""A doorbell heard on every node. Its messages may be lost without harm: whoever listens also looks by itself.

The message is empty. Connects in the background and again for ever; refuses to make anybody wait for it.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import suppress

from nats.aio.client import Client
from nats.aio.msg import Msg

from integrations.nats.errors import PASSING

RECONNECT_SECONDS = 1
LONGEST_PAUSE_SECONDS = 30
_FOR_EVER = -1
_LOG = logging.getLogger("tendwell.doorbell")


class Doorbell:
    """One subject on one NATS server or cluster."""

    def __init__(self, url: str, subject: str) -> None:
        """Nothing is connected before the first ring or the first wait for one."""
        self._servers = [part.strip() for part in url.split(",")]
        self._subject = subject
        self._client = Client()
        self._rung = asyncio.Event()
        self._connecting: asyncio.Task[None] | None = None

    @property
    def is_connected(self) -> bool:
        """Return whether a ring would be heard just now."""
        return bool(self._client.is_connected)

    async def ring(self) -> None:
        """Ring, unless there is no connection just now."""
        self._connect_once()
        if self.is_connected:
            with suppress(*PASSING):
                await self._client.publish(self._subject, b"")

    async def rings(self) -> AsyncIterator[None]:
        """Yield at every ring, and after every (re)connection, when some may have been missed; several may be one."""
        self._connect_once()
        while True:
            await self._rung.wait()
            self._rung.clear()
            yield

    async def close(self) -> None:
        """Hang up."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        await self._hang_up()

    async def _hang_up(self) -> None:
        with suppress(Exception):  # the library asserts that it was connected once
            await self._client.close()

    def _connect_once(self) -> None:
        if self._connecting is None:
            self._connecting = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        """Connect, and again whenever the library gives up, which by itself it does after a refusal of credentials."""
        pause = RECONNECT_SECONDS
        while True:
            closed = asyncio.Event()
            try:
                await self._connect_until(closed)
                pause = RECONNECT_SECONDS
                await closed.wait()
                _LOG.error("the doorbell was closed to us; trying again in %d s", pause)
            except Exception as error:  # noqa: BLE001 - a defect in the library must not leave us deaf for ever
                _LOG.error("the doorbell stumbled (%s); trying again in %d s", _kind_and_place(error), pause)
            await self._hang_up()
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            self._client = Client()

    async def _connect_until(self, closed: asyncio.Event) -> None:
        async def note_closed() -> None:
            closed.set()

        await self._client.connect(
            self._servers,
            max_reconnect_attempts=_FOR_EVER,
            reconnect_time_wait=RECONNECT_SECONDS,
            error_cb=_note,
            reconnected_cb=self._heard_again,
            closed_cb=note_closed,
            name="tendwell",
        )
        await self._client.subscribe(self._subject, cb=self._heard)
        # Until the server has answered it may not know that we listen: a ring that comes before is heard by nobody.
        await self._client.flush()
        self._rung.set()

    async def _heard(self, _message: Msg) -> None:
        self._rung.set()

    async def _heard_again(self) -> None:
        self._rung.set()


async def _note(error: Exception) -> None:
    # The message of some of its errors holds the server's address, and an address may hold a password.
    _LOG.warning("the doorbell is out of order (%s); everybody looks by themselves meanwhile", type(error).__name__)


def _kind_and_place(error: Exception) -> str:
    """Return what an exception is and where it arose, without its message."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__module__}.{type(error).__qualname__} at {frame.filename}:{frame.lineno}"
