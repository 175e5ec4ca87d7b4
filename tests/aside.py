"""What is asynchronous, done from where an event loop is open already: Playwright keeps one open in its thread."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Answer = TypeVar("Answer")


def aside(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Return what the work returns, done in a thread of its own."""
    with ThreadPoolExecutor(1) as one:
        return one.submit(asyncio.run, work).result()
