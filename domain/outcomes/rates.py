"""Event rates, their ratio and its change in per cent, each with an interval.

Pure arithmetic on counts and person-time. It refuses to know what an event is, who had it, and what may be
released. Nothing it returns is ever NaN or infinite: what cannot be estimated is None with a reason.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from domain.outcomes.tails import at_least, mean_of_tail, normal_quantile, share_of_tail

# UKHSA (PHEindicatormethods): the exact interval below ten events, Byar's approximation from ten on.
EXACT_BELOW_EVENTS = 10
PERSON_DAYS = 1_000
_EXACT_ENOUGH = 9  # decimals of a per cent: takes away what a float adds, and nothing that was told


class Reason(StrEnum):
    """Why an estimate, or one of its limits, is absent."""

    missing_events = "missing_events"
    missing_person_time = "missing_person_time"
    no_person_time = "no_person_time"
    no_events = "no_events"
    no_comparator_events = "no_comparator_events"


class Method(StrEnum):
    """How an interval was made."""

    garwood = "exact (Garwood)"
    byar = "Byar"
    conditional = "exact, conditional on the total (Clopper-Pearson)"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value between two limits. None is absent: `reason` says why, and a lone None limit means unbounded."""

    value: float | None
    low: float | None
    high: float | None
    method: Method
    reason: Reason | None = None


def rate(
    events: int | None, person_time: float | None, *, per: float = PERSON_DAYS, confidence: float = 0.95
) -> Estimate:
    """Return events per `per` units of person-time with its interval: exact below ten events, else Byar.

    Raises ValueError for a negative count or a time that is negative or not finite.
    Source: UKHSA PHEindicatormethods; Garwood 1936; Breslow and Day 1987, Byar's approximation.
    """
    method = Method.garwood if events is None or events < EXACT_BELOW_EVENTS else Method.byar
    if events is None:
        return Estimate(None, None, None, method, Reason.missing_events)
    if person_time is None:
        return Estimate(None, None, None, method, Reason.missing_person_time)
    _require_count(events)
    _require_time(person_time)
    if person_time == 0:
        return Estimate(None, None, None, method, Reason.no_person_time)
    low, high = count_interval(events, confidence=confidence)
    scale = per / person_time
    return Estimate(events * scale, low * scale, high * scale, method)


def count_interval(events: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the limits of a Poisson count's mean."""
    tail = (1 - confidence) / 2
    if events < EXACT_BELOW_EVENTS:
        # Garwood's chi-squared quantiles, written as gamma quantiles: chi2(p; 2n) / 2 = gamma(p; n).
        low = mean_of_tail(events, tail) if events else 0.0
        return low, mean_of_tail(events + 1, 1 - tail)
    z = -normal_quantile(tail)
    low = events * (1 - 1 / (9 * events) - z / (3 * math.sqrt(events))) ** 3
    more = events + 1
    return low, more * (1 - 1 / (9 * more) + z / (3 * math.sqrt(more))) ** 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """Events and person-time since (the intervention) and before (the comparator); both times positive.

    Raises ValueError for a negative count or a time that is not positive and finite.
    """

    events_since: int
    time_since: float
    events_before: int
    time_before: float

    def __post_init__(self) -> None:
        _require_count(self.events_since)
        _require_count(self.events_before)
        _require_time(self.time_since)
        _require_time(self.time_before)
        if not (self.time_since and self.time_before):
            raise ValueError("a comparison needs person-time on both sides")

    @property
    def events(self) -> int:
        """Return the total on which the exact methods condition."""
        return self.events_since + self.events_before

    @property
    def share(self) -> float:
        """Return the share of events expected since when the rates are equal."""
        return self.time_since / (self.time_since + self.time_before)

    def ratio(self) -> float | None:
        """Return the rate since over the rate before; None without events before."""
        if not self.events_before:
            return None
        return (self.events_since / self.time_since) / (self.events_before / self.time_before)

    def estimate(self, low: float | None, high: float | None, method: Method) -> Estimate:
        """Return the ratio between limits, with the reason when there is none."""
        reason = None
        if not self.events_before:
            reason = Reason.no_comparator_events if self.events_since else Reason.no_events
        return Estimate(self.ratio(), low, high, method, reason)

    def as_ratio(self, share: float) -> float:
        """Return the rate ratio at which this share of the events would fall since."""
        return share / (1 - share) * self.time_before / self.time_since


def rate_ratio(of: Comparison, *, confidence: float = 0.95) -> Estimate:
    """Return the rate ratio with its exact central interval, conditional on the total number of events.

    Without events before, the ratio is None and the upper limit unbounded; without any, it is "no information".
    Source: Clopper and Pearson 1934; the interval of R's poisson.test and rateratio.test.
    """
    tail = (1 - confidence) / 2
    a, b = of.events_since, of.events_before
    low = of.as_ratio(share_of_tail(a, a + b, tail)) if a else 0.0
    high = of.as_ratio(share_of_tail(a + 1, a + b, 1 - tail)) if b else None
    return of.estimate(low, high, Method.conditional)


def p_value(of: Comparison) -> float:
    """Return the exact central p-value (twice the smaller tail, at most 1) that the two rates are equal.

    R's poisson.test prints the minimum-likelihood p-value instead; this one agrees with the interval above.
    """
    at_least, at_most = _tails(of, of.share)
    return min(1.0, 2 * min(at_least, at_most))


def percent_change(ratio: Estimate) -> Estimate:
    """Return a ratio as the change in per cent: negative is a fall. No change without a ratio.

    -0.0 never appears: a reader would take it for a fall.
    """
    if ratio.value is None:
        return Estimate(None, None, None, ratio.method, ratio.reason)
    low, high = (None if limit is None else _percent(limit) for limit in (ratio.low, ratio.high))
    return Estimate(_percent(ratio.value), low, high, ratio.method, ratio.reason)


def _percent(ratio: float) -> float:
    return round(100 * (ratio - 1), _EXACT_ENOUGH) + 0.0


def told_ratio(ratio: Estimate) -> Estimate:
    """Return a ratio as it is told: to two decimals, so that each step is one per cent of change.

    More decimals where two would make it 0, or 1 although it is not: a limit beside 1 must not look like "no change".
    """
    if ratio.value is None:
        return ratio
    low, high = (None if limit is None else _told(limit) for limit in (ratio.low, ratio.high))
    return Estimate(_told(ratio.value), low, high, ratio.method, ratio.reason)


def _told(ratio: float) -> float:
    least = min(abs(ratio), abs(ratio - 1))
    return round(ratio, 2 if least == 0 else max(2, -math.floor(math.log10(least))))


def significant(value: float, figures: int) -> float:
    """Return the value rounded to so many significant figures."""
    if value == 0:
        return 0.0
    return round(value, figures - 1 - math.floor(math.log10(abs(value))))


def _tails(of: Comparison, share: float) -> tuple[float, float]:
    """Return P(X >= a) and P(X <= a) for X ~ Binomial(a + b, share), by the incomplete beta function."""
    a, b = of.events_since, of.events_before
    return at_least(a, a + b, share) if a else 1.0, at_least(b, a + b, 1 - share) if b else 1.0


def _require_count(events: int) -> None:
    if events < 0:
        raise ValueError("a count of events cannot be negative")


def _require_time(person_time: float) -> None:
    if not math.isfinite(person_time) or person_time < 0:
        raise ValueError("person-time must be finite and not negative")
