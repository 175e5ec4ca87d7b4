"""The catalogue against its published table, and every code against its own check digit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from domain.observations.catalogue import CATALOGUE
from domain.observations.vital_sign import Coding, Limits, Shape, VitalSign

TABLE: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "vital_signs_catalogue.json").read_text(), parse_float=Decimal
)
PUBLISHED: list[dict[str, Any]] = TABLE["vital_signs"]
EACH = pytest.mark.parametrize("published", PUBLISHED, ids=lambda published: published["key"])

# The table says how each unit is converted in a formula over x; here it is said again, independently.
FORMULAS = {
    "(x-32)*5/9": lambda x: (x - 32) * 5 / 9,
    "x/1000": lambda x: x / 1000,
    "x*0.45359237": lambda x: x * Fraction("0.45359237"),
    "x*100": lambda x: x * 100,
    "x*2.54": lambda x: x * Fraction("2.54"),
    "x/18.0182": lambda x: x / Fraction("18.0182"),
    "x*60": lambda x: x * 60,
    "x*0.6": lambda x: x * Fraction("0.6"),
    "(x-2.15)/0.0915": lambda x: (x - Fraction("2.15")) / Fraction("0.0915"),
}


def codings(published: list[dict[str, str]]) -> tuple[Coding, ...]:
    return tuple(Coding(coding["code"], coding["display"]) for coding in published)


def limits(published: list[int | Decimal]) -> Limits:
    return Limits(Decimal(published[0]), Decimal(published[1]))


def test_the_catalogue_has_the_seventeen_published_signs_in_their_order() -> None:
    assert list(CATALOGUE) == [published["key"] for published in PUBLISHED]
    assert len(CATALOGUE) == 17


@EACH
def test_names_codes_and_decimals_are_the_published_ones(published: dict[str, Any]) -> None:
    sign = CATALOGUE[published["key"]]
    assert (sign.display, sign.decimals) == (published["display"], published["decimals"])
    assert sign.loinc == codings(published["loinc"])
    assert sign.snomed == codings(published["snomed"])
    assert sign.category in published["category"].replace("(local)", "")


@EACH
def test_units_and_canonical_unit_are_the_published_ones(published: dict[str, Any]) -> None:
    sign = CATALOGUE[published["key"]]
    assert {(unit.ucum, unit.display) for unit in sign.units} == {
        (unit["ucum"], unit["display"]) for unit in published["units"]
    }
    assert sign.canonical_unit == published["canonical_unit"]
    assert {unit.kept_as for unit in sign.units} == {found.unit for found in sign.ranges} or sign.parts or sign.answers


@EACH
def test_every_conversion_is_the_published_formula_to_the_last_kept_decimal(published: dict[str, Any]) -> None:
    sign = CATALOGUE[published["key"]]
    for unit in published["units"]:
        converts = sign.unit(unit["ucum"])
        assert converts is not None
        for sent in ("0.1", "1", "7.25", "36.6", "98.6", "120", "176.4", "999.99"):
            exact = FORMULAS.get(unit.get("to_canonical", ""), lambda x: x)(Fraction(sent))
            got = Fraction(converts.convert(Decimal(sent)))
            assert abs(got - exact) <= Fraction(1, 20_000)
            assert (got * 10_000).denominator == 1
            assert converts.kept_as != converts.ucum or got == Fraction(sent)


@EACH
def test_hard_and_confirm_limits_are_the_published_ones(published: dict[str, Any]) -> None:
    sign = CATALOGUE[published["key"]]
    hard, confirm = published["hard_limits"], published["confirm_limits"]
    if isinstance(hard, list):
        hard, confirm = {sign.canonical_unit: hard}, {sign.canonical_unit: confirm}
    assert {found.unit: found.hard for found in sign.ranges} == {u: limits(ends) for u, ends in (hard or {}).items()}
    assert {found.unit: found.confirm for found in sign.ranges} == {
        u: limits(ends) for u, ends in (confirm or {}).items()
    }


@EACH
def test_parts_answers_and_aliases_are_the_published_ones(published: dict[str, Any]) -> None:
    sign = CATALOGUE[published["key"]]
    assert [(part.key, part.loinc.code, part.snomed.code, part.hard, part.confirm) for part in sign.parts] == [
        (part["key"], part["loinc"], part["snomed"], limits(part["hard_limits"]), limits(part["confirm_limits"]))
        for part in published.get("components", [])
    ]
    assert [(answer, coding.code, coding.display) for answer, coding in sign.answers] == [
        (value["key"], value["snomed"], value["display"]) for value in published.get("values", [])
    ]
    aliases = published.get("import_aliases", {})
    assert sign.aliases.ucum == tuple(aliases.get("ucum", ()))
    assert sign.aliases.loinc == tuple(alias.split()[0] for alias in aliases.get("loinc", ()))
    assert sign.aliases.snomed == tuple(alias.split()[0] for alias in aliases.get("snomed", ()))


@EACH
def test_what_lies_outside_the_hard_limits_also_lies_outside_the_confirm_limits(published: dict[str, Any]) -> None:
    sign = CATALOGUE[published["key"]]
    for hard, confirm in [(r.hard, r.confirm) for r in sign.ranges] + [(p.hard, p.confirm) for p in sign.parts]:
        assert hard.low <= confirm.low <= confirm.high <= hard.high


def test_the_shape_of_each_sign_is_one_of_three() -> None:
    shapes = {key: sign.shape for key, sign in CATALOGUE.items()}
    assert {key for key, shape in shapes.items() if shape is Shape.pair} == {"blood_pressure"}
    assert {key for key, shape in shapes.items() if shape is Shape.coded} == {"consciousness_acvpu"}


def test_body_mass_index_and_the_early_warning_score_are_computed_and_never_entered() -> None:
    assert {key for key, sign in CATALOGUE.items() if sign.derived} == {"bmi", "news2_total"}


def test_only_a_glucose_meter_says_low_or_high_instead_of_a_number() -> None:
    assert {key for key, sign in CATALOGUE.items() if sign.comparators} == {"blood_glucose"}


@pytest.mark.parametrize(
    ("key", "kept_as", "loinc"),
    [
        ("blood_glucose", "mmol/L", "14743-9"),
        ("inspired_oxygen", "L/min", "3151-8"),
        ("inspired_oxygen", "%", "3150-0"),
        ("hba1c", "mmol/mol", "59261-8"),
        ("oxygen_saturation", "%", "2708-6"),
        ("blood_pressure", "mm[Hg]", "85354-9"),
        ("consciousness_acvpu", None, None),
    ],
)
def test_the_loinc_code_follows_the_property_that_is_kept(key: str, kept_as: str | None, loinc: str | None) -> None:
    assert CATALOGUE[key].loinc_of(kept_as) == loinc


def test_the_code_of_another_instrument_that_others_use_for_news2_is_nowhere() -> None:
    assert "88330-6" not in set(loinc_codes())


def test_no_limits_are_given_for_a_unit_that_nothing_is_kept_in() -> None:
    with pytest.raises(KeyError):
        CATALOGUE["heart_rate"].range_of("bpm")


def loinc_codes() -> Iterator[str]:
    for sign in CATALOGUE.values():
        yield from (coding.code for coding in sign.loinc)
        yield from (part.loinc.code for part in sign.parts)
        yield from (found.loinc for found in sign.ranges if found.loinc)
        yield from sign.aliases.loinc


def snomed_codes() -> Iterator[str]:
    for sign in CATALOGUE.values():
        yield from (coding.code for coding in sign.snomed)
        yield from (part.snomed.code for part in sign.parts)
        yield from (coding.code for _, coding in sign.answers)
        yield from sign.aliases.snomed


def loinc_check_digit(code: str) -> int:
    """LOINC's mod 10: from the right, every other digit doubled, beginning with the first; the digits summed."""
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(code))]
    return -sum(number // 10 + number % 10 for number in doubled) % 10


@pytest.mark.parametrize("code", sorted(set(loinc_codes())))
def test_every_loinc_code_passes_its_check_digit(code: str) -> None:
    number, check = code.split("-")
    assert loinc_check_digit(number) == int(check)


def test_the_loinc_check_catches_the_slip_seen_in_notes() -> None:
    assert loinc_check_digit("3150") == 0  # 3150-6 is going about; the code is 3150-0


MULTIPLY = [[0] * 10 for _ in range(10)]
PERMUTE = [list(range(10))]


def build_dihedral_tables() -> None:
    """Verhoeff's tables from their definition: the dihedral group of order 10, and powers of one permutation."""
    for a in range(10):
        for b in range(10):
            turn = (a + b) % 5 if a < 5 else (a - b) % 5
            MULTIPLY[a][b] = turn + (5 if (a < 5) != (b < 5) else 0)
    first = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    for _ in range(7):
        PERMUTE.append([first[digit] for digit in PERMUTE[-1]])


build_dihedral_tables()


def passes_verhoeff(code: str) -> bool:
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = MULTIPLY[check][PERMUTE[place % 8][int(digit)]]
    return check == 0


@pytest.mark.parametrize("code", sorted(set(snomed_codes())))
def test_every_snomed_code_passes_its_check_digit(code: str) -> None:
    assert passes_verhoeff(code)


def test_the_snomed_check_catches_a_wrong_digit_and_a_swap() -> None:
    assert passes_verhoeff("75367002")
    assert not passes_verhoeff("75367003")
    assert not passes_verhoeff("73567002")


def test_every_sign_says_for_how_long_its_latest_value_stands_for_the_present() -> None:
    def hours(sign: VitalSign) -> float:
        return sign.stale_after.total_seconds() / 3600

    assert all(hours(sign) >= 24 for sign in CATALOGUE.values())
    assert hours(CATALOGUE["oxygen_saturation"]) == 24
    assert hours(CATALOGUE["body_height"]) == 24 * 365
