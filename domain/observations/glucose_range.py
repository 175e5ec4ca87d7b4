"""Glucose and its range: the share of time that a sensor saw in it, or of finger-prick readings. Pure; mmol/L.

Source: T Battelino et al., "Clinical Targets for Continuous Glucose Monitoring Data Interpretation: Recommendations
From the International Consensus on Time in Range", Diabetes Care 2019;42:1593-1603: in range 3.9 to 10.0 mmol/L (70 to
180 mg/dL), below 3.9 and below 3.0 (54 mg/dL), above 10.0 and above 13.9 (250 mg/dL); from 14 days, of which 70 % were
measured. The consensus' goals for the shares are not applied here: they are not this person's until they take them on.

Time in range is a sensor's word: the share of a person's time. Readings by finger-prick are taken when somebody feels
unwell, or before meals, and say nothing of the time between: of these only the share of readings is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from statistics import median_low

from domain.instant import seen_until
from domain.observations.catalogue import GLUCOSE_MG_DL_PER_MMOL_L
from domain.observations.sufficiency import Sufficiency
from domain.observations.vital_sign import CONVERTED_DECIMALS, rounded_half_up

WINDOW = timedelta(days=14)
LEAST_COVERAGE = Fraction(70, 100)
# Sensors record every 1, 5 or 15 minutes; a few seconds late is still in step. [proposal]
MOST_BETWEEN_SENSED = timedelta(minutes=20)
# A day of a sensor that records each quarter of an hour: fewer are no sensor's, however close together. [proposal]
LEAST_SENSED = 96
# Twice a day on half of the days, for a share of readings that a single one does not turn. [proposal]
LEAST_PRICKED = 14
STALE_AFTER = timedelta(hours=24)


def _in_both(mmol: str, mg_dl: int, *, upper: bool) -> Decimal:
    """Return the limit beyond which a value lies beyond the limit in either unit.

    The consensus names each in both, and the two differ by rounding: 70 mg/dL, in range, is 3.885 mmol/L.
    """
    converted = rounded_half_up(mg_dl / GLUCOSE_MG_DL_PER_MMOL_L, CONVERTED_DECIMALS)
    return (max if upper else min)(Decimal(mmol), converted)


VERY_LOW, LOW = _in_both("3.0", 54, upper=False), _in_both("3.9", 70, upper=False)
HIGH, VERY_HIGH = _in_both("10.0", 180, upper=True), _in_both("13.9", 250, upper=True)


class GlucoseKind(StrEnum):
    """What is told: the share of time of a sensor, or of readings by finger-prick."""

    time_in_range = "time_in_range"
    readings_in_range = "readings_in_range"


@dataclass(frozen=True, slots=True)
class Glucose:
    """One reading in mmol/L; `bound` ('<' or '>') if the meter showed only a limit."""

    at: datetime
    value: Decimal
    bound: str | None = None


@dataclass(frozen=True, slots=True)
class Bands:
    """Parts of one whole, which add up to it: very low is not in low again, nor very high in high."""

    very_low: Fraction
    low: Fraction
    in_range: Fraction
    high: Fraction
    very_high: Fraction


BANDS = tuple(field.name for field in fields(Bands))


@dataclass(frozen=True, slots=True)
class GlucoseRange:
    """What the readings of the 14 days up to an instant say of the range.

    `bands` are shares of the time that was covered or of the readings that can be judged (`judged`), None unless `data`
    is enough or stale. `coverage` is the share of the window that readings stand for, None for finger-prick.
    """

    kind: GlucoseKind
    data: Sufficiency
    from_at: datetime
    until_at: datetime
    count: int
    judged: int
    coverage: Fraction | None
    bands: Bands | None
    complete: bool


def glucose_range(readings: Sequence[Glucose], *, as_of: datetime, complete: bool = True) -> GlucoseRange:
    """Return what the readings of the 14 days up to `as_of` say; others are not looked at. In mmol/L.

    Readings must ascend by time. `complete` is False when there were more than were given: then nothing is judged, for
    which days are missing is not known. Source: international consensus on time in range, 2019 (see the module).
    """
    from_at, until = as_of - WINDOW, seen_until(as_of)
    known = [each for each in readings if from_at < each.at <= until]
    gaps = [later.at - earlier.at for earlier, later in pairwise(known)]
    usual = median_low(gaps) if gaps else WINDOW
    sensed = len(known) >= LEAST_SENSED and usual <= MOST_BETWEEN_SENSED
    bands = [_band(each) for each in known]
    judged = sum(band is not None for band in bands)
    if sensed:
        weights = _times_stood_for(known, gaps, usual, as_of)
        covered = sum((w for w, band in zip(weights, bands, strict=True) if band), timedelta())
        coverage = Fraction(min(covered, WINDOW) // timedelta(microseconds=1), WINDOW // timedelta(microseconds=1))
        carries = complete and coverage >= LEAST_COVERAGE
    else:
        weights, coverage = [timedelta(seconds=1)] * len(known), None
        carries = complete and judged >= LEAST_PRICKED
    stale = bool(known) and as_of - known[-1].at > STALE_AFTER
    return GlucoseRange(
        kind=GlucoseKind.time_in_range if sensed else GlucoseKind.readings_in_range,
        data=_sufficiency(known, carries=carries, stale=stale),
        from_at=from_at,
        until_at=as_of,
        count=len(known),
        judged=judged,
        coverage=coverage,
        bands=_shares(bands, weights) if carries else None,
        complete=complete,
    )


def _sufficiency(known: Sequence[Glucose], *, carries: bool, stale: bool) -> Sufficiency:
    if not known:
        return Sufficiency.none
    if not carries:
        return Sufficiency.not_enough
    return Sufficiency.stale if stale else Sufficiency.enough


def _times_stood_for(
    known: Sequence[Glucose], gaps: Sequence[timedelta], usual: timedelta, as_of: datetime
) -> list[timedelta]:
    """Return how long each reading stands for: until the next one, or as long as usual before a sensor's pause."""
    stood_for = [gap if gap <= MOST_BETWEEN_SENSED else usual for gap in gaps]
    return [*stood_for, min(usual, max(timedelta(), as_of - known[-1].at))]


def _shares(bands: Sequence[str | None], weights: Sequence[timedelta]) -> Bands | None:
    sums = dict.fromkeys(BANDS, timedelta())
    for band, weight in zip(bands, weights, strict=True):
        if band is not None:
            sums[band] += weight
    whole = sum(sums.values(), timedelta()) // timedelta(microseconds=1)
    if not whole:
        return None
    return Bands(**{band: Fraction(part // timedelta(microseconds=1), whole) for band, part in sums.items()})


def _band(reading: Glucose) -> str | None:
    """Return the band of a reading; None when a meter's limit leaves it open."""
    if reading.bound == "<":
        return "very_low" if reading.value <= VERY_LOW else None
    if reading.bound == ">":
        return "very_high" if reading.value >= VERY_HIGH else None
    if reading.value < LOW:
        return "very_low" if reading.value < VERY_LOW else "low"
    if reading.value > HIGH:
        return "very_high" if reading.value > VERY_HIGH else "high"
    return "in_range"
