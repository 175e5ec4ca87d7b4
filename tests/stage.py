"""The stage: the application in a process of its own, as `python -m api serve` serves it, with the whole cast in it.

What is asked of it is committed. Everyone of the cast signs in with PASSWORD, at <name>@example.test.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cast import Cast
from tests.live.processes import Process, installation


@dataclass(frozen=True)
class Stage:
    """An API process, and the ids of those who stand in its database."""

    api: Process
    cast: Cast


@contextmanager
def serving_stage(database_url: str, cast: Cast, folder: Path) -> Iterator[Stage]:
    """Yield the stage: one API process on a database in which the cast stands."""
    with installation(database_url, folder) as installed:
        yield Stage(installed.start_api(), cast)
