"""Charted observations of intensive-care stays (MIMIC-III demo), with every part an early warning score needs.

Refuses to score, and to guess: what was not charted at an instant is left out, never filled in. Dates are
shifted past 2100 by the publisher to protect people; only the intervals between them are used.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from demo.measurements import BloodPressure, Consciousness, Measurement, Quantity, Recorded

EYE, VERBAL, MOTOR = "220739", "223900", "223901"
OXYGEN_DEVICE, OXYGEN_FLOW, OXYGEN_FRACTION = "226732", "223834", "223835"
CUFF, ARTERIAL_LINE = ("220179", "220180"), ("220050", "220051")
ROOM_AIR = "None"  # the charted device "None" means that no device was in use
INTUBATED = "No Response-ETT"  # verbal score 1 because of a tube, which says nothing about consciousness

_NUMERIC = {
    "220045": ("heart_rate", "/min", "monitor"),
    "220210": ("respiratory_rate", "/min", "monitor"),
    "220277": ("oxygen_saturation", "%", "monitor"),
    "223761": ("body_temperature", "[degF]", "thermometer"),
    "223762": ("body_temperature", "Cel", "thermometer"),
}
ITEMS = frozenset({*_NUMERIC, *CUFF, *ARTERIAL_LINE, EYE, VERBAL, MOTOR, OXYGEN_DEVICE, OXYGEN_FLOW, OXYGEN_FRACTION})

Row = dict[str, str]


def read_stay(path: Path, stay: str) -> tuple[Recorded, ...]:
    """Return one stay's measurements in order of time, each with the hours since its first charted instant."""
    with path.open(encoding="utf-8", newline="") as file:
        return parse_stay(row for row in csv.DictReader(file) if row["icustay_id"] == stay)


def parse_stay(rows: Iterable[Row]) -> tuple[Recorded, ...]:
    """Return the measurements of one stay's rows; rows marked as errors and zeros are dropped."""
    usable = sorted((row for row in rows if is_usable(row)), key=lambda row: (row["charttime"], row["itemid"]))
    if not usable:
        return ()
    start = datetime.fromisoformat(usable[0]["charttime"])
    found: list[Recorded] = []
    for charted, together in groupby(usable, key=lambda row: row["charttime"]):
        after = datetime.fromisoformat(charted) - start
        found.extend(_measured_together(list(together), after))
    return tuple(found)


def is_usable(row: Row) -> bool:
    """Return whether a row may be read: a known item, not marked as an error, and not an artefact of 0."""
    if row["itemid"] not in ITEMS or row["error"] == "1":
        return False
    return row["valuenum"] == "" or float(row["valuenum"]) != 0


def _measured_together(rows: list[Row], after: timedelta) -> Iterator[Recorded]:
    """Yield what was charted at one instant, at most one of each sign from each device."""
    stay = rows[0]["icustay_id"]
    seen: set[tuple[str, str]] = set()
    for measurement, device in _measurements(rows):
        if (measurement.sign, device) not in seen:
            seen.add((measurement.sign, device))
            yield Recorded(after, measurement, f"icu-{device}-{stay}")


def _measurements(rows: list[Row]) -> Iterator[tuple[Measurement, str]]:
    """Yield each measurement of one instant with the kind of device it came from."""
    for row in rows:
        if row["itemid"] in _NUMERIC and row["valuenum"]:
            sign, unit, device = _NUMERIC[row["itemid"]]
            yield Quantity(sign, float(row["valuenum"]), unit), device
    charted = {row["itemid"]: row for row in rows}
    for pair, device in ((CUFF, "cuff"), (ARTERIAL_LINE, "arterial-line")):
        pressure = blood_pressure(charted.get(pair[0]), charted.get(pair[1]))
        if pressure is not None:
            yield pressure, device
    level = consciousness(*(charted[item]["value"] if item in charted else None for item in (EYE, VERBAL, MOTOR)))
    if level is not None:
        yield Consciousness(level), "chart"
    oxygen = inspired_oxygen({row["value"] for row in rows if row["itemid"] == OXYGEN_DEVICE}, charted)
    if oxygen is not None:
        yield oxygen, "chart"


def blood_pressure(systolic: Row | None, diastolic: Row | None) -> BloodPressure | None:
    """Return the pressure in mmHg of two rows of the same device and instant, or None unless both make sense."""
    if systolic is None or diastolic is None or not systolic["valuenum"] or not diastolic["valuenum"]:
        return None
    high, low = float(systolic["valuenum"]), float(diastolic["valuenum"])
    return BloodPressure(high, low) if high > low else None


def consciousness(eye: str | None, verbal: str | None, motor: str | None) -> str | None:
    """Return the ACVPU level that a charted Glasgow Coma Scale suggests, or None where it cannot tell.

    For the demonstration only: the two scales do not translate exactly. An intubated patient cannot speak, so the
    verbal part is ignored: eyes open and obeying commands is Alert, and anything less certain stays unknown.
    """
    if eye is None or verbal is None or motor is None:
        return None
    obeys = motor == "Obeys Commands"
    level: str | None = None
    match eye:
        case "Spontaneously" if verbal == INTUBATED:
            level = "A" if obeys else None
        case "Spontaneously":
            level = "A" if verbal == "Oriented" else "C"
        case "To Speech":
            level = "V"
        case "To Pain" | "None" if obeys:
            level = "V"
        case "To Pain":
            level = "P"
        case "None":
            level = "U" if motor == "No response" else "P"
    return level


def inspired_oxygen(devices: set[str], charted: dict[str, Row]) -> Quantity | None:
    """Return the oxygen a patient breathes: flow in L/min, else a fraction in %; 0 L/min is room air.

    A device without a charted flow or fraction gives None: how much is unknown and must stay unknown. So does
    a chart that says room air and a flow at once.
    """
    flow, fraction = (charted[item]["valuenum"] if item in charted else "" for item in (OXYGEN_FLOW, OXYGEN_FRACTION))
    if devices == {ROOM_AIR}:
        return None if flow else Quantity("inspired_oxygen", 0, "L/min")
    if flow:
        return Quantity("inspired_oxygen", float(flow), "L/min")
    return Quantity("inspired_oxygen", float(fraction), "%") if fraction and devices else None
