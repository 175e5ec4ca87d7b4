"""What each relationship allows, read as a table. S: the patient. D: a delegate with the scope. H: care-home staff.
T: a care team's clinician. P: a clinician of the practice. B: break-glass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.ground import Basis
from domain.errors import NotPermitted
from domain.people.permission import (
    ALLOWED_ON,
    SCOPE_FOR,
    Action,
    Scope,
    Standing,
    allowed_basis,
    decision,
)

LETTERS = {
    "S": Basis.self_,
    "D": Basis.delegate,
    "H": Basis.care_home,
    "T": Basis.care_team,
    "P": Basis.practice,
    "B": Basis.break_glass,
}
TABLE = """
read_record             S D H T P B
record_readings         S D H T P .
amend_own_readings      S D H T P .
amend_any_reading       . . H T P .
propose_goals           S . H T P .
decide_goals_and_plans  S . . T P .
complete_actions        S D H T P .
acknowledge_plans       S D . . . .
answer_plan_questions   . . . T P .
propose_care_plans      S D H T P .
agree_care_plans        S D . T P .
set_time_zone           S . . T P .
check_in                S D H T P .
answer_alerts           . . . T P .
message                 S D H T P .
record_contacts         . . H T P .
enrol                   . . . T P .
correct_particulars     . . . . P .
link_account            . . . T P .
admit_to_care_home      . . . T P .
end_residence           . . H T P .
place_on_care_team      . . . T P .
read_access             S D . T P .
read_access_log         S D . . P .
answer_rights_request   . . . . P .
invite_delegates        S . . . . .
record_delegates        . . . . P .
end_delegations         S . . . P .
decide_consents         S D . . . .
record_consents         . . . . P .
"""
ROWS = {name: allowed for name, *allowed in (line.split() for line in TABLE.strip().splitlines())}
EVERY_SCOPE = frozenset(Scope)


def test_every_deed_has_its_row() -> None:
    assert list(ROWS) == [action.value for action in Action]
    assert set(ALLOWED_ON) == set(Action)


@pytest.mark.parametrize("action", Action)
def test_each_basis_allows_what_the_table_says(action: Action) -> None:
    allowed = {
        letter
        for letter, basis in LETTERS.items()
        if decision(Standing(frozenset({basis}), EVERY_SCOPE), action).allowed
    }
    assert allowed == set(ROWS[action.value]) - {"."}


def test_break_glass_only_reads() -> None:
    broken = Standing(frozenset({Basis.break_glass}), EVERY_SCOPE)
    assert [action for action in Action if decision(broken, action).allowed] == [Action.read_record]


@pytest.mark.parametrize("scope", Scope)
def test_a_delegate_s_scope_allows_its_own_deeds_and_implies_no_other_s(scope: Scope) -> None:
    delegate = Standing(frozenset({Basis.delegate}), frozenset({scope}))
    allowed = {action for action in Action if decision(delegate, action).allowed}
    assert allowed == {action for action, needed in SCOPE_FOR.items() if needed is scope}
    assert allowed


def test_of_several_bases_the_nearest_to_the_patient_is_used() -> None:
    both = Standing(frozenset({Basis.practice, Basis.delegate}), frozenset({Scope.read}))
    assert allowed_basis(both, Action.read_record) is Basis.delegate
    assert allowed_basis(both, Action.record_readings) is Basis.practice


@given(st.frozensets(st.sampled_from(Basis)), st.frozensets(st.sampled_from(Scope)), st.sampled_from(Action))
def test_to_be_related_in_one_more_way_never_takes_anything_away(
    bases: frozenset[Basis], scopes: frozenset[Scope], action: Action
) -> None:
    if decision(Standing(bases, scopes), action).allowed:
        for basis in Basis:
            assert decision(Standing(bases | {basis}, scopes | EVERY_SCOPE), action).allowed
    else:
        with pytest.raises(NotPermitted):
            allowed_basis(Standing(bases, scopes), action)


@given(st.frozensets(st.sampled_from(Basis)), st.frozensets(st.sampled_from(Scope)), st.sampled_from(Action))
def test_what_is_allowed_is_allowed_by_a_basis_that_holds(
    bases: frozenset[Basis], scopes: frozenset[Scope], action: Action
) -> None:
    decided = decision(Standing(bases, scopes), action)
    assert decided.allowed == (decided.basis is not None)
    assert decided.basis is None or decided.basis in bases & ALLOWED_ON[action]
