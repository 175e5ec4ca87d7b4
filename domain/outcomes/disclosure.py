"""Disclosure control: the only way out for outcome figures, applied last.

Exact counts travel as `Unreleased`, which shows nothing to anybody; `release` turns them into `Released`, which holds
nothing but what the policy lets out. It refuses to know where counts come from and where figures go. A test reads the
project's source and fails on any other way to the exact numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NoReturn

from pydantic import TypeAdapter

from domain.outcomes.cautions import Caution
from domain.outcomes.claims import Change, Claim, before_after_claim
from domain.outcomes.definitions import BASELINES_DAYS, MEASURES, MeasureKey
from domain.outcomes.policy import HES_2018, Figure, Policy, Release, Why
from domain.outcomes.rates import (
    Comparison,
    Estimate,
    Reason,
    p_value,
    percent_change,
    rate,
    rate_ratio,
    significant,
    told_ratio,
)

SHORT_WINDOW_DAYS = 90


@dataclass(frozen=True, slots=True)
class ReleasedWindow:
    """One side of a comparison as it may be shown."""

    events: Figure
    person_days: Figure
    rate: Figure


@dataclass(frozen=True, slots=True)
class Released:
    """One measure's outcome as it may be shown: the only thing an answer is made from."""

    measure: MeasureKey
    people: Figure
    before: ReleasedWindow
    since: ReleasedWindow
    ratio: Figure
    percent_change: Figure
    p: Figure
    claim: Claim
    cautions: tuple[Caution, ...]
    shown_on: date | None


@dataclass(frozen=True, slots=True)
class Places:
    """Where the people of one window lived: in how many care homes, and how many of them in none."""

    homes: int
    people_outside: int


@dataclass(frozen=True, slots=True)
class Exact:
    """The true counts of one cohort. Events by cell name (see `cell`); days and all contacts by baseline.

    `people` are those with days in both windows, and all else is of them; `enrolled` are all who are on the pathway.
    """

    enrolled: int
    people: int
    lived_before: Places
    lived_since: Places
    days_since: int
    days_before: Mapping[int, int]
    contacts_since: int
    contacts_before: Mapping[int, int]
    events: Mapping[str, int]


class Unreleased:
    """Exact counts that only this module can open. They cannot be printed, compared, copied or pickled."""

    __slots__ = ("_exact",)

    def __init__(self, exact: Exact) -> None:
        self._exact = exact

    def __repr__(self) -> str:
        return "Unreleased(withheld)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("unreleased counts cannot be pickled or copied")


def cell(measure: MeasureKey, baseline_days: int | None) -> str:
    """Return the name of a measure's count since (None) or before, with the version of its definition."""
    side = "since" if baseline_days is None else f"before_{baseline_days}"
    return f"{measure}.{MEASURES[measure].version}/{side}"


@dataclass(frozen=True, slots=True)
class Shown:
    """Since when this month a measure's figures are shown as they are, of which cohort, and whether they have moved."""

    on: date
    cohort_at: datetime
    moved: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What a measure's figures rest on. `shown` is None when nothing is shown; `held`: they were shown before."""

    counts: Unreleased
    shown: Shown | None
    held: bool
    nothing: Why | None


_RECORD = TypeAdapter(Exact)


def record_of(standing: Standing) -> dict[str, Any]:
    """Return the exact counts for the record of releases, which nobody is shown."""
    found: dict[str, Any] = _RECORD.dump_python(standing.counts._exact, mode="json")  # noqa: SLF001  as above
    return found


def recalled(record: Mapping[str, Any], shown: Shown) -> Standing:
    """Return what a measure's figures have rested on since they were shown."""
    return Standing(Unreleased(_RECORD.validate_python(record)), shown, held=True, nothing=None)


