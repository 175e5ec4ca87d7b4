"""A person's own numbers as clients see them: each figure with its window, count, evidence, age and words."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Self
from uuid import UUID

from api.schemas.goals import Part, TargetOut
from api.schemas.strict import Number, Out
from domain.observations.catalogue import CATALOGUE
from domain.observations.evidence import Measured
from domain.observations.glucose_range import GlucoseKind
from domain.observations.observation import Latest
from domain.observations.peak_flow import LEAST_DAYS, BestSource, PersonalBest
from domain.observations.recent_queries import GLUCOSE, MOST_IDS, PEAK_FLOW, PRESSURE, WEIGHT
from domain.observations.sufficiency import Sufficiency
from domain.observations.trend import Direction, Heap, Span, week_of, weeks_before
from domain.observations.vital_sign import CONVERTED_DECIMALS, rounded_half_up
from domain.people.local_days import LocalDays
from domain.plans import number_words as words
from domain.plans.own_numbers import Comparison, OwnNumbers, SignTrend

MEAN_DECIMALS = 1
DAY = timedelta(days=1)


class MessageOut(Out):
    """What a figure says: a key with its parameters, for an app to word in any language, and the words in English."""

    key: str
    parameters: dict[str, str | int]
    english: str

    @classmethod
    def of(cls, said: words.Said) -> Self:
        """Return the message as clients see it."""
        return cls(key=said.key, parameters=said.parameters, english=said.english)


class CaveatOut(Out):
    """What to mind of a figure, by its key, and in English."""

    key: str
    english: str


class FigureWindowOut(Out):
    """Of which time a figure is."""

    from_at: datetime
    until_at: datetime


class LatestReadingOut(Out):
    """The latest reading of a sign, its age, and whether it is too old to stand for the present."""

    observation_id: UUID
    effective_at: datetime
    age_seconds: int
    stale: bool


class ComparisonOut(Out):
    """A figure beside the target of one of the person's goals; not judged (null) unless the readings are enough.

    `difference` is the figure less the target's value.
    """

    goal_id: UUID
    target: TargetOut
    met: bool | None
    difference: Number | None

    @classmethod
    def of(cls, found: Comparison) -> Self:
        """Return the comparison as clients see it."""
        return cls(
            goal_id=found.goal_id,
            target=TargetOut.of(found.target),
            met=found.met,
            difference=None if found.difference is None else rounded_half_up(found.difference, CONVERTED_DECIMALS),
        )


class FigureOut(Out):
    """What each figure tells of itself: how far its readings carry, of when they are, how many, and which.

    Without `sufficiency` "enough" nothing of it may be shown as normal, good or present: "stale" figures are of the
    past. `observation_ids` are the newest 50 that it was made of.
    """

    sufficiency: Sufficiency
    window: FigureWindowOut | None
    count: int
    observation_ids: list[UUID]
    latest: LatestReadingOut | None
    message: MessageOut
    caveats: list[CaveatOut]
    targets: list[ComparisonOut]


class MissingOut(Out):
    """What an average still needs; with `new_run` from the beginning, as the last days in a row have ended."""

    days: int
    readings: int
    new_run: bool


class BloodPressureAverageOut(FigureOut):
    """The home average by NICE NG136 (mmHg): the first day's readings dropped, the rest averaged; of 4 to 7 days."""

    systolic: Number | None
    diastolic: Number | None
    days: int
    first_on: date | None
    last_on: date | None
    dropped_on: date | None
    dropped: int
    too_close: int
    missing: MissingOut | None


class BandsOut(Out):
    """Shares in per cent: in range rounded down, the others up, so that they may add up to a little more than 100."""

    very_low: Number
    low: Number
    in_range: Number
    high: Number
    very_high: Number


class GlucoseRangeOut(FigureOut):
    """Of 14 days, the share of a sensor's time, or of finger-prick readings, in range (3.9 to 10.0 mmol/L).

    Outside it below 3.0 and above 13.9 are apart. Limits: international consensus on time in range, 2019.
    """

    kind: GlucoseKind
    bands: BandsOut | None
    judged: int
    coverage_percent: int | None
    complete: bool


class WeighedOut(Out):
    """One weight, in kg."""

    observation_id: UUID
    effective_at: datetime
    value: Number


