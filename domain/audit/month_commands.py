"""The months that the trail is kept in: made ahead, so that no deed waits for one. Rows without one are kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

MONTHS_AHEAD = 3
"""For so long no worker has to come by."""

_OPEN = text("select made, covered_until, unplaced from open_audit_months(:at, :ahead)")
_DROP = text("select drop_emptied_audit_months(:before)")


@dataclass(frozen=True, slots=True)
class Months:
    """How many months were made just now, until when there are any, and how many rows stand in none."""

    made: int
    covered_until: datetime
    unplaced: int


async def open_months(session: AsyncSession, at: datetime, *, ahead: int = MONTHS_AHEAD) -> Months:
    """Make the months of the trail that are missing, from the last one on, and put what had none into its own.

    Whatever months those rows ask for are made as well, 24 at a time.
    """
    row = (await session.execute(_OPEN, {"at": at, "ahead": ahead})).one()
    return Months(row.made, row.covered_until, row.unplaced)


async def drop_emptied_months(session: AsyncSession, before: datetime) -> int:
    """Return how many months, over before an instant, went because nothing of them was left. For the owner."""
    return int((await session.execute(_DROP, {"before": before})).scalar_one())
