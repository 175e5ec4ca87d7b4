"""Putting what is alike together in a log of who looked, hiding nothing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.audit.entry import AuditEntry
from domain.clock import london_date


@dataclass(frozen=True, slots=True)
class Access:
    """What one person did in one way on one day (England's): how often, and from when to when."""

    latest: AuditEntry
    first_at: datetime
    times: int


def grouped(
    entries: Sequence[AuditEntry], most: int, *, right: Callable[[AuditEntry], object] = lambda _: None
) -> tuple[list[Access], int]:
    """Return the groups of entries that come newest first, at most so many, and how many entries they hold.

    `right`: what is told of an entry besides what stands in it, which those of a group have in common too.
    Every entry counted stands in one group, and none is passed over: what does not fit begins the next page.
    """
    groups: dict[tuple[object, ...], Access] = {}
    for taken, entry in enumerate(entries):
        alike = (*_alike(entry), right(entry))
        known = groups.get(alike)
        if known is not None:
            groups[alike] = replace(known, first_at=entry.at, times=known.times + 1)
        elif len(groups) == most:
            return list(groups.values()), taken
        else:
            groups[alike] = Access(entry, entry.at, 1)
    return list(groups.values()), len(entries)


def _alike(entry: AuditEntry) -> tuple[object, ...]:
    return (
        london_date(entry.at),
        entry.account_id,
        entry.action,
        entry.about,
        entry.basis,
        entry.role,
        entry.organisation_id,
        entry.reason,
        entry.outcome,
    )
