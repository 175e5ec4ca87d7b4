"""No figure of 1 to 7 leaves, by itself or by comparing what leaves, and there is one way out."""

from __future__ import annotations

import ast
import copy
import dataclasses
import json
import pickle
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate, combinations, pairwise, product
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.outcomes.definitions import BASELINES_DAYS, MEASURES, MeasureKey
from domain.outcomes.disclosure import (
    HES_2018,
    Caution,
    Exact,
    Figure,
    Release,
    Released,
    Unreleased,
    Why,
    cell,
    moved_by_few,
    release,
    settled,
)

Node = TypeVar("Node", bound=ast.AST)
ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "tests/vectors/statistics/disclosure_singles.json").read_text())
VISITS = MeasureKey.face_to_face_gp_visits
BASELINE = 180
SMALL = range(1, 8)


def exact(*, people: int = 40, before: int = 60, since: int = 45, **other: Any) -> Exact:
    """Return counts in which only the named ones matter: events of every measure and baseline are alike."""
    days = {baseline: people * baseline for baseline in BASELINES_DAYS}
    events = {cell(m, baseline): before for m in MEASURES for baseline in BASELINES_DAYS}
    events |= {cell(m, None): since for m in MEASURES}
    values: dict[str, Any] = {
        "people": people,
        "homes": 0,
        "people_outside_homes": people,
        "days_since": people * 120,
        "days_before": days,
        "contacts_since": since,
        "contacts_before": dict.fromkeys(BASELINES_DAYS, before),
        "events": events,
    }
    return Exact(**(values | other))


def released(counts: Exact) -> Released:
    [only] = release(Unreleased(counts), measures=[VISITS], baseline_days=BASELINE)
    return only


def figures(result: Released) -> list[Figure]:
    windows = (result.before, result.since)
    sides = [figure for w in windows for figure in (w.events, w.person_days, w.rate)]
    return [result.people, *sides, result.ratio, result.percent_change, result.p]


class TestOneCount:
    @pytest.mark.parametrize("case", VECTORS["single"], ids=lambda case: str(case["true"]))
    def test_the_hes_rule(self, case: dict[str, Any]) -> None:
        shown = HES_2018.count(case["true"])
        if case["hes"] == "*":
            assert (shown.value, shown.status) == (None, Release.suppressed)
        else:
            assert (shown.value, shown.status) == (int(case["hes"]), Release.released)

    def test_person_days_are_rounded_to_the_nearest_fifty(self) -> None:
        assert [HES_2018.days(days).value for days in (0, 24, 25, 74, 75, 22_500)] == [0, 0, 50, 50, 100, 22_500]


class TestOneResult:
    def test_derived_figures_come_from_the_rounded_ones_to_two_significant_figures(self) -> None:
        result = released(exact(people=42, before=62, since=43, days_since=5_021))
        assert (result.before.events.value, result.since.events.value) == (60, 45)
        assert (result.before.person_days.value, result.since.person_days.value) == (7_550, 5_000)
        assert result.before.rate.value == 7.9
        assert result.since.rate.value == 9.0
        assert result.ratio.value == 1.1

    @pytest.mark.parametrize(("before", "since"), [(7, 60), (60, 7), (1, 1), (60, 0), (3, 10)])
    def test_a_comparison_needs_eight_events_on_both_sides(self, before: int, since: int) -> None:
        result = released(exact(before=before, since=since))
        for figure in (result.ratio, result.percent_change, result.p):
            assert (figure.value, figure.low, figure.high, figure.status) == (None, None, None, Release.suppressed)
        assert "%" not in result.claim.sentence

    @pytest.mark.parametrize(("since", "reason"), [(0, "no_events"), (20, "no_comparator_events")])
    def test_no_events_before_gives_no_ratio_and_says_why(self, since: int, reason: str) -> None:
        result = released(exact(before=0, since=since))
        assert (result.before.events.value, result.before.events.status) == (0, Release.released)
        assert (result.ratio.value, result.ratio.status, result.ratio.reason) == (None, Release.not_estimable, reason)

    @pytest.mark.parametrize("people", SMALL)
    def test_fewer_than_eight_people_release_nothing_at_all(self, people: int) -> None:
        result = released(exact(people=people, before=500, since=300))
        assert {figure.status for figure in figures(result)} == {Release.suppressed}
        assert {figure.value for figure in figures(result)} == {None}
        assert result.cautions == ()

    def test_nobody_enrolled_is_zero_people_and_no_figures(self) -> None:
        result = released(exact(people=0, before=0, since=0))
        assert (result.people.value, result.people.status) == (0, Release.released)
        assert result.ratio.reason == Why.nobody_enrolled

    @pytest.mark.parametrize("homes", [1, 2])
    def test_one_or_two_care_homes_release_nothing(self, homes: int) -> None:
        result = released(exact(people=40, homes=homes, people_outside_homes=7))
        assert {figure.value for figure in figures(result)} == {None}
        assert result.people.reason == Why.too_few_care_homes

    @pytest.mark.parametrize(("homes", "outside"), [(3, 0), (1, 8), (0, 40)])
    def test_three_homes_or_eight_people_besides_are_enough(self, homes: int, outside: int) -> None:
        assert released(exact(people=40, homes=homes, people_outside_homes=outside)).people.value == 40

    def test_a_ratio_published_exactly_would_give_the_counts_away_and_so_is_not(self) -> None:
        [case] = VECTORS["rr_back_solve"]
        [[since, before]] = case["recovered_counts"]
        days = case["published"]["person_time"][0]
        result = released(exact(before=before, since=since, days_since=days))
        assert result.ratio.value is None
        assert result.since.rate.value is None

    def test_a_large_uncontrolled_fall_is_flagged(self) -> None:
        result = released(exact(before=100, since=20))
        assert result.claim.implausible_effect
        assert Caution.implausible_effect in result.cautions

    def test_the_standing_cautions_travel_with_every_result(self) -> None:
        assert {
            Caution.regression_to_the_mean,
            Caution.events_not_independent,
            Caution.computed_from_rounded,
        } <= set(released(exact()).cautions)

    def test_a_short_window_and_missing_records_are_told(self) -> None:
        result = released(exact(days_since=40 * 30, contacts_before=dict.fromkeys(BASELINES_DAYS, 0)))
        assert Caution.short_since in result.cautions
        assert Caution.short_before not in result.cautions
        assert Caution.no_contacts_before in result.cautions


