"""How long each part of the bench may take, so that the whole keeps to its minutes. Pure; what ends a part is `whole`.

What does not fit is shortened, all parts that are still to come alike; what does not fit even so is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

PARTS = ("loads", "live", "footprint", "storage", "reads")
WITHIN_MINUTES = 15.0
TAKING_DOWN_SECONDS = 20.0
"""Of the whole time, kept for ending what hangs."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How long each load runs, how long memory is looked at, and beside how many readings records are read."""

    seconds: float = 4.0
    minutes: float = 0.5
    readings: int = 10_000_000

    @property
    def told(self) -> str:
        """Return them in words."""
        return f"{self.seconds:g} s a load, memory {self.minutes:g} min, beside {self.readings:,} readings"


@dataclass(frozen=True, slots=True)
class Slot:
    """With which settings a part runs, and after how many seconds it is ended."""

    settings: Settings
    most_seconds: float


def expected_seconds(part: str, settings: Settings) -> float:
    """Return how long a part takes on two quiet cores, none of which took longer on 2026-11-23.

    Loads of 4 s took 90 to 93 s, live 150 to 161, memory of half a minute 118, storage 138 to 146; the reads 173 s
    beside five million readings and 290 beside ten, and one's own day up to 40 more.
    """
    return {
        "loads": 40 + 14 * settings.seconds,
        "live": 142 + 5 * settings.seconds,
        "footprint": 90 + 60 * settings.minutes,
        "storage": 146,
        "reads": 100 + 24 * settings.readings / 1_000_000,
    }[part]


def slot(rest: Sequence[str], wanted: Settings, left_seconds: float) -> Slot | None:
    """Return the slot of the first of the parts that are still to come; None if there is no time for it any more."""
    part, others = rest[0], rest[1:]
    least = list(_ever_shorter(wanted))[-1]
    needed = expected_seconds(part, least)
    if left_seconds < needed:
        return None
    most = left_seconds - sum(expected_seconds(other, least) for other in others)
    if most < needed:  # not all fit: the first have it
        most = left_seconds
    fits = (s for s in _ever_shorter(wanted) if sum(expected_seconds(each, s) for each in rest) <= left_seconds)
    return Slot(next(fits, least), most)


def _ever_shorter(wanted: Settings) -> Iterator[Settings]:
    """Yield what is wanted, then ever less of it: first of what costs least in meaning."""
    yield wanted
    shorter = wanted
    for seconds, minutes, readings in ((4, 1, 1e9), (3, 0.5, 1e9), (3, 0.5, 5e6), (3, 0.5, 2e6), (2, 0.5, 1e6)):
        shorter = replace(
            wanted,
            seconds=min(wanted.seconds, seconds),
            minutes=min(wanted.minutes, minutes),
            readings=min(wanted.readings, int(readings)),
        )
        yield shorter
