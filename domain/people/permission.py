"""What each relationship allows: one table, basis × action. Pure: it knows no rows, no routes and no clock.

Whether a caller may know that a person exists is `reach_queries`' to say, and comes first: who is not related is told
NotFound. Only then is this table asked, and says NotPermitted. A basis that is not named in a row may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain.access.ground import NEAREST_FIRST, Basis
from domain.errors import NotPermitted


class Scope(StrEnum):
    """What a delegate may do in the person's place. None implies another.

    read: the record as the person themself reads it, whoever recorded it. record: add readings, what was done of a
    plan and check-ins (diary, questionnaires), put right one's own; not read others'. message: write to the
    care team. decide: give and withdraw consents, agree care and support plans, and see who has access and who looked;
    only where the law gives somebody that right.
    """

    read = "read"
    record = "record"
    message = "message"
    decide = "decide"


class Action(StrEnum):
    """What can be done with one person's record, and to whom it is open."""

    read_record = "read_record"
    record_readings = "record_readings"
    amend_own_readings = "amend_own_readings"
    amend_any_reading = "amend_any_reading"
    propose_goals = "propose_goals"
    decide_goals_and_plans = "decide_goals_and_plans"
    complete_actions = "complete_actions"
    acknowledge_plans = "acknowledge_plans"
    answer_plan_questions = "answer_plan_questions"
    propose_care_plans = "propose_care_plans"
    agree_care_plans = "agree_care_plans"
    set_time_zone = "set_time_zone"
    check_in = "check_in"
    answer_alerts = "answer_alerts"
    message = "message"
    record_contacts = "record_contacts"
    enrol = "enrol"
    correct_particulars = "correct_particulars"
    link_account = "link_account"
    admit_to_care_home = "admit_to_care_home"
    end_residence = "end_residence"
    place_on_care_team = "place_on_care_team"
    read_access = "read_access"
    read_access_log = "read_access_log"
    answer_rights_request = "answer_rights_request"
    invite_delegates = "invite_delegates"
    record_delegates = "record_delegates"
    end_delegations = "end_delegations"
    decide_consents = "decide_consents"
    record_consents = "record_consents"


@dataclass(frozen=True, slots=True)
class Standing:
    """On which bases a caller stands to one person, and with which scopes if as their delegate."""

    bases: frozenset[Basis]
    scopes: frozenset[Scope] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a deed is allowed, and on which basis it then happens: the one that the audit trail names."""

    allowed: bool
    basis: Basis | None


_B, _A = Basis, Action
_CLINICIANS = frozenset({_B.care_team, _B.practice})
_STAFF = _CLINICIANS | {_B.care_home}
_PERSON = frozenset({_B.self_})
_DELEGATE = frozenset({_B.delegate})

# Break-glass stands in one row: it reads.
ALLOWED_ON: Mapping[Action, frozenset[Basis]] = MappingProxyType(
    {
        _A.read_record: _PERSON | _DELEGATE | _STAFF | {_B.break_glass},
        _A.record_readings: _PERSON | _DELEGATE | _STAFF,
        _A.amend_own_readings: _PERSON | _DELEGATE | _STAFF,
        _A.amend_any_reading: _STAFF,
        _A.propose_goals: _PERSON | _STAFF,
        _A.decide_goals_and_plans: _PERSON | _CLINICIANS,
        _A.complete_actions: _PERSON | _DELEGATE | _STAFF,
        # Whom a plan is for says that they understood it, or whoever acts for them: never who wrote it.
        _A.acknowledge_plans: _PERSON | _DELEGATE,
        _A.answer_plan_questions: _CLINICIANS,
        _A.propose_care_plans: _PERSON | _DELEGATE | _STAFF,
        # A care home writes down how somebody wants to be cared for; what is in force is for them and a clinician.
        _A.agree_care_plans: _PERSON | _DELEGATE | _CLINICIANS,
        _A.set_time_zone: _PERSON | _CLINICIANS,
        _A.check_in: _PERSON | _DELEGATE | _STAFF,
        # Care-home staff see an alert about a resident; whoever says that it is seen to is a clinician.
        _A.answer_alerts: _CLINICIANS,
        _A.message: _PERSON | _DELEGATE | _STAFF,
        _A.record_contacts: _STAFF,
        _A.enrol: _CLINICIANS,
        _A.correct_particulars: frozenset({_B.practice}),
        _A.link_account: _CLINICIANS,
        _A.admit_to_care_home: _CLINICIANS,
        _A.end_residence: _STAFF,
        _A.place_on_care_team: _CLINICIANS,
        # Who else has access, what the person has decided and who looked is not for those who might put pressure on
        # them: a delegate sees it only where the law has them decide.
        _A.read_access: _PERSON | _DELEGATE | _CLINICIANS,
        # The practice answers for the record (UK GDPR article 15); a care team or a care home does not.
        _A.read_access_log: _PERSON | _DELEGATE | {_B.practice},
        _A.answer_rights_request: frozenset({_B.practice}),
        _A.invite_delegates: _PERSON,
        # In the place of somebody who cannot decide: the practice that knows them, and nobody beyond it.
        _A.record_delegates: frozenset({_B.practice}),
        _A.end_delegations: _PERSON | {_B.practice},
        _A.decide_consents: _PERSON | _DELEGATE,
        _A.record_consents: frozenset({_B.practice}),
    }
)

# Which scope a delegate needs; what is not named here no delegate may.
SCOPE_FOR: Mapping[Action, Scope] = MappingProxyType(
    {
        _A.read_record: Scope.read,
        _A.read_access_log: Scope.decide,
        _A.read_access: Scope.decide,
        _A.record_readings: Scope.record,
        _A.amend_own_readings: Scope.record,
        _A.complete_actions: Scope.record,
        _A.acknowledge_plans: Scope.record,
        _A.propose_care_plans: Scope.record,
        # Wishes about treatment are agreed in somebody's place only where the law has one decide.
        _A.agree_care_plans: Scope.decide,
        _A.check_in: Scope.record,
        _A.message: Scope.message,
        _A.decide_consents: Scope.decide,
    }
)


def decision(standing: Standing, action: Action) -> Decision:
    """Return whether somebody who stands so to a person may do this, and on which basis: the nearest that allows it."""
    for basis in NEAREST_FIRST:
        if basis in standing.bases and basis in ALLOWED_ON[action] and _in_scope(basis, standing, action):
            return Decision(allowed=True, basis=basis)
    return Decision(allowed=False, basis=None)


def adds_without_reading(standing: Standing, action: Action) -> bool:
    """Return whether this adds to a record that whoever does it may not read: a delegate who records alone."""
    return SCOPE_FOR.get(action) is Scope.record and not decision(standing, Action.read_record).allowed


def allowed_basis(standing: Standing, action: Action) -> Basis:
    """Return the basis on which this is allowed, for the audit trail; raise NotPermitted."""
    decided = decision(standing, action)
    if decided.basis is None:
        raise NotPermitted("Your relationship with this patient does not allow this.")
    return decided.basis


def _in_scope(basis: Basis, standing: Standing, action: Action) -> bool:
    return basis is not Basis.delegate or SCOPE_FOR.get(action) in standing.scopes
