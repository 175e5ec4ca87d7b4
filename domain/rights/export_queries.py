"""Reading exports of one's own record: how far they are, and the pages of a copy that is ready."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.errors import Conflict, Gone, NotFound

_COLUMNS = "id, patient_id, asked_at, taken_at, state, section, parts, ended_at, expires_at"
_MINE = text(
    f"select {_COLUMNS} from own_export where account_id = :account_id and id < :before order by id desc limit :limit"
)
_ONE = text(f"select {_COLUMNS} from own_export where account_id = :account_id and id = :id")
_PAGE = text("select section, items from own_export_part where export_id = :id and number = :number")
_BEYOND = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class OwnExport:
    """An export of one's own record: `section` of them are gathered, in `parts` pages, as it was at `taken_at`."""

    id: UUID
    patient_id: UUID
    asked_at: datetime
    taken_at: datetime | None
    state: str
    section: int
    parts: int
    ended_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ExportPage:
    """A page of a copy: its section, and its items as a JSON array."""

    section: str
    items: str


async def own_exports(session: AsyncSession, actor: Actor, *, before: UUID | None, limit: int) -> list[OwnExport]:
    """Return a page of the caller's exports, newest first: one beyond the limit if any."""
    asked = {"account_id": actor.account_id, "before": before or _BEYOND, "limit": limit + 1}
    return [OwnExport(*row) for row in await session.execute(_MINE, asked)]


async def own_export(session: AsyncSession, actor: Actor, export_id: UUID) -> OwnExport:
    """Return one of the caller's exports; raise NotFound for anybody else's."""
    row = (await session.execute(_ONE, {"account_id": actor.account_id, "id": export_id})).one_or_none()
    if row is None:
        raise NotFound
    return OwnExport(*row)


async def ready_export(session: AsyncSession, actor: Actor, export_id: UUID) -> OwnExport:
    """Return one of the caller's exports to fetch. Raises NotFound, Conflict before it is made, and Gone after."""
    found = await own_export(session, actor, export_id)
    if found.state in {"waiting", "working", "failed"}:
        raise Conflict("There is no copy to fetch yet.")
    if found.state != "ready" or found.expires_at is None or found.expires_at <= actor.at:
        raise Gone("This copy has been fetched, or a day has passed. Ask for another.")
    return found


async def export_page(session: AsyncSession, export_id: UUID, number: int) -> ExportPage | None:
    """Return a page of a copy; None beyond the last."""
    row = (await session.execute(_PAGE, {"id": export_id, "number": number})).one_or_none()
    return None if row is None else ExportPage(row.section, row.items)
