"""Disclosure control: the only way out for outcome figures, applied last.

Exact counts travel as `Unreleased`, which shows nothing to anybody; `release` turns them into `Released`, which holds
nothing but what the policy lets out. It refuses to know where counts come from and where figures go. A test reads the
project's source and fails on any other way to the exact numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NoReturn

from domain.outcomes.claims import Change, Claim, before_after_claim
from domain.outcomes.definitions import BASELINES_DAYS, MEASURES, MeasureKey
from domain.outcomes.rates import (
    Comparison,
    Estimate,
    Reason,
    p_value,
    percent_change,
    rate,
    rate_ratio,
    significant,
)

SHORT_WINDOW_DAYS = 90
# The name of the cohort's size in the record of releases, beside the names of cells.
PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Policy:
    """A named and versioned set of numbers by which figures are withheld or rounded."""

    name: str
    text: str
    suppress_up_to: int
    round_counts_to: int
    round_days_to: int
    figures: int
    homes_at_least: int

    def count(self, exact: int) -> Figure:
        """Return a count as it may be shown: zero as it is, small numbers withheld, the rest rounded."""
        if self.is_small(exact):
            return Figure(None, Release.suppressed, Why.small_number)
        return Figure(_nearest(exact, self.round_counts_to), Release.released, None)

    def is_small(self, exact: int) -> bool:
        """Return whether the count is above zero and too small to show."""
        return 0 < exact <= self.suppress_up_to

    def days(self, exact: int) -> Figure:
        """Return person-days as they may be shown: rounded."""
        return Figure(_nearest(exact, self.round_days_to), Release.released, None)


HES_2018 = Policy(
    name="hes-2018",
    text=(
        "Counts of 1 to 7 are suppressed, others rounded to the nearest 5, zero stays zero (NHS Digital, HES and ECDS,"
        " from September 2018). Person-days are rounded to the nearest 50. Rates, ratio and intervals are computed from"
        " the rounded figures to two significant figures; a comparison needs at least 8 events on both sides. Fewer"
        " than 8 people, or one or two care homes with fewer than 8 people besides, release nothing. Within a month a"
        " figure moves only when at least 8 records differ; later records count from the next month on."
    ),
    suppress_up_to=7,
    round_counts_to=5,
    round_days_to=50,
    figures=2,
    homes_at_least=3,
)


class Release(StrEnum):
    """Whether a figure is shown."""

    released = "released"
    suppressed = "suppressed"
    not_estimable = "not_estimable"


class Why(StrEnum):
    """Why a figure is not shown, besides the statistical reasons in `rates.Reason`."""

    small_number = "small_number"
    fewer_than_eight_people = "fewer_than_eight_people"
    too_few_care_homes = "too_few_care_homes"
    nobody_enrolled = "nobody_enrolled"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that may be shown, or the reason for there being none."""

    value: float | None
    status: Release
    reason: str | None
    low: float | None = None
    high: float | None = None
    method: str | None = None


class Caution(StrEnum):
    """What a reader must be told beside the figures."""

    regression_to_the_mean = "regression_to_the_mean"
    events_not_independent = "events_not_independent"
    computed_from_rounded = "computed_from_rounded"
    implausible_effect = "implausible_effect"
    short_before = "short_before"
    short_since = "short_since"
    no_contacts_before = "no_contacts_before"
    no_contacts_since = "no_contacts_since"


CAUTIONS: dict[Caution, str] = {
    Caution.regression_to_the_mean: (
        "People chosen because they used services much will use them less afterwards whatever is done."
    ),
    Caution.events_not_independent: (
        "The interval takes contacts as independent. A few people with many contacts make the true interval wider."
    ),
    Caution.computed_from_rounded: (
        "Rates, ratio and intervals are computed from rounded counts and person-days, and so are approximate."
    ),
    Caution.implausible_effect: (
        "A fall above 40% without controls is larger than any controlled study has found: look for selection first."
    ),
    Caution.short_before: "The window before is shorter than 90 days a person on average.",
    Caution.short_since: "The window since is shorter than 90 days a person on average.",
    Caution.no_contacts_before: (
        "No contact of any kind is recorded in the window before: the records may not reach back so far."
    ),
    Caution.no_contacts_since: ("No contact of any kind is recorded since: the records may not have arrived."),
}


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


@dataclass(frozen=True, slots=True)
class Exact:
    """The true counts of one cohort. Events by cell name (see `cell`); days and all contacts by baseline."""

    people: int
    homes: int
    people_outside_homes: int
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


