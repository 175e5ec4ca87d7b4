"""Which zone of a plan somebody is in today, by their readings and symptoms: green, amber, red, or not known yet. Pure.

A zone has groups of criteria: it holds when any one group holds, and a group when all its criteria do. The worst zone
that holds is the person's, and every criterion is told with what it was held against, or why it could not be. Green is
never a default: it is said only when everything that green asks for was seen today and met, and nothing of a worse zone
holds or is unknown. A meter that shows only a limit ("HI") decides what every number beyond it would. What is missing,
stale or has no personal best to compare with is "not evaluable", and so is never green (`docs/safety/hazard-log.md`).
What to do in a zone is words that people wrote; nothing here computes a medicine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import inf
from operator import ge, gt, le, lt
from uuid import UUID

from domain.instant import seen_until
from domain.observations.observation import age_seconds
from domain.plans.target import Comparator

ONE_DAY = timedelta(days=1)


class Colour(StrEnum):
    """A zone of a plan, the worst last."""

    green = "green"
    amber = "amber"
    red = "red"


COLOURS = tuple(Colour)


class Gap(StrEnum):
    """Why a criterion could not be judged."""

    not_measured = "not_measured"
    only_a_limit = "only_a_limit"
    no_comparison = "no_comparison"
    no_personal_best = "no_personal_best"
    not_told = "not_told"
    too_many = "too_many"


class Verdict(StrEnum):
    """What came of a criterion, or of all of a zone."""

    met = "met"
    not_met = "not_met"
    not_evaluable = "not_evaluable"


class ReadingBasis(StrEnum):
    """What of a sign is held against the value.

    latest: the latest of the window. in_a_row: each of the latest `times`. change: the latest less the lowest of the
    days before it. percent_of_best: the latest as a share of the personal best.
    """

    latest = "latest"
    in_a_row = "in_a_row"
    change = "change"
    percent_of_best = "percent_of_best"


@dataclass(frozen=True, slots=True)
class ReadingCriterion:
    """A sign (or part of a pair) on one side of a value in its canonical unit; of a share, in per cent.

    Looked at are the readings of the person's last `days` days, today included. `times` is for readings in a row.
    """

    sign: str
    part: str | None
    basis: ReadingBasis
    comparator: Comparator
    value: Decimal
    days: int = 1
    times: int = 1


@dataclass(frozen=True, slots=True)
class SymptomCriterion:
    """A symptom of the catalogue that is told from a step on, or up to one, within the person's last `days` days."""

    symptom: str
    comparator: Comparator
    level: int
    days: int = 1


Criterion = ReadingCriterion | SymptomCriterion


