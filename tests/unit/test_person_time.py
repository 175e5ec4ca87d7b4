"""Whose days count, from when to when."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.outcomes.person_time import (
    Membership,
    Span,
    SpansOverlap,
    before_and_since,
    data_cut_off,
    person_days,
)

CUT_OFF = date(2026, 11, 1)
LONG_AGO = date(1940, 5, 17)


def _on(joined: date, left: date | None = None, known_from: date = LONG_AGO) -> Membership:
    return Membership(joined, left, known_from)


def test_a_span_counts_its_first_day_and_not_its_last() -> None:
    span = Span(date(2026, 3, 1), date(2026, 3, 4))
    assert span.days == 3
    assert span.holds(date(2026, 3, 1))
    assert not span.holds(date(2026, 3, 4))


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        Span(date(2026, 3, 4), date(2026, 3, 3))


def test_a_person_who_joins_and_leaves_on_one_day_contributes_nothing() -> None:
    assert Span(date(2026, 3, 4), date(2026, 3, 4)).days == 0


def test_spans_that_touch_are_added_and_spans_that_share_a_day_are_refused() -> None:
    first, second = Span(date(2026, 1, 1), date(2026, 1, 11)), Span(date(2026, 1, 11), date(2026, 1, 31))
    assert person_days([second, first]) == 30
    with pytest.raises(SpansOverlap):
        person_days([first, Span(date(2026, 1, 10), date(2026, 1, 12))])


def test_the_cut_off_is_the_first_of_the_month_whatever_the_day() -> None:
    assert {data_cut_off(date(2026, 11, day)) for day in range(1, 31)} == {CUT_OFF}


def test_the_baseline_is_the_days_before_joining() -> None:
    before, since = before_and_since([_on(date(2026, 7, 1))], baseline_days=90, cut_off=CUT_OFF)
    assert before == Span(date(2026, 4, 2), date(2026, 7, 1))
    assert since == (Span(date(2026, 7, 1), CUT_OFF),)


def test_the_baseline_never_reaches_back_before_the_history_is_known() -> None:
    before, _ = before_and_since(
        [_on(date(2026, 7, 1), known_from=date(2026, 6, 20))], baseline_days=90, cut_off=CUT_OFF
    )
    assert before is not None
    assert before.days == 11


def test_a_history_that_begins_after_joining_gives_an_empty_baseline_not_a_negative_one() -> None:
    before, _ = before_and_since(
        [_on(date(2026, 7, 1), known_from=date(2026, 8, 1))], baseline_days=90, cut_off=CUT_OFF
    )
    assert before is not None
    assert before.days == 0


def test_death_or_leaving_stops_the_clock() -> None:
    _, since = before_and_since([_on(date(2026, 7, 1), date(2026, 7, 15))], baseline_days=90, cut_off=CUT_OFF)
    assert person_days(since) == 14


def test_a_death_ends_every_membership_and_leaves_none_to_one_that_began_later() -> None:
    twice = [_on(date(2026, 3, 1), date(2026, 4, 1)), _on(date(2026, 5, 1), date(2026, 8, 1)), _on(date(2026, 9, 1))]
    _, since = before_and_since(twice, baseline_days=90, cut_off=CUT_OFF, died_on=date(2026, 6, 1))
    assert [span.days for span in since] == [31, 31, 0]


def test_who_joins_on_or_after_the_cut_off_is_not_counted_on_either_side() -> None:
    assert before_and_since([_on(CUT_OFF)], baseline_days=90, cut_off=CUT_OFF) == (None, ())


def test_who_joins_again_has_one_baseline_and_the_time_away_belongs_to_neither_side() -> None:
    twice = [_on(date(2026, 8, 1)), _on(date(2026, 3, 1), date(2026, 4, 1))]
    before, since = before_and_since(twice, baseline_days=90, cut_off=CUT_OFF)
    assert before is not None
    assert before.until_on == date(2026, 3, 1)
    assert person_days(since) == 31 + 92


def test_two_memberships_that_overlap_are_refused() -> None:
    with pytest.raises(SpansOverlap):
        before_and_since(
            [_on(date(2026, 3, 1), date(2026, 5, 1)), _on(date(2026, 4, 1))], baseline_days=90, cut_off=CUT_OFF
        )


days = st.dates(date(2020, 1, 1), date(2026, 12, 31))


@given(st.lists(days, min_size=2, max_size=12, unique=True), st.data())
def test_person_days_are_additive_however_the_time_is_cut(cuts: list[date], data: st.DataObject) -> None:
    whole = Span(min(cuts), max(cuts))
    ordered = sorted(cuts)
    pieces = [Span(a, b) for a, b in pairwise(ordered)]
    shuffled = data.draw(st.permutations(pieces))
    assert person_days(shuffled) == whole.days


@given(days, st.integers(0, 900), days, st.sampled_from([90, 180, 365, 730]), st.integers(0, 1200))
def test_a_window_never_leaves_its_bounds(joined: date, stay: int, today: date, baseline: int, known: int) -> None:
    cut_off = data_cut_off(today)
    left = joined + timedelta(days=stay)
    known_from = joined - timedelta(days=known)
    before, since = before_and_since([Membership(joined, left, known_from)], baseline_days=baseline, cut_off=cut_off)
    if before is None:
        assert joined >= cut_off
        return
    assert before.days == min(baseline, known)
    assert before.until_on == joined
    assert person_days(since) == max(0, (min(left, cut_off) - joined).days)
