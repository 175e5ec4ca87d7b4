"""The outbox of notices: what is due to be sent, taken by one worker at a time, and what became of it.

A notice has one id, however often it is tried and to however many addresses: whoever brings it shows a repeat in the
first one's place. So a worker that dies after they took it and before it was noted sends it again, and nobody sees it
twice. No transaction is open while anybody is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import new_id
from domain.keys.sealing import CannotUnseal, Sealing
from domain.notifications.address import CODE_LASTS, PURPOSE
from domain.notifications.attempts import KEPT_FOR, LEASE, ask_again_at, next_attempt_at
from domain.notifications.quiet_hours import QuietHours
from domain.notifications.tables import NoticeAddressRow, NoticeDeliveryRow
from domain.notifications.words import Channel, Language, NoticeKind

DELIVERIES_PER_STEP = 50
# For how long it is worth telling: [proposal] a reminder of the morning is none at night, news is news for three days.
LASTS = {
    NoticeKind.something_due: timedelta(hours=12),
    NoticeKind.something_new: timedelta(days=3),
    NoticeKind.message: timedelta(days=3),
    NoticeKind.try_out: CODE_LASTS,
    NoticeKind.confirm: CODE_LASTS,
}
# Whoever asked for these sits and waits for them.
_AT_ANY_HOUR = frozenset({NoticeKind.try_out, NoticeKind.confirm})

_QUEUE_ALONE = text(
    """
    with made as (
        insert into notice (id, account_id, kind, subject_id, due_at, queued_at, lapses_at)
        values (:id, :account_id, :kind, :address_id, :at, :at, :lapses_at) on conflict do nothing returning id)
    insert into notice_delivery (id, notice_id, address_id, next_at) select :delivery_id, id, :address_id, :at from made
    """
)
# Each once, whoever asks how often; to whoever wants it, by every way that they want it by. A notice that nobody wants
# is none.
_QUEUE = text(
    """
    with asked as (
        select * from unnest(cast(:ids as uuid[]), cast(:accounts as uuid[]), cast(:patients as uuid[]),
            cast(:kinds as text[]), cast(:subjects as uuid[]), cast(:due as timestamptz[]),
            cast(:lapses as timestamptz[])) as a(id, account_id, patient_id, kind, subject_id, due_at, lapses_at)),
    ways as (
        select asked.id, w.id as address_id from asked
        join notice_preference p on p.account_id = asked.account_id
        join notice_address w on w.account_id = asked.account_id
            and w.ended_at is null and w.confirmed_at is not null and asked.kind || '/' || w.channel = any(p.chosen)),
    made as (
        insert into notice (id, account_id, patient_id, kind, subject_id, due_at, queued_at, lapses_at)
        select id, account_id, patient_id, kind, subject_id, due_at, :at, lapses_at from asked
        where id in (select id from ways)
        on conflict do nothing returning id),
    sent as (
        insert into notice_delivery (id, notice_id, address_id, next_at)
        select gen_random_uuid(), made.id, ways.address_id, :at from made join ways using (id))
    select asked.id as asked, n.id as kept from asked join notice n using (account_id, kind, subject_id, due_at)
    union all
    select id, id from made
    """
)
_ABOUT = text(
    """
    insert into notice_action (notice_id, action_id, on_day, number, from_at, until_at)
    select * from unnest(cast(:notices as uuid[]), cast(:actions as uuid[]), cast(:days as date[]),
        cast(:numbers as smallint[]), cast(:begins as timestamptz[]), cast(:ends as timestamptz[]))
    on conflict do nothing returning notice_id
    """
)
# Whoever drops one of them just now has not seen what joined it: they are waited for.
_HOLD = text("select id from notice_delivery where notice_id = any(cast(:notices as uuid[])) order by id for update")
# What was done is no reason not to tell of what is not, unless they were told by another way.
_TELL_AFTER_ALL = text(
    """
    update notice_delivery d set state = 'waiting', next_at = :at, settled_at = null, reason = null
    where d.notice_id = any(cast(:notices as uuid[])) and d.state = 'dropped' and d.reason = 'not_due'
        and not exists (select from notice_delivery t
            where t.notice_id = d.notice_id and t.state in ('accepted', 'delivered'))
    """
)
# Whether it may still be sent is asked in the statement that takes it: what must not be is dropped there and then.
_CLAIM = text(
    """
    with due as (
        select id, notice_id, address_id from notice_delivery
        where next_at <= :at order by next_at, id limit :most for update skip locked),
    judged as (
        select due.id, why_not_told(due.notice_id, due.address_id, :at) as why from due),
    taken as (
        update notice_delivery d set
            attempts = d.attempts + case when j.why is null then 1 else 0 end,
            state = case when j.why is null then 'waiting' else 'dropped' end,
            next_at = case when j.why is null then cast(:lease as timestamptz) end,
            settled_at = case when j.why is not null then cast(:at as timestamptz) end,
            reason = coalesce(j.why, d.reason)
        from judged j where d.id = j.id
        returning d.id, d.notice_id, d.address_id, d.attempts, d.state)
    select t.id, t.notice_id, t.attempts, t.state, n.kind, n.due_at, n.lapses_at, n.subject_id, n.account_id,
        a.id as address_id, a.channel, a.sealed, p.language, p.quiet_from, p.quiet_until,
        case when a.channel = 'email' then o.email end as email,
        case when p.quiet_from is not null then time_zone_at(n.patient_id, :at) end as zone
    from taken t join notice n on n.id = t.notice_id join notice_address a on a.id = t.address_id
    join account o on o.id = n.account_id
    left join notice_preference p on p.account_id = n.account_id
    order by n.due_at, t.id
    """
)
_PUT_OFF = text("update notice_delivery set attempts = attempts - 1, next_at = :until where id = :id")
_OLDEST_DUE = text(
    "select coalesce(extract(epoch from :at - min(next_at)), 0) from notice_delivery where next_at <= :at"
)
_FORGET = text(
    """
    delete from notice where id in (select id from notice where queued_at <= :before order by queued_at limit :most)
    """
)
_FORGET_ADDRESSES = text(
    """
    delete from notice_address where id in (
        select id from notice_address where ended_at <= :before order by ended_at limit :most)
    """
)


@dataclass(frozen=True, slots=True)
class NewNotice:
    """That somebody is to be told of something as it is due at an instant; `about`: which actions it is of."""

    account_id: UUID
    patient_id: UUID
    kind: NoticeKind
    subject_id: UUID
    due_at: datetime
    about: tuple[About, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """An action, on which day of the person's it is due, the how-manieth of that day, and when that day is."""

    action_id: UUID
    on_day: date
    number: int
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notice that is this worker's to send now, to one address: which, where to, and by when it lapses."""

    id: UUID
    notice_id: UUID
    address_id: UUID
    channel: Channel
    address: str = field(repr=False)
    kind: NoticeKind
    language: Language
    subject_id: UUID
    due_at: datetime
    lapses_at: datetime
    attempts: int


