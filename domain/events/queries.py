"""Reading the numbered feed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.events.event import Event
from domain.statements import Statement, Work, rows_of


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A stretch of the feed with where the feed stands, seen at one instant.

    `relay_silent_seconds` is how long ago the relay last gave a sign of life, by the database's own clock: a feed in
    which nothing happens looks the same as one that nobody fills.
    """

    epoch: UUID
    number: int
    relay_silent_seconds: float
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class FeedPosition:
    """Where the feed stands: its epoch, its highest number, its oldest number kept, and the relay's last sign of life.

    `oldest` is `number + 1` when nothing is kept. `earlier` are the epochs that this one goes on from, and the last
    number of each. A cursor can be resumed from when `knows` says so and `oldest - 1 <= cursor <= number`.
    """

    epoch: UUID
    number: int
    oldest: int
    seen_at: datetime
    earlier: Mapping[UUID, int] = field(default_factory=dict)

    def knows(self, epoch: UUID, number: int) -> bool:
        """Return whether a number that was told in this epoch names here what it named then."""
        return epoch == self.epoch or number <= self.earlier.get(epoch, -1)


_POSITION = text(
    """
    select epoch, number, seen_at, coalesce(oldest_event(), number + 1) as oldest,
        array(select e.epoch from event_epoch e order by e.epoch) as earlier,
        array(select e.number from event_epoch e order by e.epoch) as went_to
    from event_relay
    """
)
_PAGE = Statement(
    text(
        """
    select r.epoch, r.number as high, extract(epoch from clock_timestamp() - r.seen_at) as silent,
        f.number, f.kind, f.patient_id, f.subject_ids, f.at
    from event_relay r
    left join lateral (select * from event_feed where number > :after order by number limit :limit) f on true
    order by f.number
    """
    )
)
_OF_PATIENTS = text(
    """
    select number, kind, patient_id, subject_ids, at from event_feed
    where number > :after and number <= :until and patient_id = any(cast(:patients as uuid[]))
    order by number limit :limit
    """
)
# A list that grows is followed within seconds, not at once, so a cursor may already stand above the change that grew it
# when the connection breaks: changes of the last minute before the cursor count too.
_ACCESS_CHANGED = text(
    """
    with cursor as (
        select coalesce(event_numbered_at(:after), now()) - interval '1 minute' as told_since),
    changed as materialized (
        select f.patient_id, f.subject_ids from event_feed f, cursor c
        where f.kind = 'access.changed'
            and (f.number > :after or (f.number > :after - :most and f.numbered_at > c.told_since)))
    select p.id from unnest(cast(:patients as uuid[])) as p(id)
    where p.id in (select c.patient_id from changed c)
        or exists (select from changed c
            where c.patient_id is null and (c.subject_ids = '{}' or :account = any(c.subject_ids)))
        or p.id in (select access_changing(cast(:account as uuid), cast(:patients as uuid[])))
    """
)
_MOST_LOOKED_BACK = 100_000  # events: more than a minute's worth

_OWN_WAIT = text("select own_events_wait(cast(:account as uuid))")
_LAG = Statement(text("select coalesce(extract(epoch from clock_timestamp() - min(at)), 0) from event_outbox"))


async def feed_position(session: AsyncSession) -> FeedPosition | None:
    """Return where the feed stands, or None before a relay has ever run."""
    row = (await session.execute(_POSITION)).one_or_none()
    if row is None:
        return None
    return FeedPosition(
        row.epoch, row.number, row.oldest, row.seen_at, dict(zip(row.earlier, row.went_to, strict=True))
    )


async def feed_page(work: Work, after: int, limit: int) -> FeedPage | None:
    """Return the events numbered above `after`, lowest first, and where the feed stands; None before a relay ran.

    One statement, so one snapshot: `number` is never below an event returned, nor of another epoch than they.
    """
    rows = await rows_of(work, _PAGE, {"after": after, "limit": limit})
    if not rows:
        return None
    events = tuple(_event(row) for row in rows if row.number is not None)
    return FeedPage(rows[0].epoch, rows[0].high, float(rows[0].silent), events)


async def events_of_patients_after(
    session: AsyncSession, patient_ids: Sequence[UUID], number: int, until: int, limit: int
) -> list[Event]:
    """Return the events of these patients numbered above `number` and up to `until`, lowest first."""
    asked = {"after": number, "until": until, "patients": list(patient_ids), "limit": limit}
    return [_event(row) for row in await session.execute(_OF_PATIENTS, asked)]


async def whose_access_changed(
    session: AsyncSession, account_id: UUID, patient_ids: Iterable[UUID], number: int
) -> set[UUID]:
    """Return those of the patients whom this account may have come to see, or see again, since a number of the feed.

    The minute before it counts too, and what has no number yet: see `_ACCESS_CHANGED`.
    """
    asked = {
        "after": number,
        "patients": list(patient_ids),
        "account": account_id,
        "most": _MOST_LOOKED_BACK,
    }
    return set((await session.execute(_ACCESS_CHANGED, asked)).scalars())


async def own_events_wait(session: AsyncSession, account_id: UUID) -> bool:
    """Return whether something that is committed about the record of this account's owner has no number yet."""
    return bool(await session.scalar(_OWN_WAIT, {"account": account_id}))


async def outbox_lag_seconds(work: Work) -> float:
    """Return the age in seconds of the oldest event that has no number yet; 0 when all have."""
    ((seconds,),) = await rows_of(work, _LAG, {})
    return float(seconds)


def _event(row: Row[Any]) -> Event:
    return Event(row.number, row.kind, row.patient_id, tuple(row.subject_ids), row.at)
