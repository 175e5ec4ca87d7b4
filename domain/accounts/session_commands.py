"""Signing in, keeping signed in, signing out, and tickets for the live socket."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, delete, exists, select, text, update
from sqlmodel import TIMESTAMP, col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.client import Client
from domain.accounts.presence_queries import in_force
from domain.accounts.queries import effective_grants
from domain.accounts.refresh_token import (
    LIVE_TICKET_LIFETIME,
    LOST_REPLY_GRACE,
    new_token,
    successor_of,
    token_hash,
)
from domain.accounts.session_age import LIFETIMES, SessionKind, idle_since
from domain.accounts.sign_in import Means
from domain.accounts.tables import AccountRow, LiveTicketRow, RefreshTokenRow, SessionRow, SignInTokenRow
from domain.audit.commands import record_audit
from domain.errors import NotAuthenticated, NotFound
from domain.events.commands import append_event
from domain.ids import new_id

_SEEN = text(
    "with used as (select * from unnest(cast(:ids as uuid[]), cast(:ats as timestamptz[])) as used(id, at)),"
    " held as (select session.id, used.at from session join used using (id) order by session.id for update of session)"
    " update session set last_seen_at = greatest(session.last_seen_at, held.at) from held where held.id = session.id"
).bindparams(bindparam("ids", type_=ARRAY(Uuid)), bindparam("ats", type_=ARRAY(TIMESTAMP(timezone=True))))


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session with the refresh token to hand out (only its hash is stored)."""

    session_id: UUID
    account_id: UUID
    refresh_token: str
    kind: SessionKind
    expires_at: datetime
    generation: int = 0
    means: Means = Means.password


@dataclass(frozen=True, slots=True)
class RedeemedTicket:
    """Whose ticket it was, and until when the session behind it can last."""

    session_id: UUID
    account_id: UUID
    session_expires_at: datetime


async def open_session(
    session: AsyncSession,
    account_id: UUID,
    *,
    at: datetime,
    request_id: str,
    means: Means = Means.password,
    client: Client = Client(),
) -> OpenedSession:
    """Return a new session for an account whose holder has just shown what `means` says.

    Whoever holds a role gets the ages of the web whatever they ask for: only a person's own phone is their own.
    """
    grants = effective_grants(at)
    is_staff = await session.scalar(select(exists(select(grants.c.role).where(grants.c.account_id == account_id))))
    kind = SessionKind.web if is_staff else client.kind
    opened = OpenedSession(new_id(), account_id, new_token(), kind, at + LIFETIMES[kind], means=means)
    session.add(
        SessionRow(
            id=opened.session_id,
            account_id=account_id,
            created_at=at,
            expires_at=opened.expires_at,
            kind=kind.value,
            last_seen_at=at,
            label=client.label,
            device_hash=client.device_hash,
            opened_with=means.value,
            confirmed_at=at,
        )
    )
    await session.flush()
    session.add(
        RefreshTokenRow(token_hash=token_hash(opened.refresh_token), session_id=opened.session_id, issued_at=at)
    )
    await session.flush()
    actor = Actor(account_id, at, session_id=opened.session_id, request_id=request_id)
    await record_audit(session, actor, "session.open")
    return opened


async def refresh_session(
    session: AsyncSession,
    token: str,
    *,
    secret: bytes,
    at: datetime,
    request_id: str,
    device_id: str | None = None,
) -> OpenedSession | None:
    """Return the session with the token's successor; None when the token is not, or no longer, good.

    A token is spent by its first use. Used again within the grace, while its successor is still unused, it gives
    the same successor (a lost reply); used again later it has been stolen or copied: the session ends. So it does when
    the token comes from another installation than the one that signed in. None is returned rather than raised so that
    the caller's transaction commits that ending.
    """
    found = await _held_family(session, token, at)
    if found is None:
        return None
    row, family = found
    successor = successor_of(token, secret)
    if family.device_hash is not None and not _is_of(family.device_hash, device_id):
        await _end_stolen(session, family, at, request_id, reason="refresh_token_elsewhere")
        return None
    if row.used_at is None:
        row.used_at = family.last_seen_at = at
        session.add_all([row, family])
        session.add(RefreshTokenRow(token_hash=token_hash(successor), session_id=family.id, issued_at=at))
        await session.flush()
    elif at - row.used_at > LOST_REPLY_GRACE or await _is_spent(session, successor):
        await _end_stolen(session, family, at, request_id, reason="refresh_token_reused")
        return None
    kind, means = SessionKind(family.kind), Means(family.opened_with)
    return OpenedSession(
        family.id, family.account_id, successor, kind, family.expires_at, family.generation, means=means
    )


