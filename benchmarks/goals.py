"""Goals: what a figure was to be, and whether it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure beside what it was to reach: both as they are told, and whether it was reached."""

    title: str
    figure: str
    goal: str
    is_met: bool

    @classmethod
    def at_most(cls, title: str, figure: float, most: float, unit: str) -> Goal:
        """Return a goal of not more than that."""
        return cls(title, f"{_told(figure)} {unit}", f"≤ {_told(most)} {unit}", figure <= most)

    @classmethod
    def at_least(cls, title: str, figure: float, least: float, unit: str) -> Goal:
        """Return a goal of not less than that."""
        return cls(title, f"{_told(figure)} {unit}", f"≥ {_told(least)} {unit}", figure >= least)


def goal_table(goals: Sequence[Goal]) -> str:
    """Return the goals as a Markdown table."""
    rows = [f"| {g.title} | {g.figure} | {g.goal} | {'met' if g.is_met else '**not met**'} |" for g in goals]
    return "\n".join(["| what | ours | goal | |", "|---|---|---|---|", *rows])


def _told(figure: float) -> str:
    return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.2f}" if abs(figure) < 10 else f"{figure:.1f}"
