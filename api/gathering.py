"""What waits while work is under way goes into the next turn, all of it together: nobody waits for a timer.

Knows neither what is done nor for whom.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


# A turn that takes longer than this is held up by something: nobody else is to wait for it.
LONG_SECONDS = 0.2


class NoTurn(Exception):
    """Nobody's turn came in time: what is under way takes too long, or too many came before."""


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Item, Outcome]):
    item: Item
    outcome: asyncio.Future[Outcome]
    giving_up: asyncio.TimerHandle


class Gathering(Generic[Item, Outcome]):
    """Work that is cheaper for many at once. What the work raises is raised to each whom it was for."""

    def __init__(
        self,
        work: Callable[[list[Item]], Awaitable[Sequence[Outcome]]],
        *,
        most: int,
        patience_seconds: float,
        at_once: int = 1,
        worth: int = 1,
        weigh: Callable[[Item], int] = lambda _: 1,
        about: Callable[[Item], Hashable] = lambda _: None,
    ) -> None:
        """`work` returns an outcome for each item, in order. A turn takes items up to the weight `most`, one at least.

        `at_once`: how many turns may be under way, so that one is prepared while another waits for the disk. Beside
        another a turn begins only for as much as `worth`: less than that costs more by itself than it is late. Beside
        one that takes long it begins for whoever waits.
        `about`: what an item is about, if it matters. No two turns under way are about the same: who waits for that is
        passed by, and goes into the next turn with all who wait for it.
        `patience_seconds`: how long an item waits for its turn to begin: while a turn hangs, the queue would grow
        without end.
        """
        self._work, self._most, self._at_once, self._worth, self._weigh = work, most, at_once, worth, weigh
        self._about = about
        self._patience = patience_seconds
        self._waiting: deque[_Waiting[Item, Outcome]] = deque()
        self._turns: set[asyncio.Task[None]] = set()  # held, or they might be collected under way
        self._taking = 0
        self._ready = 0  # the weight of those who wait and may go: not summed up anew for each who comes
        self._long: set[object] = set()
        self._under_way: set[Hashable] = set()

    @property
    def waiting(self) -> int:
        """Return how many wait for a turn."""
        return sum(not each.outcome.done() for each in self._waiting)

    async def done(self, item: Item) -> Outcome:
        """Return what became of an item. Raises what the work raises; NoTurn when nothing was done."""
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Outcome] = loop.create_future()
        waiting = _Waiting(item, outcome, loop.call_later(self._patience, _give_up, outcome))
        self._waiting.append(waiting)
        if self._may_go(waiting):
            self._ready += self._weigh(item)
        self._begin()
        return await outcome

    def _begin(self) -> None:
        if self._taking >= self._at_once or not self._is_worth_it(beside=self._taking):
            return
        self._taking += 1
        turns = asyncio.create_task(self._take_turns())
        self._turns.add(turns)
        turns.add_done_callback(self._turns.discard)

    def _is_worth_it(self, *, beside: int) -> bool:
        return self._ready >= (self._worth if beside > len(self._long) else 1)

    def _may_go(self, waiting: _Waiting[Item, Outcome]) -> bool:
        what = self._about(waiting.item)
        return what is None or what not in self._under_way

    async def _take_turns(self) -> None:
        # Counted down without a pause after the last look at who waits: whoever comes later begins the next.
        try:
            while self._wait_still() and self._is_worth_it(beside=self._taking - 1):
                await self._take_turn()
        finally:
            self._taking -= 1
            self._begin()  # when this was cancelled, somebody may wait still

    def _wait_still(self) -> bool:
        """Forget who gave up or was cancelled; return whether anybody waits."""
        self._waiting = deque(each for each in self._waiting if not each.outcome.done())
        self._see_who_may_go()
        return bool(self._waiting)

    def _see_who_may_go(self) -> None:
        self._ready = sum(self._weigh(each.item) for each in self._waiting if self._may_go(each))

    async def _take_turn(self) -> None:
        taken = self._taken()
        about = {self._about(each.item) for each in taken}
        self._under_way |= about
        self._see_who_may_go()
        this = object()
        growing_long = asyncio.get_running_loop().call_later(LONG_SECONDS, self._grows_long, this)
        try:
            outcomes = await self._work([each.item for each in taken])
            if len(outcomes) != len(taken):
                raise RuntimeError("there is to be one outcome for each")
        except BaseException as error:
            for each in taken:
                if not each.outcome.done():
                    each.outcome.set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            for each, found in zip(taken, outcomes, strict=True):
                if not each.outcome.done():  # whoever waited may have been cancelled
                    each.outcome.set_result(found)
        finally:
            self._under_way -= about
            self._see_who_may_go()
            growing_long.cancel()
            self._long.discard(this)

    def _grows_long(self, turn: object) -> None:
        self._long.add(turn)
        self._begin()

    def _taken(self) -> list[_Waiting[Item, Outcome]]:
        taken: list[_Waiting[Item, Outcome]] = []
        left: deque[_Waiting[Item, Outcome]] = deque()
        weight = 0
        while self._waiting and weight < self._most:
            each = self._waiting.popleft()
            if not self._may_go(each):
                left.append(each)
            elif taken and weight + self._weigh(each.item) > self._most:
                self._waiting.appendleft(each)
                break
            else:
                taken.append(each)
                weight += self._weigh(each.item)
        self._waiting.extendleft(reversed(left))
        for each in taken:
            each.giving_up.cancel()
        return taken


def _give_up(outcome: asyncio.Future[Outcome]) -> None:
    if not outcome.done():
        outcome.set_exception(NoTurn())
