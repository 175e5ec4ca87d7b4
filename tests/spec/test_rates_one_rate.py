"""A rate per person-time and its interval, as UKHSA publishes them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.outcomes.rates import Method, rate, significant

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/statistics/rate_intervals.json").read_text())
TOLERANCE = 1e-9


def _name(case: dict[str, Any]) -> str:
    return f"{case['events']} in {case['person_time']} per {case['per']}"


@pytest.mark.parametrize("case", VECTORS["cases"], ids=_name)
def test_a_rate_has_the_interval_that_its_definition_gives(case: dict[str, Any]) -> None:
    for confidence, key in ((0.95, "interval_95"), (0.998, "interval_998")):
        found = rate(case["events"], case["person_time"], per=case["per"], confidence=confidence)
        assert found.value == pytest.approx(case["rate"], rel=TOLERANCE)
        assert [found.low, found.high] == pytest.approx(case[key], rel=TOLERANCE)
        assert found.method == case["method"]
        assert found.reason is None


@pytest.mark.parametrize("case", VECTORS["absent"], ids=_name)
def test_what_cannot_be_estimated_is_absent_with_a_reason(case: dict[str, Any]) -> None:
    found = rate(case["events"], case["person_time"], per=case["per"])
    assert (found.value, found.low, found.high, found.reason) == (None, None, None, case["reason"])


def test_the_exact_interval_gives_way_to_byars_at_ten_events() -> None:
    assert rate(9, 1000).method == Method.garwood
    assert rate(10, 1000).method == Method.byar


@pytest.mark.parametrize(("events", "time"), [(-1, 10), (1, -1), (1, math.nan), (1, math.inf)])
def test_a_negative_or_infinite_input_is_refused(events: int, time: float) -> None:
    with pytest.raises(ValueError, match="count|person-time"):
        rate(events, time)


@given(st.integers(0, 10**9), st.floats(1e-3, 1e12, allow_nan=False))
def test_no_rate_is_ever_nan_or_infinite_and_it_lies_in_its_interval(events: int, time: float) -> None:
    found = rate(events, time)
    assert found.value is not None and found.low is not None and found.high is not None
    assert 0 <= found.low <= found.value < found.high < math.inf


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, 0.0), (13.46, 13.0), (0.0449, 0.045), (-33.8, -34.0), (999.0, 1000.0)]
)
def test_two_significant_figures(value: float, shown: float) -> None:
    assert significant(value, 2) == shown
