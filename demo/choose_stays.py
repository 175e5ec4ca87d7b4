"""Which three intensive-care stays the demo replays, and why: `python -m demo.choose_stays <folder of the dataset>`.

The rule, so that anybody can repeat it: no tube at any time (the people live in a care home), 20 to 72 hours without
a long hole, and at least 20 complete sets of observations, a set being complete when every part of NEWS2 was charted
within six hours before it. *Deteriorating* is the stay whose mean score rises most from its first third to its last,
*recovering* the one whose mean falls most, *stable* the one with the lowest mean plus standard deviation of the rest.
The score here serves this choice only: the service's own is its domain's business.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from statistics import fmean, pstdev

from demo.measurements import BloodPressure, Consciousness, Quantity, Recorded
from demo.readers.mimic import INTUBATED, parse_stay

# What the rule chooses from the full dataset (a test on the full data would need the full data; this is its record).
DETERIORATING, RECOVERING, STABLE = "256542", "238186", "277238"

FRESH = timedelta(hours=6)  # temperature, consciousness and oxygen were charted about every four hours
SHORTEST, LONGEST, FEWEST_SETS = timedelta(hours=20), timedelta(hours=72), 20
TUBES = {"Endotracheal tube", "Tracheostomy tube", "Trach mask", INTUBATED}
PARTS = frozenset(
    {"respiratory_rate", "oxygen_saturation", "inspired_oxygen", "blood_pressure", "heart_rate"}
    | {"consciousness_acvpu", "body_temperature"}
)

# Bands of the Royal College of Physicians' NEWS2 (2017), chart 1, SpO2 scale 1: (up to and including, points).
_BANDS: dict[str, tuple[tuple[float, int], ...]] = {
    "respiratory_rate": ((8, 3), (11, 1), (20, 0), (24, 2)),
    "oxygen_saturation": ((91, 3), (93, 2), (95, 1), (100, 0)),
    "blood_pressure": ((90, 3), (100, 2), (110, 1), (219, 0)),
    "heart_rate": ((40, 3), (50, 1), (90, 0), (110, 1), (130, 2)),
    "body_temperature": ((35.0, 3), (36.0, 1), (38.0, 0), (39.0, 1)),
}
_ABOVE_LAST = {"respiratory_rate": 3, "blood_pressure": 3, "heart_rate": 3, "body_temperature": 2}


@dataclass(frozen=True, slots=True)
class Course:
    """The scores of one stay's complete sets in order of time."""

    stay: str
    lasted: timedelta
    scores: tuple[int, ...]

    @property
    def rise(self) -> float:
        """Return how many points the mean of the last third lies above that of the first."""
        third = len(self.scores) // 3
        return fmean(self.scores[-third:]) - fmean(self.scores[:third])

    @property
    def unrest(self) -> float:
        """Return the mean plus the standard deviation of the scores: low for a quiet, well person."""
        return fmean(self.scores) + pstdev(self.scores)


def points(recorded: Recorded) -> int:
    """Return the NEWS2 points of one measurement (chart 1, scale 1)."""
    measurement = recorded.measurement
    if isinstance(measurement, Consciousness):
        return 0 if measurement.level == "A" else 3
    if isinstance(measurement, BloodPressure):
        return _banded("blood_pressure", measurement.systolic)
    if measurement.sign == "inspired_oxygen":
        return 0 if measurement.value == 0 else 2
    return _banded(measurement.sign, _celsius(measurement))


def _celsius(quantity: Quantity) -> float:
    """Return a temperature in °C rounded to a tenth, and any other quantity as it is."""
    return round((quantity.value - 32) * 5 / 9, 1) if quantity.unit == "[degF]" else quantity.value


def _banded(sign: str, value: float) -> int:
    """Return the points of a value by the chart's bands."""
    return next((score for top, score in _BANDS[sign] if value <= top), _ABOVE_LAST.get(sign, 0))


def scores(recording: tuple[Recorded, ...]) -> tuple[int, ...]:
    """Return the score at each charted instant at which every part is fresh."""
    latest: dict[str, Recorded] = {}
    found: list[int] = []
    for after, together in groupby(recording, key=lambda recorded: recorded.after):
        latest |= {recorded.measurement.sign: recorded for recorded in together}
        fresh = {sign: recorded for sign, recorded in latest.items() if after - recorded.after <= FRESH}
        if fresh.keys() >= PARTS:
            found.append(sum(points(recorded) for recorded in fresh.values()))
    return tuple(found)


def courses(folder: Path) -> list[Course]:
    """Return the course of every stay without a tube that is long and complete enough."""
    with (folder / "CHARTEVENTS_vitals.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["icustay_id"])
    found: list[Course] = []
    for stay, charted in groupby(rows, key=lambda row: row["icustay_id"]):
        events = list(charted)
        recording = parse_stay(events)
        if TUBES & {row["value"] for row in events} or not recording:
            continue
        course = Course(stay, recording[-1].after, scores(recording))
        if SHORTEST <= course.lasted <= LONGEST and len(course.scores) >= FEWEST_SETS:
            found.append(course)
    return found


def choose(candidates: list[Course]) -> dict[str, str]:
    """Return the stay that deteriorates most, the one that recovers most, and the most stable of the rest."""
    by_rise = sorted(candidates, key=lambda course: (course.rise, course.stay))
    stable = min(by_rise[1:-1], key=lambda course: (course.unrest, course.stay))
    return {"deteriorating": by_rise[-1].stay, "recovering": by_rise[0].stay, "stable": stable.stay}


def main(folder: Path) -> None:
    """Print every candidate and the three chosen."""
    candidates = courses(folder)
    for course in sorted(candidates, key=lambda course: course.rise):
        hours, sets = course.lasted / timedelta(hours=1), len(course.scores)
        print(f"{course.stay}  {hours:5.1f} h  {sets:3d} sets  rise {course.rise:+.1f}  unrest {course.unrest:.1f}")
    for what, stay in choose(candidates).items():
        print(f"{what}: {stay}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
