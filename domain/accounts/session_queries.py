"""Reading one's own sessions, and asking whether one still stands without using it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.presence_queries import Shown, in_force
from domain.accounts.refresh_token import token_hash
from domain.accounts.session_age import SESSION_ENDED, SessionKind, idle_since
from domain.accounts.tables import AccountRow, RefreshTokenRow, SessionRow
from domain.errors import NotAuthenticated


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


async def session_of_token(session: AsyncSession, token: str) -> Shown:
    """Return by which session a refresh token says who somebody is; raise NotAuthenticated when there is none.

    Nothing is spent by asking, and a token that was exchanged already still names its session: whoever asks while a
    renewal is under way must not be told that theirs has ended. `actor_of_session` tells whether it is in force.
    """
    found = (
        await session.execute(
            select(col(SessionRow.id), col(SessionRow.account_id))
            .join(RefreshTokenRow, col(RefreshTokenRow.session_id) == col(SessionRow.id))
            .where(col(RefreshTokenRow.token_hash) == token_hash(token))
        )
    ).one_or_none()
    if found is None:
        raise NotAuthenticated(SESSION_ENDED)
    return Shown(*found)
