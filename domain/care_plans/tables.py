"""How care and support plans are stored. Private to this context's queries and commands. Only ever added to."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Date, ForeignKeyConstraint, Index, Integer, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlmodel import Field, SQLModel

from domain.ids import new_id

INSTANT = TIMESTAMP(timezone=True)

_BASES = "('self', 'delegate', 'care_home', 'care_team', 'practice')"
_SECTIONS = """('matters', 'people', 'communication', 'wellness', 'please_do', 'support', 'also', 'strengths', 'needs',
    'decisions', 'contingency')"""
_DECISION_IS_WHOLE = "(decision = 'published') = (version is not null and agreement is not null)"
# What is named with the patient cannot be another patient's.
_OF_ONE_PATIENT = ("care_plan.patient_id", "care_plan.id")


class CarePlanRow(SQLModel, table=True):
    """One version as it was drafted, against the version that was in force then. Never changed."""

    __tablename__ = "care_plan"
    __table_args__ = (
        CheckConstraint("char_length(client_id) between 1 and 64", name="care_plan_client_id_length"),
        CheckConstraint(f"drafted_as in {_BASES}", name="care_plan_basis_known"),
        ForeignKeyConstraint(("patient_id", "supersedes_id"), _OF_ONE_PATIENT, name="care_plan_supersedes_own"),
        Index("care_plan_of_patient", "patient_id", "id", unique=True),
        Index("care_plan_by_client_id", "patient_id", "client_id", unique=True),
        Index("care_plan_by_review", "review_on", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    client_id: str = Field(sa_column=Column(Text, nullable=False))
    supersedes_id: UUID | None = None
    review_on: date = Field(sa_column=Column(Date, nullable=False))
    drafted_by: UUID = Field(foreign_key="account.id", nullable=False)
    drafted_as: str = Field(sa_column=Column(Text, nullable=False))
    drafted_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))


class CarePlanSectionRow(SQLModel, table=True):
    """One section of a version: whose words, written down by whom and when. Never changed."""

    __tablename__ = "care_plan_section"
    __table_args__ = (
        ForeignKeyConstraint(("patient_id", "plan_id"), _OF_ONE_PATIENT, name="care_plan_section_of_own"),
        CheckConstraint(f"section in {_SECTIONS}", name="care_plan_section_known"),
        CheckConstraint("char_length(text) between 1 and 4000", name="care_plan_section_text_length"),
        CheckConstraint("words_of in ('person', 'carer', 'clinician')", name="care_plan_section_words_known"),
        CheckConstraint(f"written_as in {_BASES}", name="care_plan_section_basis_known"),
        Index("care_plan_section_of_patient", "patient_id"),
    )

    plan_id: UUID = Field(primary_key=True)
    section: str = Field(sa_column=Column(Text, primary_key=True))
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    text: str = Field(sa_column=Column(Text, nullable=False))
    words_of: str = Field(sa_column=Column(Text, nullable=False))
    written_by: UUID = Field(foreign_key="account.id", nullable=False)
    written_as: str = Field(sa_column=Column(Text, nullable=False))
    written_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))


class CarePlanDecisionRow(SQLModel, table=True):
    """What became of a draft, once. A patient's versions are numbered; the last is in force: there are never two."""

    __tablename__ = "care_plan_decision"
    __table_args__ = (
        ForeignKeyConstraint(("patient_id", "plan_id"), _OF_ONE_PATIENT, name="care_plan_decision_of_own"),
        CheckConstraint("decision in ('published', 'withdrawn')", name="care_plan_decision_known"),
        CheckConstraint(_DECISION_IS_WHOLE, name="care_plan_decision_whole"),
        CheckConstraint("version >= 1", name="care_plan_decision_version"),
        CheckConstraint(
            "agreement in ('by_person', 'by_delegate', 'with_person', 'best_interests')",
            name="care_plan_decision_agreement_known",
        ),
        CheckConstraint("char_length(note) between 1 and 1000", name="care_plan_decision_note_length"),
        CheckConstraint(f"decided_as in {_BASES}", name="care_plan_decision_basis_known"),
        Index("care_plan_decision_numbered", "patient_id", "version", unique=True),
    )

    plan_id: UUID = Field(primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    decision: str = Field(sa_column=Column(Text, nullable=False))
    version: int | None = Field(default=None, sa_column=Column(Integer))
    agreement: str | None = Field(default=None, sa_column=Column(Text))
    note: str | None = Field(default=None, sa_column=Column(Text))
    decided_by: UUID = Field(foreign_key="account.id", nullable=False)
    decided_as: str = Field(sa_column=Column(Text, nullable=False))
    decided_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
