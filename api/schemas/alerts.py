"""Alerts as clients see them."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from api.schemas.strict import Choice, In, Out, Prose
from domain.access.ground import Basis
from domain.alerts.alert import Alert, AlertDeed, AlertLevel, AlertOutcome, AlertStatus, EvidenceKind, Taken
from domain.alerts.queries import OpenAlert

Note = Annotated[Prose, Field(max_length=1000)]


class AcknowledgementIn(In):
    """That one has seen an alert and sees to it; perhaps with what one is about to do."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "I am calling her now"}]})

    note: Note | None = None


class ResolutionIn(In):
    """What came of an alert."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"outcome": "spoke_with_them", "note": "Safe; her daughter is with her"}]}
    )

    outcome: Choice[AlertOutcome]
    note: Note | None = None


class EvidenceOut(Out):
    """What an alert rests on, by its id; `withdrawn_at` when it was entered in error since."""

    kind: EvidenceKind
    subject_id: UUID
    added_at: datetime
    withdrawn_at: datetime | None


class AlertStepOut(Out):
    """One step of an alert. `note` and `outcome` are the team's: null to the patient and whoever acts for them."""

    number: int
    step: AlertDeed
    at: datetime
    taken_by: UUID
    taken_as: Basis
    note: str | None
    outcome: AlertOutcome | None

    @classmethod
    def of(cls, taken: Taken) -> Self:
        """Return the step as clients see it."""
        return cls(
            number=taken.number,
            step=taken.step,
            at=taken.at,
            taken_by=taken.by,
            taken_as=taken.by_as,
            note=taken.note,
            outcome=taken.outcome,
        )


class AlertOut(Out):
    """That somebody should look at a patient, why, and whether anybody has it.

    `raised_at`: when the first was raised. `evidence_withdrawn`: all that it rests on was entered in error since; it
    stays open until somebody resolves it.
    """

    id: UUID
    patient_id: UUID
    rule: str
    rule_version: int
    level: AlertLevel
    reason: str
    status: AlertStatus
    raised_at: datetime
    status_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: UUID | None
    resolved_at: datetime | None
    resolved_by: UUID | None
    outcome: AlertOutcome | None
    evidence_withdrawn: bool
    evidence: list[EvidenceOut]
    history: list[AlertStepOut]

    @classmethod
    def of(cls, found: Alert) -> Self:
        """Return the alert as clients see it."""
        return cls(**_fields(found))


class AlertPage(Out):
    """A page of a patient's alerts, newest first."""

    items: list[AlertOut]
    next_cursor: str | None


class AlertedPatientOut(Out):
    """Whom an alert is about."""

    id: UUID
    given_name: str
    family_name: str
    room: str | None


class OpenAlertOut(AlertOut):
    """An open alert, and whom it is about."""

    patient: AlertedPatientOut

    @classmethod
    def of_open(cls, found: OpenAlert) -> Self:
        """Return the alert as clients see it."""
        patient = AlertedPatientOut.model_validate(
            {name: getattr(found.patient, name) for name in AlertedPatientOut.model_fields}
        )
        return cls(**_fields(found.alert), patient=patient)


class OpenAlertPage(Out):
    """A page of open alerts: those that nobody has first, then the longest waiting."""

    items: list[OpenAlertOut]
    next_cursor: str | None


def _fields(found: Alert) -> dict[str, object]:
    has_it = found.state is not AlertStatus.raised
    acknowledged = found.last(AlertDeed.acknowledged) if has_it else None
    resolved = found.last(AlertDeed.resolved)
    return {
        "id": found.id,
        "patient_id": found.patient_id,
        "rule": found.rule.key,
        "rule_version": found.rule_version,
        "level": found.level,
        "reason": found.rule.reason,
        "status": found.state,
        "raised_at": found.raised_at,
        "status_at": found.since,
        "acknowledged_at": None if acknowledged is None else acknowledged.at,
        "acknowledged_by": None if acknowledged is None else acknowledged.by,
        "resolved_at": None if resolved is None else resolved.at,
        "resolved_by": None if resolved is None else resolved.by,
        "outcome": None if resolved is None else resolved.outcome,
        "evidence_withdrawn": found.is_withdrawn,
        "evidence": [EvidenceOut.model_validate(each, from_attributes=True) for each in found.evidence],
        "history": [AlertStepOut.of(each) for each in found.history],
    }