def settled(
    fresh: Unreleased,
    measure: MeasureKey,
    earlier: Standing | None,
    *,
    now: Shown,
    people_moved: int,
    told_apart: bool,
    policy: Policy = HES_2018,
) -> Standing:
    """Return what a measure's figures rest on now: fresh counts, or all of the earlier ones of the month.

    `people_moved`: whose days are not those of the earlier cohort. `told_apart`: by 1 to 7 people, from any cohort that
    was shown this month. Whoever knows of one admission and sees a figure turn would learn both; so a measure moves as
    a whole, far enough, once a month.
    """
    exact = _of(fresh._exact, measure)  # noqa: SLF001  this module alone opens it
    if earlier is None or earlier.shown is None:
        nothing = _why_nothing(exact, policy) or (Why.too_close_to_another if told_apart else None)
        return Standing(Unreleased(exact), None if nothing else now, held=False, nothing=nothing)
    before = earlier.counts._exact  # noqa: SLF001  as above
    unmoved = exact == before and not people_moved
    too_little = told_apart or policy.is_small(people_moved) or _moved_by_few(before, exact, policy)
    if earlier.shown.moved or unmoved or too_little or _why_nothing(exact, policy):
        return earlier
    return Standing(Unreleased(exact), replace(now, moved=True), held=False, nothing=None)


def is_told_apart(people: Iterable[int], policy: Policy = HES_2018) -> bool:
    """Return whether a cohort differs from another, by so many people each, so little that a few could be made out."""
    return any(policy.is_small(differing) for differing in people)


def release(standing: Standing, measure: MeasureKey, *, baseline_days: int, policy: Policy = HES_2018) -> Released:
    """Return what may be shown of a measure against this baseline. Raises KeyError for an unknown baseline."""
    if baseline_days not in BASELINES_DAYS:
        raise KeyError(baseline_days)
    exact = standing.counts._exact  # noqa: SLF001  this module alone opens it
    nothing = standing.nothing or _why_nothing(exact, policy)
    if nothing is not None:
        return _nothing(measure, nothing)
    return _released(exact, standing, measure, baseline_days, policy)


def _of(exact: Exact, measure: MeasureKey) -> Exact:
    """Return the counts with the events of one measure alone."""
    cells = [cell(measure, baseline) for baseline in (None, *BASELINES_DAYS)]
    return replace(exact, events={name: exact.events[name] for name in cells})


def _moved_by_few(before: Exact, now: Exact, policy: Policy) -> bool:
    """Return whether any count, or the absence of any contact, moved by so little that a few could be made out."""
    events = [(before.events[name], now.events[name]) for name in now.events]
    contacts = [(before.contacts_since, now.contacts_since)]
    contacts += [(before.contacts_before[days], now.contacts_before[days]) for days in BASELINES_DAYS]
    # Of all contacts only their absence is shown.
    absences = [(one, other) for one, other in contacts if (one == 0) != (other == 0)]
    return any(policy.is_small(abs(one - other)) for one, other in (*events, *absences))


def _why_nothing(exact: Exact, policy: Policy) -> Why | None:
    if exact.enrolled == 0:
        return Why.nobody_enrolled
    if exact.people <= policy.suppress_up_to:
        return Why.fewer_than_eight_people
    if any(_could_be_known(places, policy) for places in (exact.lived_before, exact.lived_since)):
        return Why.too_few_care_homes
    return None


def _could_be_known(lived: Places, policy: Policy) -> bool:
    return 0 < lived.homes < policy.homes_at_least and lived.people_outside <= policy.suppress_up_to


def _nothing(measure: MeasureKey, why: Why) -> Released:
    status = Release.not_estimable if why is Why.nobody_enrolled else Release.suppressed
    no = Figure(None, status, why)
    people = {
        Why.nobody_enrolled: Figure(0, Release.released, None),
        Why.fewer_than_eight_people: Figure(None, Release.suppressed, Why.small_number),
    }.get(why, no)
    window = ReleasedWindow(no, no, no)
    return Released(measure, people, window, window, no, no, no, before_after_claim(None), (), None)


def _released(exact: Exact, standing: Standing, measure: MeasureKey, baseline_days: int, policy: Policy) -> Released:
    before = _window(exact.events[cell(measure, baseline_days)], exact.days_before[baseline_days], policy)
    since = _window(exact.events[cell(measure, None)], exact.days_since, policy)
    people = policy.count(exact.people)
    ratio, change, p = _comparison(before, since, policy)
    claim = before_after_claim(_as_change(change))
    cautions = (*_cautions(exact, baseline_days, people, before, since, claim), *_held(standing))
    shown_on = standing.shown.on if standing.shown else None
    return Released(measure, people, before, since, ratio, change, p, claim, cautions, shown_on)


