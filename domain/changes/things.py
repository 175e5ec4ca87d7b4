"""Which things of a record an event is about. Pure.

Each kind of event is named here, told or not: one that nobody thought of would be a change that a phone never hears.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from domain.events.event import ACCESS_CHANGED, Event


class Thing(StrEnum):
    """A kind of thing that a person's phone keeps a copy of."""

    patient = "patient"
    observation = "observation"
    goal = "goal"
    action_plan = "action_plan"
    care_plan = "care_plan"
    completion = "completion"
    pause = "pause"
    diary_entry = "diary_entry"
    questionnaire_response = "questionnaire_response"
    alert = "alert"
    personal_best = "personal_best"


# By the first part of an event's kind, where the whole of it is not named below.
TOLD: Mapping[str, Thing] = MappingProxyType(
    {
        "patient": Thing.patient,
        "observation": Thing.observation,
        "goal": Thing.goal,
        "plan": Thing.action_plan,
        "care_plan": Thing.care_plan,
        "action": Thing.completion,
        "diary": Thing.diary_entry,
        "questionnaire": Thing.questionnaire_response,
        "alert": Thing.alert,
        "personal_best": Thing.personal_best,
    }
)
# Where somebody lives decides who sees them, and so do their other relationships: one event tells of all of them.
TOLD_APART: Mapping[str, Thing] = MappingProxyType(
    {"plan.paused": Thing.pause, "plan.resumed": Thing.pause, ACCESS_CHANGED: Thing.patient}
)
# Who may see the record, what others asked and decided about it, and whose care it is in: asked for when it is shown.
NOT_TOLD = frozenset(
    {
        "access",
        "break_glass",
        "contact",
        "contacts",
        "enrolment",
        "pathway",
        "privacy_alert",
        "rights_request",
    }
)


def things_of(event: Event) -> list[tuple[Thing, UUID]]:
    """Return what of its patient's record the event is about."""
    thing = TOLD_APART.get(event.kind) or TOLD.get(event.kind.partition(".")[0])
    if thing is None or event.patient_id is None:
        return []
    if thing is Thing.patient:
        return [(thing, event.patient_id)]
    # That an action was done names the action, which is part of its plan, and then what is new.
    ids = event.subject_ids[1:] if thing is Thing.completion else event.subject_ids
    return [(thing, each) for each in ids]


def by_thing(events: Iterable[Event]) -> dict[Thing, list[UUID]]:
    """Return the ids of what the events are about, each once, in the order in which it was first named."""
    found: dict[Thing, dict[UUID, None]] = {}
    for event in events:
        for thing, each in things_of(event):
            found.setdefault(thing, {})[each] = None
    return {thing: list(ids) for thing, ids in found.items()}
