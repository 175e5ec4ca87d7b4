"""Sending files of contacts, and a worker that works through them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.outcomes.contact_import import FaultCode
from domain.outcomes.import_steps import advance_imports, receive_file
from domain.outcomes.queries import ContactImport, contact_import
from tests.cast import Cast

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
JACK = "jack_administrator_of_practice"
HEADER = "nhs_number,kind,started_at,organisation_ods_code,external_id,source"
ROSE, SAM = "9990000018", "9990000026"

Writing = Callable[[], AbstractAsyncContextManager[AsyncSession]]


def transactions_within(session: AsyncSession) -> Writing:
    """Return transactions that are savepoints in the test's own."""

    @asynccontextmanager
    async def transaction() -> AsyncIterator[AsyncSession]:
        async with session.begin_nested():
            yield session
        session.expire_all()

    return transaction


def clock() -> datetime:
    return NOW


def row(number: int, *, person: str = ROSE, kind: str = "gp_telephone", source: str = "emis") -> str:
    minute, second = divmod(number, 60)
    return f"{person},{kind},2026-03-29T14:{minute:02}:{second:02}+01:00,Y99991,A-{number},{source}"


def csv_of(*rows: str) -> bytes:
    return "\n".join((HEADER, *rows, "")).encode()


async def pieces(content: bytes, size: int = 4096) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def send(writing: Writing, cast: Cast, content: bytes, *, by: str = JACK) -> UUID:
    return await receive_file(writing, cast.actor(by), pieces(content))


async def imported(writing: Writing, cast: Cast, content: bytes, *, by: str = JACK) -> ContactImport:
    """Return how the import of a file stands after a worker has been at it."""
    sent = await send(writing, cast, content, by=by)
    while await advance_imports(writing, clock):
        pass
    return await standing(writing, cast, sent, by=by)


async def standing(writing: Writing, cast: Cast, import_id: UUID, *, by: str = JACK) -> ContactImport:
    async with writing() as session:
        return await contact_import(session, cast.actor(by), import_id)


async def count(writing: Writing, table: str) -> int:
    async with writing() as session:
        found: int = (await session.execute(text(f"select count(*) from {table}"))).scalar_one()
    return found


def faults(found: ContactImport) -> list[tuple[int, str | None, FaultCode]]:
    return [(fault.row_number, fault.field, fault.code) for fault in found.faults]
