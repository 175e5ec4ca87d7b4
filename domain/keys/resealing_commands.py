"""Sealing anew what a former encryption secret has sealed, page by page, and finding what no secret opens.

Each context says itself which of its columns hold something sealed (`SealedColumn`); this module knows how, and not
what. Nothing is marked: whether a row is done is seen by what opens it, so that whoever is interrupted begins again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
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
    """Where something sealed is stored. `purpose` is SQL for what each row is sealed for: a constant, or a column.

    `lasts`: it is there until somebody removes it; anything else lapses by itself, within 30 days at the most.
    """

    table: str
    column: str
    purpose: str
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
    found = await _page(session, column, after, "for update")
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
        await session.execute(
            text(
                f"update {column.table} t set {column.column} = each.sealed"
                " from unnest(cast(:ids as uuid[]), cast(:sealed as bytea[])) as each(id, sealed) where t.id = each.id"
            ),
            {"ids": list(fresh), "sealed": list(fresh.values())},
        )
        actor = Actor(NOBODY, at, request_id="command-line")
        await record_audit(session, actor, "key.reseal", count=len(fresh))
    return Step(len(found), len(fresh), tuple(closed), _next_after(found))


async def unopened_page(session: AsyncSession, column: SealedColumn, sealing: Sealing, after: UUID) -> Step:
    """Return what of the next page of rows no secret opens. Changes nothing."""
    found = await _page(session, column, after, "")
    closed = [row_id for row_id, sealed, purpose in found if not sealing.opens(sealed, purpose=purpose, row_id=row_id)]
    return Step(len(found), 0, tuple(closed), _next_after(found))


async def _page(session: AsyncSession, column: SealedColumn, after: UUID, held: str) -> list[tuple[UUID, bytes, str]]:
    page = text(
        f"select id, {column.column}, {column.purpose} from {column.table}"
        f" where {column.column} is not null and id > :after order by id limit :most {held}"
    )
    rows = await session.execute(page, {"after": after, "most": ROWS_PER_STEP})
    return [(row[0], bytes(row[1]), str(row[2])) for row in rows]


def _next_after(found: list[tuple[UUID, bytes, str]]) -> UUID | None:
    return found[-1][0] if len(found) == ROWS_PER_STEP else None
