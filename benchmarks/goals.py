"""Goals: what each figure was to be, whether it is, and by how much it is not. Each has its row, measured or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Aim:
    """What a figure is to be at the most, or else at the least, in this unit, and which part of the bench finds it."""

    part: str
    title: str
    unit: str
    most: float | None = None
    least: float | None = None

    @property
    def told(self) -> str:
        """Return the bound in words."""
        return (
            f"≤ {_told(self.most)} {self.unit}" if self.most is not None else f"≥ {_told(self.least or 0)} {self.unit}"
        )

    def misses_by(self, figure: float) -> float:
        """Return by which share of the bound the figure is beyond it; below 0, how much room is left."""
        return figure / self.most - 1 if self.most is not None else 1 - figure / (self.least or 1)

    def beats_its_limit(self, figure: float) -> bool:
        """Return whether ours is better than what does less: then that was no limit, and the ratio tells nothing."""
        return self.unit in _OF_A_LIMIT and (figure < 1 if self.most is not None else figure > 1)


_ECHO, _ROWS, _BARE_RATE = "of the echo's rate", "of the raw rows", "of the bare rate"
_ECHOES, _BARE, _FEW = "× the echo's", "× the bare", "× beside 100 thousand"
_OF_A_LIMIT = frozenset({_ECHO, _ROWS, _BARE_RATE, _ECHOES, _BARE})
"""Units of what is compared with something that does less: nothing of ours can be better than it."""
_ONE, _OF_ONE, _OF_EACH = "1 screen", "200 screens of one patient", "200 screens of 200 patients"
_UUIDS, _AS_IN_README = "each id a UUIDv7", "each id a random UUID, as in README.md"

AIMS: Mapping[str, Aim] = {
    "single rate": Aim("loads", "single POST, 32 connections, one process", _ECHO, least=0.35),
    "single p99": Aim("loads", "single POST, 32 connections, one process, p99", _ECHOES, most=4),
    "hundreds": Aim("loads", "batches of 100, 4 connections", _ROWS, least=0.15),
    "thousands": Aim("loads", "batches of 1000, 4 connections", _ROWS, least=0.20),
    "one screen": Aim("live", f"POST to {_ONE}, p99", _BARE, most=3),
    "one screen beyond": Aim("live", f"POST to {_ONE}, p99 beyond the POST's own", "ms", most=15),
    "screens of one": Aim("live", f"POST to {_OF_ONE}, p99", _BARE, most=3),
    "screens of one beyond": Aim("live", f"POST to {_OF_ONE}, p99 beyond the POST's own", "ms", most=15),
    "screens of each": Aim("live", f"POST to {_OF_EACH}, p99", _BARE, most=3),
    "screens of each beyond": Aim("live", f"POST to {_OF_EACH}, p99 beyond the POST's own", "ms", most=15),
    "fan-out of 1": Aim("live", "messages to 200 screens, posts of 1", _BARE_RATE, least=0.4),
    "fan-out of 100": Aim("live", "messages to 200 screens, posts of 100", _BARE_RATE, least=0.4),
    "sockets": Aim("footprint", "sockets open on one process, each watching a patient", "sockets", least=2_000),
    "memory with sockets": Aim("footprint", "memory of that process", "MB", most=400),
    "month p95": Aim("reads", "30 days of one sign, 1,000 points, p95", "ms", most=10),
    "month alike": Aim("reads", "30 days of one sign, 1,000 points, p95", _FEW, most=1.3),
    "year p95": Aim("reads", "a year of one sign, 12,000 readings in 365 points, p95", "ms", most=10),
    "year alike": Aim("reads", "a year of one sign, 12,000 readings in 365 points, p95", _FEW, most=1.3),
    "board p95": Aim("reads", "board of 200 patients, seven signs each, p95", "ms", most=20),
    "usual day p95": Aim("reads", "one's own day: 2 plans, 4 actions, 2 goals, 1,460 readings, p95", "ms", most=15),
    "own day p95": Aim("reads", "one's own day: 3 plans, 10 actions, 5 goals, 50,000 readings, p95", "ms", most=15),
    "bytes batched": Aim("storage", f"storage, batches of 100, {_UUIDS}", "bytes", most=350),
    "bytes single": Aim("storage", f"storage, singles, {_UUIDS}", "bytes", most=700),
    "bytes batched, README": Aim("storage", f"storage, batches of 100, {_AS_IN_README}", "bytes", most=350),
    "bytes single, README": Aim("storage", f"storage, singles, {_AS_IN_README}", "bytes", most=700),
    "start": Aim("footprint", "start until ready, median of 5", "s", most=3),
    "memory under load": Aim("footprint", "memory of an API process under load, most", "MB", most=250),
    "memory flat": Aim("footprint", "growth of that memory in ten minutes, second third to last", "MB", most=10),
}
"""Each by its name, in the order in which it is told."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal beside what was found. `detail`: what the row says besides its title.

    `why_not`: why nothing was measured that the goal speaks of; a figure beside it is of something less.
    """

    name: str
    figure: float | None
    detail: str = ""
    why_not: str = ""

    def __post_init__(self) -> None:
        """Refuse a goal that nobody has set, and a figure that is missing without a word."""
        if self.name not in AIMS:
            raise ValueError(f"no such goal: {self.name}")
        if self.figure is None and not self.why_not:
            raise ValueError(f"{self.name}: neither a figure nor why there is none")

    @property
    def aim(self) -> Aim:
        """Return what was to be reached."""
        return AIMS[self.name]

    @property
    def is_met(self) -> bool | None:
        """Return whether it was reached; None where nobody has looked at what it speaks of, or beside no limit."""
        if self.figure is None or self.why_not or self.aim.beats_its_limit(self.figure):
            return None
        return self.aim.misses_by(self.figure) <= 0

    @property
    def title(self) -> str:
        """Return what the row is about."""
        return f"{self.aim.title} ({self.detail})" if self.detail else self.aim.title

    @property
    def ours(self) -> str:
        """Return the figure in words."""
        return "–" if self.figure is None else f"{_told(self.figure)} {self.aim.unit}"

    @property
    def verdict(self) -> str:
        """Return whether it was reached, and by which share of the bound."""
        by = 0.0 if self.figure is None else self.aim.misses_by(self.figure)
        if self.why_not:
            even_so = f", and **NOT MET** even so, by {_percent(by)}" if by > 0 else ""
            return f"**not measured**: {self.why_not}{even_so}"
        if self.figure is not None and self.aim.beats_its_limit(self.figure):
            return "**limit not credible**: ours is better than what does less"
        return f"met, {abs(by):.0%} to spare" if by <= 0 else f"**NOT MET**, by {_percent(by)}"


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else f"{share:.1%}"


def _told(figure: float) -> str:
    return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.2f}" if abs(figure) < 10 else f"{figure:.1f}"
