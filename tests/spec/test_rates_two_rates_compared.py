"""The rate since against the rate before: ratio, exact interval, p-value, change in per cent."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.outcomes.rates import (
    Comparison,
    Estimate,
    Method,
    Reason,
    count_interval,
    p_value,
    percent_change,
    rate,
    rate_ratio,
    told_ratio,
)

CASES = json.loads((Path(__file__).parents[1] / "vectors/statistics/expected_rate_ratio.json").read_text())["cases"]
EXACT = 1e-6

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']} {case['label'][:40]}")


def _comparison(case: dict[str, Any]) -> Comparison:
    given_ = case["input"]
    return Comparison(
        events_since=given_["events_intervention"],
        time_since=given_["person_time_intervention"],
        events_before=given_["events_comparator"],
        time_before=given_["person_time_comparator"],
    )


def _finite(number: float | str | None) -> float | None:
    return None if number == "Infinity" or number is None else float(number)


def _agrees(found: float | None, expected: float | str | None, tolerance: float) -> bool:
    wanted = _finite(expected)
    if found is None or wanted is None:
        return found is wanted
    return found == pytest.approx(wanted, rel=tolerance, abs=1e-12)


def _interval_agrees(found: Estimate, expected: list[float | str], tolerance: float) -> bool:
    return _agrees(found.low, expected[0], tolerance) and _agrees(found.high, expected[1], tolerance)


@every_case
def test_the_ratio_and_its_exact_interval(case: dict[str, Any]) -> None:
    found, expected = rate_ratio(_comparison(case)), case["expected"]
    assert _agrees(found.value, expected["rate_ratio"], EXACT)
    assert _interval_agrees(found, expected["ci95_exact_central"], EXACT)


@every_case
def test_the_exact_central_p_value(case: dict[str, Any]) -> None:
    assert p_value(_comparison(case)) == pytest.approx(case["expected"]["p_exact_central"], rel=EXACT, abs=1e-12)


@every_case
def test_the_change_in_per_cent_is_the_reduction_with_its_sign_turned(case: dict[str, Any]) -> None:
    found, expected = percent_change(rate_ratio(_comparison(case))), case["expected"]
    if expected["percent_reduction"] is None:
        assert (found.value, found.low, found.high) == (None, None, None)
        assert found.reason is not None
        return
    assert found.value == pytest.approx(-expected["percent_reduction"], rel=EXACT, abs=1e-9)
    least, most = expected["percent_reduction_ci95_exact"]
    assert [found.low, found.high] == pytest.approx([-most, -least], rel=EXACT, abs=1e-9)


@every_case
def test_each_rate_with_the_garwood_interval_whatever_its_size(case: dict[str, Any]) -> None:
    given_, expected = case["input"], case["expected"]
    for side, key in (("intervention", "rate_intervention"), ("comparator", "rate_comparator")):
        events, time = given_[f"events_{side}"], given_[f"person_time_{side}"]
        found = rate(events, time, per=given_["per"])
        assert found.value == pytest.approx(expected[key], rel=EXACT)
        if events < 10:
            assert [found.low, found.high] == pytest.approx(expected[f"{key}_ci95_garwood"], rel=EXACT)
        else:  # Byar's limits lie within half a per cent of the exact ones from ten events on
            assert [found.low, found.high] == pytest.approx(expected[f"{key}_ci95_garwood"], rel=5e-3)


@pytest.mark.parametrize(
    ("ratio", "told", "percent"),
    [
        (0.7443, 0.74, -26),
        (1.129, 1.13, 13),
        (2.304, 2.3, 130),
        (1.0033, 1.003, 0.3),
        (0.0042, 0.004, -99.6),
        (1, 1, 0),
    ],
)
def test_a_ratio_is_told_to_two_decimals_and_the_change_says_the_same(
    ratio: float, told: float, percent: float
) -> None:
    found = told_ratio(Estimate(ratio, None, None, Method.conditional))
    assert (found.value, percent_change(found).value) == (told, percent)


@given(st.floats(1e-5, 1e5))
def test_what_is_told_never_hides_on_which_side_of_no_change_a_ratio_lies(ratio: float) -> None:
    found = told_ratio(Estimate(ratio, ratio, ratio, Method.conditional))
    change = percent_change(found)
    assert found.value is not None and change.value is not None
    assert (found.value > 1, found.value < 1) == (change.value > 0, change.value < 0)
    if abs(ratio - 1) > 1e-6:
        assert (found.value > 1, found.value < 1) == (ratio > 1, ratio < 1)
    assert found.value > 0
    assert found.value == pytest.approx(ratio, rel=0.5)


def test_no_events_before_is_not_an_infinite_ratio_but_an_absent_one_with_its_reason() -> None:
    found = rate_ratio(Comparison(4, 3650, 0, 3650))
    assert (found.value, found.high, found.reason) == (None, None, Reason.no_comparator_events)
    assert found.low is not None


def test_no_events_at_all_is_no_information() -> None:
    found = rate_ratio(Comparison(0, 1000, 0, 1200))
    assert (found.value, found.low, found.high, found.reason) == (None, 0.0, None, Reason.no_events)


@pytest.mark.parametrize("times", [(0, 10), (10, 0), (math.nan, 1), (1, math.inf), (-1, 1)])
def test_a_comparison_needs_person_time_on_both_sides(times: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="person-time"):
        Comparison(1, times[0], 1, times[1])


counts = st.integers(0, 10_000)
times = st.floats(1, 1e9, allow_nan=False)


@given(counts, times, counts, times)
def test_nothing_is_ever_nan_or_infinite(a: int, time_a: float, b: int, time_b: float) -> None:
    comparison = Comparison(a, time_a, b, time_b)
    found = rate_ratio(comparison)
    for number in (found.value, found.low, found.high):
        assert number is None or math.isfinite(number)
    assert 0 <= p_value(comparison) <= 1


@given(st.integers(1, 10_000), times, st.integers(1, 10_000), times)
def test_the_interval_holds_the_ratio_and_turns_over_with_the_sides(
    a: int, time_a: float, b: int, time_b: float
) -> None:
    one, other = rate_ratio(Comparison(a, time_a, b, time_b)), rate_ratio(Comparison(b, time_b, a, time_a))
    assert one.value is not None and one.low is not None and one.high is not None
    assert other.low is not None
    assert one.low < one.value < one.high
    assert 1 / other.low == pytest.approx(one.high, rel=1e-9)


def test_byars_limits_keep_close_to_the_exact_ones_where_they_take_over() -> None:
    assert count_interval(10) == pytest.approx((4.795389, 18.390356), rel=5e-3)
