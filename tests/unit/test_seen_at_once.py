"""What was accepted is seen at once: whatever is worked out takes in what a clock slightly ahead has told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from domain.instant import CLOCK_SKEW_TOLERATED, objection_to_instant, seen_until
from domain.observations.evidence import Measured
from domain.observations.glucose_range import LEAST_SENSED, WINDOW, Glucose, glucose_range
from domain.observations.home_blood_pressure import Pressure, home_average
from domain.observations.peak_flow import measured_best
from domain.observations.weight_change import weight_change
from domain.people.local_days import LONDON_DAYS
from domain.plans.target import Comparator
from domain.plans.zone import Colour, Decision, Known, Seen, SymptomCriterion, Zone, decide

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LAST = NOW + CLOCK_SKEW_TOLERATED
BEYOND = LAST + timedelta(microseconds=1)
PAINLESS, PAIN = (SymptomCriterion("chest_pain", side, 1) for side in (Comparator.below, Comparator.at_least))
ZONES = (Zone(Colour.green, ((PAINLESS,),)), Zone(Colour.red, ((PAIN,),)))


def measured(at: datetime) -> Measured:
    return Measured(UUID(int=1), at, Decimal(80))


def pain(at: datetime, now: datetime = NOW) -> Decision:
    """Return what zone it is, of who had no pain a while ago and has told of some at an instant."""
    told = tuple(
        Seen(UUID(int=level), when, when.date(), Decimal(level))
        for level, when in enumerate((now - timedelta(hours=1), at))
    )
    return decide(ZONES, Known(now, now.date(), {}, {"chest_pain": told}))


@pytest.mark.parametrize(
    "number_seen",
    [
        lambda at: int(weight_change([measured(at)], as_of=NOW, days=LONDON_DAYS).newest is not None),
        lambda at: measured_best([measured(at)], as_of=NOW, days=LONDON_DAYS).count,
        lambda at: glucose_range([Glucose(at, Decimal(5))], as_of=NOW).count,
        lambda at: (
            home_average([Pressure(UUID(int=1), at, Decimal(120), Decimal(80))], as_of=NOW, days=LONDON_DAYS).days
        ),
        lambda at: int(pain(at).colour is Colour.red),
    ],
    ids=["weight", "peak flow", "glucose", "blood pressure", "zone"],
)
def test_what_was_accepted_is_seen_at_once_and_what_lies_beyond_is_not(number_seen: Callable[[datetime], int]) -> None:
    for at in (NOW, LAST, BEYOND):
        accepted = objection_to_instant(at, received_at=NOW, born_on=NOW.date() - timedelta(days=9)) is None
        assert (number_seen(at), at <= seen_until(NOW)) == (int(accepted), accepted)


def test_what_is_told_just_before_midnight_by_a_clock_that_is_in_tomorrow_is_of_now() -> None:
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    assert pain(midnight + timedelta(seconds=40), midnight - timedelta(minutes=1)).colour is Colour.red
    level = Seen(UUID(int=0), midnight + timedelta(seconds=40), midnight.date(), Decimal(0))
    well = Known(midnight - timedelta(minutes=1), NOW.date(), {}, {"chest_pain": (level,)})
    found = decide(ZONES, well)
    assert (found.colour, {each.age_seconds for each in found.reasons}) == (Colour.green, {0})


def test_a_sensor_that_is_ahead_covers_no_more_than_the_fortnight() -> None:
    number = WINDOW // timedelta(minutes=15)
    readings = [Glucose(LAST - step * timedelta(minutes=15), Decimal(5)) for step in reversed(range(number))]
    found = glucose_range(readings, as_of=NOW)
    assert found.count == number > LEAST_SENSED
    assert found.coverage is not None and found.coverage <= 1
    assert found.bands is not None and found.bands.in_range == 1
