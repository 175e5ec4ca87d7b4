"""How far a goal has come, worked out anew from its evidence each time it is asked. Pure; nothing of it is stored.

Only says what the readings show, and shows which ones. Missing, few or old readings are named as such and give no
figure that could pass for good news. A suggestion is never a status: a person decides that (`goal_lifecycle`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from uuid import UUID

from domain.observations.catalogue import CATALOGUE
from domain.observations.evidence import Evidence, Measured, Stretch
from domain.observations.observation import age_seconds
from domain.observations.sufficiency import Sufficiency
from domain.observations.vital_sign import rounded_half_up
from domain.plans.goal_lifecycle import Achievement
from domain.plans.tally import Tally
from domain.plans.target import SignTarget

LEAST_READINGS = 3
# The home average that NICE NG136 judges blood pressure by is one of seven days; used here for every sign. [proposal]
WINDOW = timedelta(days=7)
# What is measured less often than daily (weight, HbA1c) is stale later: the sign's own time applies if longer.
STALE_AFTER = timedelta(days=14)
# At least this share of the recent readings within the target, besides their average. [proposal]
LEAST_SHARE_ACHIEVED = Fraction(2, 3)
# A move of less than this share of the way is noise rather than change. [proposal]
LEAST_CHANGE = Fraction(1, 10)
MEAN_DECIMALS = 2
# Of each average: which readings it was made of can be looked up from the earliest on.
MOST_IDS = 50


@dataclass(frozen=True, slots=True)
class Average:
    """The mean of some readings, which they were and from when to when; at most 50 ids, the earliest."""

    value: Decimal
    count: int
    from_at: datetime
    until_at: datetime
    observation_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a goal has come by an instant.

    `percent` (-100 to 100) is the way gone from `baseline` to the target; `share_within` is of the readings that can be
    judged. Both, and `suggestion`, are None unless `data` is enough. `complete` is False when there were more readings
    than are looked at, and the counts are of those looked at. Of a goal that is counted in what was done, `tally` is
    the evidence, `judged` and `within` are of its whole days or weeks, and there is neither latest nor average.
    """

    as_of: datetime
    data: Sufficiency
    count: int
    complete: bool
    latest: Measured | None
    latest_age_seconds: int | None
    latest_stale: bool | None
    baseline: Average | None
    recent: Average | None
    judged: int
    within: int
    share_within: float | None
    percent: int | None
    suggestion: Achievement | None
    tally: Tally | None = None


def progress(
    target: SignTarget, evidence: Evidence, *, as_of: datetime, today: date, stated: Achievement | None = None
) -> Progress:
    """Return the progress that the readings of a goal's span, up to `as_of`, show.

    `today` is the day that it is then where the person is. `stated` is what a person last said of the goal: what was
    achieved before and still holds is being sustained.
    """
    every, latest = evidence.every, evidence.latest
    stale = latest is not None and as_of - latest.at > max(STALE_AFTER, CATALOGUE[target.sign].stale_after)
    data = _sufficiency(every, stale=stale)
    baseline, recent = _baseline(evidence), evidence.recent
    judged, within = (0, 0) if every is None else (every.sides.decided, target.within(every.sides))
    percent, suggestion = None, None
    if data is Sufficiency.enough and baseline is not None and recent is not None:
        achieved = _is_achieved(target, recent)
        percent = _percent(target, baseline.mean, recent.mean, achieved=achieved)
        suggestion = _suggestion(target, baseline.mean, recent.mean, today, stated, achieved=achieved)
    return Progress(
        as_of=as_of,
        data=data,
        count=0 if every is None else every.count,
        complete=evidence.complete,
        latest=latest,
        latest_age_seconds=None if latest is None else age_seconds(latest.at, as_of),
        latest_stale=None if latest is None else stale,
        baseline=_average(baseline),
        recent=_average(recent),
        judged=judged,
        within=within,
        share_within=round(within / judged, 3) if data is Sufficiency.enough and judged else None,
        percent=percent,
        suggestion=suggestion,
    )


def _sufficiency(every: Stretch | None, *, stale: bool) -> Sufficiency:
    if every is None:
        return Sufficiency.none
    if every.count < LEAST_READINGS:
        return Sufficiency.not_enough
    return Sufficiency.stale if stale else Sufficiency.enough


def _baseline(evidence: Evidence) -> Stretch | None:
    """Return what to compare with: the first seven days once they are over and hold enough, else the first reading."""
    every, first_days = evidence.every, evidence.first_days
    if every is not None and first_days is not None and LEAST_READINGS <= first_days.count < every.count:
        return first_days
    return evidence.first


def _average(stretch: Stretch | None) -> Average | None:
    if stretch is None:
        return None
    return Average(
        value=rounded_half_up(stretch.mean, MEAN_DECIMALS),
        count=stretch.count,
        from_at=stretch.from_at,
        until_at=stretch.until_at,
        observation_ids=stretch.observation_ids,
    )


def _is_achieved(target: SignTarget, recent: Stretch) -> bool:
    share = Fraction(target.within(recent.sides), recent.count)
    return share >= LEAST_SHARE_ACHIEVED and _mean_holds(target, recent.mean)


def _mean_holds(target: SignTarget, mean: Fraction) -> bool:
    # A Decimal cannot hold a third; on which side of the value the mean lies is exact.
    way = mean - Fraction(target.value)
    return target.holds(target.value + (way > 0) - (way < 0))


def _way(target: SignTarget, baseline: Fraction, recent: Fraction) -> Fraction | None:
    """Return the share of the way from baseline to target that was gone; None when there was no way to go."""
    whole = Fraction(target.value) - baseline
    if whole == 0 or _mean_holds(target, baseline):
        return None
    return (recent - baseline) / whole


def _percent(target: SignTarget, baseline: Fraction, recent: Fraction, *, achieved: bool) -> int | None:
    way = _way(target, baseline, recent)
    if way is None:
        return None
    # 100 is kept for what is achieved: being nearly there must not read as there.
    return 100 if achieved else max(-100, min(99, floor(way * 100)))


def _suggestion(
    target: SignTarget,
    before: Fraction,
    now: Fraction,
    today: date,
    stated: Achievement | None,
    *,
    achieved: bool,
) -> Achievement:
    if achieved:
        kept = stated in {Achievement.achieved, Achievement.sustaining}
        return Achievement.sustaining if kept else Achievement.achieved
    if today > target.due_on:
        return Achievement.not_achieved
    way = _way(target, before, now)
    if way is None:
        farther = now > before if target.comparator.downwards else now < before
        return Achievement.worsening if farther else Achievement.no_change
    if abs(way) < LEAST_CHANGE:
        return Achievement.no_change
    return Achievement.improving if way > 0 else Achievement.worsening
