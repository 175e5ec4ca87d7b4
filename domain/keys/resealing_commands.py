"""Sealing anew what a former encryption secret has sealed, page by page, and finding what no secret opens.

Each context says itself which of its columns hold something sealed (`SealedColumn`); this module knows how, and not
what. Nothing is marked: whether a row is done is seen by what opens it, so that whoever is interrupted begins again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import (
    LargeBinary,
    Select,
    TableClause,
    Text,
    Uuid,
    bindparam,
    func,
    literal,
    select,
    table,
    true,
    update,
)
from sqlalchemy import column as sql_column
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.audit.entry import NOBODY
from domain.keys.sealing import CannotUnseal, Sealing

# A few milliseconds in one writing transaction, which holds the live feed back for as long.
ROWS_PER_STEP = 200
FIRST = UUID(int=0)
# 12 µs a row to open, of three tables: 15 ms at the most, once in a process's life.
SAMPLED = 200


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
    found = await _rows(session, _page_of(column).with_for_update(), {"after": after})
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


async def unopened_of_sample(session: AsyncSession, column: SealedColumn, sealing: Sealing) -> int:
    """Return how many rows no secret opens: of the newest, and of as many that are spread evenly over all the time.

    A table of up to `SAMPLED` rows is looked at whole, and of a larger one no more than twice as many: a stretch of
    rows that takes up more than a `SAMPLED`th of the time is met, for ids are in the order in which they were made.
    """
    newest = await _rows(session, _sealed(column).order_by(_stored(column).c.id.desc()).limit(SAMPLED), {})
    found = dict.fromkeys(newest)
    if len(newest) == SAMPLED:
        oldest = await _rows(session, _sealed(column).order_by(_stored(column).c.id).limit(1), {})
        marks = {"marks": evenly_between(oldest[0][0], newest[-1][0])}
        found |= dict.fromkeys(await _rows(session, _first_after_each_mark(column), marks))
    return sum(not sealing.opens(sealed, purpose=purpose, row_id=row_id) for row_id, sealed, purpose in found)


def evenly_between(first: UUID, last: UUID) -> list[UUID]:
    """Return `SAMPLED` ids at equal distances, from the first on and ending before the last."""
    step = max(0, last.int - first.int) // SAMPLED
    return [UUID(int=first.int + number * step) for number in range(SAMPLED)]


@cache
def _stored(column: SealedColumn) -> TableClause:
    return table(
        column.table, sql_column("id", Uuid()), sql_column("purpose", Text()), sql_column(column.column, LargeBinary())
    )


def _sealed(column: SealedColumn) -> Select[UUID, bytes, str]:
    stored = _stored(column)
    purpose = stored.c.purpose if column.purpose is None else literal(column.purpose, Text())
    sealed = stored.c[column.column]
    return select(stored.c.id, sealed, purpose.label("sealed_for")).where(sealed.is_not(None))


def _page_of(column: SealedColumn) -> Select[UUID, bytes, str]:
    held = _stored(column).c.id
    return _sealed(column).where(held > bindparam("after")).order_by(held).limit(ROWS_PER_STEP)


def _first_after_each_mark(column: SealedColumn) -> Select[UUID, bytes, str]:
    """Return SQL for the first row at or after each of many ids: one look at the index each."""
    marks = func.unnest(bindparam("marks", type_=ARRAY(Uuid()))).table_valued("mark").render_derived()
    held = _stored(column).c.id
    first = _sealed(column).where(held >= marks.c.mark).order_by(held).limit(1).lateral()
    return select(*first.c).select_from(marks.join(first, true()))


async def _rows(
    session: AsyncSession, query: Select[UUID, bytes, str], told: Mapping[str, object]
) -> list[tuple[UUID, bytes, str]]:
    return [(row[0], bytes(row[1]), row[2]) for row in await session.execute(query, told)]


def _next_after(found: list[tuple[UUID, bytes, str]]) -> UUID | None:
    return found[-1][0] if len(found) == ROWS_PER_STEP else None
