"""No figure of 1 to 7 leaves, by itself or by comparing what leaves, and there is one way out."""

from __future__ import annotations

import ast
import copy
import dataclasses
import json
import pickle
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import accumulate, combinations, pairwise, product
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.outcomes.cautions import CAUTIONS, Caution, words_of
from domain.outcomes.definitions import BASELINES_DAYS, MEASURES, MeasureKey
from domain.outcomes.disclosure import (
    Exact,
    Places,
    Released,
    Shown,
    Standing,
    Unreleased,
    cell,
    is_told_apart,
    recalled,
    record_of,
    release,
    settled,
)
from domain.outcomes.policy import HES_2018, Figure, Release, Why

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
        "enrolled": people,
        "people": people,
        "lived_before": Places(0, people),
        "lived_since": Places(0, people),
        "days_since": people * 120,
        "days_before": days,
        "contacts_since": since,
        "contacts_before": dict.fromkeys(BASELINES_DAYS, before),
        "events": events,
    }
    return Exact(**(values | other))


def released(counts: Exact) -> Released:
    return release(standing(counts), VISITS, baseline_days=BASELINE)


def standing(counts: Exact) -> Standing:
    return Standing(Unreleased(counts), shown=None, held=False, nothing=None)


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
    def test_derived_figures_come_from_the_rounded_ones_and_the_change_from_the_ratio_as_shown(self) -> None:
        result = released(exact(people=42, before=62, since=43, days_since=5_021))
        assert (result.before.events.value, result.since.events.value) == (60, 45)
        assert (result.before.person_days.value, result.since.person_days.value) == (7_550, 5_000)
        assert result.before.rate.value == 7.9
        assert result.since.rate.value == 9.0
        assert (result.ratio.value, result.percent_change.value) == (1.13, 13)

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

    def test_people_without_days_in_both_windows_count_for_nobody(self) -> None:
        result = released(exact(people=0, before=0, since=0, enrolled=50))
        assert {figure.value for figure in figures(result)} == {None}
        assert result.since.events.reason == Why.fewer_than_eight_people

    def test_nobody_enrolled_is_zero_people_and_no_figures(self) -> None:
        result = released(exact(people=0, before=0, since=0))
        assert (result.people.value, result.people.status) == (0, Release.released)
        assert result.ratio.reason == Why.nobody_enrolled

    @pytest.mark.parametrize("homes", [1, 2])
    def test_one_or_two_care_homes_release_nothing(self, homes: int) -> None:
        few, many = Places(homes, 7), Places(5, 20)
        for before, since in ((few, many), (many, few)):
            result = released(exact(people=40, lived_before=before, lived_since=since))
            assert {figure.value for figure in figures(result)} == {None}
            assert result.people.reason == Why.too_few_care_homes

    @pytest.mark.parametrize(("homes", "outside"), [(3, 0), (1, 8), (0, 40)])
    def test_three_homes_or_eight_people_besides_are_enough(self, homes: int, outside: int) -> None:
        lived = Places(homes, outside)
        assert released(exact(people=40, lived_before=lived, lived_since=lived)).people.value == 40

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
            Caution.some_are_not_counted,
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
    lived_before=st.builds(Places, st.integers(0, 5), counts),
    lived_since=st.builds(Places, st.integers(0, 5), counts),
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
        """AUTHZ-017: nothing, a mean included, is told of one to seven people."""
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
        asked = asked_again(exact(since=first), exact(since=second), exact(since=second))
        assert [each.since.events for each in asked] == [released(exact(since=first)).since.events] * 3

    @pytest.mark.parametrize("few", SMALL)
    def test_a_count_that_moved_by_a_few_holds_people_days_events_and_cautions_together(self, few: int) -> None:
        """Or events of one cohort would stand over the days of another."""
        first = exact(people=10, before=20, since=9)
        events = {**exact(before=100).events, cell(VISITS, None): 9 + few}
        one, other = asked_again(first, exact(people=20, before=100, since=9 + few, events=events), people_moved=10)
        assert unheld(one) == unheld(other)
        assert other.cautions == (*one.cautions, Caution.held_this_month)

    def test_far_enough_everything_moves_together(self) -> None:
        later = exact(people=20, before=100, since=50)
        _, other = asked_again(exact(people=10, before=20, since=9), later, people_moved=10)
        assert unheld(other) == unheld(released(later))

    @pytest.mark.parametrize(("zero", "few"), [({"since": 0}, {"since": 1}), ({"before": 0}, {"before": 7})])
    def test_a_zero_and_its_cautions_are_held_as_any_other_count(
        self, zero: dict[str, int], few: dict[str, int]
    ) -> None:
        one, other = asked_again(exact(**zero), exact(**few))
        assert unheld(one) == unheld(other)

    def test_that_no_contact_is_recorded_is_held_though_the_one_that_came_is_of_no_measure(self) -> None:
        one, other = asked_again(exact(since=0, contacts_since=0), exact(since=0, contacts_since=1))
        assert Caution.no_contacts_since in one.cautions
        assert Caution.no_contacts_since in other.cautions

    def test_figures_move_once_in_a_month_and_no_more(self) -> None:
        asked = asked_again(*(exact(since=count) for count in (20, 40, 60, 80)))
        assert [each.since.events.value for each in asked] == [20, 40, 40, 40]
        held = [[caution for caution in each.cautions if caution.startswith("held")] for each in asked]
        assert held == [[], *[[Caution.held_until_next_month]] * 3]

    def test_that_figures_are_held_is_told_whether_or_not_anything_has_changed(self) -> None:
        """A caution that came with the change would tell of one record."""
        _, unchanged = asked_again(exact(since=20), exact(since=20))
        _, changed = asked_again(exact(since=20), exact(since=21))
        assert unchanged == changed
        assert Caution.held_this_month in unchanged.cautions

    @given(st.lists(st.integers(0, 60), min_size=2, max_size=12))
    def test_two_answers_of_a_month_rest_on_equal_counts_or_on_counts_eight_apart(self, fresh: list[int]) -> None:
        rests_on = [kept.counts._exact.events[cell(VISITS, None)] for kept in kept_over(*map(_since, fresh))]
        moves = [(one, other) for one, other in pairwise(rests_on) if one != other]
        assert len(moves) <= 1
        assert all(abs(one - other) >= 8 for one, other in moves)

    @pytest.mark.parametrize("people", SMALL)
    def test_a_cohort_that_changed_by_a_few_people_is_held(self, people: int) -> None:
        one, other = asked_again(exact(people=20), exact(people=40, since=90), people_moved=people)
        assert unheld(one) == unheld(other)

    def test_what_was_never_shown_holds_nothing_back(self) -> None:
        places = Places(1, 0)
        for nothing in (exact(people=5, since=30), exact(lived_before=places, lived_since=places)):
            _, other = asked_again(nothing, exact(since=31))
            assert other.since.events.value == 30
            assert Caution.held_this_month not in other.cautions

    def test_a_cohort_a_few_people_apart_from_another_pathways_is_not_shown_at_all(self) -> None:
        kept = settled(Unreleased(exact()), VISITS, None, now=NOW, people_moved=0, told_apart=True)
        result = release(kept, VISITS, baseline_days=BASELINE)
        assert {(figure.value, figure.reason) for figure in figures(result)} == {(None, Why.too_close_to_another)}

    @pytest.mark.parametrize(("differing", "apart"), [([0, 8, 40], False), ([], False), ([40, 1], True), ([7], True)])
    def test_cohorts_are_told_apart_by_one_to_seven_people(self, differing: list[int], apart: bool) -> None:
        assert is_told_apart(differing) is apart

    def test_what_is_kept_of_a_release_is_recalled_as_it_was(self) -> None:
        [kept] = kept_over(exact(since=21))
        assert kept.shown is not None
        again = recalled(json.loads(json.dumps(record_of(kept))), kept.shown)
        assert again.counts._exact == kept.counts._exact

    def test_a_caution_says_since_when_and_until_when(self) -> None:
        since, until = date(2026, 11, 3), date(2026, 12, 1)
        for caution in CAUTIONS:
            assert "{" not in words_of(caution, since=since, until=until)
        for held in (Caution.held_this_month, Caution.held_until_next_month):
            assert {"2026-11-03", "2026-12-01"} <= set(
                re.findall(r"[\d-]{10}", words_of(held, since=since, until=until))
            )


