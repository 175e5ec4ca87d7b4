"""What one socket is told, in order: welcome, snapshots or a replay, then events and heartbeats as they come.

One task, so that nothing is sent out of turn. It reads the record in the same transactions in which it asks whether
the caller may see it, and audits the beginning of every watch, with the snapshot that goes with it, every further
snapshot, and the end. Knows no websocket: it is given a line.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal, Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.live import payloads, protocol
from api.live.admission import Admitted
from api.live.feed import Feed
from api.live.frames import text_frame
from api.live.inbox import Told, Unwatched
from api.live.protocol import HEARTBEAT_SECONDS, MOST_PATIENTS, Close, CursorIn, Goodbye, Message
from api.live.subscriptions import Watch
from domain.access.actor import Actor
from domain.access.ground import Ground, Touched
from domain.audit.commands import record_audits
from domain.clock import Clock
from domain.events.event import ACCESS_CHANGED
from domain.events.queries import FeedPosition, events_of_patients_after, feed_position, whose_access_changed
from domain.people.queries import visible_patient_ids
from domain.people.reach_queries import grounds, visible_pairs
from integrations.postgres.roles import Databases

EVENTS_PER_REPLAY_PAGE = 100
PATIENTS_PER_SNAPSHOT_PAGE = 25
# Access that begins by a date makes no event: the list is looked through without one, so often.
LOOK_SECONDS = 60
# What is handed to the line at once: more than this may wait there for a slow client.
BYTES_AT_ONCE = 65_536


class Line(Protocol):
    """The way to one client."""

    async def ready(self) -> None:
        """Return when there is room on it. Raises when the client is gone, or takes nothing."""

    def has_room(self) -> bool:
        """Return whether it would return at once."""

    def put(self, frames: bytes) -> None:
        """Send whole frames."""


@dataclass(frozen=True, slots=True)
class Means:
    """What telling is done with."""

    database: Databases
    clock: Clock
    feed: Feed
    line: Line


class Telling:
    """One socket's side of the conversation that speaks."""

    def __init__(self, means: Means, admitted: Admitted, watch: Watch) -> None:
        self._database, self._clock, self._feed, self._line = means.database, means.clock, means.feed, means.line
        self._admitted = admitted
        self._watch = watch
        self._last = self._told_up_to = 0
        self._counts: dict[UUID, int] = {}
        self._grounds: dict[UUID, Ground] = {}
        self._next_heartbeat = time.monotonic() + HEARTBEAT_SECONDS
        self._next_look = time.monotonic() + LOOK_SECONDS

    async def run(self, cursor: CursorIn | None) -> None:
        """Greet, then tell until it is time to part. Raises Goodbye, and DatabaseUnavailable."""
        await self._greet(cursor)
        while True:
            if time.monotonic() >= self._next_heartbeat:
                await self._beat()
            # Room first, and then what to send: what is revoked while there is none has not been taken yet.
            await self._line.ready()
            item = self._watch.inbox.take()
            if item is None:
                await self._watch.inbox.wait(self._next_heartbeat - time.monotonic(), self._tell_at_once)
            elif isinstance(item, Told):
                self._tell_from(item, self._watch.inbox.take_event)
            elif isinstance(item, Unwatched):
                await self._end({item.patient_id}, "access")
                # Given back before this was told, they were still watched when the list was last looked through.
                self._watch.inbox.list_may_have_grown = self._admitted.follows_list
            else:
                await self._answer(item)

    async def finish(self) -> None:
        """Record that the remaining watches have ended."""
        await self._audit_ends(list(self._counts))

    async def _greet(self, cursor: CursorIn | None) -> None:
        wanted = self._admitted.patient_ids
        since, position, begun = await self._begin(wanted)
        if not self._counts and not self._admitted.follows_list:
            raise Goodbye(Close.forbidden, "There is nobody here whom you may see.")
        reason = _unusable(cursor, position)
        resumed_from = cursor.number if cursor is not None and reason is None else None
        self._last = self._told_up_to = since if resumed_from is None else resumed_from
        await self._send(
            protocol.welcome(
                protocol.Welcome(
                    position.epoch,
                    self._last,
                    list(self._counts),
                    self._admitted.is_whole_list,
                    resumed_from is not None,
                ),
                self._clock(),
            )
        )
        for patient_id in wanted:
            if patient_id not in self._counts:
                await self._send(protocol.unwatched(patient_id, "access"))
        if resumed_from is not None:
            await self._replay(resumed_from, since)
            await self._snapshots(await self._perhaps_new(resumed_from), since, begun)
            return
        if reason is not None:
            await self._send(protocol.resync(reason))
        await self._snapshots(list(self._counts), since, begun)

    async def _begin(self, patient_ids: Iterable[UUID]) -> tuple[int, FeedPosition, set[UUID]]:
        """Watch those whom the caller may see, audited; return from after which number, where the feed is, and whom.

        Registered first and authorised after: a change of access in between is in the log, and found there. Nobody is
        welcomed while it is not known whether something happened: who is begins to look current.
        """
        if not self._feed.is_current():
            raise Goodbye(Close.try_later, "The feed is behind. Try again shortly.")
        wanted = [patient_id for patient_id in patient_ids if patient_id not in self._counts]
        since = self._feed.subscriptions.add(self._watch, wanted)
        now = self._now()
        async with self._database.writing(now, wanted) as session:
            position = await feed_position(session)
            standing = await grounds(session, now, wanted)
            touched = [Touched(patient_id, ground) for patient_id, ground in standing.items()]
            await record_audits(session, now, "observation.watch", touched)
        self._feed.subscriptions.remove(self._watch, set(wanted).difference(standing))
        self._counts |= dict.fromkeys(standing, 0)
        self._grounds |= standing
        if position is None or position.epoch != self._feed.epoch or position.number < since:
            raise Goodbye(Close.try_later, "The feed is starting. Try again shortly.")
        return since, position, set(standing)

    async def _standing(self, session: AsyncSession, patient_ids: Iterable[UUID]) -> list[UUID]:
        account_id, asked = self._watch.account_id, list(patient_ids)
        pairs = await visible_pairs(session, ((account_id, patient_id) for patient_id in asked), self._clock())
        return [patient_id for patient_id in asked if (account_id, patient_id) in pairs]

    async def _replay(self, after: int, until: int) -> None:
        """Tell what happened above one number and up to another, page by page."""
        while after < until:
            patient_ids = list(self._watch.since)
            async with self._database.reading(self._now(), patient_ids) as session:
                page = await events_of_patients_after(session, patient_ids, after, until, EVENTS_PER_REPLAY_PAGE)
                events = payloads.stretch(page)
                standing = set(
                    await self._standing(session, {e.patient_id for e in events if e.patient_id is not None})
                )
                tellable = [e for e in events if e.patient_id in standing and e.kind != ACCESS_CHANGED]
                told = await payloads.told(session, tellable, self._clock())
            for event in told:
                await self._line.ready()
                self._watch.inbox.require_open()
                self._line.put(self._framed(event))
            is_last = len(page) < EVENTS_PER_REPLAY_PAGE and len(events) == len(page)
            after = until if is_last else events[-1].number

    async def _perhaps_new(self, after: int) -> list[UUID]:
        """Return those watched whom the caller may have come to see since their cursor, and may hold nothing of."""
        async with self._database.reading(self._now(), list(self._watch.since)) as session:
            changed = await whose_access_changed(session, self._watch.account_id, self._watch.since, after)
        return [patient_id for patient_id in self._counts if patient_id in changed]

    async def _snapshots(self, patient_ids: Sequence[UUID], number: int, begun: set[UUID]) -> None:
        """Tell the latest of each sign of these patients, holding at least every event up to the number.

        `begun`: whose watch has just begun, which is audited and is one look with its first snapshot: whoever reads who
        has looked counts one. Every other is audited as read, however often it is asked for.
        """
        remaining = iter(patient_ids)
        while page := list(islice(remaining, PATIENTS_PER_SNAPSHOT_PAGE)):
            now = self._now()
            async with self._database.writing(now, page) as session:
                standing = await grounds(session, now, page)
                latest = await payloads.latest(session, list(standing), now.at)
                again = [Touched(each, ground) for each, ground in standing.items() if each not in begun]
                await record_audits(session, now, "observation.latest", again)
            for patient_id, newest in latest.items():
                await self._send(protocol.snapshot(patient_id, number, now.at, newest))

    def _tell_at_once(self, events: Sequence[Told]) -> int:
        """Send as many of these events as there is room for, and return how many. Nothing waits before them."""
        left = deque(events)
        while left and self._line.has_room():
            self._tell_from(left.popleft(), lambda: left.popleft() if left else None)
        return len(events) - len(left)

    def _tell_from(self, event: Told, behind: Callable[[], Told | None]) -> None:
        """Send this event, and those behind it, as far as they go at once."""
        frames = [self._framed(event)]
        size = len(frames[0])
        while size < BYTES_AT_ONCE and (following := behind()) is not None:
            frames.append(self._framed(following))
            size += len(frames[-1])
        self._line.put(frames[0] if len(frames) == 1 else b"".join(frames))

    def _framed(self, event: Told) -> bytes:
        """Return what tells the event; nothing where it was replayed already, or told before the client came here."""
        if event.number <= self._last:
            return b""
        frame, self._last = event.frame(self._last), event.number
        self._counts[event.patient_id] = self._counts.get(event.patient_id, 0) + 1
        return frame

    async def _beat(self) -> None:
        """Tell that we are here and how far we have told; nothing while it is not known whether something happened."""
        self._next_heartbeat = time.monotonic() + HEARTBEAT_SECONDS
        now = self._clock()
        if now >= self._admitted.session_expires_at:
            raise Goodbye(Close.not_authenticated, "This session has expired. Sign in again.")
        await self._follow_list()
        if self._feed.is_current():
            waiting = self._watch.inbox.first_number
            reached = self._feed.subscriptions.position if waiting is None else waiting - 1
            self._told_up_to = max(self._told_up_to, self._last, reached)
            await self._send(protocol.heartbeat(self._told_up_to, self._last, now))

    async def _follow_list(self) -> None:
        """Watch whom the caller has come to see since, when the whole list was asked for."""
        is_due = self._admitted.follows_list and time.monotonic() >= self._next_look
        if not self._watch.inbox.list_may_have_grown and not is_due:
            return
        self._watch.inbox.list_may_have_grown = False
        self._next_look = time.monotonic() + LOOK_SECONDS
        now = self._now()
        async with self._database.reading(now) as session:
            listed = await visible_patient_ids(session, now, MOST_PATIENTS)
        room = MOST_PATIENTS - len(self._counts)
        if fresh := [patient_id for patient_id in listed if patient_id not in self._counts][:room]:
            await self._watch_more(fresh)

    async def _answer(self, message: Message) -> None:
        if message.type == "watch":
            await self._watch_more(message.patients)
        elif message.type == "unwatch":
            await self._end({p for p in message.patients if p in self._counts}, "asked")
        elif self._feed.is_current():  # or who hears it would think so
            await self._send(protocol.pong(self._clock()))

    async def _watch_more(self, patient_ids: Sequence[UUID]) -> None:
        since, _, begun = await self._begin(patient_ids)
        watched = [patient_id for patient_id in dict.fromkeys(patient_ids) if patient_id in self._counts]
        await self._send(protocol.watching(watched, since))
        for patient_id in patient_ids:
            if patient_id not in self._counts:
                await self._send(protocol.unwatched(patient_id, "access"))
        await self._snapshots(watched, since, begun)

    async def _end(self, patient_ids: set[UUID], reason: Literal["access", "asked"]) -> None:
        self._feed.subscriptions.remove(self._watch, patient_ids)
        for patient_id in patient_ids:
            self._watch.inbox.forget(patient_id)
        # Of whom was never watched, as an event came while they were asked for, that was said already.
        ended = [patient_id for patient_id in patient_ids if patient_id in self._counts]
        await self._audit_ends(ended)
        for patient_id in ended:
            await self._send(protocol.unwatched(patient_id, reason))

    async def _audit_ends(self, patient_ids: Sequence[UUID]) -> None:
        """Record that these watches have ended, with how many events each was told."""
        # On the ground on which each began: it may be gone by now, and be why it ends.
        ended = [Touched(each, self._grounds.pop(each), self._counts.pop(each)) for each in patient_ids]
        if not ended:
            return
        now = self._now()
        async with self._database.writing(now, ()) as session:
            await record_audits(session, now, "observation.unwatch", ended)

    def _now(self) -> Actor:
        """Return the caller as of now: their grants may be older, whom they may see is asked anew."""
        return replace(self._admitted.actor, at=self._clock())

    async def _send(self, text: str) -> None:
        await self._line.ready()
        self._watch.inbox.require_open()
        self._line.put(text_frame(text))


def _unusable(cursor: CursorIn | None, position: FeedPosition) -> Literal["epoch", "future", "retention"] | None:
    """Return why a cursor cannot be gone on from; None when it can, or there is none."""
    if cursor is None:
        return None
    if not position.knows(cursor.epoch, cursor.number):
        return "epoch"
    if cursor.number > position.number:
        return "future"
    return "retention" if cursor.number < position.oldest - 1 else None
