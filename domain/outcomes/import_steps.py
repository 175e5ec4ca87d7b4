"""Taking in a file of contacts, and working through those that wait, in many short transactions.

It is handed a way to open transactions and keeps none open while it waits for anything. What it does survives a crash
anywhere: a file half received is forgotten, a check begins again, a storing goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from itertools import islice
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.clock import Clock, utc_now
from domain.outcomes import import_commands as commands
from domain.outcomes import upload_commands as uploads
from domain.outcomes.contact_import import MAX_BYTES, RowClaim, RowFault, row_count, rows_of
from domain.outcomes.import_commands import Claimed, LeaseLost

Transactions = Callable[[], AbstractAsyncContextManager[AsyncSession]]

CHUNK_BYTES = 256 * 1024
ROWS_CHECKED_AT_ONCE = 1_000

# The event loop itself holds tasks weakly, and a cancelled request does not wait for its own.
_FORGETTING: set[asyncio.Task[None]] = set()


async def receive_file(writing: Transactions, actor: Actor, body: AsyncIterator[bytes]) -> UUID:
    """Return the id of the import of a file that arrives piece by piece; the same bytes again are the same import.

    Raises NotPermitted, TooManyAttempts, and Invalid for an empty file or one above 20 MB.
    """
    async with writing() as session:
        import_id = await uploads.begin_import(session, actor)
    try:
        return await _receive(writing, actor, import_id, body)
    except BaseException:  # the sender hung up, or sent too much: what is here must not stand in their way
        forgetting = asyncio.create_task(_forget(writing, import_id))
        _FORGETTING.add(forgetting)
        forgetting.add_done_callback(_FORGETTING.discard)
        await asyncio.shield(forgetting)
        raise


async def _receive(writing: Transactions, actor: Actor, import_id: UUID, body: AsyncIterator[bytes]) -> UUID:
    digest, size, lines = hashlib.sha256(), 0, 0
    number = 0
    async for chunk in _chunks(body):
        size += len(chunk)
        if size > MAX_BYTES:
            raise uploads.too_large()
        digest.update(chunk)
        lines += row_count(chunk)
        async with writing() as session:
            await uploads.keep_chunk(session, import_id, number, chunk)
        number += 1
    async with writing() as session:
        return await uploads.finish_upload(
            session, actor, import_id, sha256=digest.digest(), size=size, rows=max(lines - 1, 0)
        )


async def _forget(writing: Transactions, import_id: UUID) -> None:
    async with writing() as session:
        await uploads.forget_upload(session, import_id)


async def advance_imports(writing: Transactions, clock: Clock = utc_now) -> bool:
    """Return whether there was an import to work on, after working through it. For a worker, again and again.

    Several workers may call it at once: one at a time finds work.
    """
    async with writing() as session:
        await uploads.give_up_uploads(session, clock())
        claimed = await commands.claim_import(session, clock())
    if claimed is None:
        return False
    try:
        if claimed.state == "storing" or await _check(writing, claimed, clock) == "storing":
            await _store(writing, claimed, clock)
    except LeaseLost:
        pass  # its new holder goes on with it
    return True


async def _check(writing: Transactions, claimed: Claimed, clock: Clock) -> str:
    """Return the state after every row has been read: storing or refused."""
    if claimed.attempts > commands.ATTEMPTS_AT_MOST:
        async with writing() as session:
            await commands.refuse_unreadable(session, claimed, now=clock())
        return "refused"
    async with writing() as session:
        await commands.start_over(session, claimed, now=clock())
    async with writing() as session:
        content = await commands.file_of(session, claimed)
    rows = rows_of(content, received_at=claimed.uploaded_at)
    # Off the event loop: a slice takes tens of milliseconds, and the live feed's relay may share the process.
    while found := await asyncio.to_thread(_take, rows):
        async with writing() as session:
            await commands.stage(session, claimed, found, now=clock())
    async with writing() as session:
        return await commands.conclude_check(session, claimed, now=clock())


def _take(rows: Iterator[RowClaim | RowFault]) -> list[RowClaim | RowFault]:
    return list(islice(rows, ROWS_CHECKED_AT_ONCE))


async def _store(writing: Transactions, claimed: Claimed, clock: Clock) -> None:
    """Make the file count; or take it back, when something recorded meanwhile disagrees with it."""
    if claimed.state == "storing" and claimed.attempts > commands.ATTEMPTS_AT_MOST:
        async with writing() as session:
            await commands.give_up_storing(session, claimed, now=clock())
    more = True
    while more:
        async with writing() as session:
            more = await commands.store_some(session, claimed, now=clock())
    async with writing() as session:
        if await commands.finish_import(session, claimed, now=clock()):
            return
    more = True
    while more:
        async with writing() as session:
            more = await commands.take_back_some(session, claimed, now=clock())
    async with writing() as session:
        await commands.refuse(session, claimed, now=clock())


async def _chunks(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield what arrives in pieces of one size, so that a slow sender costs few transactions."""
    waiting = bytearray()
    async for piece in body:
        waiting += piece
        while len(waiting) >= CHUNK_BYTES:
            yield bytes(waiting[:CHUNK_BYTES])
            del waiting[:CHUNK_BYTES]
    if waiting:
        yield bytes(waiting)