async def queue_to_address(
    session: AsyncSession, account_id: UUID, address_id: UUID, kind: NoticeKind, at: datetime
) -> None:
    """Queue a notice to one address that its holder asked for there and now: a code, or to try it out."""
    asked = {
        "id": new_id(),
        "delivery_id": new_id(),
        "account_id": account_id,
        "kind": kind.value,
        "address_id": address_id,
        "at": at,
        "lapses_at": at + LASTS[kind],
    }
    await session.execute(_QUEUE_ALONE, asked)


async def queue_notices(session: AsyncSession, new: Sequence[NewNotice], at: datetime) -> None:
    """Queue each of these once, to whoever wants it by the ways they want it by.

    What one that is queued already is about, too, has it told after all where it was dropped because all else was done.
    """
    if not new:
        return
    ids = [new_id() for _ in new]
    asked = {
        "ids": ids,
        "accounts": [each.account_id for each in new],
        "patients": [each.patient_id for each in new],
        "kinds": [each.kind.value for each in new],
        "subjects": [each.subject_id for each in new],
        "due": [each.due_at for each in new],
        "lapses": [each.due_at + LASTS[each.kind] for each in new],
        "at": at,
    }
    kept = {row.asked: row.kept for row in await session.execute(_QUEUE, asked)}
    about = [(kept[made], each) for made, of in zip(ids, new, strict=True) if made in kept for each in of.about]
    if about:
        await _join(session, about, at)


async def _join(session: AsyncSession, about: Sequence[tuple[UUID, About]], at: datetime) -> None:
    told = {
        "notices": [notice for notice, _ in about],
        "actions": [each.action_id for _, each in about],
        "days": [each.on_day for _, each in about],
        "numbers": [each.number for _, each in about],
        "begins": [each.from_at for _, each in about],
        "ends": [each.until_at for _, each in about],
    }
    joined = set((await session.execute(_ABOUT, told)).scalars())
    if joined:
        await session.execute(_HOLD, {"notices": sorted(joined)})
        await session.execute(_TELL_AFTER_ALL, {"notices": sorted(joined), "at": at})


@dataclass(frozen=True, slots=True)
class Step:
    """What a step took: what is to be sent, how many rows it looked at, and how many it dropped."""

    claimed: tuple[Claimed, ...]
    looked_at: int
    dropped: int


