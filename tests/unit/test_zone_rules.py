"""What zones of a plan may say: all three, of what can be measured or told, in units that are meant; kept as agreed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.diary.symptom import SYMPTOMS
from domain.errors import Invalid
from domain.observations.catalogue import CATALOGUE
from domain.plans.target import Comparator
from domain.plans.templates import TemplateVersion, require_known_template, templates
from domain.plans.zone import Colour, Criterion, ReadingBasis, ReadingCriterion, SymptomCriterion, Zone
from domain.plans.zone_rules import AgreedZone, as_json, from_json, require_sensible_zones, unit_of

WEIGHT = ReadingCriterion("body_weight", None, ReadingBasis.change, Comparator.above, Decimal(2), days=4)
PRESSURE = ReadingCriterion("blood_pressure", "systolic", ReadingBasis.latest, Comparator.below, Decimal(135))
FLOW = ReadingCriterion("peak_expiratory_flow", None, ReadingBasis.percent_of_best, Comparator.below, Decimal(80))
ANKLES = SymptomCriterion("ankle_swelling", Comparator.at_least, 2)


def agreed(*criteria: Criterion) -> list[AgreedZone]:
    """Return three zones, the red one with these criteria, in one group."""
    zones = [Zone(Colour.green, ((PRESSURE,),)), Zone(Colour.amber, ((ANKLES,),)), Zone(Colour.red, (criteria,))]
    return [AgreedZone(zone, "Do as agreed", None) for zone in zones]


def faults(zones: list[AgreedZone]) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        require_sensible_zones(zones)
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


def test_three_zones_or_none_are_taken() -> None:
    require_sensible_zones([])
    require_sensible_zones(agreed(WEIGHT, FLOW, ANKLES))


def test_a_colour_alone_or_twice_is_refused() -> None:
    three = agreed(WEIGHT)
    assert faults(three[1:]) == [("/zones", "colours_incomplete")]
    assert faults([three[0], three[1], three[1]]) == [("/zones", "colours_incomplete")]


@pytest.mark.parametrize(
    ("criterion", "field", "code"),
    [
        (replace(ANKLES, symptom="gout"), "symptom", "unknown_symptom"),
        (replace(ANKLES, level=4), "level", "out_of_range"),
        (SymptomCriterion("ankle_swelling", Comparator.above, 3), "level", "never_met"),
        (SymptomCriterion("ankle_swelling", Comparator.below, 0), "level", "never_met"),
        (replace(ANKLES, days=31), "days", "out_of_range"),
        (replace(WEIGHT, sign="luck"), "sign", "sign_unfit"),
        (replace(WEIGHT, sign="consciousness_acvpu"), "sign", "sign_unfit"),
        (replace(WEIGHT, sign="inspired_oxygen"), "sign", "sign_unfit"),
        (replace(WEIGHT, sign="bmi"), "sign", "sign_unfit"),
        (replace(WEIGHT, part="systolic"), "part", "part_unfit"),
        (replace(PRESSURE, part=None), "part", "part_unfit"),
        (replace(WEIGHT, days=1), "days", "out_of_range"),
        (replace(PRESSURE, times=2), "times", "out_of_range"),
        (replace(PRESSURE, basis=ReadingBasis.in_a_row), "times", "out_of_range"),
        (replace(PRESSURE, basis=ReadingBasis.in_a_row, times=6), "times", "out_of_range"),
        (replace(PRESSURE, basis=ReadingBasis.percent_of_best, value=Decimal(80)), "basis", "basis_unfit"),
        (replace(PRESSURE, value=Decimal(3000)), "value", "out_of_range"),
        (replace(PRESSURE, value=Decimal("1." + "3" * 20)), "value", "value_unfit"),
        (replace(FLOW, value=Decimal(-1)), "value", "out_of_range"),
    ],
)
def test_what_could_never_be_held_against_anything_is_refused_with_its_place(
    criterion: Criterion, field: str, code: str
) -> None:
    assert (f"/zones/2/any_of/0/all_of/1/{field}", code) in faults(agreed(WEIGHT, criterion))


def test_a_value_is_in_the_sign_s_unit_and_a_share_in_per_cent() -> None:
    assert [unit_of(each) for each in (WEIGHT, PRESSURE, FLOW)] == ["kg", "mm[Hg]", "%"]


criteria = st.builds(
    ReadingCriterion,
    st.sampled_from(sorted(CATALOGUE)),
    st.none() | st.just("systolic"),
    st.sampled_from(ReadingBasis),
    st.sampled_from(Comparator),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.integers(1, 30),
    st.integers(1, 5),
) | st.builds(
    SymptomCriterion,
    st.sampled_from(sorted(SYMPTOMS)),
    st.sampled_from(Comparator),
    st.integers(0, 3),
    st.integers(1, 30),
)
zones = st.builds(
    Zone, st.sampled_from(Colour), st.lists(st.lists(criteria, max_size=3).map(tuple), max_size=3).map(tuple)
)


@given(zones)
def test_a_zone_is_read_as_it_was_kept(zone: Zone) -> None:
    assert from_json(zone.colour.value, as_json(zone)) == zone


def test_there_is_a_template_for_each_condition_and_its_zones_can_be_kept_to() -> None:
    assert {each.condition.value for each in templates().values()} == {
        "heart_failure", "copd", "asthma", "diabetes", "hypertension",
    }  # fmt: skip
    for template in templates().values():
        require_sensible_zones(template.zones)
        assert template.actions
        assert template.written_on < template.review_on
        assert all(each.schedule(template.written_on) for each in template.actions)


def test_every_criterion_of_a_template_names_its_source_and_every_source_is_named() -> None:
    for template in templates().values():
        places = {
            f"/zones/{place}/any_of/{number}/all_of/{each}"
            for place, agreed in enumerate(template.zones)
            for number, group in enumerate(agreed.zone.groups)
            for each in range(len(group))
        }
        assert {each.pointer for each in template.citations} == places
        named = {each.source for each in template.citations}
        assert template.sources.keys() - {"ours"} <= named <= template.sources.keys()


def test_a_plan_says_which_version_of_which_template_it_was_made_from() -> None:
    made = TemplateVersion("heart_failure", 12)
    assert TemplateVersion.read(made.text()) == made


@pytest.mark.parametrize("made_from", [("gout", 1), ("copd", 0), ("copd", 99)])
def test_a_template_that_there_is_not_is_refused(made_from: tuple[str, int]) -> None:
    with pytest.raises(Invalid):
        require_known_template(TemplateVersion(*made_from))


# What only a clinician or a newer source may change: the numbers as their sources say them (docs/plans.md).
CITED = {
    ("heart_failure", "esc"): {("body_weight", "2", 4)},
    ("asthma", "ers"): {("peak_expiratory_flow", "80", 1), ("peak_expiratory_flow", "50", 1)},
    ("diabetes", "floor"): {("blood_glucose", "4", 1)},
    ("diabetes", "dia"): {("blood_glucose", "3", 1)},
    ("diabetes", "fv"): {("blood_glucose", "14", 1)},
    ("hypertension", "ng136"): {("blood_pressure", "135", 1), ("blood_pressure", "85", 1)},
    ("hypertension", "net"): {("blood_pressure", "170", 1), ("blood_pressure", "115", 1)},
}


def test_the_numbers_of_templates_are_those_of_their_sources() -> None:
    found: dict[tuple[str, str], set[tuple[str, str, int]]] = {}
    for template in templates().values():
        criteria = [each for agreed in template.zones for group in agreed.zone.groups for each in group]
        for criterion, citation in zip(criteria, template.citations, strict=True):
            if isinstance(criterion, ReadingCriterion):
                said = (criterion.sign, str(criterion.value), criterion.days)
                found.setdefault((template.key, citation.source), set()).add(said)
    assert found == CITED
