"""Whether those on somebody's board are still the same, for a screen that asks again and again. It names nobody.

To load the board anew each minute would write each time into everybody's log that it was read.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, String, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.people.queries import ALL_CARED_FOR
from domain.people.reach_queries import instants
from domain.people.tables import PatientRow, ResidenceRow

_BOARD = ALL_CARED_FOR.with_only_columns(
    col(PatientRow.id).label("id"),
    col(PatientRow.version).label("version"),
    col(ResidenceRow.care_home_id).label("care_home_id"),
    col(ResidenceRow.room).label("room"),
    maintain_column_froms=True,
).subquery("board")


def _told(column: ColumnElement[object]) -> ColumnElement[str]:
    return func.coalesce(cast(column, String), "")


_EACH = func.concat_ws(" ", *(_told(_BOARD.c[name]) for name in ("id", "version", "care_home_id", "room")))
_ALL = func.string_agg(_EACH, aggregate_order_by(literal("\n"), _BOARD.c.id))
_EDITION: Final = select(func.encode(func.sha256(func.convert_to(_ALL, "UTF8")), "hex"))


async def board_edition(session: AsyncSession, actor: Actor) -> str:
    """Return a digest of who stands on this actor's board, what they are called and where they live: SHA-256, in hex.

    Another one when somebody came, left, moved or was put right; no reading changes it. Nobody's record is read.
    """
    found: str | None = await session.scalar(_EDITION, {"account": actor.account_id, **instants(actor.at)})
    return found or "nobody"
