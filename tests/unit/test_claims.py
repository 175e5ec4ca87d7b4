"""The sentence shown is generated from the level of the evidence."""

from __future__ import annotations

import pytest

from domain.outcomes.claims import Change, Level, before_after_claim, is_implausible


def test_an_uncontrolled_fall_is_told_as_lower_than_before_with_its_cautions_and_its_interval() -> None:
    claim = before_after_claim(Change(-34, -56, -1.0))
    assert claim.name == "L1"
    assert claim.sentence == (
        "Rate was 34% lower than before (uncontrolled; may be regression to the mean, season, coding)."
        " 95% interval: 56% lower to 1% lower."
    )
    assert not claim.implausible_effect


def test_an_interval_that_includes_no_change_says_so() -> None:
    assert before_after_claim(Change(-12, -40, 25)).sentence.endswith(
        "95% interval: 40% lower to 25% higher, which includes no change."
    )


def test_a_rise_is_called_higher() -> None:
    assert before_after_claim(Change(49, -2.1, 130)).sentence.startswith("Rate was 49% higher than before")


def test_no_change_is_neither_higher_nor_lower() -> None:
    assert before_after_claim(Change(0.0, -15, 18)).sentence.startswith("Rate was no different than before")


def test_nothing_uncontrolled_is_ever_told_as_a_reduction_or_an_effect() -> None:
    sentence = before_after_claim(Change(-70, -81, -54)).sentence.lower()
    assert not {"reduced", "reduction", "prevented", "avoided", "caused", "because"} & set(sentence.split())


def test_without_a_released_change_there_is_only_a_count() -> None:
    claim = before_after_claim(None)
    assert claim.level is Level.counts_only
    assert "%" not in claim.sentence


@pytest.mark.parametrize(
    ("level", "percent", "flagged"),
    [
        (Level.uncontrolled_before_after, -41, True),
        (Level.uncontrolled_before_after, -40, False),
        (Level.uncontrolled_before_after, 80, False),
        (Level.sustained_shift, -70, True),
        (Level.interrupted_time_series, -70, False),
        (Level.randomised, -70, False),
    ],
)
def test_a_fall_above_forty_per_cent_on_a_low_level_is_flagged(level: Level, percent: float, flagged: bool) -> None:
    assert is_implausible(level, percent) is flagged


def test_the_press_headline_of_seventy_per_cent_is_flagged() -> None:
    assert before_after_claim(Change(-70, -81, -54)).implausible_effect
