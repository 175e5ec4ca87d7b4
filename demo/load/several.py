"""Several requests under way at once, never too many."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

AT_ONCE = 6  # two processes answer; more would only wait in their queues

Item = TypeVar("Item")
Result = TypeVar("Result")


async def several(work: Callable[[Item], Awaitable[Result]], items: Iterable[Item]) -> list[Result]:
    """Return the results in order. The first failure ends what is under way and is raised as it is."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(item: Item) -> Result:
        async with room:
            return await work(item)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(item)) for item in items]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
