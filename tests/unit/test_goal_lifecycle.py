"""A goal moves only by legal steps, each by those whose step it is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.errors import DomainError, IllegalTransition, Invalid
from domain.plans.goal_lifecycle import (
    ACHIEVEMENT_STEPS,
    BEGUN,
    LIFECYCLE_STEPS,
    OUTCOMES,
    Achievement,
    Change,
    GoalState,
    Lifecycle,
    Party,
    first_state,
    next_state,
)
from tests.replaying import replayed

PROPOSED = GoalState(Lifecycle.proposed, None)
ACTIVE = GoalState(Lifecycle.active, Achievement.in_progress)

# The whole of the lifecycle, written down a second time so that a slip in the table is seen.
LEGAL = {
    ("proposed", "planned"),
    ("planned", "accepted"),
    ("planned", "rejected"),
    ("planned", "cancelled"),
    ("proposed", "accepted"),
    ("proposed", "rejected"),
    ("proposed", "cancelled"),
    ("accepted", "active"),
    ("accepted", "cancelled"),
    ("active", "on-hold"),
    ("active", "completed"),
    ("active", "cancelled"),
    ("on-hold", "active"),
    ("on-hold", "completed"),
    ("on-hold", "cancelled"),
} | {(one.value, "entered-in-error") for one in Lifecycle if one is not Lifecycle.entered_in_error}


def test_the_lifecycle_has_exactly_the_legal_steps() -> None:
    assert {(a.value, b.value) for a, following in LIFECYCLE_STEPS.items() for b in following} == LEGAL


def test_every_status_has_its_row_in_the_tables() -> None:
    assert set(LIFECYCLE_STEPS) == set(Lifecycle)
    assert set(ACHIEVEMENT_STEPS) == set(Achievement)


def test_a_goal_of_one_s_own_is_active_at_once() -> None:
    assert first_state(Party.patient) == ACTIVE


@pytest.mark.parametrize("party", [Party.clinician, Party.care_home_staff])
def test_a_goal_that_others_suggest_is_only_proposed(party: Party) -> None:
    assert first_state(party) == PROPOSED


@pytest.mark.parametrize("answer", [Lifecycle.accepted, Lifecycle.rejected])
def test_the_patient_answers_a_proposal_without_explaining(answer: Lifecycle) -> None:
    assert next_state(PROPOSED, Change(answer), Party.patient) == GoalState(answer, None)


@pytest.mark.parametrize("answer", [Lifecycle.accepted, Lifecycle.rejected])
def test_a_clinician_who_answers_for_the_patient_must_say_how_it_was_decided(answer: Lifecycle) -> None:
    with pytest.raises(Invalid) as refused:
        next_state(PROPOSED, Change(answer), Party.clinician)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/note", "note_missing")]
    assert next_state(PROPOSED, Change(answer, note="Said so by telephone"), Party.clinician).lifecycle is answer


def test_a_goal_taken_up_is_in_progress() -> None:
    accepted = GoalState(Lifecycle.accepted, None)
    assert next_state(accepted, Change(Lifecycle.active), Party.patient) == ACTIVE


def test_a_completed_goal_must_say_whether_it_was_achieved() -> None:
    with pytest.raises(Invalid) as refused:
        next_state(ACTIVE, Change(Lifecycle.completed), Party.patient)
    assert refused.value.faults[0].pointer == "/achievement_status"
    done = next_state(ACTIVE, Change(Lifecycle.completed, Achievement.achieved), Party.patient)
    assert done == GoalState(Lifecycle.completed, Achievement.achieved)


def test_nobody_sustains_what_was_never_achieved() -> None:
    with pytest.raises(IllegalTransition):
        next_state(ACTIVE, Change(achievement=Achievement.sustaining), Party.clinician)


@pytest.mark.parametrize("lifecycle", [Lifecycle.completed, Lifecycle.cancelled, Lifecycle.rejected])
def test_a_closed_goal_stays_closed(lifecycle: Lifecycle) -> None:
    closed = GoalState(lifecycle, Achievement.achieved)
    for after in set(Lifecycle) - {lifecycle, Lifecycle.entered_in_error}:
        with pytest.raises(IllegalTransition):
            next_state(closed, Change(after, note="Again"), Party.clinician)
    with pytest.raises(IllegalTransition):
        next_state(closed, Change(achievement=Achievement.worsening), Party.clinician)


def test_a_mistaken_goal_is_taken_out_with_a_reason() -> None:
    with pytest.raises(Invalid):
        next_state(ACTIVE, Change(Lifecycle.entered_in_error), Party.clinician)
    after = next_state(ACTIVE, Change(Lifecycle.entered_in_error, note="Another patient's"), Party.clinician)
    assert after.lifecycle is Lifecycle.entered_in_error


def test_asking_for_what_already_holds_changes_nothing() -> None:
    assert next_state(ACTIVE, Change(Lifecycle.active), Party.patient) == ACTIVE
    error = GoalState(Lifecycle.entered_in_error, None)
    assert next_state(error, Change(Lifecycle.entered_in_error), Party.clinician) == error


def test_asking_for_nothing_is_refused() -> None:
    with pytest.raises(Invalid):
        next_state(ACTIVE, Change(note="Only a note"), Party.patient)


def test_a_history_that_does_not_hang_together_is_noticed() -> None:
    with pytest.raises(IllegalTransition):
        replayed([(None, PROPOSED), (ACTIVE, GoalState(Lifecycle.completed, Achievement.achieved))])
    with pytest.raises(IllegalTransition):
        replayed([(None, PROPOSED), (PROPOSED, GoalState(Lifecycle.completed, Achievement.achieved))])
    with pytest.raises(IllegalTransition):
        replayed([])


states = st.builds(GoalState, st.sampled_from(Lifecycle), st.none() | st.sampled_from(Achievement))
changes = st.builds(
    Change,
    st.none() | st.sampled_from(Lifecycle),
    st.none() | st.sampled_from(Achievement),
    st.none() | st.just("Because we talked about it"),
)


@given(states, changes, st.sampled_from(Party))
def test_from_any_state_a_change_is_a_legal_step_or_a_refusal(state: GoalState, change: Change, party: Party) -> None:
    try:
        after = next_state(state, change, party)
    except DomainError:
        return
    assert after.lifecycle is state.lifecycle or (state.lifecycle.value, after.lifecycle.value) in LEGAL
    if change.lifecycle is not None:
        assert after.lifecycle is change.lifecycle
    if change.achievement is not None:
        assert after.achievement is change.achievement


class GoalMachine(RuleBasedStateMachine):
    """Anybody asks for anything, in any order; the history must stay legal and lead to the present."""

    @initialize(party=st.sampled_from(Party))
    def propose(self, party: Party) -> None:
        self.state = first_state(party)
        self.history: list[tuple[GoalState | None, GoalState]] = [(None, self.state)]

    @rule(change=changes, party=st.sampled_from(Party))
    def ask(self, change: Change, party: Party) -> None:
        try:
            after = next_state(self.state, change, party)
        except DomainError:
            return
        if after != self.state:
            self.history.append((self.state, after))
            self.state = after

    @invariant()
    def history_leads_to_the_present(self) -> None:
        assert replayed(self.history) == self.state

    @invariant()
    def every_step_was_legal(self) -> None:
        for (_, before), (_, after) in pairwise(self.history):
            assert before.lifecycle is after.lifecycle or (before.lifecycle.value, after.lifecycle.value) in LEGAL

    @invariant()
    def achievement_is_told_of_begun_goals_only(self) -> None:
        if self.state.lifecycle in BEGUN:
            assert self.state.achievement is not None
        if self.state.lifecycle in {Lifecycle.proposed, Lifecycle.accepted, Lifecycle.rejected}:
            assert self.state.achievement is None
        if self.state.lifecycle is Lifecycle.completed:
            assert self.state.achievement in OUTCOMES


TestGoalMachine = GoalMachine.TestCase
