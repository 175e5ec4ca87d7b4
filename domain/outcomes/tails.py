"""How heavy the tails of the binomial and Poisson distributions are, and where they are as heavy as asked.

Pure. What scipy does as well, for whole counts alone: to import it took an eighth of a process's start, and a fifth of
its memory. Held against it by the tests, to 12 digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

_ENOUGH = 1e-16
_MOST_STEPS = 100_000  # the fraction needs about the root of the greater count
_TINY = 1e-300
_LN_2_PI = math.log(2 * math.pi)
_SMALL = 15  # up to here the logarithm of a factorial is exact enough by itself
_CLOSE = 0.1


def normal_quantile(share: float) -> float:
    """Return where a standard normal variable stays below with this probability."""
    return NormalDist().inv_cdf(share)


def at_least(events: int, of: int, share: float) -> float:
    """Return P(X >= events) for X ~ Binomial(of, share), 1 <= events <= of: the incomplete beta function.

    Source: DiDonato and Morris 1992 (the continued fraction), Loader 2000 (what stands before it).
    """
    if not 0 < share < 1:
        return float(share >= 1)
    others = of - events + 1
    if share < (events + 1) / (of + 3):
        return _tail(events, others, share)
    return 1 - _tail(others, events, 1 - share)


def share_of_tail(events: int, of: int, tail: float) -> float:
    """Return the share at which P(X >= events) for X ~ Binomial(of, share) is the tail, 1 <= events <= of."""
    others = of - events + 1

    def slope(share: float) -> float:
        return math.exp(_log_before(events, others, share)) / (share * (1 - share))

    return _where(lambda share: at_least(events, of, share), slope, tail, events / (of + 1), (0.0, 1.0))


def mean_of_tail(events: int, tail: float) -> float:
    """Return the mean at which P(X >= events) for a Poisson variable X is the tail, events >= 1."""

    def slope(mean: float) -> float:
        return math.exp((events - 1) * math.log(mean) - mean - math.lgamma(events))

    most = 2.0 * events + 50 * (1 - math.log10(max(1 - tail, _ENOUGH)))
    return _where(lambda mean: _poisson_at_least(events, mean), slope, tail, float(events), (0.0, most))


def _poisson_at_least(events: int, mean: float) -> float:
    if mean == 0:
        return 0.0
    term = total = math.exp(events * math.log(mean) - mean - math.lgamma(events + 1))
    place = events
    while term > total * _ENOUGH:
        place += 1
        term *= mean / place
        total += term
    return total


def _tail(a: int, b: int, share: float) -> float:
    """Return the incomplete beta function where its fraction converges, by Lentz's method."""
    above, below = 1.0, 1 - (a + b) * share / (a + 1)
    below = 1 / (below or _TINY)
    total = below
    for step in range(1, _MOST_STEPS):
        even, twice = step * (b - step) * share, a + 2 * step
        odd = -(a + step) * (a + b + step) * share
        for part in (even / ((twice - 1) * twice), odd / (twice * (twice + 1))):
            below = 1 / ((1 + part * below) or _TINY)
            above = (1 + part / above) or _TINY
            change = below * above
            total *= change
        if abs(change - 1) < _ENOUGH * 10:
            break
    return math.exp(_log_before(a, b, share)) / a * total


def _log_before(a: int, b: int, share: float) -> float:
    """Return ln(share^a (1 - share)^b / B(a, b)), of large counts as exact as of small ones."""
    both = a + b
    return (
        _stirling_error(both)
        - _stirling_error(a)
        - _stirling_error(b)
        - _deviance(a, both * share)
        - _deviance(b, both * (1 - share))
        + (math.log(a) + math.log(b) - math.log(both) - _LN_2_PI) / 2
    )


def _stirling_error(count: int) -> float:
    """Return ln(count!) less Stirling's approximation of it."""
    if count <= _SMALL:
        return math.lgamma(count + 1) - (count + 0.5) * math.log(count) + count - _LN_2_PI / 2
    square = float(count) ** 2
    series = 1 / 1260 - (1 / 1680 - (1 / 1188 - 691 / 360360 / square) / square) / square
    return (1 / 12 - (1 / 360 - series / square) / square) / count


def _deviance(count: int, expected: float) -> float:
    """Return count ln(count / expected) + expected - count, also where both are nearly the same."""
    apart = (count - expected) / (count + expected)
    if abs(apart) >= _CLOSE:
        return count * math.log(count / expected) + expected - count
    total, term, place = (count - expected) * apart, 2 * count * apart, 1
    while True:
        term *= apart * apart
        place += 2
        if (more := total + term / place) == total:
            return total
        total = more


def _where(
    height: Callable[[float], float],
    slope: Callable[[float], float],
    wanted: float,
    start: float,
    between: tuple[float, float],
) -> float:
    """Return where a rising function has this height: Newton's steps, halved where they would leave what is left."""
    low, high = between
    place = start
    for _ in range(200):
        apart = height(place) - wanted
        if apart == 0:
            return place
        low, high = (low, place) if apart > 0 else (place, high)
        steep = slope(place)
        step = place - apart / steep if steep > 0 else low
        following = step if low < step < high else (low + high) / 2
        if abs(following - place) <= 2 * _ENOUGH * place:
            return following
        place = following
    return place
