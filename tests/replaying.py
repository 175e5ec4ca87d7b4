"""A goal's history, gone through from its beginning: what is stored is held against where it leads."""

from __future__ import annotations

from collections.abc import Iterable

from domain.errors import IllegalTransition
from domain.plans.goal_lifecycle import GoalState, _achievement_after, _require_step


def replayed(steps: Iterable[tuple[GoalState | None, GoalState]]) -> GoalState:
    """Return the state that a history (from, to) leads to. Raises IllegalTransition where it does not hang together."""
    present: GoalState | None = None
    for before, after in steps:
        if before != present:
            raise IllegalTransition("The history of this goal does not hang together.")
        if present is not None:
            _require_step(present.lifecycle, after.lifecycle)
            _achievement_after(present, after.lifecycle, after.achievement)
        present = after
    if present is None:
        raise IllegalTransition("A goal has a history from its first day.")
    return present
