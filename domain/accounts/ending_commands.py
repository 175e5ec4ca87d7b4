"""Ending everything that somebody has open with an account, its holder or a thief."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.tables import SessionRow, SignInTokenRow
from domain.events.commands import append_event


async def end_everything_open(session: AsyncSession, account_id: UUID, *, at: datetime, reason: str) -> None:
    """End an account's sessions, sockets and begun sign-ins: refused from this transaction's commit on."""
    await session.execute(
        update(SessionRow)
        .where(col(SessionRow.account_id) == account_id, col(SessionRow.ended_at).is_(None))
        .values(ended_at=at, end_reason=reason)
    )
    await session.execute(delete(SignInTokenRow).where(col(SignInTokenRow.account_id) == account_id))
    await append_event(session, "access.changed", subject_ids=[account_id])
