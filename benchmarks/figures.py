"""Figures: how many a second, and how long the slow ones took. Milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Figures:
    """What one load did: `each` is how many readings, rows or messages one operation carried."""

    name: str
    delays_ms: tuple[float, ...]
    seconds: float
    each: int = 1

    @property
    def per_second(self) -> float:
        """Return readings, rows or messages a second."""
        return len(self.delays_ms) * self.each / self.seconds

    def percentile(self, share: float) -> float:
        """Return the delay in milliseconds below which this share of the operations stayed."""
        ordered = sorted(self.delays_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def together(rounds: Sequence[Figures]) -> Figures:
    """Return the rounds of one load as one."""
    delays_ms = tuple(delay for each in rounds for delay in each.delays_ms)
    return replace(rounds[0], delays_ms=delays_ms, seconds=sum(each.seconds for each in rounds))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ours beside the limit, and which of rate or delay the ratio is about; of delays, below which share lie."""

    title: str
    ours: Figures
    limit: Figures
    by_rate: bool
    share: float = 0.99

    @property
    def ratio(self) -> float:
        """Return ours ÷ limit: of the rates (1 is as fast as the limit), or of the slow delays (1 is as quick)."""
        if self.by_rate:
            return self.ours.per_second / self.limit.per_second
        return self.ours.percentile(self.share) / self.limit.percentile(self.share)


def row(c: Comparison) -> str:
    """Return the comparison as a row of a Markdown table: what, ours, limit, ratio."""
    return f"| {c.title} | {_cell(c.ours, c.by_rate)} | {_cell(c.limit, c.by_rate)} | {_ratio(c)} |"


def _cell(figures: Figures, by_rate: bool) -> str:
    delays = ", ".join(
        f"p{share:.0%} {figures.percentile(share):.1f} ms".replace("%", "") for share in (0.5, 0.95, 0.99)
    )
    rate = f"{figures.per_second:,.0f}/s; " if by_rate else ""
    return f"{figures.name}: {rate}{delays}"


def _ratio(c: Comparison) -> str:
    return f"{c.ratio:.2f} of the rate" if c.by_rate else f"{c.ratio:.1f} × the p{c.share:.0%}".replace("%", "")
