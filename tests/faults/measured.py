"""What devices measure, each reading unlike its neighbours, and what is to be found of it wherever it is kept or told.

Several senders' readings go into the record in one statement. Were a column of one written to another, names and ids
would be right and the record wrong: so everything that was sent is compared, not what it is called. Knows by itself
what is kept of each, and asks nothing of ours what that would be.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

Said = Mapping[str, Any]

_COUNTER = itertools.count()
# Offsets from UTC (hours) with which a phone may tell an instant.
_OFFSETS = (0, 1, -5, 2)
_ONE_IN_SO_MANY_CONFIRMED = 3
_FAHRENHEIT, _CELSIUS = "[degF]", "Cel"


@dataclass(frozen=True, slots=True)
class Measured:
    """One reading: of whom and by whom, of what and when, and its numbers, as they are kept and as they were sent."""

    patient_id: UUID
    recorded_by: UUID
    recorded_as: str
    sign: str
    source: str
    effective_at: datetime
    offset: timedelta | None
    confirmed: bool
    value: Decimal | None
    systolic: Decimal | None
    diastolic: Decimal | None
    code: str | None
    comparator: str | None
    sent_value: Decimal | None
    sent_unit: str | None

    def unlike(self, other: Measured) -> list[str]:
        """Return in what it differs from another, by name."""
        return [each.name for each in fields(self) if getattr(self, each.name) != getattr(other, each.name)]


def readings(how_many: int = 1, source: str = "manual") -> dict[str, Any]:
    """Return a body of readings; each has an id and an instant of its own, and another sign and value than the next."""
    now = datetime.now(UTC) - timedelta(days=1)
    return {"readings": [_reading(next(_COUNTER), now, source) for _ in range(how_many)]}


def _reading(n: int, now: datetime, source: str) -> dict[str, Any]:
    shift = timezone(timedelta(hours=_OFFSETS[n % len(_OFFSETS)]))
    return {
        "client_id": f"measured-{n}",
        "effective_at": (now + timedelta(milliseconds=10 * n)).astimezone(shift).isoformat(),
        "source": source,
        "confirmed": n % _ONE_IN_SO_MANY_CONFIRMED == 0,
        **_SIGNS[n % len(_SIGNS)](n // len(_SIGNS)),
    }


def _quantity(sign: str, unit: str, value: float) -> dict[str, Any]:
    return {"sign": sign, "unit": unit, "value": value}


# Nothing here raises an alert, and each number comes back after many others.
_SIGNS: tuple[Callable[[int], dict[str, Any]], ...] = (
    lambda n: _quantity("heart_rate", "/min", 55 + n % 35),
    lambda n: {"sign": "blood_pressure", "unit": "mm[Hg]", "systolic": 115 + n % 29, "diastolic": 65 + n % 19},
    lambda n: _quantity("body_temperature", _CELSIUS, round(36.2 + n % 17 / 10, 1)),
    lambda n: _quantity("oxygen_saturation", "%", 96 + n % 4),
    # To be kept as a whole number of tenths of a degree Celsius, so that there is no rounding to know of.
    lambda n: _quantity("body_temperature", _FAHRENHEIT, round(97.16 + n % 17 * 0.18, 2)),
    lambda n: _quantity("respiratory_rate", "/min", 12 + n % 8),
    lambda _: {"sign": "consciousness_acvpu", "code": "A"},
)


def as_sent(reading: Said, patient_id: UUID, recorded_by: UUID, recorded_as: str) -> Measured:
    """Return what is to be found of a reading that this account sends of this patient on this basis."""
    sent, unit = _number(reading.get("value")), reading.get("unit")
    at = datetime.fromisoformat(reading["effective_at"])
    return Measured(
        patient_id=patient_id,
        recorded_by=recorded_by,
        recorded_as=recorded_as,
        sign=reading["sign"],
        source=reading.get("source", "manual"),
        effective_at=at,
        offset=at.utcoffset(),
        confirmed=reading.get("confirmed", False),
        value=(sent - 32) * 5 / 9 if sent is not None and unit == _FAHRENHEIT else sent,
        systolic=_number(reading.get("systolic")),
        diastolic=_number(reading.get("diastolic")),
        code=reading.get("code"),
        comparator=reading.get("comparator"),
        sent_value=sent,
        sent_unit=unit,
    )


def as_told(observation: Said) -> Measured:
    """Return what a watcher was shown of an observation."""
    at, original = datetime.fromisoformat(observation["effective_at"]), observation["original"]
    return Measured(
        patient_id=UUID(observation["patient_id"]),
        recorded_by=UUID(observation["recorded_by"]),
        recorded_as=observation["recorded_as"],
        sign=observation["sign"],
        source=observation["source"],
        effective_at=at,
        offset=at.utcoffset(),
        confirmed=observation["confirmed"],
        value=_number(observation["value"]),
        systolic=_number(observation["systolic"]),
        diastolic=_number(observation["diastolic"]),
        code=observation["code"],
        comparator=observation["comparator"],
        sent_value=original and _number(original["value"]),
        # A pair is told in the unit that it was sent in, there being no other.
        sent_unit=original["unit"] if original else observation["unit"],
    )


def _number(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))
