"""Care homes (CQC) and practices (ODS) of one borough, read from published reference data.

Refuses to know who lives or works there: every person and event in the demo is invented, and so every place is
shown with "(demo)" behind its name.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A published place: its own identifier (CQC location or ODS code), name and postcode."""

    identifier: str
    name: str
    postcode: str


def read_care_homes(path: Path) -> tuple[Place, ...]:
    """Return the care homes of the CQC extract in the file's order."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(Place(row["cqc_id"], row["name"], row["postcode"]) for row in csv.DictReader(file))


def read_practices(path: Path) -> tuple[Place, ...]:
    """Return the practices of the registrations extract in the file's order."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Place(row["practice_code"], row["practice_name"], row["practice_postcode"]) for row in csv.DictReader(file)
        )
