"""What of one's own record changed after a number of the event log.

The log is the one that live screens follow, so a number means the same to both. What is told of each thing is read by
the thing's own queries, as it is now: a phone that was away hears of the last state of what changed, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.changes.things import Thing, by_thing
from domain.events.event import Event
from domain.events.queries import FeedPosition, events_of_patients_after
from domain.people.own_queries import own_patient
from domain.people.permission import Action
from domain.people.queries import permitted_patient

# As many as are read and written in a moment; an event names up to 100 things.
EVENTS_AT_ONCE = 200
THINGS_AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class Cursor:
    """A number of the event log, and the epoch in which it means what it means."""

    epoch: UUID
    number: int


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed, up to which number all of it is told, and whether there is more."""

    things: dict[Thing, list[UUID]]
    cursor: Cursor
    more: bool


def is_resumable(position: FeedPosition, cursor: Cursor) -> bool:
    """Return whether what happened after the cursor is still known: if not, a phone begins anew."""
    return position.knows(cursor.epoch, cursor.number) and position.oldest - 1 <= cursor.number <= position.number


async def own_record(session: AsyncSession, actor: Actor) -> UUID:
    """Return the patient that the caller is, and may read the record of. Raises NotFound for who is none."""
    return (await own_patient(session, actor)).id


async def changed_after(session: AsyncSession, patient_id: UUID, position: FeedPosition, number: int) -> Changed:
    """Return what changed after a number from which the log can be resumed, for callers who have authorised.

    `position` was read before: what is committed and numbered later is told the next time.
    """
    events = await events_of_patients_after(session, [patient_id], number, position.number, EVENTS_AT_ONCE)
    told: list[Event] = []
    named = 0
    for event in events:
        named += len(event.subject_ids)
        if told and named > THINGS_AT_ONCE:
            break
        told.append(event)
    is_all = len(told) == len(events) < EVENTS_AT_ONCE
    reached = position.number if is_all else told[-1].number
    return Changed(by_thing(told), Cursor(position.epoch, reached), more=not is_all)


async def audit_changes(session: AsyncSession, actor: Actor, patient_id: UUID, count: int) -> None:
    """Record that so many things of a record were read because they changed. Raises NotFound."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    await record_audit(session, actor, "changes.read", patient, count=count)
