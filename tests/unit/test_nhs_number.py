"""NHS numbers against published and derived cases, and what modulus 11 is for: any one slip is caught."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.people.nhs_number import Region, has_right_check_digit, parse_nhs_number, region_of

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "nhs_number_vectors.json").read_text())
CASES: list[dict[str, Any]] = VECTORS["cases"]


def is_placeholder(case: dict[str, Any]) -> bool:
    return case["normalised"] is not None and len(set(case["normalised"])) == 1


def test_all_fifty_six_cases_are_here() -> None:
    assert len(CASES) == 56


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['reason']}: {case['input']!r}")
def test_each_case_is_judged_as_published(case: dict[str, Any]) -> None:
    if case["valid_checksum"] and not is_placeholder(case):
        parsed = parse_nhs_number(case["input"], allow_test_range=True)
        assert (parsed.digits, parsed.region) == (case["normalised"], case["range"])
    else:
        with pytest.raises(Invalid):
            parse_nhs_number(case["input"], allow_test_range=True)


@pytest.mark.parametrize("case", [case for case in CASES if case["normalised"]], ids=lambda case: case["input"])
def test_check_digit_and_range_of_each_well_formed_case_are_as_published(case: dict[str, Any]) -> None:
    assert has_right_check_digit(case["normalised"]) is case["valid_checksum"]
    assert region_of(case["normalised"]) == case["range"]


@pytest.mark.parametrize("case", [case for case in CASES if is_placeholder(case)], ids=lambda case: case["input"])
def test_a_repeated_digit_is_a_placeholder_although_its_check_digit_is_right(case: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        parse_nhs_number(case["input"], allow_test_range=True)
    assert refused.value.faults[0].code == "nhs_number_placeholder"


def test_a_number_never_issued_is_taken_only_where_test_people_are() -> None:
    with pytest.raises(Invalid) as refused:
        parse_nhs_number("9990000018")
    assert refused.value.faults[0].code == "nhs_number_range"
    assert parse_nhs_number("9990000018", allow_test_range=True).region is Region.not_issued_synthetic


def test_an_irish_identifier_is_not_an_nhs_number_even_where_test_people_are() -> None:
    irish = next(n for n in map(str, range(8_000_000_000, 8_000_000_100)) if has_right_check_digit(n))
    with pytest.raises(Invalid):
        parse_nhs_number(irish, allow_test_range=True)


def test_the_number_is_shown_in_threes_and_a_four() -> None:
    assert str(parse_nhs_number("4000000632")) == "400 000 0632"


@pytest.mark.parametrize(
    "text", ["999-000 0018", "999 000-0018", "999\u00a0000\u00a00018", "999000 0018", "9990000018\n\n0", "+990000018"]
)
def test_a_form_that_mixes_separators_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_nhs_number(text, allow_test_range=True)
    assert refused.value.faults[0].code == "nhs_number_form"


def test_a_refusal_points_where_it_is_told_to_and_never_repeats_the_number() -> None:
    with pytest.raises(Invalid) as refused:
        parse_nhs_number("4000000633", pointer="/patients/3/nhs_number")
    (fault,) = refused.value.faults
    assert fault.pointer == "/patients/3/nhs_number"
    assert "4000000633" not in fault.message + refused.value.detail


@st.composite
def issued(draw: st.DrawFn) -> str:
    nine = draw(st.integers(400_000_000, 499_999_999).map(str))
    number = next((nine + check for check in "0123456789" if has_right_check_digit(nine + check)), None)
    assume(number is not None and len(set(number)) > 1)
    return str(number)


@given(issued())
def test_every_issued_number_is_taken_in_each_form(number: str) -> None:
    for separator in ("", " ", "-"):
        text = separator.join((number[:3], number[3:6], number[6:]))
        assert parse_nhs_number(text).digits == number


@given(issued(), st.integers(0, 9), st.integers(1, 9))
def test_any_single_wrong_digit_is_caught(number: str, place: int, by: int) -> None:
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    with pytest.raises(Invalid):
        parse_nhs_number(wrong, allow_test_range=True)


@given(issued(), st.integers(0, 8))
def test_any_two_neighbours_swapped_are_caught(number: str, place: int) -> None:
    assume(number[place] != number[place + 1])
    wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    with pytest.raises(Invalid):
        parse_nhs_number(wrong, allow_test_range=True)


@given(st.text(max_size=20))
def test_whatever_is_written_is_either_a_number_or_refused(text: str) -> None:
    try:
        parsed = parse_nhs_number(text, allow_test_range=True)
    except Invalid:
        return
    assert parsed.digits.isascii()
    assert parsed.digits.isdigit()