NOW = Shown(date(2026, 11, 3), datetime(2026, 11, 3, 9, tzinfo=UTC), moved=False)


def kept_over(*counts: Exact, people_moved: int = 0) -> list[Standing]:
    """Return what the figures rest on each time they are asked for within a month."""
    kept: list[Standing] = []
    for number, fresh in enumerate(counts):
        earlier = recalled(record_of(kept[-1]), kept[-1].shown) if kept and kept[-1].shown else None
        moved = people_moved if number else 0
        kept.append(settled(Unreleased(fresh), VISITS, earlier, now=NOW, people_moved=moved, told_apart=False))
    return kept


def asked_again(*counts: Exact, people_moved: int = 0) -> list[Released]:
    """Return the answers of one month."""
    return [release(kept, VISITS, baseline_days=BASELINE) for kept in kept_over(*counts, people_moved=people_moved)]


def unheld(result: Released) -> Released:
    """Return the result without what is said of its being held."""
    others = tuple(caution for caution in result.cautions if not caution.startswith("held"))
    return dataclasses.replace(result, cautions=others, shown_on=None)


def _since(count: int) -> Exact:
    return exact(since=count)


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
        """AUTHZ-016: what one query has more than another is not known to be one to seven."""
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
            release(standing(exact()), VISITS, baseline_days=181)


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
        assert named == {"domain/outcomes/cohort_queries.py"}

    def test_nothing_in_the_api_or_integrations_knows_of_unreleased_counts(self) -> None:
        words = {"Unreleased", "Exact", "settled", "recalled", "record_of", "unreleased_outcomes"}
        known = {path for path, node in _nodes(ast.alias) if node.name in words}
        assert not {path for path in known if not path.startswith("domain/outcomes/")}


def _nodes(kind: type[Node]) -> Iterator[tuple[str, Node]]:
    for folder in ("api", "domain", "integrations"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, kind):
                    yield str(path.relative_to(ROOT)), node
