"""Gives the committed events their dense numbers, and rings for those who follow the log.

Writers do not ring (that would cost most of the ingest), so the relay looks: often while there is work, less often
when there was none for a while. Several may run; one works at a time, and another takes over at its next look.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from api.log_lines import describe, event_line
from api.metrics import WorkerMetrics
from domain.events.commands import EVENTS_PER_STEP, ForeignLog, number_events, settle_epoch
from domain.events.queries import outbox_lag_seconds
from integrations.postgres.client import Database, require_wanted
from integrations.postgres.errors import is_retryable

# A look costs about 0.3 ms and wakes the process: 2 ms of delay on average for 8 % of a processor core while there is
# work, and 25 ms for 2 % when there was none for a while (16 ms between looks took 6 %, day and night).
BUSY_PAUSE_SECONDS = 0.004
IDLE_PAUSE_SECONDS = 0.05
IDLE_AFTER_SECONDS = 10.0
# A look takes no more than a fifth of the time, until it has become very slow.
PAUSE_PER_LOOK = 4
LONGEST_PAUSE_SECONDS = 0.05
SIGN_OF_LIFE_SECONDS = 1.0
WORRYING_LAG_SECONDS = 1.0
_FIRST_RETRY_SECONDS, _LAST_RETRY_SECONDS = 0.1, 2.0
# Having worked this long, its earlier failures are forgotten.
_WELL_AGAIN_SECONDS = 5.0
_MOST_DOUBLINGS = 10

_LOG = logging.getLogger("tendwell.relay")

Ring = Callable[[], Awaitable[None]]
Stepped = Callable[[float], None]


async def run_relay(
    database: Database,
    ring: Ring | None = None,
    metrics: WorkerMetrics | None = None,
    stepped: Stepped = lambda _seconds: None,
) -> None:
    """Number events until cancelled. `ring` is called after each step besides PostgreSQL's own NOTIFY.

    `stepped` is told how long each step took that numbered something. Survives the loss of the database, and tries
    again after a defect as well: the same error may not come again, and as long as it does, `metrics` say so.
    """
    retry, told = _FIRST_RETRY_SECONDS, metrics or WorkerMetrics()
    failures = 0
    while True:
        began = time.monotonic()
        try:
            async with database.writing() as session:
                if await settle_epoch(session):
                    _LOG.warning("a new epoch of the event log begins: it was restored, or its server promoted")
            retry = _FIRST_RETRY_SECONDS
            with suppress(ForeignLog):
                await _follow(database, ring, told, stepped)
        except Exception as error:  # noqa: BLE001 - a relay that gave up would leave every screen stale for good
            require_wanted()
            told.relay_lost()
            if is_retryable(error):
                _LOG.warning("the database cannot be reached: events wait for their numbers")
            else:
                failures = 1 if time.monotonic() - began > _WELL_AGAIN_SECONDS else failures + 1
                retry = pause = min(_FIRST_RETRY_SECONDS * 2 ** min(failures - 1, _MOST_DOUBLINGS), _LAST_RETRY_SECONDS)
                told.failed("relay")
                _LOG.error(
                    event_line("error", work="relay", failures=failures, again_in_seconds=pause, error=describe(error))
                )
        await asyncio.sleep(retry)
        retry = min(2 * retry, _LAST_RETRY_SECONDS)


async def _follow(database: Database, ring: Ring | None, metrics: WorkerMetrics, stepped: Stepped) -> None:
    """Look and number, until the log is another one."""
    lag = Lag()
    worked_at = next_sign = time.monotonic()
    # Each step is a statement by itself: a transaction around it would double its cost.
    async with database.turn_alone() as turn:
        while True:
            require_wanted()
            began = time.monotonic()
            is_due = began >= next_sign
            numbered = await number_events(turn, even_if_none_wait=is_due)
            looked = time.monotonic()
            if numbered != 0:
                worked_at = looked
            if numbered:
                stepped(looked - began)
                if ring is not None:
                    await ring()
            if numbered != 0 or is_due:
                metrics.relay_stepped(numbered)
            if is_due:
                seconds = await outbox_lag_seconds(turn)
                metrics.lagged(seconds)
                lag.report(seconds)
                next_sign = began + SIGN_OF_LIFE_SECONDS
            if numbered != EVENTS_PER_STEP:
                pause = IDLE_PAUSE_SECONDS if looked - worked_at > IDLE_AFTER_SECONDS else BUSY_PAUSE_SECONDS
                look = 0.0 if numbered else looked - began
                await asyncio.sleep(max(pause, min(LONGEST_PAUSE_SECONDS, PAUSE_PER_LOOK * look)))


@dataclass(slots=True)
class Lag:
    """How late the numbering is, reported when it becomes worrying, each time it has doubled, and when it is over."""

    reported_seconds: float = field(default=0.0)

    def report(self, seconds: float) -> None:
        """Log the lag if that says something new."""
        if seconds > max(WORRYING_LAG_SECONDS, 2 * self.reported_seconds):
            _LOG.warning(
                "feed_lag_seconds=%.1f: a long writing transaction, or more than the relay can number", seconds
            )
            self.reported_seconds = seconds
        elif self.reported_seconds and seconds < WORRYING_LAG_SECONDS:
            _LOG.warning("feed_lag_seconds=%.1f: the live feed has caught up", seconds)
            self.reported_seconds = 0.0
