"""Opening one record in an emergency: what must be said, how long it lasts, how often one may be wrong. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MOST_HOURS = 4
LEAST_REASON, MOST_REASON = 10, 1_000  # characters
# Wrong pairs of number and birth date: enough for a slip, too few to guess (366 days of one year take three days).
WRONG_WITHIN, MOST_WRONG = timedelta(hours=1), 5
# Glasses broken by one account in a day: a night in an emergency department; beyond it, somebody is browsing.
OPENED_WITHIN, MOST_OPENED = timedelta(days=1), 20


class ReasonCode(StrEnum):
    """Why the record is needed now."""

    emergency = "emergency"
    safeguarding = "safeguarding"
    urgent_care = "urgent_care"
    patient_asked = "patient_asked"


class AlertState(StrEnum):
    """What a privacy officer made of a broken glass: upheld means that there was good reason."""

    open = "open"
    upheld = "upheld"
    reviewed = "reviewed"
    escalated = "escalated"


# An escalated alert comes back with an outcome; what was decided stays.
NEXT_STATES: dict[AlertState, frozenset[AlertState]] = {
    AlertState.open: frozenset({AlertState.upheld, AlertState.reviewed, AlertState.escalated}),
    AlertState.escalated: frozenset({AlertState.upheld, AlertState.reviewed}),
    AlertState.upheld: frozenset(),
    AlertState.reviewed: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Emergency:
    """Whose record is needed, as typed by a clinician who has the person before them; why, and for how many hours."""

    nhs_number: str
    born_on: date
    reason_code: ReasonCode
    reason: str
    hours: int
