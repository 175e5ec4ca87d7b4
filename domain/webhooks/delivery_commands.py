"""Following the event log for webhooks, and keeping what became of each delivery. It calls nobody itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, text, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Grant, Role
from domain.access.ground import Basis, Ground, Purpose, Touched
from domain.audit.commands import record_audit, record_audits
from domain.events.event import Event
from domain.events.queries import feed_page
from domain.ids import new_id
from domain.keys.sealing import Sealing
from domain.people.queries import Places, shared_places_of
from domain.webhooks.commands import SECRET_PURPOSE
from domain.webhooks.schedule import KEPT_FOR, KINDS, LEASE, is_lost, next_attempt_at
from domain.webhooks.tables import DeliveryRow, FollowerRow, WebhookRow

EVENTS_PER_STEP = 500
DELIVERIES_PER_STEP = 20
# So that a slow target keeps no place that others need.
_PER_WEBHOOK = 4
NOT_THEIRS = "not_theirs_any_more"
_REQUEST_ID = "webhook"

_START = text("insert into webhook_follower (number) select number from event_relay on conflict (single) do nothing")
_POSITION = text("select number from webhook_follower for update skip locked")
_CLAIM = text(
    """
    with ranked as (
        select d.id, row_number() over (partition by d.webhook_id order by d.due_at, d.id) as place
        from webhook_delivery d join webhook w on w.id = d.webhook_id
        where d.due_at <= :at and w.ended_at is null and w.disabled_at is null),
    claimed as (
        select id from webhook_delivery where id in (select id from ranked where place <= :each) and due_at <= :at
        order by due_at, id limit :most for update skip locked)
    update webhook_delivery d set attempts = d.attempts + 1, due_at = :lease
    from claimed, webhook w where d.id = claimed.id and w.id = d.webhook_id
    returning d.id, d.webhook_id, d.kind, d.patient_id, d.subject_ids, d.event_at, d.attempts,
        w.url, w.sealed_secret, w.organisation_id
    """
)
_FORGET = text(
    """
    delete from webhook_delivery where id in (
        select id from webhook_delivery where created_at <= :before order by created_at limit :most)
    """
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery that is this worker's to attempt now: what to say to whom, and with which secret."""

    id: UUID
    webhook_id: UUID
    url: str
    secret: bytes
    kind: str
    patient_id: UUID
    subject_ids: tuple[UUID, ...]
    event_at: datetime
    attempts: int


async def follow_events(session: AsyncSession, at: datetime) -> bool:
    """Return whether more of the log may be waiting; what it has for webhooks is queued, and audited per patient.

    Several workers may follow: the row's lock lets one at a time. After a restore the log may stand lower than it was
    followed to: then it is followed from there.
    """
    position = (await session.execute(_POSITION)).scalar_one_or_none()
    if position is None:
        await session.execute(_START)
        return False
    page = await feed_page(session, position, EVENTS_PER_STEP)
    if page is None:
        return False
    await _queue(session, [event for event in page.events if event.kind in KINDS], at)
    reached = page.events[-1].number if page.events else page.number
    if reached != position:
        await session.execute(update(FollowerRow).values(number=reached))
    return len(page.events) == EVENTS_PER_STEP


async def _queue(session: AsyncSession, events: Sequence[Event], at: datetime) -> None:
    hooks = await _in_force(session) if events else []
    if not hooks:
        return
    places = await shared_places_of(session, {e.patient_id for e in events if e.patient_id is not None}, at)
    told = [(hook, event) for event in events for hook in hooks if _concerns(hook, event, places)]
    if not told:
        return
    connection = await session.connection()
    await connection.execute(insert(DeliveryRow), [_row(hook, event, at) for hook, event in told])
    for hook in {hook.id: hook for hook, _ in told}.values():
        mine = dict.fromkeys(e.patient_id for h, e in told if h.id == hook.id and e.patient_id is not None)
        touched = [Touched(patient, _ground(hook, places[patient])) for patient in mine]
        await record_audits(session, _actor(hook, at), "webhook.tell", touched, subject_id=hook.id)


async def _in_force(session: AsyncSession) -> list[WebhookRow]:
    rows = await session.execute(
        select(WebhookRow).where(col(WebhookRow.ended_at).is_(None), col(WebhookRow.disabled_at).is_(None))
    )
    return list(rows.scalars())


