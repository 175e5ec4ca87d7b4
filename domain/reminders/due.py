"""When somebody is reminded of an action next: the instants at which it falls due, each once. Pure.

Days are reckoned as the person lives them. What has no time of day is due by the end of its day: nobody is reminded of
it at midnight, but in the evening, while there is time left to do it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from domain.people.local_days import LocalDays
from domain.plans.schedule import LONGEST_RUN, Schedule, days_between, occurrences_on

# Of what is to be done at any time of a day. [proposal]
EVENING = time(18)
# Where somebody has moved from one zone to another a day may begin before the one before it ends: by a day at the most.
_OVERLAP = timedelta(days=2)
# Days are looked at in stretches: most rules name one in the first.
_FIRST_STRETCH, _LONGEST_STRETCH = timedelta(days=3), timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Reminding:
    """An instant at which somebody is reminded, of which day of theirs, and of the how-manieth time of that day."""

    at: datetime
    on_day: date
    number: int


def next_reminding(schedule: Schedule, days: LocalDays, after: datetime) -> Reminding | None:
    """Return the first reminding after an instant; None when none is to come.

    Of several that fall on one instant (the clocks skip an hour), the last: then as many are due as it says.
    """
    first = max(days.day_of(after) - _OVERLAP, schedule.starts_on)
    end, stretch = schedule.starts_on + LONGEST_RUN, _FIRST_STRETCH
    while first <= end:
        last = first + stretch
        found = [one for one in _on_days(schedule, days, first, last + _OVERLAP) if one.at > after]
        if any(one.on_day <= last for one in found):
            earliest = min(one.at for one in found)
            return max((one for one in found if one.at == earliest), key=lambda one: (one.on_day, one.number))
        first, stretch = last + timedelta(days=1), min(stretch * 4, _LONGEST_STRETCH)
    return None


def _on_days(schedule: Schedule, days: LocalDays, first: date, last: date) -> Iterator[Reminding]:
    for day in days_between(schedule, first, last):
        for number, each in enumerate(occurrences_on(schedule, day, days), start=1):
            at = days.instant(day, EVENING) if each.at_time is None else each.due_at
            yield Reminding(at.astimezone(UTC), day, number)
