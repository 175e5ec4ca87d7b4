"""Reading what somebody was told, by which way, and what became of it. For the account itself alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.notifications.words import Channel, NoticeKind

_SENT = text(
    """
    select d.id, d.notice_id, n.kind, n.due_at, a.channel, a.name, d.state, d.reason, d.attempts, d.settled_at,
        d.next_at
    from notice n join notice_delivery d on d.notice_id = n.id join notice_address a on a.id = d.address_id
    where n.account_id = :account_id
        and (cast(:due as timestamptz) is null or (n.due_at, d.id) < (cast(:due as timestamptz), cast(:id as uuid)))
    order by n.due_at desc, d.id desc limit :limit
    """
)
_CHOSEN = text(
    """
    select chosen, quiet_from, quiet_until, language, changed_at from notice_preference where account_id = :account_id
    """
)
_ADDRESSES = text(
    """
    select channel, name, made_at, confirmed_at, ended_at, end_reason from notice_address
    where account_id = :account_id order by id
    """
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a notice on its way to one address.

    `state`: waiting, accepted, delivered, failed or dropped; and why.
    """

    id: UUID
    notice_id: UUID
    kind: NoticeKind
    due_at: datetime
    channel: Channel
    address: str
    state: str
    reason: str | None
    attempts: int
    settled_at: datetime | None
    next_at: datetime | None


async def receipts_kept(
    session: AsyncSession, actor: Actor, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Receipt]:
    """Return the same as `receipts_of`, for the caller's copy; audited."""
    found = await receipts_of(session, actor.account_id, before=before, limit=limit)
    await record_audit(session, actor, "notice.list_sent", count=min(limit, len(found)))
    return found


async def receipts_of(
    session: AsyncSession, account_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Receipt]:
    """Return a page of what an account was told in the last 30 days, the latest first: one beyond if there are more.

    `before` is when the last one of the page before was due, and its id.
    """
    due, delivery_id = before or (None, None)
    asked = {"account_id": account_id, "due": due, "id": delivery_id, "limit": limit + 1}
    rows = (await session.execute(_SENT, asked)).all()
    return [
        Receipt(
            id=row.id,
            notice_id=row.notice_id,
            kind=NoticeKind(row.kind),
            due_at=row.due_at,
            channel=Channel(row.channel),
            address=row.name,
            state=row.state,
            reason=row.reason,
            attempts=row.attempts,
            settled_at=row.settled_at,
            next_at=row.next_at,
        )
        for row in rows
    ]


async def own_choices(session: AsyncSession, actor: Actor) -> list[dict[str, Any]]:
    """Return what the caller has chosen to be told of and how, if they have, for their copy; audited."""
    return await _own(session, actor, _CHOSEN, "notice.list_choices")


async def own_addresses(session: AsyncSession, actor: Actor) -> list[dict[str, Any]]:
    """Return where the caller can be told something, or could, by what they call it, for their copy; audited."""
    return await _own(session, actor, _ADDRESSES, "notice.list_addresses")


async def _own(session: AsyncSession, actor: Actor, query: TextClause, audited_as: str) -> list[dict[str, Any]]:
    found = [dict(row) for row in (await session.execute(query, {"account_id": actor.account_id})).mappings()]
    await record_audit(session, actor, audited_as, count=len(found))
    return found
