"""A goal that is counted in what was done: whole days and weeks are judged, and nothing noted is not good news."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.observations.sufficiency import Sufficiency
from domain.plans.count_progress import LEAST_PERIODS, count_progress
from domain.plans.goal_lifecycle import Achievement
from domain.plans.progress import STALE_AFTER, Progress
from domain.plans.tally import DAYS, MOST_PERIODS, Tally, first_period, periods
from domain.plans.target import Comparator, Counted, CountTarget, Per, count_target, require_measurable

START, DUE = date(2026, 9, 1), date(2026, 12, 31)
WALKS = CountTarget(Counted.completions, Comparator.at_least, Decimal(3), Per.week, DUE)
FIFTY = CountTarget(Counted.completions, Comparator.at_least, Decimal(50), Per.in_all, DUE)
TREATS = CountTarget(Counted.completions, Comparator.at_most, Decimal(1), Per.day, DUE)


def told(
    target: CountTarget,
    *done: int,
    latest_days_ago: int = 0,
    stated: Achievement | None = None,
    today: date | None = None,
) -> Progress:
    """Return the progress of a goal of which so much was done in each of its periods, the last of them the present."""
    length = DAYS.get(target.per, 1)
    today = today or START + timedelta(days=(len(done) - 1) * length)
    as_of = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    latest = as_of - timedelta(days=latest_days_ago) if any(done) else None
    found = periods(target.per, START, today, {number: (each, 0) for number, each in enumerate(done)})
    tally = Tally(sum(done), 0, latest, tuple(UUID(int=n) for n in range(min(50, sum(done)))), found, complete=True)
    return count_progress(target, tally, as_of=as_of, today=today, stated=stated)


def test_nothing_noted_is_no_figure_whichever_side_is_the_good_one() -> None:
    for target in (WALKS, FIFTY, TREATS):
        found = told(target, 0, 0, 0, 0, 0)
        assert found.data is Sufficiency.none
        assert (found.percent, found.suggestion, found.share_within) == (None, None, None)


@pytest.mark.parametrize("whole", range(LEAST_PERIODS))
def test_fewer_than_three_whole_weeks_are_not_enough_however_good(whole: int) -> None:
    found = told(WALKS, *[5] * whole, 5)
    assert (found.data, found.judged, found.within) == (Sufficiency.not_enough, whole, whole)
    assert (found.percent, found.suggestion) == (None, None)


def test_the_week_that_is_not_over_is_shown_and_not_judged() -> None:
    found = told(WALKS, 3, 3, 3, 0)
    assert (found.judged, found.within, found.percent, found.suggestion) == (3, 3, 100, Achievement.achieved)
    assert found.tally is not None
    assert [each.done for each in found.tally.periods] == [3, 3, 3, 0]
    assert found.tally.periods[-1].from_on == START + timedelta(days=21)


def test_two_of_three_each_week_is_two_thirds_of_the_way() -> None:
    found = told(WALKS, 2, 2, 2, 2, 0)
    assert (found.percent, found.share_within, found.suggestion) == (66, 0, Achievement.in_progress)


def test_more_lately_than_before_is_improving_and_less_is_worsening() -> None:
    assert told(WALKS, 0, 1, 1, 2, 2, 2, 0).suggestion is Achievement.improving
    assert told(WALKS, 2, 2, 2, 1, 1, 1, 0).suggestion is Achievement.worsening
    assert told(WALKS, 2, 2, 2, 2, 2, 2, 0).suggestion is Achievement.no_change


def test_one_good_week_with_many_walks_does_not_make_up_for_the_others() -> None:
    found = told(WALKS, 0, 0, 0, 20, 0)
    assert (found.percent, found.within) == (99, 1)
    assert found.suggestion is not Achievement.achieved


def test_what_was_noted_long_ago_gives_no_good_news() -> None:
    assert told(WALKS, 3, 3, 3, 3, 0, latest_days_ago=STALE_AFTER.days).suggestion is Achievement.achieved
    found = told(WALKS, 3, 3, 3, 3, 0, latest_days_ago=STALE_AFTER.days + 1)
    assert (found.data, found.percent, found.suggestion) == (Sufficiency.stale, None, None)


def test_what_is_counted_in_all_stays_done() -> None:
    assert told(FIFTY, 25).percent == 50
    assert told(FIFTY, 49).percent == 98
    found = told(FIFTY, 50, latest_days_ago=100)
    assert (found.data, found.percent, found.suggestion) == (Sufficiency.enough, 100, Achievement.achieved)
    assert told(FIFTY, 50, stated=Achievement.achieved).suggestion is Achievement.sustaining
    assert told(FIFTY, 10, today=DUE).suggestion is Achievement.in_progress
    assert told(FIFTY, 10, today=DUE + timedelta(days=1)).suggestion is Achievement.not_achieved


def test_at_most_so_often_in_all_is_kept_to_when_the_time_is_over_and_not_before() -> None:
    few = CountTarget(Counted.completions, Comparator.at_most, Decimal(10), Per.in_all, DUE)
    assert (told(few, 4).suggestion, told(few, 4).percent) == (Achievement.in_progress, None)
    assert told(few, 11).suggestion is Achievement.not_achieved
    assert told(few, 10, today=DUE + timedelta(days=1)).suggestion is Achievement.achieved


def test_less_is_better_where_less_is_wanted() -> None:
    found = told(TREATS, *[1] * 8, 0)
    assert (found.suggestion, found.percent, found.within) == (Achievement.achieved, None, 8)
    assert told(TREATS, *[4] * 7, *[2] * 7, 0).suggestion is Achievement.improving
    assert told(TREATS, *[2] * 7, *[4] * 7, 0).suggestion is Achievement.worsening


@pytest.mark.parametrize(
    ("comparator", "value"), [(">=", "0"), ("<", "0"), (">=", "-1"), (">=", "2.5"), (">=", "10001")]
)
def test_a_target_that_nothing_or_everything_would_meet_is_refused(comparator: str, value: str) -> None:
    target = CountTarget(Counted.completions, Comparator(comparator), Decimal(value), Per.week, DUE)
    with pytest.raises(Invalid) as refused:
        require_measurable(target, START)
    assert [fault.pointer for fault in refused.value.faults] == ["/target/value"]


@pytest.mark.parametrize(
    ("counted", "unit", "part", "pointer"),
    [
        (None, "/wk", None, "/target/sign"),
        (Counted.completions, "per week", None, "/target/unit"),
        (Counted.completions, "/wk", "systolic", "/target/part"),
    ],
)
def test_a_count_has_a_unit_and_no_part(counted: Counted | None, unit: str, part: str | None, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        count_target(counted, Comparator.at_least, Decimal(3), unit, DUE, part=part)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


per = st.sampled_from(Per)


@given(per, st.dates(date(2020, 1, 1), date(2026, 1, 1)), st.integers(0, 3000))
def test_periods_follow_one_another_from_the_start_to_today(per: Per, start: date, days: int) -> None:
    today = start + timedelta(days=days)
    found = periods(per, start, today, {})
    if per is Per.in_all:
        assert found == ()
        return
    assert found[-1].from_on <= today <= found[-1].until_on
    assert len(found) <= MOST_PERIODS[per] + 1
    assert (found[0].from_on - start).days == first_period(per, start, today) * DAYS[per]
    for before, after in pairwise(found):
        assert after.from_on == before.until_on + timedelta(days=1)


counts = st.lists(st.integers(0, 6), min_size=1, max_size=20)
targets = st.builds(
    CountTarget,
    st.just(Counted.completions),
    st.sampled_from(Comparator),
    st.integers(1, 6).map(Decimal),
    per,
    st.just(DUE),
)


@given(targets, counts, st.integers(0, 40))
def test_there_is_a_figure_only_of_enough_and_a_hundred_only_of_what_is_achieved(
    target: CountTarget, done: list[int], ago: int
) -> None:
    found = told(target, *done, latest_days_ago=ago)
    assert (found.suggestion is None) == (found.data is not Sufficiency.enough)
    if found.data is not Sufficiency.enough:
        assert found.percent is None and found.share_within is None
    if found.percent == 100:
        assert found.suggestion in {Achievement.achieved, Achievement.sustaining}
    assert 0 <= found.within <= found.judged
