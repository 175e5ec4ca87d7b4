"""A person's own numbers in plain words: a key with parameters, for apps to word in any language, and English. Pure.

The words say from how many readings and of when a figure is; what is missing or old is said first, and no sentence
calls a figure good or bad. Numbers stand in the parameters as they are to be shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from domain.observations.catalogue import CATALOGUE
from domain.observations.glucose_range import BANDS, LEAST_PRICKED, Bands, GlucoseKind, GlucoseRange
from domain.observations.home_blood_pressure import HomeAverage
from domain.observations.peak_flow import LEAST_DAYS, BestSource
from domain.observations.sufficiency import Sufficiency
from domain.observations.trend import LEAST_READINGS, Direction
from domain.observations.vital_sign import rounded_half_up
from domain.observations.weight_change import DAY, DAYS, RISE_TO_TELL_KG
from domain.people.local_days import LocalDays
from domain.plans.own_numbers import OwnNumbers, SignTrend

Parameters = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Said:
    """A message by its key, with its parameters, and how it reads in English."""

    key: str
    parameters: Parameters
    english: str


CAVEATS = {
    "irregular_pulse": "If your pulse is irregular, for example with atrial fibrillation, an automatic cuff may be "
    "wrong. Ask for it to be measured by hand.",
    "same_arm": "Measure on the same arm each time: if your two arms differ by more than 15 mmHg, on the higher one.",
    "heart_failure_rise": "If you have heart failure, tell your doctor or nurse of a rise of more than 2 kg in 3 days.",
    "finger_prick_is_not_time_in_range": "This is the share of the times you measured, not of the day: it does not "
    "say what happened in between.",
    "best_assumes_well": "This best is the highest of your readings. It is only right if you were well when you blew "
    "it; your team can set another.",
    "same_meter": "Use the same peak flow meter each time: scales differ.",
    "oximeter_and_skin": "An oximeter may read too high on darker skin, and too low with cold hands or nail varnish. "
    "How it changes says more than one reading.",
}
"""Where NICE NG136 (irregular pulse, arms), the MHRA (oximeters) and makers of meters say so: by key, in English."""


def said_of_pressure(numbers: OwnNumbers) -> Said:
    """Return what the home blood-pressure average says."""
    found, key = numbers.blood_pressure, "blood_pressure_average"
    if found.systolic is None or found.diastolic is None:
        return _said_of_missing(found, key)
    told: Parameters = {
        "systolic": _plain(found.systolic),
        "diastolic": _plain(found.diastolic),
        "count": len(found.used),
        "days": found.days,
        "first_on": str(found.first_on),
        "last_on": str(found.last_on),
    }
    figure = (
        f"{told['systolic']}/{told['diastolic']} mmHg, from {_counted(len(found.used), 'reading')}"
        f" in the {_counted(found.days, 'day')} up to {told['last_on']}, without those of the first day"
    )
    if found.data is Sufficiency.stale:
        old = f"Your last home blood-pressure average is old and says nothing of today: it was {figure}."
        return Said(f"{key}.stale", told, old)
    return Said(f"{key}.enough", told, f"Your home blood pressure was {figure}, on average.")


def _said_of_missing(found: HomeAverage, key: str) -> Said:
    missing = found.missing
    assert missing is not None  # without one there is an average
    told: Parameters = {"days_missing": missing.days, "readings_missing": missing.readings}
    still = " and ".join(
        _counted(number, what, more=not missing.new_run)
        for number, what in ((missing.days, "day"), (missing.readings, "reading"))
        if number
    )
    how = "Measure twice each morning and twice each evening, at least a minute apart."
    if found.data is Sufficiency.none:
        english = f"No blood pressure to average. For an average, 4 days in a row are needed. {how}"
        return Said(f"{key}.none", told, english)
    if missing.new_run:
        english = f"Not enough readings in a row for an average: start again, for 4 days or better 7. {how}"
        return Said(f"{key}.start_again", told, english)
    return Said(f"{key}.not_enough", told, f"Not enough readings for an average yet: {still} to go. {how}")


def said_of_glucose(numbers: OwnNumbers) -> Said:
    """Return what glucose says of its range."""
    found = numbers.glucose
    key = found.kind.value if found.count else "glucose_range"
    told: Parameters = {"count": found.count, "days": 14}
    if not found.count:
        return Said(f"{key}.none", told, "No glucose reading in the last 14 days.")
    if found.bands is None:
        return _said_of_too_little_glucose(found, key, told)
    told |= {band: str(shown) for band, shown in percentages(found.bands).items()}
    below, above = told["very_low"], told["very_high"]
    shares = (
        f"in range (3.9 to 10.0 mmol/L) {told['in_range']} %, below {_of_both(found.bands, 'very_low', 'low')} %"
        f" (under 3.0: {below} %), above {_of_both(found.bands, 'very_high', 'high')} % (over 13.9: {above} %)"
    )
    old = "" if found.data is Sufficiency.enough else "There has been no reading for more than a day. "
    if found.kind is GlucoseKind.time_in_range:
        told["coverage"] = str(coverage_percent(found))
        whole = f"{old}Of the last 14 days, as far as your sensor saw them ({told['coverage']} %): {shares}."
    else:
        told["judged"] = found.judged
        whole = f"{old}Of your {_counted(found.judged, 'reading')} in the last 14 days: {shares}."
    return Said(f"{key}.{found.data.value}", told, whole)


def _said_of_too_little_glucose(found: GlucoseRange, key: str, told: Parameters) -> Said:
    if not found.complete:
        english = "There are more readings than can be looked at: no share of them is told."
        return Said(f"{key}.too_many", told, english)
    if found.coverage is not None:
        told["coverage"] = str(coverage_percent(found))
        english = f"Not enough to tell time in range: your sensor saw {told['coverage']} % of 14 days; 70 % are needed."
        return Said(f"{key}.not_enough", told, english)
    missing = LEAST_PRICKED - found.judged
    told["readings_missing"] = missing
    english = f"Not enough glucose readings in 14 days: {_counted(missing, 'reading', more=True)} to go."
    return Said(f"{key}.not_enough", told, english)


def percentages(bands: Bands) -> dict[str, Decimal]:
    """Return the bands in per cent to one decimal: in range rounded down, all others up.

    So nothing low or high is ever told as none, and in range as all only when it was. They may add up to a little
    more than 100.
    """
    return {band: _percent(getattr(bands, band), up=band != "in_range") for band in BANDS}


def _percent(share: Fraction, *, up: bool) -> Decimal:
    tenths = share * 1000
    return Decimal(ceil(tenths) if up else floor(tenths)).scaleb(-1)


def _of_both(bands: Bands, one: str, other: str) -> Decimal:
    return _percent(getattr(bands, one) + getattr(bands, other), up=True)


def coverage_percent(found: GlucoseRange) -> int | None:
    """Return how much of the fortnight the readings stand for, in whole per cent rounded down."""
    return None if found.coverage is None else floor(found.coverage * 100)


def said_of_weight(numbers: OwnNumbers, days: LocalDays) -> Said:
    """Return what weight says of the last three days."""
    found, key = numbers.weight, "weight_change"
    if found.newest is None:
        return Said(f"{key}.none", {}, "No weight to compare.")
    told: Parameters = {"value": _plain(found.newest.value), "on": _day(found.newest.at, days)}
    if found.change is None or found.lowest is None:
        earliest = days.day_of(found.newest.at) - DAYS * DAY
        english = (
            f"{told['value']} kg on {told['on']}. There is no weight of the three days before, from {earliest} on,"
            " to compare it with."
        )
        return Said(f"{key}.not_enough", told, english)
    told |= {
        "change": _plain(abs(found.change)),
        "lowest": _plain(found.lowest.value),
        "lowest_on": _day(found.lowest.at, days),
    }
    way = "more than" if found.change > 0 else "less than" if found.change < 0 else "the same as"
    by = f"{told['change']} kg {way}" if found.change else way
    against = f"the lowest of the three days before ({told['lowest']} kg on {told['lowest_on']})"
    direction = "more" if found.change > 0 else "less" if found.change < 0 else "same"
    if found.data is Sufficiency.stale:
        english = f"No weight for more than a week. The last, on {told['on']}, was {told['value']} kg, {by} {against}."
        return Said(f"{key}.stale.{direction}", told, english)
    rose = f" That is a rise of more than {RISE_TO_TELL_KG} kg in 3 days." if found.rise_to_tell else ""
    key = f"{key}.rise" if found.rise_to_tell else f"{key}.{direction}"
    return Said(key, told, f"{told['value']} kg on {told['on']}: {by} {against}.{rose}")


def said_of_peak_flow(numbers: OwnNumbers, days: LocalDays) -> Said:
    """Return what the latest peak flow says against the personal best."""
    found, key = numbers.peak_flow, "peak_flow"
    if found.latest is None:
        return Said(f"{key}.none", {}, "No peak flow to compare.")
    told: Parameters = {"value": _plain(found.latest.value), "on": _day(found.latest.at, days)}
    if found.best is None:
        missing = LEAST_DAYS - numbers.measured_best.days
        told["days_missing"] = missing
        english = (
            f"{told['value']} L/min on {told['on']} cannot be judged: you have no personal best. Blow twice a day"
            f" while you are well, on {_counted(missing, 'more day')}, or have one set."
        )
        return Said(f"{key}.no_best", told, english)
    told |= {"best": _plain(found.best.value), "best_on": _day(found.best.at, days)}
    best = f"your personal best of {told['best']} L/min"
    if found.data is Sufficiency.stale:
        english = f"No peak flow for more than a day: the last, on {told['on']}, says nothing of today."
        return Said(f"{key}.stale", told, english)
    if found.percent is None:
        return Said(f"{key}.unclear", told, f"The meter showed only a limit, which cannot be held against {best}.")
    told["percent"] = found.percent
    return Said(f"{key}.enough", told, f"{told['value']} L/min on {told['on']}: {found.percent} % of {best}.")


def said_of_trend(found: SignTrend, days: LocalDays) -> Said:
    """Return how a sign's week lies to the four before it."""
    sign = CATALOGUE[found.sign]
    name = f"{sign.display}{f' ({found.part})' if found.part else ''}"
    week, before = found.trend.week, found.trend.before
    told: Parameters = {"sign": found.sign, "count": week.count, "count_before": before.count}
    if found.part:
        told["part"] = found.part
    if found.trend.data in {Sufficiency.none, Sufficiency.stale}:
        told["since"] = _day(found.latest.observation.effective_at, days)
        return Said("trend.stale", told, f"{name}: no reading since {told['since']}.")
    direction = found.trend.direction
    if direction is None or week.mean is None or before.mean is None:
        english = (
            f"{name}: not enough readings to say. There are {week.count} this week and {before.count} in the four"
            f" weeks before; {LEAST_READINGS} from 2 days are needed of each."
        )
        return Said("trend.not_enough", told, english)
    decimals = max(sign.decimals or 0, 1)
    unit = next(unit.display for unit in sign.units if unit.ucum == unit.kept_as)
    told |= {
        "average": str(rounded_half_up(week.mean, decimals)),
        "average_before": str(rounded_half_up(before.mean, decimals)),
        "unit": unit,
    }
    way = {
        Direction.is_higher: "higher than",
        Direction.is_lower: "lower than",
        Direction.about_the_same: "about the same as",
    }[direction]
    english = (
        f"{name}: {told['average']} {unit} on average this week ({_counted(week.count, 'reading')}), {way} in the four"
        f" weeks before ({told['average_before']} {unit}, {_counted(before.count, 'reading')})."
    )
    return Said(f"trend.{direction.value}", told, english)


