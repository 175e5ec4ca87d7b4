"""How a goal may move: which status may follow which, and whose step it is. Pure; knows no readings and no rows.

The words are FHIR R4's (Goal.lifecycleStatus, Goal.achievementStatus), all of them. FHIR leaves the order of the
lifecycle open; the order here is Tendwell's own. "Planned" is a proposal that the team stands by, and that the person
has not answered yet: it is still theirs to accept or decline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain.errors import Fault, IllegalTransition, Invalid


class Lifecycle(StrEnum):
    """Where a goal is on its way from proposal to end."""

    proposed = "proposed"
    planned = "planned"
    accepted = "accepted"
    active = "active"
    on_hold = "on-hold"
    completed = "completed"
    cancelled = "cancelled"
    rejected = "rejected"
    entered_in_error = "entered-in-error"


class Achievement(StrEnum):
    """How the person is doing against the goal, as a person judges it."""

    in_progress = "in-progress"
    improving = "improving"
    worsening = "worsening"
    no_change = "no-change"
    achieved = "achieved"
    sustaining = "sustaining"
    not_achieved = "not-achieved"
    no_progress = "no-progress"
    not_attainable = "not-attainable"


class Party(StrEnum):
    """In which capacity somebody acts on a patient's goals and plans."""

    patient = "patient"
    clinician = "clinician"
    care_home_staff = "care_home_staff"
    delegate = "delegate"


@dataclass(frozen=True, slots=True)
class GoalState:
    """Both statuses of a goal. There is no achievement before the goal has been active."""

    lifecycle: Lifecycle
    achievement: Achievement | None


@dataclass(frozen=True, slots=True)
class Change:
    """A change of status that somebody asks for; None leaves that status as it is."""

    lifecycle: Lifecycle | None = None
    achievement: Achievement | None = None
    note: str | None = None


_L, _A = Lifecycle, Achievement

LIFECYCLE_STEPS: Mapping[Lifecycle, frozenset[Lifecycle]] = MappingProxyType(
    {
        _L.proposed: frozenset({_L.planned, _L.accepted, _L.rejected, _L.cancelled, _L.entered_in_error}),
        _L.planned: frozenset({_L.accepted, _L.rejected, _L.cancelled, _L.entered_in_error}),
        _L.accepted: frozenset({_L.active, _L.cancelled, _L.entered_in_error}),
        _L.active: frozenset({_L.on_hold, _L.completed, _L.cancelled, _L.entered_in_error}),
        _L.on_hold: frozenset({_L.active, _L.completed, _L.cancelled, _L.entered_in_error}),
        _L.completed: frozenset({_L.entered_in_error}),
        _L.cancelled: frozenset({_L.entered_in_error}),
        _L.rejected: frozenset({_L.entered_in_error}),
        _L.entered_in_error: frozenset(),
    }
)

_UNDER_WAY = frozenset({_A.in_progress, _A.improving, _A.worsening, _A.no_change})
_FAILED = frozenset({_A.not_achieved, _A.no_progress, _A.not_attainable})
OUTCOMES = frozenset({_A.achieved, _A.sustaining}) | _FAILED

# What was reached can be kept or lost again, what was given up can be taken up again; sustaining needs achieving first.
ACHIEVEMENT_STEPS: Mapping[Achievement, frozenset[Achievement]] = MappingProxyType(
    {
        **{a: (_UNDER_WAY | _FAILED | {_A.achieved}) - {a} for a in _UNDER_WAY},
        _A.achieved: _UNDER_WAY | _FAILED | {_A.sustaining},
        _A.sustaining: _UNDER_WAY | _FAILED,
        **{a: (_UNDER_WAY | _FAILED | {_A.achieved}) - {a} for a in _FAILED},
    }
)

# Statuses from which a goal can still go on.
OPEN = frozenset({_L.proposed, _L.planned, _L.accepted, _L.active, _L.on_hold})
# Statuses in which a person is, or was, working on the goal.
BEGUN = frozenset({_L.active, _L.on_hold, _L.completed})
_JUDGED = frozenset({_L.active, _L.completed})
_ANSWERS = frozenset({_L.accepted, _L.rejected})
_UNANSWERED = frozenset({_L.proposed, _L.planned})


def first_state(party: Party) -> GoalState:
    """Return the state a new goal begins in: one's own is active at once, another's suggestion is only proposed."""
    if party is Party.patient:
        return GoalState(_L.active, _A.in_progress)
    return GoalState(_L.proposed, None)


def next_state(state: GoalState, change: Change, party: Party) -> GoalState:
    """Return the state after a change; the same state when the change asks for what already holds.

    Raises Invalid when something must be said with it, and IllegalTransition when it cannot follow the present state.
    """
    lifecycle = change.lifecycle or state.lifecycle
    if change.lifecycle is None and change.achievement is None:
        raise Invalid("Nothing to change.", [Fault("", "nothing_asked", "Give a lifecycle or an achievement status.")])
    _require_step(state.lifecycle, lifecycle)
    after = GoalState(lifecycle, _achievement_after(state, lifecycle, change.achievement))
    if after != state:
        _require_words(after, change.note, party)
    return after


def require_may_reword(state: GoalState, note: str | None, party: Party) -> None:
    """Raise unless this party may word the goal otherwise, or move its target, in this state.

    A goal is the patient's: once they have taken it on, a clinician who changes it says how that was agreed.
    Raises IllegalTransition, Invalid.
    """
    if state.lifecycle not in OPEN:
        raise IllegalTransition(f"A goal that is {state.lifecycle} is no longer changed.")
    if party is not Party.patient and state.lifecycle not in _UNANSWERED and note is None:
        fault = Fault("/note", "note_missing", "Say in a note how this was decided, and by whom.")
        raise Invalid("This step needs a note.", [fault])


def _require_step(before: Lifecycle, after: Lifecycle) -> None:
    if after is not before and after not in LIFECYCLE_STEPS[before]:
        raise IllegalTransition(f"A goal that is {before} cannot become {after}.")


def _achievement_after(state: GoalState, lifecycle: Lifecycle, asked: Achievement | None) -> Achievement | None:
    if asked is None or asked is state.achievement:
        kept = state.achievement
        return _A.in_progress if kept is None and lifecycle is _L.active else kept
    closed = state.lifecycle not in {_L.accepted, _L.active, _L.on_hold}
    if closed or lifecycle not in _JUDGED:
        raise IllegalTransition(f"The achievement of a goal that is {lifecycle} cannot be changed.")
    before = state.achievement or _A.in_progress
    if asked is not before and asked not in ACHIEVEMENT_STEPS[before]:
        raise IllegalTransition(f"A goal that is {before} cannot become {asked}.")
    return asked


def _require_words(after: GoalState, note: str | None, party: Party) -> None:
    if after.lifecycle is _L.completed and after.achievement not in OUTCOMES:
        fault = Fault("/achievement_status", "outcome_missing", "Say whether it was achieved.")
        raise Invalid("A completed goal has an outcome.", [fault])
    answers_for_another = party is not Party.patient and after.lifecycle in _ANSWERS
    if note is None and (answers_for_another or after.lifecycle is _L.entered_in_error):
        fault = Fault("/note", "note_missing", "Say in a note how this was decided, and by whom.")
        raise Invalid("This step needs a note.", [fault])
