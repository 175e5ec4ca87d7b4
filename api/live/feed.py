"""Follows the event log for one API process, and hands each event to those who watch its patient and still may.

One feed a process, however many sockets: a doorbell or a poll wakes it, one transaction reads the events, asks who
of the watchers may still see whom, and reads what is told of the events, once for all. It knows no socket.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from itertools import islice
from uuid import UUID

from api.live import payloads
from api.live.inbox import Told
from api.live.subscriptions import Claim, Pair, Subscriptions
from api.log_lines import describe
from domain.accounts.presence_queries import sessions_in_force
from domain.clock import Clock
from domain.events.commands import FEED_CHANNEL
from domain.events.queries import FeedPage, feed_page, outbox_lag_seconds
from domain.people.reach_queries import visible_pairs
from domain.statements import Turn
from integrations.nats.client import Doorbell
from integrations.postgres.client import require_wanted
from integrations.postgres.errors import is_retryable
from integrations.postgres.roles import Databases

EVENTS_PER_PAGE = 200
# The guarantee when every doorbell fails.
POLL_SECONDS = 0.25
LAG_CHECK_SECONDS = 1.0
# Access that ends by a date ends without an event.
REAUTHORISE_SECONDS = 5.0
PAIRS_PER_LOOK = 5_000
# When the log cannot be read, or nobody numbers it, for as long as this, heartbeats stop and clients turn stale.
BLIND_AFTER_SECONDS = 5.0
# A process whose database is away starts all the same, and serves what it can.
FIRST_READ_SECONDS = 2.0
_RETRY_SECONDS = 0.5
# What no waiting mends (a database without its tables, a defect of ours) is tried ever less often, up to this.
_LONGEST_RETRY_SECONDS = 5.0
_SETTLED_SECONDS = 30.0

_LOG = logging.getLogger("tendwell.live")


class Feed:
    """The log, as far as this process has handed it out."""

    def __init__(
        self,
        database: Databases,
        clock: Clock,
        *,
        doorbell_url: str | None = None,
        is_used: Callable[[UUID, datetime], None] = lambda _session_id, _at: None,
    ) -> None:
        """Nothing is read before `running`. `doorbell_url`: a NATS server to hear instead of PostgreSQL's NOTIFY.

        `is_used` is told which sessions hold a socket open: that is a use of them.
        """
        self._is_used = is_used
        self.subscriptions = Subscriptions()
        self.epoch: UUID | None = None
        self._database = database
        self._clock = clock
        self._doorbell = None if doorbell_url is None else Doorbell(doorbell_url, FEED_CHANNEL)
        self._rung, self._has_begun = asyncio.Event(), asyncio.Event()
        self._read_at = self._lag_read_at = float("-inf")
        self._relay_silent_seconds = self._lag_seconds = 0.0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow the log while the block runs."""
        steps = (self._listen, self._follow, self._watch_lag, self._reauthorise)
        tasks = [asyncio.create_task(_without_end(step)) for step in steps]
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(FIRST_READ_SECONDS):
                    await self._has_begun.wait()
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._doorbell is not None:
                await self._doorbell.close()

    def blind_seconds(self) -> float:
        """Return for how long it has not been known whether something happened; about 1 when all is well."""
        now = time.monotonic()
        unread = now - self._read_at + self._relay_silent_seconds
        return max(unread, now - self._lag_read_at + self._lag_seconds)

    def is_current(self) -> bool:
        """Return whether silence means that nothing happened."""
        return self.epoch is not None and self.blind_seconds() < BLIND_AFTER_SECONDS

    async def _listen(self) -> None:
        bell = self._doorbell
        rings = self._database.feed.listen(FEED_CHANNEL) if bell is None else bell.rings()
        async for _ in rings:
            self._rung.set()

    async def _follow(self) -> None:
        # A connection of its own: the feed must not wait behind requests for one of the pool's. Each statement stands
        # by itself, with a snapshot no older than the one before it, so that a transaction would only cost time.
        async with self._database.feed.turn_alone() as turn:
            while True:
                while await self._hand_out(turn):
                    pass
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._rung.wait()
                self._rung.clear()

    async def _hand_out(self, turn: Turn) -> bool:
        """Hand out the next stretch of the log; return whether there may be more."""
        subscriptions, asked_at = self.subscriptions, time.monotonic()
        page = await feed_page(turn, subscriptions.position, EVENTS_PER_PAGE)
        if page is None or not self._is_continued_by(page):
            return False
        events = payloads.stretch(page.events)
        claim = subscriptions.claim(events)
        async with self._told_of(claim) as (standing, in_force, told):
            subscriptions.deliver(told, standing, in_force)
            subscriptions.revoke(claim.pairs - standing, session_ids=claim.session_ids - in_force)
            subscriptions.settle(events[-1].number if events else page.number)
        # Only what was handed out to its end is known: a stretch that cannot be, or a backlog, must not look current.
        if subscriptions.position >= page.number:
            self._read_at = asked_at
        return len(page.events) == EVENTS_PER_PAGE or len(events) < len(page.events)

    @asynccontextmanager
    async def _told_of(self, claim: Claim) -> AsyncIterator[tuple[set[Pair], set[UUID], list[Told]]]:
        """Yield who may still see whom, which sessions are in force, and what is told of the events claimed.

        Before the transaction ends in which that was read: nobody waits for its end.
        """
        # Two questions over two connections, so at the same time.
        sessions = asyncio.create_task(self._in_force(claim.session_ids))
        try:
            if claim.pairs:
                at = self._clock()
                async with self._database.telling(claim.pairs, at) as turn:
                    standing = await visible_pairs(turn, claim.pairs, at)
                    wanted = {patient_id for _, patient_id in standing}
                    told = await payloads.told(turn, [e for e in claim.watched if e.patient_id in wanted], at)
                    yield standing, await sessions, told
            else:
                yield set(), await sessions, []
        finally:
            sessions.cancel()
            await asyncio.gather(sessions, return_exceptions=True)

    async def _in_force(self, session_ids: Collection[UUID]) -> set[UUID]:
        if not session_ids:
            return set()
        async with self._database.glancing() as turn:
            return await sessions_in_force(turn, session_ids, self._clock())

    def _is_continued_by(self, page: FeedPage) -> bool:
        """Return whether the page goes on from where we are; begin anew when it does not.

        It does not when it is of another epoch or an earlier state, nor when what comes next has been forgotten
        already: this process was cut off for longer than events are kept, and its sockets' clients cannot see that hole
        by themselves. All of them connect again; where the server was only started anew, their cursors are good still.
        """
        self._relay_silent_seconds = page.relay_silent_seconds
        next_kept = page.events[0].number if page.events else page.number + 1
        if page.epoch == self.epoch and next_kept == self.subscriptions.position + 1:
            return True
        if self.epoch is not None:
            _LOG.warning("the event log is another, or goes on from a new start: all live clients connect again")
        self.epoch = page.epoch
        self.subscriptions.restart(page.number)
        self._read_at = time.monotonic()
        self._has_begun.set()
        return False

    async def _watch_lag(self) -> None:
        while True:
            async with self._database.feed.turn_alone() as turn:
                self._lag_seconds = await outbox_lag_seconds(turn)
            self._lag_read_at = time.monotonic()
            await asyncio.sleep(LAG_CHECK_SECONDS)

    async def _reauthorise(self) -> None:
        """Ask again, at every heartbeat, who may see whom: a residence that ends at midnight sends no event."""
        while True:
            pairs = iter(self.subscriptions.pairs())
            while look := set(islice(pairs, PAIRS_PER_LOOK)):
                at = self._clock()
                async with self._database.telling(look, at) as turn:
                    standing = await visible_pairs(turn, look, at)
                self.subscriptions.revoke(look - standing)
            if session_ids := self.subscriptions.session_ids():
                at = self._clock()
                in_force = await self._in_force(session_ids)
                for session_id in in_force:
                    self._is_used(session_id, at)
                self.subscriptions.revoke((), session_ids=session_ids - in_force)
            await asyncio.sleep(REAUTHORISE_SECONDS)


async def _without_end(step: Callable[[], Awaitable[None]]) -> None:
    """Run a step that never returns, again and again: a process that serves but hears nothing would look healthy."""
    pause = _RETRY_SECONDS
    while True:
        began = time.monotonic()
        try:
            await step()
        except Exception as error:  # noqa: BLE001 - its message may hold data, so only its kind and place are logged
            require_wanted()
            passes = is_retryable(error)
            if passes:
                _LOG.warning("the database cannot be read: live clients turn stale until it can")
            else:
                _LOG.error("the live feed stumbled: %s", describe(error))
            has_settled = time.monotonic() - began > _SETTLED_SECONDS
            pause = _RETRY_SECONDS if passes or has_settled else min(2 * pause, _LONGEST_RETRY_SECONDS)
        await asyncio.sleep(pause)
