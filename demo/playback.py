"""When each measurement of a recording is due as the demo plays it over and over. Pure arithmetic of time.

Refuses to know the clock, people and HTTP: everything is an elapsed time since the playing began.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby

from demo.measurements import Recorded


@dataclass(frozen=True, slots=True)
class Due:
    """One measurement to send: when (since the playing began), and which it is: the lap and its place in it."""

    elapsed: timedelta
    lap: int
    place: int
    recorded: Recorded


def hastened(recording: tuple[Recorded, ...], *, times: float, longest_pause: timedelta) -> tuple[Recorded, ...]:
    """Return the recording with its intervals divided by `times` and no pause longer than `longest_pause`."""
    found: list[Recorded] = []
    now, previous = timedelta(), timedelta()
    for recorded in recording:
        now += min((recorded.after - previous) / times, longest_pause)
        previous = recorded.after
        found.append(replace(recorded, after=now))
    return tuple(found)


def evenly(recording: tuple[Recorded, ...], *, every: timedelta) -> tuple[Recorded, ...]:
    """Return the recording with one instant's measurements every so often, whatever the intervals were."""
    instants = groupby(recording, key=lambda recorded: recorded.after)
    return tuple(
        replace(recorded, after=number * every)
        for number, (_, together) in enumerate(instants)
        for recorded in together
    )


def halves(recording: tuple[Recorded, ...]) -> tuple[tuple[Recorded, ...], tuple[Recorded, ...]]:
    """Return the two halves by time: the first for history, the second with its times counted from its start."""
    middle = recording[-1].after / 2
    early = tuple(recorded for recorded in recording if recorded.after < middle)
    late = tuple(recorded for recorded in recording if recorded.after >= middle)
    return early, tuple(replace(recorded, after=recorded.after - late[0].after) for recorded in late)


def slowed(sets: Iterable[list[Due]], *, lively: timedelta, every: timedelta) -> Iterator[list[Due]]:
    """Yield every set that is due within the lively time, and from then on one in each stretch of `every`."""
    next_at = lively
    for due in sets:
        elapsed = due[0].elapsed
        if elapsed < lively:
            yield due
        elif elapsed >= next_at:
            next_at = elapsed + every
            yield due


def laps(recording: tuple[Recorded, ...], *, pause: timedelta) -> Iterator[list[Due]]:
    """Yield, without end, what is due together, with `pause` between the last of a lap and the first of the next."""
    length = recording[-1].after - recording[0].after + pause
    lap = 0
    while True:
        numbered = enumerate(recording)
        for after, together in groupby(numbered, key=lambda item: item[1].after):
            elapsed = lap * length + after - recording[0].after
            yield [Due(elapsed, lap, place, recorded) for place, recorded in together]
        lap += 1
