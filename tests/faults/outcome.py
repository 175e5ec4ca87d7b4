"""What became of one fault, and the table of them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.faults.oracle import Judgement

HEADS = ("fault", "acknowledged", "lost", "doubled", "altered", "missed", "recovery", "what else")


@dataclass
class Outcome:
    """One fault: what the oracle says, how long recovery took (seconds), what was noted, and which promise was broken.

    One that could not be brought on here says why instead (`skipped`).
    """

    fault: str
    judgement: Judgement = field(default_factory=Judgement)
    recovery_seconds: float | None = None
    noted: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    skipped: str | None = None

    @property
    def is_clean(self) -> bool:
        """Return whether nothing was lost, doubled, altered or missed, and every promise kept."""
        return self.judgement.is_clean and not self.broken

    def promised(self, words: str, *, kept: bool) -> None:
        """Note how a promise was kept, or that it was not."""
        (self.noted if kept else self.broken).append(words)

    def cells(self) -> tuple[str, ...]:
        """Return the row of the table."""
        if self.skipped is not None:
            return (self.fault, "–", "–", "–", "–", "–", "–", f"skipped: {self.skipped}")
        found = self.judgement
        took = "–" if self.recovery_seconds is None else f"{self.recovery_seconds:.1f} s"
        altered = sorted(f"{name} {how}" for name, how in found.altered.items())[:1]  # one shows what it is
        wrong = [f"WRONG: {each}" for each in (*altered, *sorted(set(found.faults)), *self.broken)]
        counts = (str(len(each)) for each in (found.lost, found.doubled, found.altered, found.missed))
        return (self.fault, f"{found.acknowledged:,}", *counts, took, "; ".join([*wrong, *self.noted]))


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as a table in Markdown."""
    rows = [HEADS, *(outcome.cells() for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS) - 1)]
    lines = [
        "| " + " | ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|---|")
    return "\n".join(lines)