def settled(
    unreleased: Unreleased, published: Mapping[str, int] | None, policy: Policy = HES_2018
) -> tuple[Unreleased, dict[str, int] | None]:
    """Return what this month's figures rest on, and the same counts for the record of releases; None: nothing leaves.

    A count that was published and has since moved by 1 to 7 stays where it was: whoever knows of one admission and
    sees the figure turn would learn both. A move from zero needs no such care: suppression covers it.
    """
    exact = unreleased._exact  # noqa: SLF001  this module alone opens it
    published = published or {}
    if _why_nothing(exact, policy) is not None:
        return unreleased, None
    events = {name: _held(published.get(name, 0), fresh, policy) for name, fresh in exact.events.items()}
    return Unreleased(replace(exact, events=events)), {**events, PEOPLE: exact.people}


def moved_by_few(before: int, changed: int, policy: Policy = HES_2018) -> bool:
    """Return whether a published group of this size, so much changed, could be told apart from the one before."""
    return before > 0 and policy.is_small(changed)


def release(
    unreleased: Unreleased, *, measures: Iterable[MeasureKey], baseline_days: int, policy: Policy = HES_2018
) -> list[Released]:
    """Return what may be shown of these measures against this baseline. Raises KeyError for unknown ones."""
    if baseline_days not in BASELINES_DAYS:
        raise KeyError(baseline_days)
    exact = unreleased._exact  # noqa: SLF001  this module alone opens it
    withheld = _why_nothing(exact, policy)
    if withheld is not None:
        return [_nothing(measure, policy.count(exact.people), withheld) for measure in measures]
    return [_released(exact, measure, baseline_days, policy) for measure in measures]


def _held(published: int, fresh: int, policy: Policy) -> int:
    return published if moved_by_few(published, abs(fresh - published), policy) else fresh


def _why_nothing(exact: Exact, policy: Policy) -> Why | None:
    if exact.people == 0:
        return Why.nobody_enrolled
    if policy.is_small(exact.people):
        return Why.fewer_than_eight_people
    if 0 < exact.homes < policy.homes_at_least and exact.people_outside_homes <= policy.suppress_up_to:
        return Why.too_few_care_homes
    return None


def _nothing(measure: MeasureKey, people: Figure, why: Why) -> Released:
    status = Release.not_estimable if why is Why.nobody_enrolled else Release.suppressed
    no = Figure(None, status, why)
    shown = people if why is not Why.too_few_care_homes else no
    window = ReleasedWindow(no, no, no)
    return Released(measure, shown, window, window, no, no, no, before_after_claim(None), ())


def _released(exact: Exact, measure: MeasureKey, baseline_days: int, policy: Policy) -> Released:
    before = _window(exact.events[cell(measure, baseline_days)], exact.days_before[baseline_days], policy)
    since = _window(exact.events[cell(measure, None)], exact.days_since, policy)
    people = policy.count(exact.people)
    ratio, change, p = _comparison(before, since, policy)
    claim = before_after_claim(_as_change(change))
    cautions = tuple(_cautions(exact, baseline_days, people, before, since, claim))
    return Released(measure, people, before, since, ratio, change, p, claim, cautions)


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
    ratio = rate_ratio(compared)
    p = Figure(significant(p_value(compared), policy.figures), Release.released, None, method="exact central")
    return _figure(ratio, policy), _figure(percent_change(ratio), policy), p


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
    if estimate.value is None:
        return Figure(None, Release.not_estimable, estimate.reason)
    value, low, high = (
        None if number is None else significant(number, policy.figures)
        for number in (estimate.value, estimate.low, estimate.high)
    )
    return Figure(value, Release.released, None, low, high, estimate.method)


def _as_change(change: Figure) -> Change | None:
    if change.value is None or change.low is None or change.high is None:
        return None
    return Change(change.value, change.low, change.high)


def _cautions(
    exact: Exact, baseline_days: int, people: Figure, before: ReleasedWindow, since: ReleasedWindow, claim: Claim
) -> Iterable[Caution]:
    """Yield what must be told. Of the exact counts only an absence is used, which the policy shows anyway."""
    yield from (Caution.regression_to_the_mean, Caution.events_not_independent, Caution.computed_from_rounded)
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


def _is_surely_short(window: ReleasedWindow, people: Figure) -> bool:
    """Return whether the days a person fall short of the least, whatever the rounding hid."""
    at_most_days = (window.person_days.value or 0) + HES_2018.round_days_to / 2
    at_least_people = (people.value or 0) - HES_2018.round_counts_to // 2
    return at_most_days < SHORT_WINDOW_DAYS * at_least_people


def _nearest(number: int, step: int) -> int:
    """Return the nearest multiple, halves upwards."""
    return (2 * number + step) // (2 * step) * step
