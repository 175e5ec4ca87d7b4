"""How body weight has changed over three days: the newest reading against the days before it. Pure; kg, exact.

Source: heartfailurematters.org (European Society of Cardiology), "Weight gain": somebody with heart failure is to tell
their doctor or nurse of a rise of more than 2 kg in 3 days, which may be fluid. Whether this person has heart failure
is not known here, and so the rise is told, not judged.

The newest reading is held against the *lowest* of those on the one, two and three calendar days before it: a rise from
any of these days is a rise within three days, and holding it against the earliest alone would miss what began the day
after. Days, not hours: who weighs themselves at eight and then at ten past would lose the third day. A reading of the
same day is no comparison: clothes, meals and the time of day make more of a difference than a day does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from domain.instant import seen_until
from domain.observations.catalogue import CATALOGUE
from domain.observations.evidence import Measured
from domain.observations.sufficiency import Sufficiency
from domain.people.local_days import LocalDays

DAYS = 3
RISE_TO_TELL_KG = Decimal(2)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WeightChange:
    """The newest weight less the lowest of the three days before (kg); None unless `data` is enough or stale.

    `compared` are the readings of those days. `rise_to_tell` is whether it rose by more than 2 kg, None if not known.
    `unclear` counts readings that were left out because a scale showed only a limit.
    """

    data: Sufficiency
    change: Decimal | None
    newest: Measured | None
    lowest: Measured | None
    compared: tuple[Measured, ...]
    unclear: int
    rise_to_tell: bool | None


def weight_change(readings: Iterable[Measured], *, as_of: datetime, days: LocalDays) -> WeightChange:
    """Return the change that the readings (kg, any order) up to `as_of` show. Source: see the module."""
    until = seen_until(as_of)
    upto = [each for each in readings if each.at <= until]
    known = sorted(
        (each for each in upto if each.bound is None), key=lambda each: (each.at, each.observation_id), reverse=True
    )
    unclear = len(upto) - len(known)
    if not known:
        data = Sufficiency.not_enough if unclear else Sufficiency.none
        return WeightChange(data, None, None, None, (), unclear, None)
    newest = known[0]
    on = days.day_of(newest.at)
    compared = tuple(each for each in known if on - DAYS * DAY <= days.day_of(each.at) < on)
    if not compared:
        return WeightChange(Sufficiency.not_enough, None, newest, None, (), unclear, None)
    lowest = min(compared, key=lambda each: each.value)
    change = newest.value - lowest.value
    stale = as_of - newest.at > CATALOGUE["body_weight"].stale_after
    return WeightChange(
        data=Sufficiency.stale if stale else Sufficiency.enough,
        change=change,
        newest=newest,
        lowest=lowest,
        compared=compared,
        unclear=unclear,
        rise_to_tell=None if stale else change > RISE_TO_TELL_KG,
    )
