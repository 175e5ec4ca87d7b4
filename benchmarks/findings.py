"""What a part of the bench has found: put together step by step, so that what is ended half-way loses only the rest."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.goals import Goal

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Findings:
    """Rows of the tables as they are printed, goals, and by their names the figures that are projected from."""

    comparisons: tuple[str, ...] = ()
    goals: tuple[Goal, ...] = ()
    stored: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)

    def __add__(self, more: Findings) -> Findings:
        """Return both."""
        return Findings(
            self.comparisons + more.comparisons,
            self.goals + more.goals,
            self.stored + more.stored,
            {**self.figures, **more.figures},
        )

    def as_json(self) -> dict[str, object]:
        """Return what JSON can hold."""
        return {
            "comparisons": list(self.comparisons),
            "goals": [[goal.name, goal.figure, goal.detail, goal.why_not] for goal in self.goals],
            "stored": list(self.stored),
            "figures": dict(self.figures),
        }

    @classmethod
    def of_json(cls, told: Mapping[str, object]) -> Findings:
        """Return the same from what JSON held. Raises KeyError, TypeError or ValueError for what is no findings."""
        comparisons, goals, stored, figures = (told[name] for name in ("comparisons", "goals", "stored", "figures"))
        if not isinstance(comparisons, list) or not isinstance(goals, list) or not isinstance(stored, list):
            raise TypeError("rows are a list")
        if not isinstance(figures, dict):
            raise TypeError("figures are told by name")
        return cls(tuple(comparisons), tuple(Goal(*goal) for goal in goals), tuple(stored), figures)


def write(found: Findings, place: Path) -> None:
    """Write down what was found so far: whole or not at all, for whoever writes may be ended at any moment."""
    beside = place.with_suffix(".part")
    beside.write_text(json.dumps(found.as_json()))
    beside.rename(place)


def read(place: Path) -> Findings:
    """Return what was written down there; nothing, where nothing was."""
    return Findings.of_json(json.loads(place.read_text())) if place.exists() else Findings()
