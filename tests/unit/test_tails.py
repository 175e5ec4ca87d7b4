"""Tails of distributions, held against SciPy's."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import betainc, betaincinv, gammaincinv, ndtri

from domain.outcomes.tails import at_least, mean_of_tail, normal_quantile, share_of_tail

CONFIDENCES = st.sampled_from((0.9, 0.95, 0.99, 0.998, 0.999))
COUNTS = st.one_of(st.integers(0, 30), st.integers(0, 300_000))


def near(expected: float, relative: float = 1e-9) -> object:
    return pytest.approx(expected, rel=relative, abs=0)


@given(COUNTS, COUNTS, st.floats(0, 1))
def test_a_binomial_tail_is_the_incomplete_beta_function(events: int, others: int, share: float) -> None:
    assume(events > 0)
    expected = float(betainc(events, others + 1, share))
    assume(expected == 0 or expected > 1e-200)
    assert at_least(events, events + others, share) == (near(expected) if expected else pytest.approx(0, abs=1e-200))


@given(COUNTS, COUNTS, CONFIDENCES)
def test_the_limits_of_a_share_are_where_its_tails_are_as_heavy_as_asked(a: int, b: int, confidence: float) -> None:
    tail = (1 - confidence) / 2
    if a:
        assert share_of_tail(a, a + b, tail) == near(float(betaincinv(a, b + 1, tail)))
    if b:
        high, expected = share_of_tail(a + 1, a + b, 1 - tail), float(betaincinv(a + 1, b, 1 - tail))
        assert high == near(expected)
        # What a ratio is made of. Next to 1, neither share is known closer than floats lie there.
        assert 1 - high == pytest.approx(1 - expected, rel=1e-8, abs=2 * sys.float_info.epsilon)


@given(st.integers(1, 12), CONFIDENCES, st.booleans())
def test_the_limits_of_a_mean_are_the_gamma_quantiles(events: int, confidence: float, is_upper: bool) -> None:
    tail = (1 - confidence) / 2
    wanted = 1 - tail if is_upper else tail
    assert mean_of_tail(events, wanted) == near(float(gammaincinv(events, wanted)), 1e-11)


@pytest.mark.parametrize("share", [0.0005, 0.025, 0.5, 0.975, 0.9995])
def test_a_normal_quantile(share: float) -> None:
    assert normal_quantile(share) == pytest.approx(float(ndtri(share)), rel=1e-13, abs=1e-15)


def test_no_process_of_the_service_imports_what_the_tails_are_held_against() -> None:
    asked = "import sys, api.commands.serve, api.commands.worker; print(sorted({'numpy', 'scipy'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
