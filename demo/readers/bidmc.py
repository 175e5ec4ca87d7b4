"""Bedside-monitor numerics at 1 Hz (BIDMC): heart rate, pulse, respiration and saturation.

Refuses to know what is plausible (the service judges that) except what cannot be a measurement at all:
a blank is the monitor saying nothing, and a zero is a lost signal, so neither becomes a reading.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from demo.measurements import Quantity, Recorded

HEART, RESPIRATION, SATURATION, PULSE = "HR", "RESP", "SpO2", "PULSE"
_SIGNS = {
    HEART: ("heart_rate", "/min"),
    RESPIRATION: ("respiratory_rate", "/min"),
    SATURATION: ("oxygen_saturation", "%"),
    PULSE: ("heart_rate", "/min"),
}


def read_numerics(path: Path, number: str) -> tuple[Recorded, ...]:
    """Return one patient's readings in order of time; `number` names the two devices, such as '03'."""
    with path.open(encoding="utf-8", newline="") as file:
        return parse_numerics(file, number)


def parse_numerics(lines: Iterable[str], number: str) -> tuple[Recorded, ...]:
    """Return the readings of one numerics file. Its header has a space after each comma; its blanks are drop-outs."""
    found: list[Recorded] = []
    for second, row in enumerate(csv.DictReader(lines, skipinitialspace=True)):
        # The row's number is the time: the clock column starts at "-0" or "-1" in some files.
        for column, (sign, unit) in _SIGNS.items():
            value = _measured(row.get(column))
            if value is not None:
                device = f"bidmc-oximeter-{number}" if column == PULSE else f"bidmc-monitor-{number}"
                found.append(Recorded(timedelta(seconds=second), Quantity(sign, value, unit), device))
    return tuple(found)


def _measured(cell: str | None) -> float | None:
    """Return the number in a cell, or None for a blank, 'NaN' or 0: no signal is never a value of nought."""
    text = (cell or "").strip()
    if text in {"", "NaN"}:
        return None
    value = float(text)
    return value if value > 0 else None
