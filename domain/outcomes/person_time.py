"""Person-time: whose days count, from when to when.

Days are half-open: the first counts, the last does not, so a person who dies on day d contributes up to d. Pure: it
knows dates, not persons, pathways or contacts. `queries.py` says the same in SQL, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise


class SpansOverlap(ValueError):
    """Two spans of one person claim the same day; counting both would double the person."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days from `from_on` up to, not including, `until_on`. Raises ValueError when it ends before it begins."""

    from_on: date
    until_on: date

    def __post_init__(self) -> None:
        if self.until_on < self.from_on:
            raise ValueError("a span of days cannot end before it begins")

    @property
    def days(self) -> int:
        """Return the number of days."""
        return (self.until_on - self.from_on).days

    def holds(self, day: date) -> bool:
        """Return whether the day is one of them."""
        return self.from_on <= day < self.until_on


@dataclass(frozen=True, slots=True)
class Membership:
    """One person's time on a pathway; `left_on` is None while they are on it.

    `known_from` is where their history of contacts begins.
    """

    joined_on: date
    left_on: date | None
    known_from: date


def data_cut_off(today: date) -> date:
    """Return the first day whose data do not count: the first of the present month.

    Every question asked within one month so gets the same windows, and none can be slid by a day.
    """
    return today.replace(day=1)


def next_cut_off(cut_off: date) -> date:
    """Return the cut-off after this one: the first of the next month."""
    return data_cut_off(cut_off + timedelta(days=31))


def before_and_since(
    memberships: Iterable[Membership], *, baseline_days: int, cut_off: date, died_on: date | None = None
) -> tuple[Span | None, tuple[Span, ...]]:
    """Return one person's window before first joining, and their windows since; (None, ()) if they joined too late.

    Before: the `baseline_days` up to the first joining, but not before the history is known. Since: each membership
    up to leaving, death or the cut-off. Death is the person's, whichever pathway it was recorded on. Time between two
    memberships belongs to neither. Raises SpansOverlap.

    The definition, in words that can be read: figures are counted by the SQL of `queries.py`, which
    tests/database/outcomes/test_outcomes_counting.py holds to it.
    """
    joined = sorted((m for m in memberships if m.joined_on < cut_off), key=lambda m: (m.joined_on, m.known_from))
    if not joined:
        return None, ()
    first = joined[0]
    begins = max(first.joined_on - timedelta(days=baseline_days), first.known_from)
    before = Span(min(begins, first.joined_on), first.joined_on)
    last = min(cut_off, died_on or cut_off)
    since = tuple(Span(m.joined_on, max(m.joined_on, min(m.left_on or last, last))) for m in joined)
    require_apart(since)
    return before, since


def person_days(spans: Iterable[Span]) -> int:
    """Return the days of one person's spans together. Raises SpansOverlap when two share a day."""
    listed = sorted(spans)
    require_apart(listed)
    return sum(span.days for span in listed)


def contributes(before: Span | None, since: Iterable[Span]) -> bool:
    """Return whether a person has days in both windows. Nobody else counts: they would be compared with nobody."""
    return before is not None and before.days > 0 and person_days(since) > 0


def require_apart(spans: Iterable[Span]) -> None:
    """Raise SpansOverlap when two of one person's spans share a day."""
    listed = sorted(span for span in spans if span.days)
    for earlier, later in pairwise(listed):
        if later.from_on < earlier.until_on:
            raise SpansOverlap("two spans of one person share a day")
