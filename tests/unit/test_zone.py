"""The zone of a plan: the worst that holds, never green by default, never better for a worse reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.plans.target import Comparator
from domain.plans.zone import (
    Colour,
    Criterion,
    Decision,
    Gap,
    Known,
    ReadingBasis,
    ReadingCriterion,
    Seen,
    SymptomCriterion,
    Verdict,
    Zone,
    decide,
)

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ABOVE, AT_LEAST, AT_MOST, BELOW = Comparator.above, Comparator.at_least, Comparator.at_most, Comparator.below
WEIGHT, PRESSURE, FLOW = ("body_weight", None), ("blood_pressure", "systolic"), ("peak_expiratory_flow", None)


def reading(
    key: tuple[str, str | None], basis: ReadingBasis, comparator: Comparator, value: str, days: int = 1, times: int = 1
) -> Criterion:
    return ReadingCriterion(*key, basis, comparator, Decimal(value), days, times)


# Heart failure: more than 2 kg in 3 days (heartfailurematters.org); four days hold the day that is compared with.
GAIN = reading(WEIGHT, ReadingBasis.change, ABOVE, "2", days=4)
STEADY = reading(WEIGHT, ReadingBasis.change, AT_MOST, "2", days=4)
NO_CHEST_PAIN = SymptomCriterion("chest_pain", AT_MOST, 0)
HEART = (
    Zone(Colour.green, ((STEADY, NO_CHEST_PAIN),)),
    Zone(Colour.amber, ((GAIN,), (SymptomCriterion("ankle_swelling", AT_LEAST, 2),))),
    Zone(Colour.red, ((SymptomCriterion("chest_pain", AT_LEAST, 2),),)),
)
# Asthma: green from 80 %, red below 50 % of the personal best (Breathe 2015;11:98).
ASTHMA = (
    Zone(Colour.green, ((reading(FLOW, ReadingBasis.percent_of_best, AT_LEAST, "80"),),)),
    Zone(
        Colour.amber,
        (
            (
                reading(FLOW, ReadingBasis.percent_of_best, BELOW, "80"),
                reading(FLOW, ReadingBasis.percent_of_best, AT_LEAST, "50"),
            ),
        ),
    ),
    Zone(Colour.red, ((reading(FLOW, ReadingBasis.percent_of_best, BELOW, "50"),),)),
)
# Blood pressure at home: two in a row above 170 (clinical.md, home safety net).
PRESSURES = (
    Zone(Colour.green, ((reading(PRESSURE, ReadingBasis.latest, BELOW, "135"),),)),
    Zone(Colour.red, ((reading(PRESSURE, ReadingBasis.in_a_row, ABOVE, "170", times=2),),)),
)


def seen(value: str | int | Decimal, days_ago: int = 0, *, hour: int = 8, bound: str | None = None) -> Seen:
    on = TODAY - timedelta(days=days_ago)
    at = datetime(on.year, on.month, on.day, hour, tzinfo=UTC)
    return Seen(UUID(int=on.toordinal() * 24 + hour), at, on, Decimal(value), bound)


def known(
    best: int | None = None, symptoms: Mapping[str, tuple[Seen, ...]] | None = None, **readings: tuple[Seen, ...]
) -> Known:
    keys = {"weight": WEIGHT, "pressure": PRESSURE, "flow": FLOW}
    by_key = {keys[name]: found for name, found in readings.items()}
    return Known(NOW, TODAY, by_key, symptoms or {}, None if best is None else Decimal(best))


WELL: Mapping[str, tuple[Seen, ...]] = {"chest_pain": (seen(0),), "ankle_swelling": (seen(0),)}
STEADY_WEIGHT = (seen("80", 2), seen("80.5", 1), seen("81"))


def gaps(found: Decision) -> set[tuple[Colour, Gap | None]]:
    return {(each.colour, each.gap) for each in found.reasons if each.verdict is Verdict.not_evaluable}


def test_green_is_everything_asked_for_seen_today_and_nothing_worse() -> None:
    found = decide(HEART, known(symptoms=WELL, weight=STEADY_WEIGHT))
    assert found.colour is Colour.green
    [steady] = [each for each in found.reasons if each.criterion == STEADY]
    assert (steady.verdict, steady.figure, steady.age_seconds) == (Verdict.met, Fraction(1), 4 * 3600)
    assert [each.value for each in steady.seen] == [Decimal(80), Decimal(81)]


def test_more_than_two_kilograms_in_three_days_is_amber_and_two_are_not() -> None:
    assert decide(HEART, known(symptoms=WELL, weight=(seen(80, 3), seen(82)))).colour is Colour.green
    assert decide(HEART, known(symptoms=WELL, weight=(seen(80, 3), seen("82.1")))).colour is Colour.amber
    assert decide(HEART, known(symptoms=WELL, weight=(seen(80, 4), seen("82.1")))).colour is None


def test_the_worst_zone_that_holds_is_told() -> None:
    in_pain = {**WELL, "chest_pain": (seen(0, hour=7), seen(2))}
    assert decide(HEART, known(symptoms=in_pain, weight=(seen(80, 1), seen(90)))).colour is Colour.red
    assert decide(HEART, known(symptoms=in_pain)).colour is Colour.red


def test_a_worse_step_of_today_is_not_undone_by_a_better_one_later() -> None:
    better = {**WELL, "chest_pain": (seen(2, hour=7), seen(0, hour=11))}
    assert decide(HEART, known(symptoms=better, weight=STEADY_WEIGHT)).colour is Colour.red


def test_what_nobody_told_or_measured_is_not_green_and_says_why() -> None:
    silent = decide(HEART, known(weight=STEADY_WEIGHT))
    assert (silent.colour, gaps(silent)) == (None, {(colour, Gap.not_told) for colour in Colour})
    unweighed = decide(HEART, known(symptoms=WELL))
    assert (unweighed.colour, gaps(unweighed)) == (
        None,
        {(Colour.green, Gap.not_measured), (Colour.amber, Gap.not_measured)},
    )


def test_what_was_seen_yesterday_is_not_green_today() -> None:
    yesterday = {key: (seen(0, 1),) for key in WELL}
    assert decide(HEART, known(symptoms=yesterday, weight=STEADY_WEIGHT)).colour is None
    assert decide(HEART, known(symptoms=WELL, weight=STEADY_WEIGHT[:2])).colour is None


@pytest.mark.parametrize(
    ("flow", "colour"),
    [(400, Colour.green), (399, Colour.amber), (250, Colour.amber), (249, Colour.red), (1, Colour.red)],
)
def test_peak_flow_goes_by_the_personal_best_exactly(flow: int, colour: Colour) -> None:
    assert decide(ASTHMA, known(best=500, flow=(seen(flow),))).colour is colour


def test_without_a_personal_best_no_zone_is_told() -> None:
    found = decide(ASTHMA, known(flow=(seen(500),)))
    assert (found.colour, gaps(found)) == (None, {(colour, Gap.no_personal_best) for colour in Colour})


def test_two_in_a_row_are_two_that_follow_one_another() -> None:
    def colour(*values: int) -> Colour | None:
        found = tuple(seen(value, hour=6 + place) for place, value in enumerate(values))
        return decide(PRESSURES, known(pressure=found)).colour

    assert colour(171, 172) is Colour.red
    assert colour(171, 130, 172, 130) is Colour.green
    assert colour(171, 172, 130) is Colour.red
    assert colour(171) is None  # one alone asks for a second, and rules nothing out
    assert colour(130) is Colour.green


def test_green_waits_for_what_a_worse_zone_asks_and_nobody_told() -> None:
    modest = (Zone(Colour.green, ((STEADY,),)), *HEART[1:])
    assert decide(modest, known(weight=STEADY_WEIGHT)).colour is None
    assert decide(modest, known(symptoms=WELL, weight=STEADY_WEIGHT)).colour is Colour.green


def test_any_group_of_a_zone_is_enough() -> None:
    swollen = {**WELL, "ankle_swelling": (seen(2),)}
    assert decide(HEART, known(symptoms=swollen, weight=STEADY_WEIGHT)).colour is Colour.amber


def test_one_reading_beyond_where_two_are_asked_rules_nothing_out() -> None:
    modest = (Zone(Colour.green, ((NO_CHEST_PAIN,),)), PRESSURES[1])
    assert decide(modest, known(symptoms=WELL, pressure=(seen(171),))).colour is None
    assert decide(modest, known(symptoms=WELL, pressure=(seen(130),))).colour is Colour.green


@pytest.mark.parametrize(
    ("shown", "best", "colour"),
    [
        ((">", 400), 500, Colour.green),
        ((">", 399), 500, None),
        (("<", 250), 500, Colour.red),
        (("<", 251), 500, None),
        (("<", 60), 500, Colour.red),
        ((">", 60), None, None),
    ],
)
def test_a_limit_that_a_meter_showed_decides_where_it_can_and_is_a_gap_elsewhere(
    shown: tuple[str, int], best: int | None, colour: Colour | None
) -> None:
    bound, value = shown
    found = decide(ASTHMA, known(best=best, flow=(seen(value, bound=bound),)))
    assert found.colour is colour
    missing = {Gap.no_personal_best} if best is None else {Gap.only_a_limit} if colour is None else set()
    assert {gap for _, gap in gaps(found)} == missing


@pytest.mark.parametrize("comparator", Comparator)
@pytest.mark.parametrize(("limit", "bound"), [(limit, bound) for limit in (19, 20, 21) for bound in "<>"])
def test_a_limit_is_judged_as_every_number_beyond_it_would_be(comparator: Comparator, limit: int, bound: str) -> None:
    criterion = reading(FLOW, ReadingBasis.latest, comparator, "20")
    [reason] = decide([Zone(Colour.red, ((criterion,),))], known(flow=(seen(limit, bound=bound),))).reasons
    some = [Fraction(limit) + (1 if bound == ">" else -1) * Fraction(n, 10) for n in range(1, 40)]
    held = {comparator.holds(each, Decimal(20)) for each in some}
    assert (
        reason.verdict
        is {
            (True,): Verdict.met,
            (False,): Verdict.not_met,
            (False, True): Verdict.not_evaluable,
        }[tuple(sorted(held))]
    )


def test_a_change_from_or_to_a_limit_is_told_where_it_is_sure() -> None:
    def colour(*weights: Seen) -> Colour | None:
        return decide(HEART, known(symptoms=WELL, weight=weights)).colour

    assert colour(seen(80, 1), seen(82, bound=">")) is Colour.amber
    assert colour(seen(80, 1), seen(81, bound=">")) is None
    assert colour(seen(80, 1), seen(82, bound="<")) is Colour.green
    assert colour(seen(80, 1, bound="<"), seen(82)) is Colour.amber
    assert colour(seen(81, 1, bound="<"), seen(82)) is None
    assert colour(seen(81, 1, bound=">"), seen(82)) is Colour.green
    assert colour(seen(70, 1, bound=">"), seen(80, 2), seen("82.5")) is Colour.amber


def test_two_in_a_row_may_be_limits() -> None:
    high = (seen(200, hour=7, bound=">"), seen(200, hour=8, bound=">"))
    assert decide(PRESSURES, known(pressure=high)).colour is Colour.red
    assert decide(PRESSURES, known(pressure=(seen(160, hour=7, bound=">"), seen(171)))).colour is None


def test_what_lies_ahead_of_now_is_not_looked_at() -> None:
    assert decide(ASTHMA, known(best=500, flow=(seen(450, hour=13),))).colour is None


def test_a_plan_without_anything_for_green_never_says_green() -> None:
    only_red = (Zone(Colour.green, ()), HEART[2])
    assert decide(only_red, known(symptoms=WELL)).colour is None
    assert decide((), known(symptoms=WELL)).colour is None


days_ago = st.integers(0, 5)
bounds = st.sampled_from([None, None, None, "<", ">"])


def measured(values: st.SearchStrategy[Decimal], most: int) -> st.SearchStrategy[tuple[Seen, ...]]:
    """Return readings of the last days, one at an instant; some of them are limits that a meter showed."""
    each = st.tuples(days_ago, st.integers(6, 11), values, bounds)
    found = st.lists(each, max_size=most, unique_by=lambda one: one[:2])
    return found.map(lambda some: tuple(seen(value, ago, hour=hour, bound=bound) for ago, hour, value, bound in some))


weights = measured(st.integers(700, 900).map(lambda tenths: Decimal(tenths) / 10), 6)
pressures = measured(st.integers(90, 220).map(Decimal), 6)
flows = measured(st.integers(60, 700).map(Decimal), 4)
steps: st.SearchStrategy[Mapping[str, tuple[Seen, ...]]] = st.dictionaries(
    st.sampled_from(["chest_pain", "ankle_swelling"]),
    st.lists(st.tuples(days_ago, st.integers(6, 11), st.integers(0, 3)), max_size=4).map(
        lambda found: tuple(seen(level, ago, hour=hour) for ago, hour, level in found)
    ),
)
people = st.builds(
    known,
    best=st.none() | st.integers(100, 700),
    symptoms=steps,
    weight=weights,
    pressure=pressures,
    flow=flows,
)
plans = st.sampled_from([HEART, ASTHMA, PRESSURES])
RANK = {Colour.green: 0, None: 1, Colour.amber: 2, Colour.red: 3}


@given(plans, people)
def test_taking_anything_away_never_makes_it_green(zones: tuple[Zone, ...], person: Known) -> None:
    if decide(zones, person).colour is Colour.green:
        return
    for key, found in person.readings.items():
        for gone in found:
            less = {**person.readings, key: tuple(each for each in found if each != gone)}
            if gone == max(found, key=lambda each: (each.at, each.id)) or key == WEIGHT:
                continue  # an earlier reading counts again: that is another day's figure, not a missing one
            assert decide(zones, replace(person, readings=less)).colour is not Colour.green
    without = replace(person, readings={}, symptoms={}, personal_best=None)
    assert decide(zones, without).colour is None


@given(plans, people)
def test_green_rests_on_something_seen_today_for_everything_it_asks(zones: tuple[Zone, ...], person: Known) -> None:
    found = decide(zones, person)
    if found.colour is Colour.green:
        of_green = [each for each in found.reasons if each.colour is Colour.green]
        assert of_green
        assert all(each.verdict is Verdict.met for each in of_green)
        assert all(any(one.on == TODAY for one in each.seen) for each in of_green)
        for zone in (zone for zone in zones if zone.colour is not Colour.green):
            for number in range(len(zone.groups)):
                came = [each.verdict for each in found.reasons if (each.colour, each.group) == (zone.colour, number)]
                assert Verdict.not_met in came


@given(people, st.integers(0, 300), st.booleans())
def test_a_worse_reading_never_improves_the_zone(person: Known, more: int, is_limit: bool) -> None:
    worse = {
        WEIGHT: (HEART, max((each.value for each in person.readings[WEIGHT]), default=Decimal(60)) + more, ">"),
        PRESSURE: (PRESSURES, max((each.value for each in person.readings[PRESSURE]), default=Decimal(60)) + more, ">"),
        FLOW: (ASTHMA, min((each.value for each in person.readings[FLOW]), default=Decimal(800)) - min(more, 50), "<"),
    }
    for key, (zones, value, bound) in worse.items():
        if any(each.bound == bound for each in person.readings[key]) and not is_limit:
            continue  # what was beyond a limit may have been worse than any number
        added = (*person.readings[key], seen(value, hour=12, bound=bound if is_limit else None))
        after = decide(zones, replace(person, readings={**person.readings, key: added}))
        before = decide(zones, person).colour
        if before is not None and not _may_be_worse_than(before, after):
            assert RANK[after.colour] >= RANK[before]
        assert before is not Colour.red or after.colour is Colour.red


def _may_be_worse_than(colour: Colour, found: Decision) -> bool:
    """Return whether it is not known, because a limit leaves a worse zone open."""
    worse = {(each, Gap.only_a_limit) for each in Colour if RANK[each] > RANK[colour]}
    return found.colour is None and bool(worse & gaps(found))


@given(people, st.sampled_from(["chest_pain", "ankle_swelling"]), st.integers(0, 3))
def test_a_symptom_more_never_improves_the_zone(person: Known, symptom: str, level: int) -> None:
    told = (*person.symptoms.get(symptom, ()), seen(level, hour=12))
    after = decide(HEART, replace(person, symptoms={**person.symptoms, symptom: told})).colour
    before = decide(HEART, person).colour
    if before is not None:
        assert RANK[after] >= RANK[before]


@given(plans, people)
def test_every_criterion_is_told_with_what_came_of_it(zones: tuple[Zone, ...], person: Known) -> None:
    reasons = decide(zones, person).reasons
    assert len(reasons) == sum(len(group) for zone in zones for group in zone.groups)
    for each in reasons:
        assert (each.gap is None) == (each.verdict is not Verdict.not_evaluable)
        assert (each.figure is None) == (each.verdict is Verdict.not_evaluable)
        assert (each.age_seconds is None) == (not each.seen)


def test_where_there_is_more_than_was_looked_at_nothing_is_ruled_out_by_it() -> None:
    whole = known(symptoms=WELL, weight=STEADY_WEIGHT)
    assert decide(HEART, whole).colour is Colour.green
    for cut in ("body_weight", "chest_pain", "ankle_swelling"):
        found = decide(HEART, replace(whole, cut=frozenset({cut})))
        assert (found.colour, Gap.too_many in {gap for _, gap in gaps(found)}) == (None, True)
    many = known(pressure=tuple(seen("130", hour=hour) for hour in (6, 7, 8)))
    assert decide(PRESSURES, many).colour is Colour.green
    assert decide(PRESSURES, replace(many, cut=frozenset({"blood_pressure"}))).colour is None


def test_what_holds_holds_however_much_more_there_is() -> None:
    in_pain = known(symptoms={**WELL, "chest_pain": (seen(2),)}, weight=STEADY_WEIGHT)
    assert decide(HEART, replace(in_pain, cut=frozenset({"chest_pain"}))).colour is Colour.red
