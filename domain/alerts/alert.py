"""What an alert is, by which rule it is raised, and how it goes on. Pure.

raised → acknowledged (somebody has it) → resolved (what came of it). What is added to an alert that somebody has
already acknowledged raises it again: they had not seen it. A resolved alert stays so; what comes later raises another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from domain.access.ground import Basis
from domain.errors import IllegalTransition


class AlertLevel(StrEnum):
    """How urgent: red is to be looked at now."""

    red = "red"


class AlertStatus(StrEnum):
    """Whether anybody has it."""

    raised = "raised"
    acknowledged = "acknowledged"
    resolved = "resolved"


class AlertDeed(StrEnum):
    """What happened to an alert."""

    raised = "raised"
    evidence_added = "evidence_added"
    evidence_withdrawn = "evidence_withdrawn"
    acknowledged = "acknowledged"
    resolved = "resolved"


class AlertOutcome(StrEnum):
    """What came of an alert."""

    spoke_with_them = "spoke_with_them"
    seen_in_person = "seen_in_person"
    referred = "referred"
    emergency_help = "emergency_help"
    could_not_be_reached = "could_not_be_reached"
    not_needed = "not_needed"
    made_in_error = "made_in_error"


class EvidenceKind(StrEnum):
    """What an alert rests on."""

    questionnaire_response = "questionnaire_response"


@dataclass(frozen=True, slots=True)
class Rule:
    """Why an alert is raised: a key and version that never change their meaning, how urgent, and in plain words."""

    key: str
    version: int
    level: AlertLevel
    reason: str


PHQ9_ITEM_9 = Rule(
    "phq9-item-9",
    1,
    AlertLevel.red,
    "Thoughts of being better off dead, or of hurting themself (PHQ-9, question 9)",
)
RULES: Mapping[str, Rule] = MappingProxyType({rule.key: rule for rule in (PHQ9_ITEM_9,)})


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that an alert rests on, since when; and since when it is withdrawn, if it is."""

    kind: EvidenceKind
    subject_id: UUID
    added_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Taken:
    """One step of an alert: by whom and by which tie to the person, with which note or outcome."""

    number: int
    step: AlertDeed
    at: datetime
    by: UUID
    by_as: Basis
    note: str | None
    outcome: AlertOutcome | None


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert about a patient as it stands: the newest steps of each kind, and what it rests on."""

    id: UUID
    patient_id: UUID
    rule: Rule
    rule_version: int
    level: AlertLevel
    state: AlertStatus
    raised_at: datetime
    since: datetime
    version: int
    evidence: tuple[Evidence, ...]
    history: tuple[Taken, ...]

    @property
    def is_withdrawn(self) -> bool:
        """Return whether all that it rests on was entered in error."""
        return bool(self.evidence) and all(each.withdrawn_at is not None for each in self.evidence)

    def last(self, step: AlertDeed) -> Taken | None:
        """Return the newest step of this kind."""
        return next((each for each in reversed(self.history) if each.step is step), None)


def require_acknowledgeable(state: AlertStatus) -> None:
    """Raise IllegalTransition unless nobody has it yet."""
    if state is AlertStatus.acknowledged:
        raise IllegalTransition("Somebody has acknowledged this already.")
    if state is AlertStatus.resolved:
        raise IllegalTransition("This is resolved already.")


def require_resolvable(state: AlertStatus) -> None:
    """Raise IllegalTransition unless somebody has it: whoever resolves it says first that they have seen it."""
    if state is AlertStatus.raised:
        raise IllegalTransition("Acknowledge this first.")
    if state is AlertStatus.resolved:
        raise IllegalTransition("This is resolved already.")
