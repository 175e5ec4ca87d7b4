"""One answer of a provider, kept for a while, as a failure to get one is. Of many who want it at once one asks.

So a provider that hangs costs each caller one wait at the most, and is asked no more often than its failures are
remembered for. Refuses to know what was asked, and of whom.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from integrations.identity.errors import ProviderUnavailable, ProviderUnfit

T = TypeVar("T")
# Anybody may begin a sign-in: a provider that does not answer is not asked for every one of them.
FAILURE_REMEMBERED_FOR = timedelta(seconds=ProviderUnavailable.retry_after_seconds)


class Kept(Generic[T]):
    """What `ask` answered last. While it cannot be had anew, it goes on being believed for `believed_for`."""

    def __init__(self, ask: Callable[[datetime], Awaitable[T]], *, believed_for: timedelta = timedelta()) -> None:
        self._ask = ask
        self._believed_for = believed_for
        self._answer: tuple[datetime, T] | None = None
        self._failure: tuple[datetime, ProviderUnavailable] | None = None
        self._asking: asyncio.Task[T | ProviderUnavailable] | None = None

    async def younger_than(self, age: timedelta, at: datetime) -> T:
        """Return an answer of this age at the most, or one still believed. Raises ProviderUnavailable."""
        if self._answer is not None and abs(at - self._answer[0]) < age:
            return self._answer[1]
        if self._failure is not None and abs(at - self._failure[0]) < FAILURE_REMEMBERED_FOR:
            return self._believed_after(self._failure[1], at)
        if self._asking is None:
            self._asking = asyncio.create_task(self._asked(at))
        elif (believed := self._believed(at)) is not None:
            return believed[0]
        # Shielded: whoever asked first may go away, and the others still want to know.
        outcome = await asyncio.shield(self._asking)
        return self._believed_after(outcome, at) if isinstance(outcome, ProviderUnavailable) else outcome

    async def _asked(self, at: datetime) -> T | ProviderUnavailable:
        """Return, and keep, the answer or the failure. It is not raised: perhaps nobody waits for it any more."""
        try:
            answer = await self._ask(at)
        except ProviderUnavailable as failure:
            self._failure = (at, failure)
            if isinstance(failure, ProviderUnfit):  # it has answered, and is not what was believed of it
                self._answer = None
            return failure
        finally:
            self._asking = None
        self._answer, self._failure = (at, answer), None
        return answer

    def _believed(self, at: datetime) -> tuple[T] | None:
        is_believed = self._answer is not None and abs(at - self._answer[0]) < self._believed_for
        return (self._answer[1],) if self._answer is not None and is_believed else None

    def _believed_after(self, failure: ProviderUnavailable, at: datetime) -> T:
        believed = self._believed(at)
        if believed is None:
            raise type(failure)(failure.code)
        return believed[0]