class WeightChangeOut(FigureOut):
    """The newest weight less the lowest of the three days before it (kg); `rise_to_tell`: it rose by more than 2 kg."""

    change: Number | None
    newest: WeighedOut | None
    lowest: WeighedOut | None
    rise_to_tell: bool | None


class PersonalBestOut(Out):
    """The peak flow (L/min) that readings are held against; `source_id` is of the reading, or of what was stated."""

    value: Number
    unit: str
    source: BestSource
    source_id: UUID
    at: datetime

    @classmethod
    def of(cls, best: PersonalBest) -> Self:
        """Return the best as clients see it."""
        unit = CATALOGUE[PEAK_FLOW].canonical_unit or ""
        return cls(value=best.value, unit=unit, source=best.source, source_id=best.source_id, at=best.at)


class PeakFlowOut(FigureOut):
    """The latest peak flow as a share of the personal best, in whole per cent rounded down; null without a best.

    `best_days` of the 14 days needed have the two readings that a measured best is made from.
    """

    value: Number | None
    best: PersonalBestOut | None
    percent: int | None
    best_days: int
    best_days_needed: int


class HeapOut(Out):
    """The average of some days' readings, how many there are, and from how many of the days (UTC)."""

    average: Number | None
    count: int
    days: int
    from_at: datetime
    until_at: datetime


class TrendOut(FigureOut):
    """The week up to today against the four weeks before it, in the sign's canonical unit.

    It counts days, not readings: which they are, the list of observations tells for the same time.
    """

    sign: str
    part: Part | None
    unit: str
    week: HeapOut
    before: HeapOut
    difference: Number | None
    direction: Direction | None


class NumbersOut(Out):
    """What the readings say at `as_of`; days are the person's own, today's in `time_zone`.

    `trends` are of the signs that were measured.
    """

    as_of: datetime
    time_zone: str
    blood_pressure_average: BloodPressureAverageOut
    glucose_range: GlucoseRangeOut
    weight_change: WeightChangeOut
    peak_flow: PeakFlowOut
    trends: list[TrendOut]

    @classmethod
    def of(cls, found: OwnNumbers) -> Self:
        """Return the numbers as clients see them."""
        days = found.days
        return cls(
            as_of=found.as_of,
            time_zone=days.zone_name(days.day_of(found.as_of)),
            blood_pressure_average=_pressure(found, days),
            glucose_range=_glucose(found),
            weight_change=_weight(found, days),
            peak_flow=_peak_flow(found, days),
            trends=[_trend(each, found.as_of, days) for each in found.trends],
        )


def _pressure(numbers: OwnNumbers, days: LocalDays) -> BloodPressureAverageOut:
    found = numbers.blood_pressure
    window = None
    if found.first_on is not None and found.last_on is not None:
        window = FigureWindowOut(from_at=days.instant(found.first_on), until_at=days.instant(found.last_on + DAY))
    return BloodPressureAverageOut(
        **_figure(found.data, window, [each.observation_id for each in reversed(found.used)], numbers, PRESSURE),
        message=MessageOut.of(words.said_of_pressure(numbers)),
        caveats=_caveats(words.caveats_of_pressure()),
        targets=_targets(numbers.blood_pressure_targets),
        systolic=_mean(found.systolic),
        diastolic=_mean(found.diastolic),
        days=found.days,
        first_on=found.first_on,
        last_on=found.last_on,
        dropped_on=found.dropped_on,
        dropped=found.dropped,
        too_close=found.too_close,
        missing=None if found.missing is None else MissingOut.model_validate(found.missing, from_attributes=True),
    )


def _glucose(numbers: OwnNumbers) -> GlucoseRangeOut:
    found = numbers.glucose
    window = FigureWindowOut(from_at=found.from_at, until_at=found.until_at)
    return GlucoseRangeOut(
        **_figure(found.data, window, numbers.glucose_ids, numbers, GLUCOSE, count=found.count),
        message=MessageOut.of(words.said_of_glucose(numbers)),
        caveats=_caveats(words.caveats_of_glucose(numbers)),
        targets=[],
        kind=found.kind,
        bands=None if found.bands is None else BandsOut(**words.percentages(found.bands)),
        judged=found.judged,
        coverage_percent=words.coverage_percent(found),
        complete=found.complete,
    )


