"""The Friends and Family Test's percentages as they are published, and what of a month may be shown."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.feedback.friends_and_family import Experience, percent_negative, percent_positive, released
from tests.architecture.source import ROOT

VECTORS = json.loads((ROOT / "tests/vectors/instruments/instruments.json").read_text())["fft"]
MONTH = date(2026, 10, 1)
COUNTS = st.fixed_dictionaries({each: st.integers(0, 60) for each in Experience})


@pytest.mark.parametrize("vector", VECTORS, ids=lambda each: str(each["total"]))
def test_do_not_know_counts_among_all_and_nothing_has_no_share(vector: dict[str, Any]) -> None:
    counts = {each: vector[each.value] for each in Experience}
    assert sum(counts.values()) == vector["total"]
    positive, negative = percent_positive(counts), percent_negative(counts)
    assert (None if positive is None else float(positive)) == vector["percent_positive"]
    assert (None if negative is None else float(negative)) == vector["percent_negative"]


@given(COUNTS)
def test_no_small_number_is_shown_nor_any_that_is_not_rounded(counts: dict[Experience, int]) -> None:
    shown = released(MONTH, counts)
    for each, figure in [*shown.counts.items(), (None, shown.total)]:
        exact = sum(counts.values()) if each is None else counts[each]
        assert figure.value is None or (figure.value % 5 == 0 and not 0 < exact <= 7)
    assert shown.is_small == (0 < sum(counts.values()) <= 7)


@given(COUNTS)
def test_of_a_month_that_is_withheld_no_part_is_shown(counts: dict[Experience, int]) -> None:
    shown = released(MONTH, {each: min(number, 1) for each, number in counts.items()})
    if any(counts.values()):
        assert {figure.value for figure in shown.counts.values()} == {None}
        assert (shown.percent_positive, shown.percent_negative) == (None, None)


def test_percentages_are_of_the_figures_shown() -> None:
    shown = released(
        MONTH, {Experience.very_good: 41, Experience.good: 12, Experience.poor: 3, Experience.dont_know: 9}
    )
    assert shown.total.value == 65
    assert shown.percent_negative is None  # 3 of them: withheld
    assert float(shown.percent_positive or 0) == round(100 * 55 / 65, 1)