counts = st.integers(0, 60) | st.integers(0, 100_000)
exacts = st.builds(
    exact,
    people=counts,
    before=counts,
    since=counts,
    homes=st.integers(0, 5),
    people_outside_homes=counts,
    days_since=st.integers(0, 10**7),
)


def _same_class(count: int) -> st.SearchStrategy[int]:
    """Return counts that the policy shows as it shows this one."""
    if count == 0:
        return st.just(0)
    if count in SMALL:
        return st.sampled_from(SMALL)
    shown = HES_2018.count(count).value
    assert shown is not None
    return st.integers(max(8, int(shown) - 2), int(shown) + 2)


class TestEveryResult:
    @given(exacts)
    def test_suppression_is_total_every_figure_has_a_status_and_no_count_is_small(self, counts: Exact) -> None:
        result = released(counts)
        for figure in figures(result):
            assert (figure.value is None) == (figure.status is not Release.released)
            assert (figure.reason is None) == (figure.status is Release.released)
        for figure in (result.people, result.before.events, result.since.events):
            assert figure.value is None or (figure.value % 5 == 0 and figure.value not in SMALL)

    @given(st.data(), exacts)
    def test_what_is_shown_depends_on_the_rounded_counts_alone(self, data: st.DataObject, counts: Exact) -> None:
        """The strongest form: two cohorts that round alike are told alike, so nothing finer can be inferred."""
        before = data.draw(_same_class(counts.events[cell(VISITS, BASELINE)]))
        since = data.draw(_same_class(counts.events[cell(VISITS, None)]))
        events = {**counts.events, cell(VISITS, BASELINE): before, cell(VISITS, None): since}
        assert released(dataclasses.replace(counts, events=events)) == released(counts)

    @given(exacts)
    def test_nothing_printed_about_an_unreleased_count_holds_it(self, counts: Exact) -> None:
        withheld = Unreleased(counts)
        assert repr(withheld) == str(withheld) == f"{withheld}" == "Unreleased(withheld)"


class TestTwoReleases:
    """The same question asked again in the same month, with a few more records in between."""

    @pytest.mark.parametrize("case", VECTORS["successive_release"], ids=lambda case: case["label"][:30])
    def test_one_more_known_event_never_turns_a_figure(self, case: dict[str, Any]) -> None:
        first, second = {"10": (12, 13), "*": (7, 8), "25": (25, 26)}[case["release1"]]
        record = _record(exact(since=first), None)
        later, _ = settled(Unreleased(exact(since=second)), record)
        [one] = release(Unreleased(exact(since=first)), measures=[VISITS], baseline_days=BASELINE)
        [other] = release(later, measures=[VISITS], baseline_days=BASELINE)
        assert one == other

    @given(st.lists(st.integers(0, 60), min_size=2, max_size=12))
    def test_two_releases_in_a_month_rest_on_equal_counts_or_on_counts_eight_apart(self, fresh: list[int]) -> None:
        record: dict[str, int] = {}
        name, published = cell(VISITS, None), [0]
        for count in fresh:
            record = _record(exact(since=count), record)
            published.append(record[name])
            assert abs(record[name] - count) <= 7
        for one, other in pairwise(published):
            assert one == other or one == 0 or abs(one - other) >= 8

    def test_records_that_arrive_after_a_zero_are_shown_at_once(self) -> None:
        record = _record(exact(since=9), _record(exact(since=0), None))
        assert record[cell(VISITS, None)] == 9

    def test_a_report_that_released_nothing_holds_nothing_back(self) -> None:
        published = _record(exact(since=30), None)
        for too_few in (exact(people=5, since=30), exact(homes=1, people_outside_homes=0)):
            for before in (None, published):
                assert settled(Unreleased(too_few), before)[1] is None

    @pytest.mark.parametrize(
        ("before", "changed", "few"), [(0, 5, False), (20, 0, False), (20, 1, True), (20, 7, True), (20, 8, False)]
    )
    def test_a_cohort_that_changed_by_a_few_people_is_told_apart(self, before: int, changed: int, few: bool) -> None:
        assert moved_by_few(before, changed) is few


