"""How alerts are stored. Private to this context's queries and commands."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlmodel import Field, SQLModel

from domain.ids import new_id

INSTANT = TIMESTAMP(timezone=True)

_STEPS = "('raised', 'evidence_added', 'evidence_withdrawn', 'acknowledged', 'resolved')"
_BASES = "('self', 'delegate', 'care_home', 'care_team', 'practice')"
_OPEN = "state <> 'resolved'"


class AlertRow(SQLModel, table=True):
    """That somebody should look at a person, by which rule; `since` is when its state began."""

    __tablename__ = "alert"
    __table_args__ = (
        CheckConstraint("char_length(rule) between 1 and 64", name="alert_rule_length"),
        CheckConstraint("rule_version >= 1", name="alert_rule_version"),
        CheckConstraint("level in ('red')", name="alert_level_known"),
        CheckConstraint("state in ('raised', 'acknowledged', 'resolved')", name="alert_state_known"),
        Index("alert_of_patient", "patient_id", "id"),
        Index("alert_open_once", "patient_id", "rule", unique=True, postgresql_where=text(_OPEN)),
        Index("alert_open", "raised_at", "id", postgresql_where=text(_OPEN)),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    rule: str = Field(sa_column=Column(Text, nullable=False))
    rule_version: int = Field(sa_column=Column(Integer, nullable=False))
    level: str = Field(sa_column=Column(Text, nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False))
    raised_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    since: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    version: int = Field(default=1, sa_column=Column(Integer, nullable=False, server_default=text("1")))


class AlertEvidenceRow(SQLModel, table=True):
    """Something that an alert rests on; withdrawn when it was entered in error."""

    __tablename__ = "alert_evidence"
    __table_args__ = (
        CheckConstraint("kind in ('questionnaire_response')", name="alert_evidence_kind_known"),
        Index("alert_evidence_of_patient", "patient_id", "subject_id"),
    )

    alert_id: UUID = Field(sa_column=Column(ForeignKey("alert.id"), primary_key=True))
    subject_id: UUID = Field(primary_key=True)
    kind: str = Field(sa_column=Column(Text, nullable=False))
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    added_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    withdrawn_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))


class AlertStepRow(SQLModel, table=True):
    """One step of an alert, numbered from 1. Never changed."""

    __tablename__ = "alert_step"
    __table_args__ = (
        CheckConstraint("number >= 1", name="alert_step_number"),
        CheckConstraint(f"step in {_STEPS}", name="alert_step_known"),
        CheckConstraint(f"taken_as in {_BASES}", name="alert_step_basis_known"),
        CheckConstraint("char_length(note) between 1 and 1000", name="alert_step_note_length"),
        CheckConstraint("(step = 'resolved') = (outcome is not null)", name="alert_step_outcome"),
    )

    alert_id: UUID = Field(sa_column=Column(ForeignKey("alert.id"), primary_key=True))
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    step: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    taken_by: UUID = Field(foreign_key="account.id", nullable=False)
    taken_as: str = Field(sa_column=Column(Text, nullable=False))
    note: str | None = Field(default=None, sa_column=Column(Text))
    outcome: str | None = Field(default=None, sa_column=Column(Text))