def _weight(numbers: OwnNumbers, days: LocalDays) -> WeightChangeOut:
    found = numbers.weight
    made_of = [] if found.newest is None else [found.newest, *found.compared]
    return WeightChangeOut(
        **_figure(found.data, _span(made_of), [each.observation_id for each in made_of], numbers, WEIGHT),
        message=MessageOut.of(words.said_of_weight(numbers, days)),
        caveats=_caveats(words.caveats_of_weight(numbers)),
        targets=_targets(numbers.weight_targets),
        change=found.change,
        newest=_weighed(found.newest),
        lowest=_weighed(found.lowest),
        rise_to_tell=found.rise_to_tell,
    )


def _peak_flow(numbers: OwnNumbers, days: LocalDays) -> PeakFlowOut:
    found, measured = numbers.peak_flow, numbers.measured_best
    made_of = [] if found.latest is None else [found.latest]
    return PeakFlowOut(
        **_figure(found.data, _span(made_of), [each.observation_id for each in made_of], numbers, PEAK_FLOW),
        message=MessageOut.of(words.said_of_peak_flow(numbers, days)),
        caveats=_caveats(words.caveats_of_peak_flow(numbers)),
        targets=_targets(numbers.peak_flow_targets),
        value=None if found.latest is None else found.latest.value,
        best=None if found.best is None else PersonalBestOut.of(found.best),
        percent=found.percent,
        best_days=measured.days,
        best_days_needed=LEAST_DAYS,
    )


def _trend(found: SignTrend, as_of: datetime, days: LocalDays) -> TrendOut:
    told, week = found.trend, week_of(as_of)
    return TrendOut(
        sufficiency=told.data,
        window=FigureWindowOut(from_at=weeks_before(as_of).from_at, until_at=week.until_at),
        count=told.week.count + told.before.count,
        observation_ids=[],
        latest=_latest(found.latest),
        message=MessageOut.of(words.said_of_trend(found, days)),
        caveats=_caveats(words.caveats_of_trend(found)),
        targets=_targets(found.comparisons),
        sign=found.sign,
        part=None if found.part is None else Part(found.part),
        unit=CATALOGUE[found.sign].canonical_unit or "",
        week=_heap(told.week, week),
        before=_heap(told.before, weeks_before(as_of)),
        difference=_mean(told.difference),
        direction=told.direction,
    )


def _figure(
    data: Sufficiency,
    window: FigureWindowOut | None,
    ids: list[UUID] | tuple[UUID, ...],
    numbers: OwnNumbers,
    sign: str,
    *,
    count: int | None = None,
) -> dict[str, Any]:
    latest = numbers.latest.get(sign)
    return {
        "sufficiency": data,
        "window": window,
        "count": len(ids) if count is None else count,
        "observation_ids": list(ids[:MOST_IDS]),
        "latest": None if latest is None else _latest(latest),
    }


def _latest(latest: Latest) -> LatestReadingOut:
    return LatestReadingOut(
        observation_id=latest.observation.id,
        effective_at=latest.observation.effective_at,
        age_seconds=latest.age_seconds,
        stale=latest.stale,
    )


def _span(made_of: list[Measured]) -> FigureWindowOut | None:
    if not made_of:
        return None
    return FigureWindowOut(from_at=min(each.at for each in made_of), until_at=max(each.at for each in made_of))


def _weighed(found: Measured | None) -> WeighedOut | None:
    if found is None:
        return None
    return WeighedOut(observation_id=found.observation_id, effective_at=found.at, value=found.value)


def _heap(found: Heap, span: Span) -> HeapOut:
    average = _mean(found.mean)
    return HeapOut(average=average, count=found.count, days=found.days, from_at=span.from_at, until_at=span.until_at)


def _mean(exact: Fraction | None) -> Decimal | None:
    return None if exact is None else rounded_half_up(exact, MEAN_DECIMALS)


def _caveats(keys: list[str]) -> list[CaveatOut]:
    return [CaveatOut(key=key, english=words.CAVEATS[key]) for key in keys]


def _targets(found: tuple[Comparison, ...]) -> list[ComparisonOut]:
    return [ComparisonOut.of(each) for each in found]