def caveats_of_pressure() -> list[str]:
    """Return what to mind of a home blood pressure."""
    return ["irregular_pulse", "same_arm"]


def caveats_of_glucose(numbers: OwnNumbers) -> list[str]:
    """Return what to mind of a share in range."""
    found = numbers.glucose
    return ["finger_prick_is_not_time_in_range"] if found.count and found.kind is GlucoseKind.readings_in_range else []


def caveats_of_weight(numbers: OwnNumbers) -> list[str]:
    """Return what to mind of a change of weight."""
    return ["heart_failure_rise"] if numbers.weight.rise_to_tell else []


def caveats_of_peak_flow(numbers: OwnNumbers) -> list[str]:
    """Return what to mind of a peak flow."""
    best = numbers.peak_flow.best
    measured = best is not None and best.source is BestSource.measured
    return ["best_assumes_well", "same_meter"] if measured else ["same_meter"]


def caveats_of_trend(found: SignTrend) -> list[str]:
    """Return what to mind of a sign."""
    if found.sign == "oxygen_saturation":
        return ["oximeter_and_skin"]
    return ["irregular_pulse"] if found.sign == "blood_pressure" else []


def _counted(number: int, what: str, *, more: bool = False) -> str:
    noun = f"more {what}" if more else what
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _plain(value: Decimal | Fraction) -> str:
    """Return a value to one decimal at the most, without a needless one."""
    rounded = rounded_half_up(Fraction(value), 1)
    return str(rounded.to_integral_value() if rounded == rounded.to_integral_value() else rounded)


def _day(at: datetime, days: LocalDays) -> str:
    return days.day_of(at).isoformat()
