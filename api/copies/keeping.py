"""Telling a phone what its copy of one's record lacks: first the whole, page by page, then what changed since.

How far a phone has come stands in what it sends back, which we have signed: there is nothing to remember of each. What
changes while the whole is told is told again after it, by its number, so nothing falls between.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.copies.catching_up import Log
from api.copies.things import COPIED, Place, changed_things
from api.copies.worked_out import is_judged_anew, is_old, told_again_at, with_compared, with_goals, with_person
from api.pagination import Position, Step
from api.refusals import BadCursor
from api.schemas.changes import ChangesOut, ZoneFromOut
from domain.access.actor import Actor
from domain.changes.queries import Cursor, audit_changes, changed_after, is_resumable, own_record
from domain.changes.things import Thing
from domain.events.queries import FeedPosition
from domain.people.local_days_queries import local_days
from integrations.postgres.errors import DatabaseUnavailable

_THINGS = tuple(COPIED)
# Another word for each edition of what a copy holds. One of an earlier edition was never told what was added, and would
# show none of it for good: it begins anew.
_CHANGES, _COPY = "changes with alerts", "copy with alerts"
_FORMER = ("changes", "copy")


# A copy holds readings of up to 400 days; before the first choice that is told, days were the last one's before it.
_DAYS_TOLD = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Followed:
    """Up to where a whole copy follows the log, and when progress, and who they are, are told again (None: at once)."""

    cursor: Cursor
    again_at: datetime | None


@dataclass(frozen=True, slots=True)
class Underway:
    """How far a copy that is begun anew has come: of which kind of thing which page is next.

    What happened up to `cursor` is in it; readings and the like reach back to `from_at`.
    """

    cursor: Cursor
    thing: Thing
    place: Place


Reached = Followed | Underway


def written(reached: Reached) -> tuple[Step, ...]:
    """Return how far a phone has come, to be signed."""
    cursor = reached.cursor
    if isinstance(reached, Followed):
        return (_CHANGES, cursor.epoch, cursor.number, reached.again_at or "")
    place = reached.place
    return (_COPY, cursor.epoch, cursor.number, reached.thing.value, place.from_at, place.after or "")


def read(position: Position) -> Reached | None:
    """Return how far a phone has come, of what was signed: None of an earlier edition of the copy.

    Raises BadCursor for what was signed for something else.
    """
    match position:
        case (kind, *_) if kind in _FORMER:
            return None
        case (kind, epoch, number, *rest) if kind == _CHANGES and len(rest) < 2:
            # Signed before it held when to tell progress again.
            again = rest[0] if rest else ""
            return Followed(Cursor(UUID(epoch), int(number)), datetime.fromisoformat(again) if again else None)
        case (kind, epoch, number, thing, from_at, after) if kind == _COPY:
            place = Place(after or None, datetime.fromisoformat(from_at))
            return Underway(Cursor(UUID(epoch), int(number)), Thing(thing), place)
        case _:
            raise BadCursor


def begun(position: FeedPosition, from_at: datetime) -> Underway:
    """Return the beginning of a copy that is begun anew."""
    return Underway(Cursor(position.epoch, position.number), _THINGS[0], Place(None, from_at))


@dataclass(frozen=True, slots=True)
class Told:
    """An answer's content by its names, how far the phone comes by it, and whether there is more at once."""

    reset: bool
    content: dict[str, Any]
    reached: Reached
    more: bool


async def told(session: AsyncSession, actor: Actor, log: Log, reached: Reached | None, *, from_at: datetime) -> Told:
    """Return what the caller's phone lacks next. Begins anew from what can no longer be continued.

    `log` is how the log stood before. Raises NotFound, and DatabaseUnavailable before a relay ever ran.
    """
    patient_id = await own_record(session, actor)
    position = log.position
    if position is None:
        raise DatabaseUnavailable
    found = await _told(session, actor, patient_id, position, reached, from_at)
    days = await local_days(session, patient_id)
    today = days.day_of(actor.at)
    always = {
        "behind": log.is_behind,
        "as_of": position.seen_at,
        "time_zone": days.zone_name(today),
        "time_zones": [ZoneFromOut.of(each) for each in days.since(today - _DAYS_TOLD).choices],
    }
    return replace(found, content=found.content | always)


async def _told(
    session: AsyncSession,
    actor: Actor,
    patient_id: UUID,
    position: FeedPosition,
    reached: Reached | None,
    from_at: datetime,
) -> Told:
    if reached is None or not is_resumable(position, reached.cursor):
        return await _page(session, actor, patient_id, begun(position, from_at), is_first=True)
    if isinstance(reached, Underway):
        return await _page(session, actor, patient_id, reached, is_first=False)
    return await _following(session, actor, patient_id, position, reached)


async def _following(
    session: AsyncSession, actor: Actor, patient_id: UUID, position: FeedPosition, reached: Followed
) -> Told:
    """Return what changed, and what is worked out from it; once there is no more, what changes by the days alone."""
    changed = await changed_after(session, patient_id, position, reached.cursor.number)
    things = await with_compared(session, patient_id, changed.things)
    again = reached.again_at
    if is_old(again, actor.at) and not changed.more:
        things = with_person(patient_id, things)
    if is_judged_anew(changed.things, again, actor.at):
        again = None
        if not changed.more:
            things = await with_goals(session, patient_id, things)
    content, gone = await changed_things(session, actor, patient_id, things)
    if again is None and not changed.more:
        again = await told_again_at(session, patient_id, content, actor.at)
    await audit_changes(session, actor, patient_id, sum(map(len, things.values())))
    return Told(False, {**content, "gone": gone}, Followed(changed.cursor, again), changed.more)


async def _page(session: AsyncSession, actor: Actor, patient_id: UUID, at: Underway, *, is_first: bool) -> Told:
    copied = COPIED[at.thing]
    page = await copied.next_page(session, actor, patient_id, at.place)
    following = _THINGS[_THINGS.index(at.thing) + 1 :]
    reached: Reached
    if page.after is not None:
        reached = Underway(at.cursor, at.thing, Place(page.after, at.place.from_at))
    elif following:
        reached = Underway(at.cursor, following[0], Place(None, at.place.from_at))
    else:
        reached = Followed(at.cursor, await told_again_at(session, patient_id, {}, actor.at))
    # What changed while the copy was told comes next, so there is always more.
    return Told(reset=is_first, content={copied.name: page.items}, reached=reached, more=True)


def as_answer(found: Told, since: str) -> ChangesOut:
    """Return the answer that a client gets, every kind of thing named."""
    cursor = found.reached.cursor
    content: dict[str, Any] = {copied.name: [] for copied in COPIED.values()} | {"gone": []} | found.content
    patients = content.pop("patient")
    return ChangesOut(
        reset=found.reset,
        since=since,
        more=found.more,
        epoch=cursor.epoch,
        number=cursor.number,
        patient=patients[0] if patients else None,
        **content,
    )
