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
        "personal_best.changed": "what a person's best peak flow is was stated, or taken back",
        "plan.published": "an action plan was published",
        "plan.ended": "an action plan ended",
        "plan.acknowledged": "it was said of an action plan that it was understood, or that there is a question",
        "plan.answered": "a question about an action plan was answered",
        "care_plan.drafted": "a version of a care and support plan was drafted",
        "care_plan.published": "a version of a care and support plan is in force",
        "care_plan.withdrawn": "a draft of a care and support plan was taken back or declined",
        "plan.paused": "action plans were paused",
        "plan.resumed": "a pause of action plans was ended",
        "action.completed": "an action was done, or skipped",
        "action.retracted": "an action recorded as done or skipped was taken back",
        "alert.raised": "an alert was raised, or raised again",
        "alert.acknowledged": "somebody has seen an alert",
        "alert.resolved": "what came of an alert was recorded",
        "enrolment.started": "a patient joined a pathway",
        "enrolment.ended": "a patient left a pathway",
        "contact.recorded": "a contact with a service was recorded",
        "patient.corrected": "a patient's particulars were corrected",
        "patient.time_zone_changed": "a patient's days are reckoned in another time zone",
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
