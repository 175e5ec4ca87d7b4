"""What waits while work is under way goes into the next turn, all of it together: nobody waits for a timer.

Knows neither what is done nor for whom.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class Gathering(Generic[Item, Outcome]):
    """Work that is cheaper for many at once. What the work raises is raised to each whom it was for."""

    def __init__(
        self,
        work: Callable[[list[Item]], Awaitable[Sequence[Outcome]]],
        *,
        most: int,
        at_once: int = 1,
        weigh: Callable[[Item], int] = lambda _: 1,
    ) -> None:
        """`work` returns an outcome for each item, in order. A turn takes items up to the weight `most`, one at least.

        `at_once`: how many turns may be under way, so that one is prepared while another waits for the disk. Each takes
        its share of all who are served or wait: with everybody in one turn, the other would have nothing to do.
        """
        self._work, self._most, self._at_once, self._weigh = work, most, at_once, weigh
        self._waiting: deque[tuple[Item, asyncio.Future[Outcome]]] = deque()
        self._turns: set[asyncio.Task[None]] = set()  # held, or they might be collected under way
        self._taking = self._served = 0

    @property
    def waiting(self) -> int:
        """Return how many wait for a turn."""
        return len(self._waiting)

    async def done(self, item: Item) -> Outcome:
        """Return what became of an item. Raises what the work raises."""
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, outcome))
        self._begin()
        return await outcome

    def _begin(self) -> None:
        if not self._waiting or self._taking >= self._at_once:
            return
        self._taking += 1
        turns = asyncio.create_task(self._take_turns())
        self._turns.add(turns)
        turns.add_done_callback(self._turns.discard)

    async def _take_turns(self) -> None:
        # Counted down without a pause after the last look at who waits: whoever comes later begins the next.
        try:
            while self._waiting:
                await self._take_turn()
        finally:
            self._taking -= 1
            self._begin()  # when this was cancelled, somebody may wait still

    async def _take_turn(self) -> None:
        taken = self._taken()
        self._served += len(taken)
        try:
            outcomes = await self._work([item for item, _ in taken])
            if len(outcomes) != len(taken):
                raise RuntimeError("there is to be one outcome for each")
        except BaseException as error:
            for _, outcome in taken:
                if not outcome.done():
                    outcome.set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            for (_, outcome), found in zip(taken, outcomes, strict=True):
                if not outcome.done():  # whoever waited may have been cancelled
                    outcome.set_result(found)
        finally:
            self._served -= len(taken)

    def _taken(self) -> list[tuple[Item, asyncio.Future[Outcome]]]:
        share = math.ceil((self._served + len(self._waiting)) / self._at_once)
        taken = [self._waiting.popleft()]
        weight = self._weigh(taken[0][0])
        while self._waiting and len(taken) < share and weight + self._weigh(self._waiting[0][0]) <= self._most:
            taken.append(self._waiting.popleft())
            weight += self._weigh(taken[-1][0])
        return taken