async def _held_family(session: AsyncSession, token: str, at: datetime) -> tuple[RefreshTokenRow, SessionRow] | None:
    """Return the token and its session, the session held to the end of the transaction; None when it is not good."""
    found = (
        await session.execute(
            select(RefreshTokenRow, SessionRow)
            .join(SessionRow, col(SessionRow.id) == col(RefreshTokenRow.session_id))
            .join(AccountRow, col(AccountRow.id) == col(SessionRow.account_id))
            .where(col(RefreshTokenRow.token_hash) == token_hash(token), *in_force(at, idle_since(at)))
            .with_for_update(of=SessionRow)
            .execution_options(populate_existing=True)
        )
    ).one_or_none()
    if found is None:
        return None
    row, family = found[0], found[1]
    # The row may have been read before the lock on its family was granted: read it again under the lock.
    await session.refresh(row)
    return row, family


def _is_of(device_hash: bytes, device_id: str | None) -> bool:
    return device_id is not None and hmac.compare_digest(token_hash(device_id), device_hash)


async def _end_stolen(session: AsyncSession, family: SessionRow, at: datetime, request_id: str, *, reason: str) -> None:
    actor = Actor(family.account_id, at, session_id=family.id, request_id=request_id)
    await end_session(session, actor, reason=reason)


async def _is_spent(session: AsyncSession, token: str) -> bool:
    used_at = await session.scalar(
        select(col(RefreshTokenRow.used_at)).where(col(RefreshTokenRow.token_hash) == token_hash(token))
    )
    return used_at is not None


async def end_session(session: AsyncSession, actor: Actor, *, reason: str = "signed_out") -> None:
    """End the actor's session: its tokens and sockets are refused from this transaction's commit on."""
    if actor.session_id is None:
        raise NotAuthenticated("There is no session to end.")
    await session.execute(
        update(SessionRow)
        .where(col(SessionRow.id) == actor.session_id, col(SessionRow.ended_at).is_(None))
        .values(ended_at=actor.at, end_reason=reason)
    )
    await append_event(session, "access.changed", subject_ids=[actor.account_id])
    await record_audit(session, actor, "session.end")


async def end_own_sessions(
    session: AsyncSession, actor: Actor, *, only: UUID | None = None, reason: str = "ended_by_owner"
) -> int:
    """Return how many of the caller's other sessions were ended, or the one named; their sockets end with them.

    Raises NotFound when the one named is not the caller's, or not in force.
    """
    which = col(SessionRow.id) != actor.session_id if only is None else col(SessionRow.id) == only
    ended = await session.execute(
        update(SessionRow)
        .where(col(SessionRow.account_id) == actor.account_id, col(SessionRow.ended_at).is_(None), which)
        .where(col(SessionRow.expires_at) > actor.at)
        .values(ended_at=actor.at, end_reason=reason)
        .returning(col(SessionRow.id))
    )
    ids = list(ended.scalars())
    if only is not None and not ids:
        raise NotFound
    await append_event(session, "access.changed", subject_ids=[actor.account_id])
    await record_audit(session, actor, "session.end", subject_id=only, count=len(ids))
    return len(ids)


async def record_last_seen(session: AsyncSession, used: Mapping[UUID, datetime]) -> None:
    """Record when sessions were last used; in the order of their ids, so that two processes do not deadlock."""
    ids = sorted(used)
    await session.execute(_SEEN, {"ids": ids, "ats": [used[session_id] for session_id in ids]})


async def issue_live_ticket(session: AsyncSession, actor: Actor) -> tuple[str, datetime]:
    """Return a single-use ticket for one live socket, and when it lapses."""
    if actor.session_id is None:
        raise NotAuthenticated("Sign in to open a live connection.")
    ticket, lapses_at = new_token(), actor.at + LIVE_TICKET_LIFETIME
    session.add(LiveTicketRow(ticket_hash=token_hash(ticket), session_id=actor.session_id, expires_at=lapses_at))
    await session.flush()
    return ticket, lapses_at


async def redeem_live_ticket(session: AsyncSession, ticket: str, *, at: datetime) -> RedeemedTicket:
    """Return whose ticket this was and spend it; raise NotAuthenticated when it is unknown, used or lapsed."""
    session_id = await session.scalar(
        delete(LiveTicketRow)
        .where(col(LiveTicketRow.ticket_hash) == token_hash(ticket), col(LiveTicketRow.expires_at) > at)
        .returning(col(LiveTicketRow.session_id))
    )
    row = (
        await session.execute(
            select(SessionRow)
            .join(AccountRow, col(AccountRow.id) == col(SessionRow.account_id))
            .where(col(SessionRow.id) == session_id, *in_force(at, idle_since(at)))
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotAuthenticated("This ticket is not good. Fetch a new one.")
    return RedeemedTicket(row.id, row.account_id, row.expires_at)


async def forget_lapsed(session: AsyncSession, *, at: datetime) -> int:
    """Return how many lapsed tickets and sessions were deleted; refresh tokens go with their session."""
    tickets = await session.execute(delete(LiveTicketRow).where(col(LiveTicketRow.expires_at) <= at))
    waiting = await session.execute(delete(SignInTokenRow).where(col(SignInTokenRow.expires_at) <= at))
    sessions = await session.execute(delete(SessionRow).where(col(SessionRow.expires_at) <= at))
    return int(tickets.rowcount) + int(waiting.rowcount) + int(sessions.rowcount)  # type: ignore[attr-defined]
