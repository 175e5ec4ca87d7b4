"""What a recording holds: measurements in a source's own units, each some time after its start.

Refuses to know files, people, the clock and HTTP. Units are the source's own (UCUM); the service converts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

Reading = dict[str, str | int | float | bool]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number with its unit, such as a heart rate in /min or a temperature in [degF]."""

    sign: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class BloodPressure:
    """One cuff or arterial-line measurement: systolic and diastolic taken together, in mmHg."""

    systolic: float
    diastolic: float

    @property
    def sign(self) -> str:
        """Return the catalogue's key for a blood pressure."""
        return "blood_pressure"


@dataclass(frozen=True, slots=True)
class Consciousness:
    """One ACVPU level: A alert, C new confusion, V voice, P pain, U unresponsive."""

    level: str

    @property
    def sign(self) -> str:
        """Return the catalogue's key for the level of consciousness."""
        return "consciousness_acvpu"


Measurement = Quantity | BloodPressure | Consciousness


@dataclass(frozen=True, slots=True)
class Recorded:
    """A measurement, how long after the recording's start it was taken, and the device that took it."""

    after: timedelta
    measurement: Measurement
    device: str


def as_reading(recorded: Recorded, *, client_id: str, at: datetime) -> Reading:
    """Return the JSON of one reading, effective at `at` (aware) and carrying the caller's retry-safe id."""
    reading: Reading = {
        "client_id": client_id,
        "sign": recorded.measurement.sign,
        "effective_at": at.isoformat(),
        "source": recorded.device,
    }
    match recorded.measurement:
        case Quantity(value=value, unit=unit):
            reading |= {"value": plain(value), "unit": unit}
        case BloodPressure(systolic=systolic, diastolic=diastolic):
            reading |= {"systolic": plain(systolic), "diastolic": plain(diastolic), "unit": "mm[Hg]"}
        case Consciousness(level=level):
            reading |= {"code": level}
    return reading


def plain(value: float) -> int | float:
    """Return a whole number without its `.0`, so that the original value is kept as the monitor showed it."""
    return int(value) if value == int(value) else value
