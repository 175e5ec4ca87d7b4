"""The months that the trail is kept in: made ahead, so that no deed waits for one. Rows without one are kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

MONTHS_AHEAD = 3
"""For so long no worker has to come by."""
MONTHS_AT_ONCE = 30
"""Of those that are missing: each takes a lock."""
ROWS_AT_ONCE = 50_000
"""Rows without a month that go into theirs while others wait; where a month has more, they are left as they are."""

_OPEN = text("select made, covered_until, unplaced from open_audit_months(:at, :ahead)")
_ALONE = text("select pg_advisory_xact_lock(hashtextextended('open_audit_months', 0))")
_ASKED = text(
    "select date_trunc('month', min(u.at) at time zone 'UTC') at time zone 'UTC' as month from audit_unplaced u"
)
_PLACE = text("select open_audit_month(:month)")
_DROP = text("select drop_emptied_audit_months(:before)")


@dataclass(frozen=True, slots=True)
class Months:
    """How many months were made just now, until when there are any, and how many rows stand in none.

    Of those no more than 100,000 are counted.
    """

    made: int
    covered_until: datetime
    unplaced: int


@dataclass(frozen=True, slots=True)
class Placed:
    """How many rows of a month, named by its beginning, stand in it now that had stood in none."""

    month: datetime
    rows: int


async def open_months(session: AsyncSession, at: datetime, *, ahead: int = MONTHS_AHEAD) -> Months:
    """Make the first month of the trail that is missing, from the last one on, and put what had none into its own.

    After those that are near, whatever months such rows ask for are made; none of which there are over ROWS_AT_ONCE.
    """
    row = (await session.execute(_OPEN, {"at": at, "ahead": ahead})).one()
    return Months(row.made, row.covered_until, row.unplaced)


async def place_month(session: AsyncSession) -> Placed | None:
    """Make the first month that rows without one ask for, and put them into it, however many; None: there are none.

    Whoever reads the trail, and the live feed, wait meanwhile. For the owner.
    """
    await session.execute(_ALONE)
    month: datetime | None = (await session.execute(_ASKED)).scalar_one()
    if month is None:
        return None
    return Placed(month, int((await session.execute(_PLACE, {"month": month})).scalar_one()))


async def drop_emptied_months(session: AsyncSession, before: datetime) -> int:
    """Return how many months, over before an instant, went because nothing of them was left. For the owner."""
    return int((await session.execute(_DROP, {"before": before})).scalar_one())
