"""Sealing anew what a former encryption secret has sealed, page by page, and finding what no secret opens.

Each context says itself which of its columns hold something sealed (`SealedColumn`); this module knows how, and not
what. Nothing is marked: whether a row is done is seen by what opens it, so that whoever is interrupted begins again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, Select, TableClause, Text, Uuid, bindparam, literal, select, table, update
from sqlalchemy import column as sql_column
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.audit.entry import NOBODY
from domain.keys.sealing import CannotUnseal, Sealing

# A few milliseconds in one writing transaction, which holds the live feed back for as long.
ROWS_PER_STEP = 200
FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """Where something sealed is stored, and for which purpose; None: the row's own column `purpose` says for which.

    `lasts`: it is there until somebody removes it; anything else lapses by itself, within 30 days at the most.
    """

    table: str
    column: str
    purpose: str | None
    lasts: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What a page held: how many rows, how many were sealed anew, which did not open; and after which row to go on."""

    rows: int
    resealed: int
    closed: tuple[UUID, ...]
    after: UUID | None


async def reseal_page(session: AsyncSession, column: SealedColumn, sealing: Sealing, after: UUID, at: datetime) -> Step:
    """Seal with the newest secret what in the next page of rows was sealed with a former one. Audited.

    The rows are held to the end of the transaction, so that what somebody writes there just now is not undone.
    """
    found = await _page(session, _page_of(column).with_for_update(), after)
    fresh: dict[UUID, bytes] = {}
    closed: list[UUID] = []
    for row_id, sealed, purpose in found:
        try:
            again = sealing.sealed_anew(sealed, purpose=purpose, row_id=row_id)
        except CannotUnseal:
            closed.append(row_id)
        else:
            if again is not None:
                fresh[row_id] = again
    if fresh:
        stored = _stored(column)
        renewing = update(stored).where(stored.c.id == bindparam("row_id")).values({column.column: bindparam("again")})
        connection = await session.connection()
        await connection.execute(renewing, [{"row_id": row_id, "again": again} for row_id, again in fresh.items()])
        actor = Actor(NOBODY, at, request_id="command-line")
        await record_audit(session, actor, "key.reseal", count=len(fresh))
    return Step(len(found), len(fresh), tuple(closed), _next_after(found))


async def unopened_page(session: AsyncSession, column: SealedColumn, sealing: Sealing, after: UUID) -> Step:
    """Return what of the next page of rows no secret opens. Changes nothing."""
    found = await _page(session, _page_of(column), after)
    closed = [row_id for row_id, sealed, purpose in found if not sealing.opens(sealed, purpose=purpose, row_id=row_id)]
    return Step(len(found), 0, tuple(closed), _next_after(found))


def _stored(column: SealedColumn) -> TableClause:
    return table(
        column.table, sql_column("id", Uuid()), sql_column("purpose", Text()), sql_column(column.column, LargeBinary())
    )


def _page_of(column: SealedColumn) -> Select[UUID, bytes, str]:
    stored = _stored(column)
    purpose = stored.c.purpose if column.purpose is None else literal(column.purpose, Text())
    page = select(stored.c.id, stored.c[column.column], purpose).where(stored.c[column.column].is_not(None))
    return page.where(stored.c.id > bindparam("after")).order_by(stored.c.id).limit(ROWS_PER_STEP)


async def _page(session: AsyncSession, page: Select[UUID, bytes, str], after: UUID) -> list[tuple[UUID, bytes, str]]:
    return [(row[0], bytes(row[1]), row[2]) for row in await session.execute(page, {"after": after})]


def _next_after(found: list[tuple[UUID, bytes, str]]) -> UUID | None:
    return found[-1][0] if len(found) == ROWS_PER_STEP else None