def _concerns(hook: WebhookRow, event: Event, places: dict[UUID, Places]) -> bool:
    """Return whether an event is told to a webhook: of a kind it asked for, since it did, of one in its places."""
    where = None if event.patient_id is None else places.get(event.patient_id)
    return (
        where is not None
        and hook.organisation_id in (where.practice_id, where.care_home_id)
        and event.kind in hook.kinds
        and event.at >= hook.created_at
    )


def _row(hook: WebhookRow, event: Event, at: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "webhook_id": hook.id,
        "event_number": event.number,
        "kind": event.kind,
        "patient_id": event.patient_id,
        "subject_ids": list(event.subject_ids),
        "event_at": event.at,
        "created_at": at,
        "due_at": at,
    }


def _actor(hook: WebhookRow, at: datetime) -> Actor:
    return Actor(hook.created_by, at, request_id=_REQUEST_ID)


def _ground(hook: WebhookRow, where: Places) -> Ground:
    basis = Basis.practice if hook.organisation_id == where.practice_id else Basis.care_home
    return Ground(basis, Grant(Role.administrator, hook.organisation_id), Purpose.healthcare_operations)


async def claim_deliveries(session: AsyncSession, sealing: Sealing, at: datetime) -> list[Claimed]:
    """Return deliveries that are due, for the caller to attempt; nobody else will until the lease is over.

    What has come to concern a patient of somebody else's, or one who no longer shares their record, is settled untold.
    """
    asked = {"at": at, "lease": at + LEASE, "each": _PER_WEBHOOK, "most": DELIVERIES_PER_STEP}
    rows = (await session.execute(_CLAIM, asked)).all()
    places = await shared_places_of(session, {row.patient_id for row in rows}, at)
    theirs: list[Row[Any]] = []
    others: list[Row[Any]] = []
    for row in rows:
        where = places.get(row.patient_id)
        mine = where is not None and row.organisation_id in (where.practice_id, where.care_home_id)
        (theirs if mine else others).append(row)
    await _settle(session, [row.id for row in others], NOT_THEIRS, at)
    return [
        Claimed(
            id=row.id,
            webhook_id=row.webhook_id,
            url=row.url,
            secret=sealing.unseal(row.sealed_secret, purpose=SECRET_PURPOSE, row_id=row.webhook_id),
            kind=row.kind,
            patient_id=row.patient_id,
            subject_ids=tuple(row.subject_ids),
            event_at=row.event_at,
            attempts=row.attempts,
        )
        for row in theirs
    ]


async def record_told(session: AsyncSession, claimed: Claimed, outcome: str, at: datetime) -> None:
    """Keep that a delivery was taken: its webhook works."""
    await _settle(session, [claimed.id], outcome, at)
    await session.execute(
        update(WebhookRow)
        .where(col(WebhookRow.id) == claimed.webhook_id, col(WebhookRow.failing_since).is_not(None))
        .values(failing_since=None)
    )


async def record_failed(session: AsyncSession, claimed: Claimed, outcome: str, at: datetime) -> None:
    """Keep that an attempt failed: it is due again later, or given up; a webhook that fails for days is disabled."""
    due_at = next_attempt_at(claimed.attempts, at)
    await session.execute(
        update(DeliveryRow)
        .where(col(DeliveryRow.id) == claimed.id, col(DeliveryRow.settled_at).is_(None))
        .values(due_at=due_at, outcome=outcome, settled_at=at if due_at is None else None)
    )
    hook = await session.get_one(WebhookRow, claimed.webhook_id, with_for_update=True, populate_existing=True)
    if is_lost(hook.failing_since, at) and hook.disabled_at is None:
        hook.disabled_at, hook.version = at, hook.version + 1
        await record_audit(session, _actor(hook, at), "webhook.disable", subject_id=hook.id)
    hook.failing_since = hook.failing_since or at
    session.add(hook)
    await session.flush()


async def _settle(session: AsyncSession, ids: Iterable[UUID], outcome: str, at: datetime) -> None:
    await session.execute(
        update(DeliveryRow)
        .where(col(DeliveryRow.id).in_(list(ids)))
        .values(due_at=None, settled_at=at, outcome=outcome)
    )


async def forget_deliveries(session: AsyncSession, *, at: datetime, most: int) -> int:
    """Return how many deliveries were forgotten that are 30 days old, oldest first and at most so many."""
    result = await session.execute(_FORGET, {"before": at - KEPT_FOR, "most": most})
    return int(result.rowcount)  # type: ignore[attr-defined]
