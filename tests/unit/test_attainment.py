"""Goal Attainment Scaling gives the published T-scores, and none where there is none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.plans.attainment import Level, Rated, Scale, ScaledGoal, attainment, require_scalable, t_score

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

_VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[1] / "vectors" / "instruments" / "gas.json").read_text()
)
levels = st.sampled_from(Level)
goals = st.lists(st.builds(Rated, st.integers(0, 9), levels), max_size=12)


def rated(weights: list[int], scores: list[int]) -> list[Rated]:
    return [Rated(w, Level(x)) for w, x in zip(weights, scores, strict=True)]


@pytest.mark.parametrize("case", _VECTORS["gas"], ids=str)
def test_the_score_is_the_published_one(case: dict[str, Any]) -> None:
    assert t_score(rated(case["weights"], case["scores"])) == pytest.approx(case["t"], abs=5e-5)


@pytest.mark.parametrize(("level", "t"), [(1, 63.69), (-2, 22.61)])
def test_three_equal_goals_score_as_in_the_guide(level: int, t: float) -> None:
    assert t_score(rated([1, 1, 1], [level] * 3)) == pytest.approx(t, abs=5e-3)


def test_without_a_goal_or_any_weight_there_is_no_score_and_not_fifty() -> None:
    assert t_score([]) is None
    assert t_score(rated([0, 0], [1, 1])) is None


@pytest.mark.parametrize("score", [-3, 3])
def test_there_is_no_level_beyond_two(score: int) -> None:
    with pytest.raises(ValueError, match="Level"):
        Level(score)


SCALE = Scale(("Bed", "Chair", "Garden gate", "Shop", "Park"), 3, 2, Level.less)


def test_a_goal_weighs_what_it_matters_times_how_hard_it_is() -> None:
    require_scalable(SCALE)
    assert (SCALE.weight, replace(SCALE, difficulty=0).weight) == (6, 0)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"importance": -1}, "/scale/importance"),
        ({"difficulty": 4}, "/scale/difficulty"),
        ({"baseline": Level.more}, "/scale/baseline"),
        ({"levels": ("Bed", "Chair", "Chair", "Shop", "Park")}, "/scale/levels"),
        ({"levels": ("Bed", "Chair")}, "/scale/levels"),
    ],
)
def test_a_scale_that_cannot_be_rated_on_is_refused(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        require_scalable(replace(SCALE, **change))
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def scaled(level: Level | None, weight: int = 1, baseline: Level = Level.less) -> ScaledGoal:
    return ScaledGoal(UUID(int=1), weight, baseline, level, None)


def test_of_some_of_the_goals_there_is_no_score() -> None:
    found = attainment([scaled(Level.more), scaled(None)], as_of=NOW)
    assert (found.t, found.change) == (None, None)
    assert found.baseline_t == pytest.approx(37.6)


def test_what_was_attained_is_told_beside_where_it_began() -> None:
    found = attainment([scaled(Level.more)] * 3, as_of=NOW)
    assert (found.baseline_t, found.t, found.change) == (36.3, 63.7, 27.4)
    nothing = attainment([], as_of=NOW)
    assert (nothing.baseline_t, nothing.t, nothing.change) == (None, None, None)
    weightless = attainment([scaled(Level.more, weight=0)], as_of=NOW)
    assert (weightless.baseline_t, weightless.t) == (None, None)


@given(goals)
def test_the_score_turns_over_with_its_levels_and_does_not_depend_on_the_order(found: list[Rated]) -> None:
    t, turned = t_score(found), t_score([Rated(each.weight, Level(-each.level)) for each in found])
    assert (t is None) == (turned is None)
    if t is not None and turned is not None:
        assert t + turned == pytest.approx(100)
        assert t_score(found[::-1]) == pytest.approx(t)


@given(goals, st.integers(0, 11))
def test_a_higher_level_never_lowers_the_score(found: list[Rated], which: int) -> None:
    raised = [Rated(each.weight, Level(min(2, each.level + (place == which)))) for place, each in enumerate(found)]
    before, after = t_score(found), t_score(raised)
    if before is not None and after is not None:
        assert after >= before - 1e-9


@given(goals, st.integers(2, 5))
def test_the_scale_of_the_weights_does_not_matter(found: list[Rated], times: int) -> None:
    t, heavier = t_score(found), t_score([Rated(each.weight * times, each.level) for each in found])
    assert heavier == (None if t is None else pytest.approx(t))
