"""The home blood-pressure average by NICE's rule: the first day's readings are dropped, the rest averaged. Pure.

Source: NICE NG136, "Hypertension in adults", recommendation on home monitoring: for each recording two consecutive
measurements at least one minute apart, seated; twice daily; for at least four days, ideally seven; discard the first
day's and use the average of all the rest. Says what the average is, or exactly what is missing; never whether it is
good: NICE's own limits diagnose, and a person's target is a goal's.

What NICE leaves open is settled here:

- Days are the patient's own, each in the time zone in which they lived it: 23 or 25 hours long when the clocks change,
  and as long as it was when they travelled.
- The *run* is the longest row of days, each with a reading, that ends on the day of the newest reading: at most
  seven. A day without a reading ends it, so that an average never reaches over a gap.
- The first day of the run is dropped, whether or not it was measured on the day before, too.
- A reading less than a minute after the last one that counts is left out: it does not stand for itself.
- Two readings twice daily for four days, without the first, are twelve: fewer are not enough, however many days they
  come from. One reading a day for seven days are six. [proposal]
- A run that has ended cannot be made longer: what is then missing is a new one, of four days.
- An average whose last day is more than fourteen days ago is stale. [proposal]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from domain.instant import seen_until
from domain.observations.sufficiency import Sufficiency
from domain.people.local_days import LocalDays

LONGEST_RUN_DAYS = 7
LEAST_DAYS = 4
READINGS_A_DAY = 4
LEAST_READINGS = (LEAST_DAYS - 1) * READINGS_A_DAY
APART = timedelta(minutes=1)
STALE_AFTER_DAYS = 14
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pressure:
    """One blood-pressure reading, in mmHg."""

    observation_id: UUID
    at: datetime
    systolic: Decimal
    diastolic: Decimal


@dataclass(frozen=True, slots=True)
class Missing:
    """What is still needed: days with readings, and readings. On a new run if the last one has ended."""

    days: int
    readings: int
    new_run: bool


@dataclass(frozen=True, slots=True)
class HomeAverage:
    """The average (mmHg, exact) of a run's readings without those of its first day, and what it was made of.

    `systolic` and `diastolic` are None unless `data` is enough or stale. `used` counts in the average, `dropped` are
    the first day's readings, `too_close` came within a minute of another.
    """

    data: Sufficiency
    systolic: Fraction | None
    diastolic: Fraction | None
    days: int
    first_on: date | None
    last_on: date | None
    dropped_on: date | None
    dropped: int
    too_close: int
    used: tuple[Pressure, ...]
    missing: Missing | None


def home_average(readings: Iterable[Pressure], *, as_of: datetime, days: LocalDays) -> HomeAverage:
    """Return the average of the run that ends with the newest reading up to `as_of`; in mmHg.

    Any order, and no reading from before the run is needed. Source: NICE NG136, see the module.
    """
    until = seen_until(as_of)
    known = sorted((each for each in readings if each.at <= until), key=lambda each: (each.at, each.observation_id))
    if not known:
        nothing = Missing(LEAST_DAYS, LEAST_READINGS, new_run=True)
        return HomeAverage(Sufficiency.none, None, None, 0, None, None, None, 0, 0, (), nothing)
    day_of = {each.at: days.day_of(each.at) for each in known}
    run = _run(list(day_of.values()))
    first_on, last_on = run[0], run[-1]
    counted, too_close = _apart([each for each in known if day_of[each.at] >= first_on])
    used = tuple(each for each in counted if day_of[each.at] > first_on)
    today = days.day_of(as_of)
    missing = _missing(len(run), len(used), ended=last_on < today - DAY)
    stale = last_on < today - STALE_AFTER_DAYS * DAY
    data = Sufficiency.not_enough if missing else Sufficiency.stale if stale else Sufficiency.enough
    return HomeAverage(
        data=data,
        systolic=None if missing else _mean([each.systolic for each in used]),
        diastolic=None if missing else _mean([each.diastolic for each in used]),
        days=len(run),
        first_on=first_on,
        last_on=last_on,
        dropped_on=first_on,
        dropped=len(counted) - len(used),
        too_close=too_close,
        used=used,
        missing=missing,
    )


def _run(days: Sequence[date]) -> list[date]:
    """Return the days in a row that end with the last: of ascending days, seven at the most."""
    measured, day = set(days), days[-1]
    run = [day]
    while len(run) < LONGEST_RUN_DAYS and day - DAY in measured:
        day -= DAY
        run.insert(0, day)
    return run


def _apart(of_run: Sequence[Pressure]) -> tuple[list[Pressure], int]:
    """Return the run's readings that are a minute or more after the last one that counts, and how many are not."""
    counted: list[Pressure] = []
    too_close = 0
    for each in of_run:
        if counted and each.at - counted[-1].at < APART:
            too_close += 1
        else:
            counted.append(each)
    return counted, too_close


def _missing(days: int, used: int, *, ended: bool) -> Missing | None:
    if days >= LEAST_DAYS and used >= LEAST_READINGS:
        return None
    if ended:
        return Missing(LEAST_DAYS, LEAST_READINGS, new_run=True)
    return Missing(max(0, LEAST_DAYS - days), max(0, LEAST_READINGS - used), new_run=False)


def _mean(values: Sequence[Decimal]) -> Fraction:
    return sum(map(Fraction, values), Fraction()) / len(values)
