"""What readings show against a number, worked out one by one: what PostgreSQL's answer is held against."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from domain.observations.evidence import Evidence, Measured, Sides, Stretch
from domain.plans.progress import LEAST_READINGS, MOST_IDS, WINDOW


def evidence_of(value: Decimal, readings: Sequence[Measured], *, start_at: datetime, as_of: datetime) -> Evidence:
    """Return the evidence that the readings of a span are, all of them looked at."""
    known = sorted((r for r in readings if start_at <= r.at <= as_of), key=lambda r: (r.at, r.observation_id))
    if not known:
        return Evidence(None, None, None, None, None, complete=True)
    recent = [r for r in known if r.at > known[-1].at - WINDOW]
    return Evidence(
        every=_stretch(value, known),
        first=_stretch(value, known[:1]),
        first_days=_stretch(value, [r for r in known if r.at < start_at + WINDOW]),
        recent=_stretch(value, recent if len(recent) >= LEAST_READINGS else known[-LEAST_READINGS:]),
        latest=known[-1],
        complete=True,
    )


def _stretch(value: Decimal, readings: Sequence[Measured]) -> Stretch | None:
    if not readings:
        return None
    sides = [_side(value, r) for r in readings]
    return Stretch(
        count=len(readings),
        total=sum((r.value for r in readings), Decimal()),
        from_at=readings[0].at,
        until_at=readings[-1].at,
        observation_ids=tuple(r.observation_id for r in readings[:MOST_IDS]),
        sides=Sides(sides.count("below"), sides.count("level"), sides.count("above"), sides.count("undecided")),
    )


def _side(value: Decimal, reading: Measured) -> str:
    match reading.bound:
        case "<":
            return "below" if reading.value <= value else "undecided"
        case ">":
            return "above" if reading.value >= value else "undecided"
        case _ if reading.value == value:
            return "level"
        case _:
            return "below" if reading.value < value else "above"
