"""How the event log stands for a phone that has just sent something: it is told back what it sent.

What is committed gets its number a moment later. Who asks at once what changed is answered when it has one.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from uuid import UUID

from domain.events.queries import FeedPosition, feed_position, own_events_wait
from integrations.postgres.client import Database

# The relay looks every 50 ms when nothing happened for a while: a wait longer than this means that it does not work, or
# that a long transaction holds the numbers up, and a phone does better to show what it has.
LONGEST_WAIT_SECONDS = 0.3
_FIRST_PAUSE_SECONDS, _LAST_PAUSE_SECONDS = 0.005, 0.05


@dataclass(frozen=True, slots=True)
class Log:
    """Where the log stands (None before a relay ever ran), and whether something of this record is not in it yet."""

    position: FeedPosition | None
    is_behind: bool


async def log_caught_up(feed: Database, account_id: UUID) -> Log:
    """Return how the log stands when all of the account's own record that was committed until now has its number.

    `is_behind` when it has not after `LONGEST_WAIT_SECONDS`. Meanwhile no connection is held. Raises
    DatabaseUnavailable.
    """
    give_up_at, pause = time.monotonic() + LONGEST_WAIT_SECONDS, _FIRST_PAUSE_SECONDS
    while True:
        async with feed.reading() as session:
            waits = await own_events_wait(session, account_id)
            is_over = not waits or time.monotonic() >= give_up_at
            if is_over:
                return Log(await feed_position(session), waits)
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LAST_PAUSE_SECONDS)
