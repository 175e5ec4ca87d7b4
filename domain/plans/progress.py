"""How far a goal has come, worked out anew from readings each time it is asked. Pure; nothing of it is stored.

Only says what the readings show, and shows which ones. Missing, few or old readings are named as such and give no
figure that could pass for good news. A suggestion is never a status: a person decides that (`goal_lifecycle`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor
from uuid import UUID

from domain.clock import london_date
from domain.observations.catalogue import CATALOGUE
from domain.observations.vital_sign import rounded_half_up
from domain.plans.goal_lifecycle import Achievement
from domain.plans.target import Target

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
MOST_IDS = 50


class Sufficiency(StrEnum):
    """Whether the readings can carry a judgement."""

    none = "none"
    not_enough = "not_enough"
    stale = "stale"
    enough = "enough"


@dataclass(frozen=True, slots=True)
class Measured:
    """One reading of the target's sign: its value in the target's unit; `bound` if a meter showed only a limit."""

    observation_id: UUID
    at: datetime
    value: Decimal
    bound: str | None = None


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
    than are looked at, and the counts are of those looked at.
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


def progress(
    target: Target,
    readings: Sequence[Measured],
    *,
    start_at: datetime,
    as_of: datetime,
    stated: Achievement | None = None,
    complete: bool = True,
) -> Progress:
    """Return the progress that the readings from `start_at` to `as_of` show; others are ignored.

    `stated` is what a person last said of the goal: what was achieved before and still holds is being sustained.
    """
    known = sorted((r for r in readings if start_at <= r.at <= as_of), key=lambda r: (r.at, r.observation_id))
    latest = known[-1] if known else None
    stale = bool(known) and as_of - known[-1].at > max(STALE_AFTER, CATALOGUE[target.sign].stale_after)
    data = _sufficiency(known, stale=stale)
    verdicts = [verdict for verdict in (_within(target, r) for r in known) if verdict is not None]
    enough = data is Sufficiency.enough
    baseline, recent = _baseline(known, start_at), _recent(known)
    achieved = enough and _is_achieved(target, recent)
    return Progress(
        as_of=as_of,
        data=data,
        count=len(known),
        complete=complete,
        latest=latest,
        latest_age_seconds=None if latest is None else int((as_of - latest.at).total_seconds()),
        latest_stale=stale if known else None,
        baseline=_average(baseline),
        recent=_average(recent),
        judged=len(verdicts),
        within=sum(verdicts),
        share_within=round(sum(verdicts) / len(verdicts), 3) if enough and verdicts else None,
        percent=_percent(target, _mean(baseline), _mean(recent), achieved=achieved) if enough else None,
        suggestion=_suggestion(target, baseline, recent, as_of, stated, achieved=achieved) if enough else None,
    )


def _sufficiency(known: Sequence[Measured], *, stale: bool) -> Sufficiency:
    if not known:
        return Sufficiency.none
    if len(known) < LEAST_READINGS:
        return Sufficiency.not_enough
    return Sufficiency.stale if stale else Sufficiency.enough


def _within(target: Target, reading: Measured) -> bool | None:
    if reading.bound is None:
        return target.holds(reading.value)
    return target.holds_beyond(reading.value, reading.bound)


def _baseline(known: Sequence[Measured], start_at: datetime) -> Sequence[Measured]:
    """Return what to compare with: the first seven days once they are over and hold enough, else the first reading."""
    first_week = [r for r in known if r.at < start_at + WINDOW]
    if LEAST_READINGS <= len(first_week) < len(known):
        return first_week
    return known[:1]


def _recent(known: Sequence[Measured]) -> Sequence[Measured]:
    """Return the readings of the seven days up to the latest, or the latest three when those are fewer."""
    week = [r for r in known if r.at > known[-1].at - WINDOW]
    return week if len(week) >= LEAST_READINGS else known[-LEAST_READINGS:]


def _mean(readings: Sequence[Measured]) -> Fraction:
    """Return the mean, exact. A reading beyond a meter's range counts with the limit that the meter showed."""
    return sum((Fraction(r.value) for r in readings), Fraction()) / len(readings)


def _average(readings: Sequence[Measured]) -> Average | None:
    if not readings:
        return None
    return Average(
        value=rounded_half_up(_mean(readings), MEAN_DECIMALS),
        count=len(readings),
        from_at=readings[0].at,
        until_at=readings[-1].at,
        observation_ids=tuple(r.observation_id for r in readings[:MOST_IDS]),
    )


def _is_achieved(target: Target, recent: Sequence[Measured]) -> bool:
    verdicts = [_within(target, r) for r in recent]
    share = Fraction(sum(verdict is True for verdict in verdicts), len(verdicts))
    return share >= LEAST_SHARE_ACHIEVED and _mean_holds(target, _mean(recent))


def _mean_holds(target: Target, mean: Fraction) -> bool:
    # A Decimal cannot hold a third; on which side of the value the mean lies is exact.
    way = mean - Fraction(target.value)
    return target.holds(target.value + (way > 0) - (way < 0))


def _way(target: Target, baseline: Fraction, recent: Fraction) -> Fraction | None:
    """Return the share of the way from baseline to target that was gone; None when there was no way to go."""
    whole = Fraction(target.value) - baseline
    if whole == 0 or _mean_holds(target, baseline):
        return None
    return (recent - baseline) / whole


def _percent(target: Target, baseline: Fraction, recent: Fraction, *, achieved: bool) -> int | None:
    way = _way(target, baseline, recent)
    if way is None:
        return None
    # 100 is kept for what is achieved: being nearly there must not read as there.
    return 100 if achieved else max(-100, min(99, floor(way * 100)))


def _suggestion(
    target: Target,
    baseline: Sequence[Measured],
    recent: Sequence[Measured],
    as_of: datetime,
    stated: Achievement | None,
    *,
    achieved: bool,
) -> Achievement:
    if achieved:
        kept = stated in {Achievement.achieved, Achievement.sustaining}
        return Achievement.sustaining if kept else Achievement.achieved
    if london_date(as_of) > target.due_on:
        return Achievement.not_achieved
    before, now = _mean(baseline), _mean(recent)
    way = _way(target, before, now)
    if way is None:
        farther = now > before if target.comparator.downwards else now < before
        return Achievement.worsening if farther else Achievement.no_change
    if abs(way) < LEAST_CHANGE:
        return Achievement.no_change
    return Achievement.improving if way > 0 else Achievement.worsening