@dataclass(frozen=True, slots=True)
class Zone:
    """When a zone is entered: any of these groups, of each all criteria."""

    colour: Colour
    groups: tuple[tuple[Criterion, ...], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """One reading, or one step of a symptom, on one of the person's days. `bound` is a limit that a meter showed."""

    id: UUID
    at: datetime
    on: date
    value: Decimal
    bound: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of somebody at an instant: their day, readings by sign and part, symptoms by key, personal best.

    `cut` are signs and symptoms of which there is more than is known: only the newest are.
    """

    at: datetime
    today: date
    readings: Mapping[tuple[str, str | None], tuple[Seen, ...]]
    symptoms: Mapping[str, tuple[Seen, ...]]
    personal_best: Decimal | None = None
    cut: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reason:
    """What came of one criterion: held against what was seen (its figure, in the criterion's unit), or why not."""

    colour: Colour
    group: int
    criterion: Criterion
    verdict: Verdict
    gap: Gap | None
    figure: Fraction | None
    seen: tuple[Seen, ...]
    age_seconds: int | None


@dataclass(frozen=True, slots=True)
class Decision:
    """The zone at an instant, None while it is not known yet, and what came of each criterion of each zone."""

    colour: Colour | None
    reasons: tuple[Reason, ...]


def decide(zones: Sequence[Zone], known: Known) -> Decision:
    """Return the worst zone whose criteria hold; green only if all that it asks for was met and nothing is unknown."""
    reasons = tuple(
        _reason(zone.colour, number, criterion, known)
        for zone in zones
        for number, group in enumerate(zone.groups)
        for criterion in group
    )
    verdicts = {zone.colour: _of_zone(zone, [each for each in reasons if each.colour is zone.colour]) for zone in zones}
    for colour in (Colour.red, Colour.amber):
        if verdicts.get(colour) is Verdict.met:
            return Decision(colour, reasons)
    worse_ruled_out = all(verdicts[colour] is Verdict.not_met for colour in verdicts if colour is not Colour.green)
    asked_of_green = [each for each in reasons if each.colour is Colour.green]
    all_seen = bool(asked_of_green) and all(
        each.verdict is not Verdict.not_evaluable and _was_seen_on(each, known.today) for each in asked_of_green
    )
    is_green = worse_ruled_out and all_seen and verdicts.get(Colour.green) is Verdict.met
    return Decision(Colour.green if is_green else None, reasons)


def _of_zone(zone: Zone, reasons: Sequence[Reason]) -> Verdict:
    """Return whether any group holds; not evaluable when none does, and one might."""
    groups = [_of_group([each.verdict for each in reasons if each.group == n]) for n in range(len(zone.groups))]
    if Verdict.met in groups:
        return Verdict.met
    return Verdict.not_evaluable if Verdict.not_evaluable in groups else Verdict.not_met


def _of_group(verdicts: Sequence[Verdict]) -> Verdict:
    """Return whether all hold. One that is not met settles it, whatever is unknown of the others."""
    if Verdict.not_met in verdicts:
        return Verdict.not_met
    return Verdict.not_evaluable if Verdict.not_evaluable in verdicts else Verdict.met


def _was_seen_on(reason: Reason, today: date) -> bool:
    # A clock slightly ahead may be in tomorrow already: what it tells is of now.
    return any(each.on >= today for each in reason.seen)


def _reason(colour: Colour, group: int, criterion: Criterion, known: Known) -> Reason:
    match criterion:
        case SymptomCriterion():
            found = _of_symptom(criterion, known)
        case ReadingCriterion():
            found = _of_reading(criterion, known)
    latest = max((each.at for each in found.seen), default=None)
    return Reason(
        colour=colour,
        group=group,
        criterion=criterion,
        verdict=found.verdict,
        gap=found.gap,
        figure=found.figure,
        seen=found.seen,
        age_seconds=None if latest is None else age_seconds(latest, known.at),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    verdict: Verdict
    gap: Gap | None = None
    figure: Fraction | None = None
    seen: tuple[Seen, ...] = ()


def _of_symptom(criterion: SymptomCriterion, known: Known) -> _Found:
    """Return what was told of a symptom: the worst step of the window: no better one undoes it."""
    told = _within(known.symptoms.get(criterion.symptom, ()), known, criterion.days)
    if not told:
        return _Found(Verdict.not_evaluable, Gap.not_told)
    worst = max(told, key=lambda each: (each.value, each.at))
    found = _judged(criterion.comparator, Fraction(worst.value), Decimal(criterion.level), (worst,))
    # What is not known may be worse still, which undoes "up to a step" and could not undo "from a step on".
    if criterion.symptom in known.cut and (found.verdict is Verdict.met) == criterion.comparator.downwards:
        return _Found(Verdict.not_evaluable, Gap.too_many, seen=(worst,))
    return found


def _of_reading(criterion: ReadingCriterion, known: Known) -> _Found:
    """Return what the readings of the window show."""
    every = known.readings.get((criterion.sign, criterion.part), ())
    readings = _within(every, known, criterion.days)
    if not readings:
        return _Found(Verdict.not_evaluable, Gap.not_measured)
    match criterion.basis:
        case ReadingBasis.latest:
            return _of_one(criterion, readings[-1])
        case ReadingBasis.in_a_row:
            return _of_row(criterion, readings, known.cut)
        case ReadingBasis.change:
            return _of_change(criterion, readings, known.cut)
        case ReadingBasis.percent_of_best:
            if known.personal_best is None:
                return _Found(Verdict.not_evaluable, Gap.no_personal_best, seen=readings[-1:])
            return _of_one(criterion, readings[-1], Fraction(100) / Fraction(known.personal_best))


def _of_one(criterion: ReadingCriterion, reading: Seen, scale: Fraction = Fraction(1)) -> _Found:
    least, most = (_End(end.value * scale, end.beyond) for end in _ends(reading))
    return _decided(criterion, least, most, (reading,), (reading,))


def _of_row(criterion: ReadingCriterion, readings: tuple[Seen, ...], cut: frozenset[str]) -> _Found:
    """Return whether some so many readings that follow one another all lie beyond the value."""
    each_by_itself = {each.id: _of_one(criterion, each).verdict for each in readings}
    runs = [readings[n : n + criterion.times] for n in range(len(readings) - criterion.times + 1)]
    verdicts = [_of_group([each_by_itself[each.id] for each in run]) for run in runs]
    for run, verdict in zip(reversed(runs), reversed(verdicts), strict=True):
        if verdict is Verdict.met:
            return _Found(Verdict.met, figure=Fraction(run[-1].value), seen=run)
    last = readings[-criterion.times :]
    if criterion.sign in cut:
        return _Found(Verdict.not_evaluable, Gap.too_many, seen=last)
    if Verdict.not_evaluable in verdicts:
        return _Found(Verdict.not_evaluable, Gap.only_a_limit, seen=last)
    if not runs and all(each_by_itself[each.id] is not Verdict.not_met for each in last):
        # One that lies beyond, with none beside it yet: a second is asked for, and nothing is ruled out.
        return _Found(Verdict.not_evaluable, Gap.no_comparison, seen=last)
    return _Found(Verdict.not_met, figure=Fraction(last[-1].value), seen=last)


def _of_change(criterion: ReadingCriterion, readings: tuple[Seen, ...], cut: frozenset[str]) -> _Found:
    """Return the latest less the lowest of the days before it (the highest, where a fall is looked for)."""
    newest = readings[-1]
    before = [each for each in readings if each.on < newest.on]
    if criterion.sign in cut:
        return _Found(Verdict.not_evaluable, Gap.too_many, seen=(newest,))
    if not before:
        return _Found(Verdict.not_evaluable, Gap.no_comparison, seen=(newest,))
    falls = criterion.comparator.downwards and criterion.value <= 0
    pick = max if falls else min
    # The change is the least where the other was the most that it can have been, and the other way round.
    at_most, at_least = pick(before, key=lambda each: _ends(each)[1]), pick(before, key=lambda each: _ends(each)[0])
    least, most = _ends(newest)[0] - _ends(at_most)[1], _ends(newest)[1] - _ends(at_least)[0]
    return _decided(criterion, least, most, (at_most, newest), (at_least, newest))


@dataclass(frozen=True, slots=True, order=True)
class _End:
    """One end of where a figure can lie; `beyond`: not at the value itself, just above (1) or just below it (-1)."""

    value: Fraction | float
    beyond: int = 0

    def __sub__(self, other: _End) -> _End:
        return _End(self.value - other.value, self.beyond - other.beyond)


def _ends(reading: Seen) -> tuple[_End, _End]:
    """Return between what a reading lies: at its value, or anywhere beyond the limit that a meter showed."""
    at = Fraction(reading.value)
    match reading.bound:
        case None:
            return _End(at), _End(at)
        case ">":
            return _End(at, 1), _End(inf)
        case _:
            return _End(-inf), _End(at, -1)


_SIDES = {Comparator.below: lt, Comparator.at_most: le, Comparator.above: gt, Comparator.at_least: ge}


def _decided(
    criterion: ReadingCriterion, least: _End, most: _End, seen_least: tuple[Seen, ...], seen_most: tuple[Seen, ...]
) -> _Found:
    """Return what holds of a figure wherever it lies between two ends; a gap where that is more than one thing."""
    holds, value = _SIDES[criterion.comparator], _End(Fraction(criterion.value))
    met = holds(least, value)
    if met is not holds(most, value):
        return _Found(Verdict.not_evaluable, Gap.only_a_limit, seen=seen_least[-1:])
    # The end that is nearer to the value is what decided, and is known: the other may be anything.
    end, seen = (most, seen_most) if met is criterion.comparator.downwards else (least, seen_least)
    return _Found(Verdict.met if met else Verdict.not_met, figure=Fraction(end.value), seen=seen)


def _judged(comparator: Comparator, figure: Fraction, value: Decimal, seen: tuple[Seen, ...]) -> _Found:
    met = comparator.holds(figure, value)
    return _Found(Verdict.met if met else Verdict.not_met, figure=figure, seen=seen)


def _within(every: Sequence[Seen], known: Known, days: int) -> tuple[Seen, ...]:
    """Return what was seen on the person's last days, today included and nothing later than is accepted, in order."""
    first, until = known.today - (days - 1) * ONE_DAY, seen_until(known.at)
    return tuple(sorted((each for each in every if each.on >= first and each.at <= until), key=lambda e: (e.at, e.id)))
