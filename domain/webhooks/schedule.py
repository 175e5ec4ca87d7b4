"""When a delivery is tried again, and when nobody is called any more. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

# What may be told, in words for whoever chooses. `access.changed` is the live feed's own, and is not among them.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "observation.recorded": "readings were recorded",
        "observation.corrected": "a reading was corrected",
        "observation.retracted": "a reading was entered in error",
        "goal.proposed": "a goal was proposed to a patient",
        "goal.changed": "a goal was set, worded otherwise or moved on",
        "plan.published": "an action plan was published",
        "plan.ended": "an action plan ended",
        "action.completed": "an action was done, or skipped",
        "enrolment.started": "a patient joined a pathway",
        "enrolment.ended": "a patient left a pathway",
        "contact.recorded": "a contact with a service was recorded",
        "patient.corrected": "a patient's particulars were corrected",
    }
)

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
# After how long each further attempt follows the one before: some 3 days in all, most of them past one night.
PAUSES = (
    timedelta(seconds=5),
    _MINUTE,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    24 * _HOUR,
    24 * _HOUR,
)
# A target that has taken nothing for so long is not called any more, until somebody registers it anew.
DISABLED_AFTER = timedelta(days=5)
# While an attempt is under way nobody else makes it; a worker that dies in it leaves it to the next after so long.
LEASE = timedelta(seconds=60)
# Settled deliveries are shown to administrators for so long.
KEPT_FOR = timedelta(days=30)


def next_attempt_at(attempts: int, at: datetime) -> datetime | None:
    """Return when to try again after so many attempts, the last of them just now; None when it is given up."""
    return at + PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


def is_lost(failing_since: datetime | None, at: datetime) -> bool:
    """Return whether a target has failed for so long that it is disabled."""
    return failing_since is not None and at - failing_since >= DISABLED_AFTER