def _record(counts: Exact, published: dict[str, int] | None) -> dict[str, int]:
    """Return the record of a release that released something."""
    _, record = settled(Unreleased(counts), published)
    assert record is not None
    return record


def _shown(count: int) -> float | None:
    return HES_2018.count(count).value


class TestTwoQueries:
    """What can be asked side by side: nested baselines, and measures of which one holds another's kinds.

    Everything up to `WIDEST` is tried, so what an attacker can conclude is known for wider counts up to ten below it.
    """

    WIDEST = 40

    def _feasible(self, windows: int) -> dict[tuple[float | None, ...], set[tuple[int, ...]]]:
        """Return, for everything that nested windows can show, the true additions that show it."""
        feasible: dict[tuple[float | None, ...], set[tuple[int, ...]]] = defaultdict(set)
        for steps in product(range(self.WIDEST), repeat=windows):
            nested = list(accumulate(steps))
            if nested[-1] < self.WIDEST:
                feasible[tuple(_shown(count) for count in nested)].add(steps)
        return {shown: true for shown, true in feasible.items() if (shown[-1] or 0) <= self.WIDEST - 10}

    @pytest.mark.parametrize("windows", [2, 3])
    def test_a_suppressed_count_keeps_all_seven_values_whatever_wider_ones_show(self, windows: int) -> None:
        for shown, true in self._feasible(windows).items():
            if shown[0] is None:
                assert {steps[0] for steps in true} == set(SMALL)

    @pytest.mark.parametrize("windows", [2, 3])
    def test_the_difference_of_nested_counts_is_never_known_to_be_one_small_number(self, windows: int) -> None:
        for true in self._feasible(windows).values():
            for added in range(1, windows):
                found = {steps[added] for steps in true}
                assert len(found) > 1 or found.isdisjoint(SMALL)

    def test_no_measure_is_the_sum_or_the_difference_of_others(self) -> None:
        """True 12 and 7 beside their total 19 show as 10, * and 20, which leaves 6 or 7 for the *."""
        kinds = {key: frozenset(measure.kinds) for key, measure in MEASURES.items()}
        for size in range(2, len(kinds)):
            for some in combinations(kinds, size):
                together = frozenset[str]().union(*(kinds[key] for key in some))
                if sum(len(kinds[key]) for key in some) == len(together):
                    assert together not in kinds.values(), some
        assert len(set(kinds.values())) == len(kinds)

    def test_the_baseline_is_one_of_a_few_and_cannot_be_slid(self) -> None:
        with pytest.raises(KeyError):
            release(Unreleased(exact()), measures=[VISITS], baseline_days=181)


class TestTheOnlyWayOut:
    @pytest.mark.parametrize("take", [pickle.dumps, copy.copy, copy.deepcopy])
    def test_unreleased_counts_cannot_be_carried_off(self, take: Any) -> None:
        with pytest.raises(TypeError):
            take(Unreleased(exact()))

    def test_unreleased_counts_have_no_public_attribute(self) -> None:
        assert [name for name in dir(Unreleased(exact())) if not name.startswith("_")] == []

    def test_only_this_module_opens_them(self) -> None:
        opened = {path for path, node in _nodes(ast.Attribute) if node.attr == "_exact"}
        assert opened == {"domain/outcomes/disclosure.py"}

    def test_only_the_query_that_counts_handles_exact_counts(self) -> None:
        named = {path for path, node in _nodes(ast.alias) if node.name == "Exact"}
        assert named <= {"domain/outcomes/queries.py"}

    def test_nothing_in_the_api_or_integrations_knows_of_unreleased_counts(self) -> None:
        words = {"Unreleased", "Exact", "settled", "unreleased_outcomes"}
        known = {path for path, node in _nodes(ast.alias) if node.name in words}
        assert not {path for path in known if not path.startswith("domain/outcomes/")}


def _nodes(kind: type[Node]) -> Iterator[tuple[str, Node]]:
    for folder in ("api", "domain", "integrations"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, kind):
                    yield str(path.relative_to(ROOT)), node
