"""How far a goal has come that is counted in what was done, worked out anew each time it is asked. Pure.

As for readings (`progress`), only what the records show: to have noted nothing is not to have done nothing, so nothing
noted, too little or too long ago gives no figure. A day or week that is not over yet is shown, and not judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import floor

from domain.observations.sufficiency import Sufficiency
from domain.plans.goal_lifecycle import Achievement
from domain.plans.progress import LEAST_CHANGE, LEAST_SHARE_ACHIEVED, STALE_AFTER, Progress
from domain.plans.tally import Period, Tally
from domain.plans.target import CountTarget, Per

# As many whole days or weeks as readings are asked for before anything is said of them. [proposal]
LEAST_PERIODS = 3
# What "lately" is: the last whole week of days, the last four weeks. [proposal]
RECENT = {Per.day: 7, Per.week: 4}


@dataclass(frozen=True, slots=True)
class _Judged:
    """The whole periods, and what the recent ones come to."""

    whole: tuple[Period, ...]
    recent: tuple[Period, ...]
    earlier: tuple[Period, ...]


def count_progress(
    target: CountTarget, tally: Tally, *, as_of: datetime, today: date, stated: Achievement | None = None
) -> Progress:
    """Return the progress that a tally shows up to `as_of`, which is on the person's day `today`."""
    judged = _judged(target, tally, today)
    data = _sufficiency(target, tally, judged, as_of)
    within = sum(target.comparator.holds(Decimal(each.done), target.value) for each in judged.whole)
    achieved = data is Sufficiency.enough and _is_achieved(target, tally, judged, today)
    enough = data is Sufficiency.enough
    return Progress(
        as_of=as_of,
        data=data,
        count=tally.done,
        complete=tally.complete,
        latest=None,
        latest_age_seconds=None,
        latest_stale=None,
        baseline=None,
        recent=None,
        judged=len(judged.whole),
        within=within,
        share_within=round(within / len(judged.whole), 3) if enough and judged.whole else None,
        percent=_percent(target, tally, judged, achieved=achieved) if enough else None,
        suggestion=_suggestion(target, tally, judged, today, stated, achieved=achieved) if enough else None,
        tally=tally,
    )


def _judged(target: CountTarget, tally: Tally, today: date) -> _Judged:
    whole = tuple(each for each in tally.periods if each.until_on < today)
    lately = RECENT.get(target.per, 0)
    return _Judged(whole, whole[-lately:] if lately else (), whole[:-lately] if lately else ())


def _sufficiency(target: CountTarget, tally: Tally, judged: _Judged, as_of: datetime) -> Sufficiency:
    if tally.latest_at is None:
        return Sufficiency.none
    if target.per is Per.in_all and not target.comparator.downwards and _total_holds(target, tally):
        return Sufficiency.enough  # what was done stays done
    if as_of - tally.latest_at > STALE_AFTER:
        return Sufficiency.stale
    if target.per is not Per.in_all and len(judged.whole) < LEAST_PERIODS:
        return Sufficiency.not_enough
    return Sufficiency.enough


def _total_holds(target: CountTarget, tally: Tally) -> bool:
    return target.comparator.holds(Decimal(tally.done), target.value)


def _is_achieved(target: CountTarget, tally: Tally, judged: _Judged, today: date) -> bool:
    if target.per is Per.in_all:
        # "At most ten" is known to have been kept to when the time is over, and not before.
        over = today > target.due_on or not target.comparator.downwards
        return over and _total_holds(target, tally)
    within = sum(target.comparator.holds(Decimal(each.done), target.value) for each in judged.recent)
    share = Fraction(within, len(judged.recent))
    return share >= LEAST_SHARE_ACHIEVED and target.comparator.holds(_mean(judged.recent), target.value)


def _mean(of: tuple[Period, ...]) -> Fraction:
    return Fraction(sum(each.done for each in of), len(of))


def _percent(target: CountTarget, tally: Tally, judged: _Judged, *, achieved: bool) -> int | None:
    """Return how much of what is wanted was done; None where less is wanted, or nothing in particular."""
    if target.comparator.downwards or target.value == 0:
        return None
    done = Fraction(tally.done) if target.per is Per.in_all else _mean(judged.recent)
    # 100 is kept for what is achieved: being nearly there must not read as there.
    return 100 if achieved else min(99, floor(done / Fraction(target.value) * 100))


def _suggestion(
    target: CountTarget, tally: Tally, judged: _Judged, today: date, stated: Achievement | None, *, achieved: bool
) -> Achievement:
    if achieved:
        kept = stated in {Achievement.achieved, Achievement.sustaining}
        return Achievement.sustaining if kept else Achievement.achieved
    if today > target.due_on:
        return Achievement.not_achieved
    if target.per is Per.in_all:
        exceeded = target.comparator.downwards and not _total_holds(target, tally)
        return Achievement.not_achieved if exceeded else Achievement.in_progress
    return _change(target, judged)


def _change(target: CountTarget, judged: _Judged) -> Achievement:
    if not judged.earlier:
        return Achievement.in_progress
    change = _mean(judged.recent) - _mean(judged.earlier)
    if abs(change) < LEAST_CHANGE * max(Fraction(target.value), Fraction(1)):
        return Achievement.no_change
    return Achievement.improving if (change < 0) == target.comparator.downwards else Achievement.worsening
