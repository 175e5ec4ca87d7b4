"""Whether what was handed over has arrived, asked of those who can tell: one worker at a time, no transaction open.

A notice whose arrival nobody ever tells stays `accepted`: it is never taken for one that arrived.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.notifications.attempts import LEASE, ask_again_at
from domain.notifications.delivery_commands import end_as_gone
from domain.notifications.tables import NoticeDeliveryRow
from domain.notifications.words import Channel

ASKED_PER_STEP = 50
# What can no longer be asked by this worker, since its way is not set up any more, is left until it is again.
_CLAIM = text(
    """
    with due as (
        select d.id, d.address_id, a.channel from notice_delivery d join notice_address a on a.id = d.address_id
        where d.ask_at <= :at and a.channel = any(cast(:channels as text[]))
        order by d.ask_at, d.id limit :most for update of d skip locked)
    update notice_delivery d set ask_at = :lease from due where d.id = due.id
    returning d.id, d.address_id, due.channel, d.reference, d.settled_at
    """
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A notice that somebody took, by their name for it, of which it is this worker's to ask what became."""

    id: UUID
    address_id: UUID
    channel: Channel
    reference: str
    accepted_at: datetime


async def claim_questions(session: AsyncSession, channels: Collection[Channel], at: datetime) -> list[Asked]:
    """Return what is to be asked about now, by these ways; nobody else asks until the lease is over."""
    asked = {
        "at": at,
        "lease": at + LEASE,
        "channels": [each.value for each in channels],
        "most": ASKED_PER_STEP,
    }
    return [
        Asked(row.id, row.address_id, Channel(row.channel), row.reference, row.settled_at)
        for row in await session.execute(_CLAIM, asked)
    ]


async def record_arrived(session: AsyncSession, asked: Asked, at: datetime) -> None:
    """Keep that it reached the telephone or the mailbox: not that anybody has read it."""
    await _told(session, asked, "delivered", None, at)


async def record_lost(session: AsyncSession, asked: Asked, reason: str, at: datetime, *, has_ended: bool) -> None:
    """Keep that it did not arrive, and why; nothing is ever sent again to an address that has ended."""
    await _told(session, asked, "failed", reason, at)
    if has_ended:
        await end_as_gone(session, asked.address_id, at)


async def ask_later(session: AsyncSession, asked: Asked, at: datetime) -> None:
    """Have it asked about again, or never again once it is too long ago."""
    await session.execute(
        update(NoticeDeliveryRow)
        .where(col(NoticeDeliveryRow.id) == asked.id, col(NoticeDeliveryRow.state) == "accepted")
        .values(ask_at=ask_again_at(asked.accepted_at, at))
    )


async def _told(session: AsyncSession, asked: Asked, state: str, reason: str | None, at: datetime) -> None:
    await session.execute(
        update(NoticeDeliveryRow)
        .where(col(NoticeDeliveryRow.id) == asked.id, col(NoticeDeliveryRow.state) == "accepted")
        .values(state=state, reason=reason, settled_at=at, ask_at=None)
    )
