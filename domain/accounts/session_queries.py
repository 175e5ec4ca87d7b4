"""Reading one's own sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.queries import in_force
from domain.accounts.session_age import SessionKind, idle_since
from domain.accounts.tables import AccountRow, SessionRow


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One of the caller's sessions in force. `last_seen_at` may be a minute behind."""

    id: UUID
    kind: SessionKind
    label: str
    started_at: datetime
    last_seen_at: datetime
    expires_at: datetime


async def own_sessions(session: AsyncSession, actor: Actor, *, before: UUID | None, limit: int) -> list[OwnSession]:
    """Return a page of the caller's sessions in force, the newest first."""
    query = (
        select(SessionRow)
        .join(AccountRow, col(AccountRow.id) == col(SessionRow.account_id))
        .where(col(SessionRow.account_id) == actor.account_id, *in_force(actor.at, idle_since(actor.at)))
        .order_by(col(SessionRow.id).desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(col(SessionRow.id) < before)
    return [
        OwnSession(row.id, SessionKind(row.kind), row.label, row.created_at, row.last_seen_at, row.expires_at)
        for row in (await session.execute(query)).scalars()
    ]
