"""Reading webhooks and what became of their deliveries, for administrators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.accounts.queries import organisations_below
from domain.errors import NotFound
from domain.webhooks.tables import DeliveryRow, WebhookRow


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address of an organisation's that is told of certain kinds of events."""

    id: UUID
    organisation_id: UUID
    url: str
    kinds: tuple[str, ...]
    created_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event told, or to be told: of what kind and how it went; not about whom."""

    id: UUID
    kind: str
    event_at: datetime
    attempts: int
    due_at: datetime | None
    settled_at: datetime | None
    outcome: str | None


async def webhooks(session: AsyncSession, actor: Actor, *, after: UUID | None, limit: int) -> list[Webhook]:
    """Return the webhooks of the organisations that the actor administers: one beyond the limit if any."""
    reach = await _administered(session, actor)
    query = select(WebhookRow).where(col(WebhookRow.organisation_id).in_(reach), col(WebhookRow.ended_at).is_(None))
    if after is not None:
        query = query.where(col(WebhookRow.id) > after)
    rows = await session.execute(query.order_by(col(WebhookRow.id)).limit(limit + 1))
    return [_webhook(row) for row in rows.scalars()]


async def webhook(session: AsyncSession, actor: Actor, webhook_id: UUID) -> Webhook:
    """Return one webhook of an organisation that the actor administers; raise NotFound."""
    reach = await _administered(session, actor)
    row = await session.get(WebhookRow, webhook_id, populate_existing=True)
    if row is None or row.ended_at is not None or row.organisation_id not in reach:
        raise NotFound
    return _webhook(row)


async def deliveries(
    session: AsyncSession, actor: Actor, webhook_id: UUID, *, before: UUID | None, limit: int
) -> list[Delivery]:
    """Return what was told to a webhook, or is to be, newest first: one beyond the limit if any. Raises NotFound."""
    await webhook(session, actor, webhook_id)
    query = select(DeliveryRow).where(col(DeliveryRow.webhook_id) == webhook_id)
    if before is not None:
        query = query.where(col(DeliveryRow.id) < before)
    rows = await session.execute(query.order_by(col(DeliveryRow.id).desc()).limit(limit + 1))
    return [
        Delivery(row.id, row.kind, row.event_at, row.attempts, row.due_at, row.settled_at, row.outcome)
        for row in rows.scalars()
    ]


async def _administered(session: AsyncSession, actor: Actor) -> set[UUID]:
    require_role(actor, Role.administrator)
    return await organisations_below(session, actor.organisations_as(Role.administrator))


def _webhook(row: WebhookRow) -> Webhook:
    return Webhook(
        id=row.id,
        organisation_id=row.organisation_id,
        url=row.url,
        kinds=tuple(row.kinds),
        created_at=row.created_at,
        failing_since=row.failing_since,
        disabled_at=row.disabled_at,
        version=row.version,
    )
