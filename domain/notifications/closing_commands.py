"""What is let go of when an account is closed: how its holder was told anything, and that they were."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

# What is on its way goes with its notice.
_FORGET = tuple(
    text(f"delete from {table} where account_id = :account_id")
    for table in ("notice", "notice_address", "notice_preference")
)


async def forget_how_told(session: AsyncSession, account_id: UUID) -> None:
    """Forget where an account could be told something, what it chose and what it was told. Whoever calls audits."""
    for statement in _FORGET:
        await session.execute(statement, {"account_id": account_id})