async def claim_deliveries(session: AsyncSession, sealing: Sealing, at: datetime) -> Step:
    """Return deliveries that are due, for the caller to attempt; nobody else will until the lease is over.

    What would break quiet hours is put off to their end.
    """
    asked = {"at": at, "lease": at + LEASE, "most": DELIVERIES_PER_STEP}
    rows = (await session.execute(_CLAIM, asked)).all()
    claimed: list[Claimed] = []
    for row in rows:
        if row.state != "waiting":
            continue
        kind = NoticeKind(row.kind)
        until = None if kind in _AT_ANY_HOUR else _quiet_until(row.quiet_from, row.quiet_until, row.zone, at)
        if until is not None:
            await session.execute(_PUT_OFF, {"id": row.id, "until": until})
            continue
        address = row.email if row.channel == Channel.email else _opened(sealing, row.sealed, row.address_id)
        if address is None:
            continue  # it waits for the secret that it was sealed with, until it lapses
        claimed.append(
            Claimed(
                id=row.id,
                notice_id=row.notice_id,
                address_id=row.address_id,
                channel=Channel(row.channel),
                address=address,
                kind=kind,
                language=Language(row.language or Language.english),
                subject_id=row.subject_id,
                due_at=row.due_at,
                lapses_at=row.lapses_at,
                attempts=row.attempts,
            )
        )
    return Step(tuple(claimed), len(rows), sum(row.state == "dropped" for row in rows))


def _quiet_until(begin: time | None, end: time | None, zone: str | None, at: datetime) -> datetime | None:
    """Return when it is no longer quiet; None when it is not quiet now."""
    if begin is None or end is None:
        return None
    quiet, there = QuietHours(begin, end), ZoneInfo(zone or "Europe/London")
    return quiet.over_at(at, there) if quiet.hold_at(at, there) else None


def _opened(sealing: Sealing, sealed: bytes, address_id: UUID) -> str | None:
    try:
        return sealing.unseal(sealed, purpose=PURPOSE, row_id=address_id).decode()
    except CannotUnseal:
        return None


async def record_accepted(
    session: AsyncSession, claimed: Claimed, reference: str | None, at: datetime, *, can_be_asked: bool = False
) -> None:
    """Keep that whoever brings it has taken it, and their name for it; and that they can be asked if it arrived."""
    ask_at = ask_again_at(at, at) if can_be_asked and reference is not None else None
    await _settle(session, claimed.id, "accepted", None, at, reference, ask_at)


async def record_failed(
    session: AsyncSession,
    claimed: Claimed,
    reason: str,
    at: datetime,
    *,
    can_retry: bool,
    chance: float,
    asked_seconds: int | None = None,
) -> bool:
    """Return whether it is given up; otherwise it is due again after a pause."""
    again = None
    if can_retry:
        again = next_attempt_at(claimed.attempts, at, claimed.lapses_at, chance, asked_seconds)
    if again is None:
        await _settle(session, claimed.id, "failed", reason, at)
        return True
    await session.execute(
        update(NoticeDeliveryRow)
        .where(col(NoticeDeliveryRow.id) == claimed.id, col(NoticeDeliveryRow.state) == "waiting")
        .values(next_at=again, reason=reason)
    )
    return False


async def retire_address(session: AsyncSession, claimed: Claimed, reason: str, at: datetime) -> None:
    """Keep that this address is no more: nothing is ever sent there again."""
    await _settle(session, claimed.id, "failed", reason, at)
    await end_as_gone(session, claimed.address_id, at)


async def end_as_gone(session: AsyncSession, address_id: UUID, at: datetime) -> None:
    """Keep that whoever brings notices cannot reach an address any more."""
    await session.execute(
        update(NoticeAddressRow)
        .where(col(NoticeAddressRow.id) == address_id, col(NoticeAddressRow.ended_at).is_(None))
        .values(ended_at=at, end_reason="gone", sealed=None)
    )


async def _settle(
    session: AsyncSession,
    delivery_id: UUID,
    state: str,
    reason: str | None,
    at: datetime,
    reference: str | None = None,
    ask_at: datetime | None = None,
) -> None:
    await session.execute(
        update(NoticeDeliveryRow)
        .where(col(NoticeDeliveryRow.id) == delivery_id, col(NoticeDeliveryRow.state) == "waiting")
        .values(state=state, next_at=None, settled_at=at, reason=reason, reference=reference, ask_at=ask_at)
    )


async def oldest_due_seconds(session: AsyncSession, at: datetime) -> float:
    """Return for how long the delivery that is due for longest has been: 0 when none is."""
    return float((await session.execute(_OLDEST_DUE, {"at": at})).scalar_one())


async def forget_notices(session: AsyncSession, *, at: datetime, most: int) -> int:
    """Return how many notices, and addresses given up, were forgotten that are 30 days old: at most so many of each."""
    asked = {"before": at - KEPT_FOR, "most": most}
    gone = [int((await session.execute(each, asked)).rowcount) for each in (_FORGET, _FORGET_ADDRESSES)]  # type: ignore[attr-defined]
    return max(gone)