def _window(events: int, days: int, policy: Policy) -> ReleasedWindow:
    shown, person_days = policy.count(events), policy.days(days)
    if shown.value is None:
        return ReleasedWindow(shown, person_days, Figure(None, Release.suppressed, shown.reason))
    return ReleasedWindow(shown, person_days, _figure(rate(int(shown.value), person_days.value), policy))


def _comparison(before: ReleasedWindow, since: ReleasedWindow, policy: Policy) -> tuple[Figure, Figure, Figure]:
    """Return ratio, change in per cent and p-value, from what the two windows show and nothing else."""
    compared = _compared(before, since)
    if isinstance(compared, Figure):
        return compared, compared, compared
    ratio = told_ratio(rate_ratio(compared))
    p = Figure(significant(p_value(compared), policy.figures), Release.released, None, method="exact central")
    return _as_figure(ratio), _as_figure(percent_change(ratio)), p


def _compared(before: ReleasedWindow, since: ReleasedWindow) -> Comparison | Figure:
    """Return the two sides to compare, or the figure that says why they may not or cannot be."""
    events_before, events_since = before.events.value, since.events.value
    days_before, days_since = before.person_days.value, since.person_days.value
    if events_before is None or events_since is None:
        return Figure(None, Release.suppressed, Why.small_number)
    if not days_before or not days_since:
        return Figure(None, Release.not_estimable, Reason.no_person_time)
    if not events_before:
        reason = Reason.no_comparator_events if events_since else Reason.no_events
        return Figure(None, Release.not_estimable, reason)
    if not events_since:
        return Figure(None, Release.suppressed, Why.small_number)
    return Comparison(int(events_since), days_since, int(events_before), days_before)


def _figure(estimate: Estimate, policy: Policy) -> Figure:
    value, low, high = (
        None if number is None else significant(number, policy.figures)
        for number in (estimate.value, estimate.low, estimate.high)
    )
    return _as_figure(replace(estimate, value=value, low=low, high=high))


def _as_figure(estimate: Estimate) -> Figure:
    if estimate.value is None:
        return Figure(None, Release.not_estimable, estimate.reason)
    return Figure(estimate.value, Release.released, None, estimate.low, estimate.high, estimate.method)


def _as_change(change: Figure) -> Change | None:
    if change.value is None or change.low is None or change.high is None:
        return None
    return Change(change.value, change.low, change.high)


def _cautions(
    exact: Exact, baseline_days: int, people: Figure, before: ReleasedWindow, since: ReleasedWindow, claim: Claim
) -> Iterable[Caution]:
    """Yield what must be told. Of the exact counts only an absence is used, which is held with the figures."""
    yield from (
        Caution.regression_to_the_mean,
        Caution.events_not_independent,
        Caution.computed_from_rounded,
        Caution.some_are_not_counted,
    )
    if claim.implausible_effect:
        yield Caution.implausible_effect
    if _is_surely_short(before, people):
        yield Caution.short_before
    if _is_surely_short(since, people):
        yield Caution.short_since
    if exact.contacts_before[baseline_days] == 0:
        yield Caution.no_contacts_before
    if exact.contacts_since == 0:
        yield Caution.no_contacts_since


def _held(standing: Standing) -> Iterable[Caution]:
    """Yield whether the figures may move yet: told whether or not anything has changed, which nobody is to learn."""
    if standing.shown is not None and standing.shown.moved:
        yield Caution.held_until_next_month
    elif standing.held:
        yield Caution.held_this_month


def _is_surely_short(window: ReleasedWindow, people: Figure) -> bool:
    """Return whether the days a person fall short of the least, whatever the rounding hid."""
    at_most_days = (window.person_days.value or 0) + HES_2018.round_days_to / 2
    at_least_people = (people.value or 0) - HES_2018.round_counts_to // 2
    return at_most_days < SHORT_WINDOW_DAYS * at_least_people
