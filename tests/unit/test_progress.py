"""Progress says what the readings show and no more: not from too few, not from old ones, never rounded up to there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.clock import london_date
from domain.errors import Invalid
from domain.observations.evidence import Measured, Sides
from domain.observations.sufficiency import Sufficiency
from domain.plans.goal_lifecycle import Achievement
from domain.plans.progress import LEAST_READINGS, MOST_IDS, STALE_AFTER, Progress, progress
from domain.plans.target import Comparator, SignTarget, require_measurable
from tests.evidence import evidence_of

START = datetime(2026, 9, 1, tzinfo=UTC)
FIRST_DAY, DUE = date(2026, 9, 1), date(2026, 12, 31)
SYSTOLIC = SignTarget("blood_pressure", "systolic", Comparator.below, Decimal(135), "mm[Hg]", DUE)
GLUCOSE = SignTarget("blood_glucose", None, Comparator.below, Decimal(10), "mmol/L", DUE)
STEPS = SignTarget("steps", None, Comparator.at_least, Decimal(6000), "{count}", DUE)


def daily(*values: float, first: datetime = START) -> list[Measured]:
    """Return one reading a day from the start on."""
    return [Measured(UUID(int=n), first + n * timedelta(days=1), Decimal(str(v))) for n, v in enumerate(values)]


def told_at(
    target: SignTarget, readings: list[Measured], as_of: datetime, stated: Achievement | None = None
) -> Progress:
    evidence = evidence_of(target.value, readings, start_at=START, as_of=as_of)
    return progress(target, evidence, as_of=as_of, today=london_date(as_of), stated=stated)


def told(
    target: SignTarget, readings: list[Measured], *, days: int | None = None, stated: Achievement | None = None
) -> Progress:
    return told_at(target, readings, START + timedelta(days=len(readings) if days is None else days), stated)


def test_without_readings_there_is_no_figure_at_all() -> None:
    found = told(SYSTOLIC, [])
    assert found.data is Sufficiency.none
    assert (found.latest, found.baseline, found.recent, found.percent, found.suggestion) == (None,) * 5


@pytest.mark.parametrize("number", range(1, LEAST_READINGS))
def test_fewer_than_three_readings_are_not_enough_however_good(number: int) -> None:
    found = told(SYSTOLIC, daily(*[120] * number))
    assert found.data is Sufficiency.not_enough
    assert (found.percent, found.suggestion, found.share_within) == (None, None, None)
    assert (found.latest is not None, found.latest_stale) == (True, False)
    assert told(SYSTOLIC, daily(*[120] * number), days=60).latest_stale is True


def test_old_readings_give_no_good_news() -> None:
    readings = daily(150, 120, 120, 120)
    fresh = told(SYSTOLIC, readings)
    assert fresh.suggestion is Achievement.achieved
    last = readings[-1].at
    for as_of, data in ((last + STALE_AFTER, "enough"), (last + STALE_AFTER + timedelta(seconds=1), "stale")):
        found = told_at(SYSTOLIC, readings, as_of)
        assert found.data == data
        assert (found.suggestion is None) == (data == "stale")
        assert (found.percent is None) == (data == "stale")


def test_what_is_measured_twice_a_year_is_not_stale_in_a_month() -> None:
    target = SignTarget("hba1c", None, Comparator.at_most, Decimal(48), "mmol/mol", date(2028, 1, 1))
    readings = [Measured(UUID(int=n), START + n * timedelta(days=90), Decimal(60 - 3 * n)) for n in range(4)]
    assert told(target, readings, days=300).data is Sufficiency.enough
    assert told(target, readings, days=270 + 184).data is Sufficiency.stale


def test_the_baseline_is_the_first_week_s_average_once_the_week_is_over() -> None:
    found = told(SYSTOLIC, daily(160, 158, 162, 160, 160, 160, 160, 150, 150))
    assert found.baseline is not None
    assert (found.baseline.value, found.baseline.count) == (Decimal("160.00"), 7)
    assert found.baseline.until_at == START + timedelta(days=6)


def test_within_the_first_week_the_baseline_is_the_first_reading() -> None:
    found = told(SYSTOLIC, daily(160, 150, 140))
    assert found.baseline is not None
    assert (found.baseline.value, found.baseline.observation_ids) == (Decimal("160.00"), (UUID(int=0),))


def test_half_way_is_fifty_per_cent_and_improving() -> None:
    # The first week averages 155, the last 145: half of the twenty to 135.
    found = told(SYSTOLIC, daily(*[155] * 7, *[145] * 7))
    assert (found.percent, found.suggestion) == (50, Achievement.improving)


def test_the_way_counts_upwards_as_well() -> None:
    found = told(STEPS, daily(*[2000] * 7, *[3000] * 7))
    assert (found.percent, found.suggestion) == (25, Achievement.improving)


def test_going_the_wrong_way_is_told_below_zero() -> None:
    found = told(SYSTOLIC, daily(*[145] * 7, *[150] * 7))
    assert (found.percent, found.suggestion) == (-50, Achievement.worsening)


def test_a_small_move_is_no_change() -> None:
    found = told(SYSTOLIC, daily(*[155] * 7, *[154] * 7))
    assert (found.percent, found.suggestion) == (5, Achievement.no_change)


def test_exactly_on_a_strict_target_is_nearly_there_and_not_there() -> None:
    found = told(SYSTOLIC, daily(*[155] * 7, *[135] * 7))
    assert (found.percent, found.suggestion) == (99, Achievement.improving)
    at_most = told(replace(SYSTOLIC, comparator=Comparator.at_most), daily(*[155] * 7, *[135] * 7))
    assert (at_most.percent, at_most.suggestion) == (100, Achievement.achieved)


def test_a_good_average_of_wild_readings_is_not_achieved() -> None:
    # Averages 8.3, but two of three readings lie above the target.
    found = told(GLUCOSE, daily(*[12] * 7, *[12, 1, 12, 12, 1, 12, 8]))
    assert found.recent is not None and found.recent.value < 10
    assert found.suggestion is not Achievement.achieved
    assert found.percent is not None and found.percent < 100


def test_what_was_achieved_and_still_holds_is_sustained() -> None:
    readings = daily(*[155] * 7, *[130] * 7)
    assert told(SYSTOLIC, readings, stated=Achievement.achieved).suggestion is Achievement.sustaining
    assert told(SYSTOLIC, readings, stated=Achievement.improving).suggestion is Achievement.achieved


def test_a_target_held_from_the_start_has_no_way_to_go() -> None:
    held = told(SYSTOLIC, daily(*[130] * 14))
    assert (held.percent, held.suggestion) == (None, Achievement.achieved)
    lost = told(SYSTOLIC, daily(*[130] * 7, *[145] * 7))
    assert (lost.percent, lost.suggestion) == (None, Achievement.worsening)


def test_past_its_day_an_unmet_target_was_not_achieved() -> None:
    target = replace(SYSTOLIC, due_on=date(2026, 9, 14))
    readings = daily(*[155] * 7, *[145] * 8)
    # Midnight in London is 23:00 UTC in September: the due day itself still counts.
    on_the_day = told_at(target, readings, datetime(2026, 9, 14, 22, 59, tzinfo=UTC))
    after = told_at(target, readings, datetime(2026, 9, 14, 23, 0, tzinfo=UTC))
    assert (on_the_day.suggestion, after.suggestion) == (Achievement.improving, Achievement.not_achieved)


def test_readings_from_before_the_start_and_after_the_end_are_ignored() -> None:
    outside = [Measured(UUID(int=900), START - timedelta(seconds=1), Decimal(90))]
    outside += [Measured(UUID(int=901), START + timedelta(days=30), Decimal(90))]
    assert told(SYSTOLIC, [*daily(150, 150, 150), *outside], days=5).count == 3


def test_a_meter_s_limit_counts_where_it_decides_and_nowhere_else() -> None:
    low = Measured(UUID(int=1), START, Decimal("1.1"), "<")
    high = Measured(UUID(int=2), START + timedelta(days=1), Decimal("33.3"), ">")
    undecided = told(replace(GLUCOSE, value=Decimal(1)), [low, high])
    assert (undecided.judged, undecided.within) == (1, 0)
    assert (told(GLUCOSE, [low, high]).judged, told(GLUCOSE, [low, high]).within) == (2, 1)


@pytest.mark.parametrize(
    ("comparator", "within"),
    [(Comparator.below, 1), (Comparator.at_most, 3), (Comparator.above, 4), (Comparator.at_least, 6)],
)
def test_which_side_is_within_and_whether_level_is_depends_on_the_target(comparator: Comparator, within: int) -> None:
    assert replace(GLUCOSE, comparator=comparator).within(Sides(below=1, level=2, above=4, undecided=8)) == within


def test_the_evidence_is_the_readings_themselves() -> None:
    found = told(SYSTOLIC, daily(*[155] * 7, *[145] * 7))
    assert found.recent is not None and found.baseline is not None
    assert found.baseline.observation_ids == tuple(UUID(int=n) for n in range(7))
    assert found.recent.observation_ids == tuple(UUID(int=n) for n in range(7, 14))
    assert (found.recent.from_at, found.recent.until_at) == (START + timedelta(days=7), START + timedelta(days=13))


values = st.decimals(30, 300, places=1)
offsets = st.integers(-3 * 86_400, 120 * 86_400)
readings_of_any_kind = st.lists(
    st.tuples(offsets, values, st.none() | st.sampled_from("<>")), max_size=60, unique_by=lambda one: one[0]
).map(
    lambda found: [
        Measured(UUID(int=n), START + timedelta(seconds=at), value, bound) for n, (at, value, bound) in enumerate(found)
    ]
)
targets = st.builds(
    lambda comparator, value, days: replace(
        SYSTOLIC, comparator=comparator, value=value, due_on=START.date() + timedelta(days=days)
    ),
    st.sampled_from(Comparator),
    values,
    st.integers(0, 200),
)
instants = st.integers(0, 150 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))


@given(targets, readings_of_any_kind, instants, st.none() | st.sampled_from(Achievement))
def test_whatever_the_readings_the_figures_agree_with_each_other(
    target: SignTarget, readings: list[Measured], as_of: datetime, stated: Achievement | None
) -> None:
    found = told_at(target, readings, as_of, stated)
    known = [r for r in readings if START <= r.at <= as_of]
    assert found.count == len(known)
    assert 0 <= found.within <= found.judged <= found.count
    assert (found.latest is None) == (found.baseline is None) == (found.recent is None) == (not known)
    if found.data is not Sufficiency.enough:
        assert (found.percent, found.suggestion, found.share_within) == (None, None, None)
    else:
        assert found.count >= LEAST_READINGS
        assert found.suggestion is not None
        assert found.latest is not None and as_of - found.latest.at <= STALE_AFTER
    if found.percent is not None:
        assert -100 <= found.percent <= 100
        good = found.suggestion in {Achievement.achieved, Achievement.sustaining}
        assert (found.percent == 100) == good
    for average in (found.baseline, found.recent):
        if average is not None:
            assert len(average.observation_ids) == min(average.count, MOST_IDS)
            assert set(average.observation_ids) <= {r.observation_id for r in known}
            assert START <= average.from_at <= average.until_at <= as_of


@given(targets, readings_of_any_kind, instants)
def test_a_target_and_its_mirror_image_tell_the_same_story(
    target: SignTarget, readings: list[Measured], as_of: datetime
) -> None:
    mirror = {
        Comparator.below: Comparator.above,
        Comparator.at_most: Comparator.at_least,
        Comparator.above: Comparator.below,
        Comparator.at_least: Comparator.at_most,
    }
    turned = {"<": ">", ">": "<", None: None}
    there = told_at(target, readings, as_of)
    mirrored = replace(target, comparator=mirror[target.comparator], value=-target.value)
    back = [replace(r, value=-r.value, bound=turned[r.bound]) for r in readings]
    here = told_at(mirrored, back, as_of)
    assert (there.percent, there.suggestion, there.within, there.judged) == (
        here.percent,
        here.suggestion,
        here.within,
        here.judged,
    )


too_high = st.decimals(135, 300, places=1)


@given(
    st.lists(too_high, min_size=7, max_size=7), st.lists(values, min_size=7, max_size=7), st.decimals(1, 20, places=1)
)
def test_better_readings_never_lower_the_percentage(first: list[Decimal], later: list[Decimal], by: Decimal) -> None:
    before = told(SYSTOLIC, daily(*map(float, first), *map(float, later)))
    better = told(SYSTOLIC, daily(*map(float, first), *(float(v - by) for v in later)))
    assume(sum(first) > 7 * 135)
    assert better.percent is not None and before.percent is not None
    assert better.percent >= before.percent


def codes(target: SignTarget, start_on: date = FIRST_DAY) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        require_measurable(target, start_on)
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


@pytest.mark.parametrize("sign", ["", "nonsense", "consciousness_acvpu", "bmi", "news2_total"])
def test_only_what_is_measured_as_a_number_can_be_a_target(sign: str) -> None:
    assert codes(replace(SYSTOLIC, sign=sign)) == [("/target/sign", "sign_unfit")]


def test_a_target_is_checked_as_a_whole() -> None:
    require_measurable(SYSTOLIC, START.date())
    assert codes(replace(SYSTOLIC, part=None, unit="kPa"), date(2027, 1, 1)) == [
        ("/target/part", "part_missing"),
        ("/target/unit", "unit_not_canonical"),
        ("/target/due_on", "due_before_start"),
    ]
    assert codes(replace(GLUCOSE, part="systolic")) == [("/target/part", "part_unexpected")]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1000", "out_of_range"),
        ("-1", "out_of_range"),
        ("NaN", "value_unfit"),
        ("9.0000000000000000001", "value_unfit"),
    ],
)
def test_a_target_no_reading_could_meet_is_refused(value: str, code: str) -> None:
    assert codes(replace(GLUCOSE, value=Decimal(value))) == [("/target/value", code)]


@pytest.mark.parametrize("unit", ["L/min", "%"])
def test_oxygen_has_two_units_and_a_target_in_either(unit: str) -> None:
    require_measurable(SignTarget("inspired_oxygen", None, Comparator.at_most, Decimal(24), unit, DUE), START.date())
