"""A person's own blood pressure readings at home over 108 days (bp_jhs), newest first in the file.

Refuses to know today's date: times come back relative to the first reading, with every interval kept.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from demo.measurements import BloodPressure, Quantity, Recorded

DEVICE = "home-cuff"


def read_home_bp(path: Path) -> tuple[Recorded, ...]:
    """Return blood pressure and heart rate readings, oldest first, timed from the first of them."""
    with path.open(encoding="utf-8", newline="") as file:
        return parse_home_bp(file)


def parse_home_bp(lines: Iterable[str]) -> tuple[Recorded, ...]:
    """Return the readings of a bp_jhs file. Its times are the cuff's own clock, without an offset."""
    rows = sorted(csv.DictReader(lines), key=lambda row: row["DateTime"])
    found: list[Recorded] = []
    for row in rows:
        after = datetime.fromisoformat(row["DateTime"]) - datetime.fromisoformat(rows[0]["DateTime"])
        pressure = BloodPressure(float(row["Sys.mmHg."]), float(row["Dias.mmHg."]))
        found.append(Recorded(after, pressure, DEVICE))
        pulse = row["Pulse.bpm."].strip()
        if pulse not in {"", "NA"}:
            found.append(Recorded(after, Quantity("heart_rate", float(pulse), "/min"), DEVICE))
    return tuple(found)
