"""A wire that can be cut without either end's noticing: it takes what is said and hands it on, until it does not.

Harsher than a real network that comes back: a connection that was cut once is dead for ever, as behind a firewall that
has forgotten it. Knows nothing of what is said on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

CHUNK_BYTES = 65_536
HOST = "127.0.0.1"

Address = Path | tuple[str, int]


class Wire:
    """A port of ours behind which something else listens."""

    def __init__(self, to: Address, noticed_after_seconds: float | None = None) -> None:
        """Listen not yet. `noticed_after_seconds`: when the end behind us hangs up after a cut; None: never.

        TCP that was told to ask whether anybody is there still does so. A socket of the same machine cannot be told.
        """
        self._to, self._noticed_after_seconds = to, noticed_after_seconds
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._talks: set[asyncio.Task[None]] = set()
        self._dead: set[asyncio.StreamWriter] = set()
        self._backs: dict[asyncio.StreamWriter, asyncio.StreamWriter] = {}
        self._swallows_answers = self._keeps_the_end = False
        self._is_cut = False

    @property
    def port(self) -> int:
        """Return where it listens, once it does."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def cut(self) -> None:
        """Hand nothing more on, in neither direction, of what is connected nor of what connects from now on."""
        self._is_cut = True
        self._dead |= self._ends
        if self._noticed_after_seconds is not None:
            asyncio.get_running_loop().call_later(self._noticed_after_seconds, self._hang_up, set(self._dead))

    def _hang_up(self, dead: set[asyncio.StreamWriter]) -> None:
        for writer in dead & self._backs.keys():
            self._backs[writer].close()

    def swallow_answers(self) -> None:
        """Hand on what is asked, and from now on no answer."""
        self._swallows_answers = True

    def keep_the_end(self) -> None:
        """Hand on all that is said, and not that the other end has hung up after it."""
        self._keeps_the_end = True

    def mend(self) -> None:
        """Hand on again, for those who connect anew."""
        self._is_cut = self._swallows_answers = self._keeps_the_end = False

    async def open(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accepted, HOST, 0)

    async def close(self) -> None:
        """End every connection, and listen no more."""
        assert self._server is not None
        self._server.close()
        for task in self._talks:
            task.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        self._ends.add(writer)
        if self._is_cut:
            self._dead.add(writer)
        try:
            with suppress(OSError, asyncio.CancelledError):  # cancelled when the wire is closed, and by nobody else
                await self._talk(reader, writer)
        finally:
            self._talks.discard(task)
            self._ends.discard(writer)
            self._dead.discard(writer)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await self._connected()
        self._backs[writer] = back
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._hand_on(reader, back, of=writer))
                both.create_task(self._hand_on(there, writer, of=writer, answers=True))
        except* (OSError, _Ended):
            pass
        finally:
            del self._backs[writer]
            back.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._to, Path):
            return await asyncio.open_unix_connection(str(self._to))
        return await asyncio.open_connection(*self._to)

    async def _hand_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        of: asyncio.StreamWriter,
        answers: bool = False,
    ) -> None:
        while data := await reader.read(CHUNK_BYTES):
            if of in self._dead:
                await asyncio.Event().wait()  # cut: neither end hears of it
            if answers and self._swallows_answers:
                continue
            writer.write(data)
            await writer.drain()
        if of in self._dead or (answers and self._keeps_the_end):
            await asyncio.Event().wait()
        raise _Ended


class _Ended(Exception):
    """One end has hung up."""


@asynccontextmanager
async def wire(to: Address, *, noticed_after_seconds: float | None = None) -> AsyncIterator[Wire]:
    """Yield an open wire to an address."""
    opened = Wire(to, noticed_after_seconds)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()
