"""Reminding of what has fallen due: each instant of each action once, whatever happens meanwhile.

A step takes the actions that are to be looked at, oldest first, notes up to when they are seen to, and queues what is
due, in one transaction: a worker that dies did neither, and of two workers one has each action. Whether it is still to
be done is asked when the notice is taken to be sent (`domain/notifications/delivery_commands.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.notifications.delivery_commands import LASTS, About, NewNotice, queue_notices
from domain.notifications.words import NoticeKind
from domain.people.local_days import LocalDays, ZoneFrom
from domain.plans.asked import stretches_on
from domain.plans.recurrence import read_rule
from domain.plans.schedule import Schedule
from domain.reminders.due import Reminding, next_reminding

ACTIONS_PER_STEP = 200
_ONE_DAY = timedelta(days=1)

_TAKE = text(
    """
    select action_id, patient_id, after_at from action_due
    where look_at <= :at order by look_at, action_id limit :most for update skip locked
    """
)
_SCHEDULES = text("select * from schedules_of(cast(:actions as uuid[]))")
_ASKING = text("select actions_that_ask(cast(:actions as uuid[]))")
_GO_ON = text(
    """
    update action_due d set after_at = n.after_at, look_at = n.look_at
    from unnest(cast(:actions as uuid[]), cast(:after as timestamptz[]), cast(:look as timestamptz[]))
        as n(action_id, after_at, look_at)
    where d.action_id = n.action_id
    """
)
_LEAVE = text("delete from action_due where action_id = any(cast(:actions as uuid[]))")


@dataclass(frozen=True, slots=True)
class _Followed:
    """An action that is looked at: whose, when it falls due, and up to when that has been seen to."""

    action_id: UUID
    patient_id: UUID
    account_id: UUID
    schedule: Schedule
    days: LocalDays
    after_at: datetime
    asks: bool

    def remindings(self, at: datetime) -> tuple[Reminding | None, datetime, Reminding | None]:
        """Return the latest reminding up to an instant that is worth telling, up to when all is seen to, and the next.

        A worker that was away for a day reminds of what is due now, and not of each time that has passed.
        """
        latest, seen = None, self.after_at
        coming = next_reminding(self.schedule, self.days, max(seen, at - LASTS[NoticeKind.something_due]))
        while coming is not None and coming.at <= at:
            latest, seen = coming, coming.at
            coming = next_reminding(self.schedule, self.days, seen)
        return latest, max(seen, at), coming


async def remind_of_actions(session: AsyncSession, at: datetime) -> bool:
    """Return whether more may be waiting. What is due is queued: one notice for a person and an instant.

    Of however many actions: a telephone that rings three times at eight says no more than one that rings once.
    """
    rows = (await session.execute(_TAKE, {"at": at, "most": ACTIONS_PER_STEP})).all()
    if not rows:
        return False
    told = {row.action_id: row for row in rows}
    found = await session.execute(_SCHEDULES, {"actions": list(told)})
    asking = set((await session.execute(_ASKING, {"actions": list(told)})).scalars())
    followed = [
        _followed(told[row.action_id], row, asks=row.action_id in asking)
        for row in found
        if not row.ended and row.account_id is not None
    ]
    going_on: list[tuple[UUID, datetime, datetime]] = []
    due: dict[tuple[UUID, UUID, datetime], list[About]] = defaultdict(list)
    for each in followed:
        latest, seen, coming = each.remindings(at)
        if latest is not None:
            due[each.account_id, each.patient_id, latest.at].append(_about(each, latest))
        if coming is not None:
            going_on.append((each.action_id, seen, coming.at))
    await queue_notices(session, [_notice(key, about) for key, about in sorted(due.items())], at)
    await _go_on(session, list(told), going_on)
    return len(rows) == ACTIONS_PER_STEP


def _followed(held: Row[Any], row: Row[Any], *, asks: bool) -> _Followed:
    return _Followed(
        action_id=row.action_id,
        patient_id=held.patient_id,
        account_id=row.account_id,
        schedule=Schedule(read_rule(row.rrule), row.starts_on, tuple(row.times), tuple(row.except_on)),
        days=LocalDays(tuple(ZoneFrom(name, on) for name, on in zip(row.zones, row.zones_from, strict=True))),
        after_at=max(held.after_at, row.from_at),
        asks=asks,
    )


def _about(each: _Followed, due: Reminding) -> About:
    if each.asks:
        # Met by what lies in its own stretch of the day, of which this is then the first and only time.
        stretch = stretches_on(each.schedule, due.on_day, each.days)[due.number - 1]
        return About(each.action_id, due.on_day, 1, stretch.from_at, stretch.until_at)
    begins, ends = each.days.instant(due.on_day), each.days.instant(due.on_day + _ONE_DAY)
    return About(each.action_id, due.on_day, due.number, begins, ends)


def _notice(key: tuple[UUID, UUID, datetime], about: list[About]) -> NewNotice:
    account_id, patient_id, due_at = key
    return NewNotice(account_id, patient_id, NoticeKind.something_due, patient_id, due_at, tuple(about))


async def _go_on(
    session: AsyncSession, looked_at: Sequence[UUID], going_on: Sequence[tuple[UUID, datetime, datetime]]
) -> None:
    """Keep when each action is looked at next; one that is never due again, or whose plan has ended, no more."""
    actions = [action for action, _, _ in going_on]
    if left := set(looked_at) - set(actions):
        await session.execute(_LEAVE, {"actions": list(left)})
    if going_on:
        after, look = [seen for _, seen, _ in going_on], [at for _, _, at in going_on]
        await session.execute(_GO_ON, {"actions": actions, "after": after, "look": look})
