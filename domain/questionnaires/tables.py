"""How responses are stored. Private to this context's queries and commands."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlmodel import Field, SQLModel

from domain.ids import new_id

INSTANT = TIMESTAMP(timezone=True)

_BASES = "('self', 'delegate', 'care_home', 'care_team', 'practice')"
_WITHDRAWN_WHOLE = "num_nulls(retracted_at, retracted_by, retraction_reason) in (0, 3)"


class QuestionnaireResponseRow(SQLModel, table=True):
    """Answers by link, in the order they were asked. Never changed, but marked as entered in error."""

    __tablename__ = "questionnaire_response"
    __table_args__ = (
        CheckConstraint("char_length(questionnaire) between 1 and 64", name="questionnaire_response_key_length"),
        CheckConstraint("authored_offset_minutes between -840 and 840", name="questionnaire_response_offset_in_use"),
        CheckConstraint("jsonb_typeof(answers) = 'array'", name="questionnaire_response_answers_listed"),
        CheckConstraint("char_length(client_id) between 1 and 64", name="questionnaire_response_client_id_length"),
        CheckConstraint(f"recorded_as in {_BASES}", name="questionnaire_response_basis_known"),
        CheckConstraint(
            "char_length(retraction_reason) between 1 and 200", name="questionnaire_response_reason_length"
        ),
        CheckConstraint(_WITHDRAWN_WHOLE, name="questionnaire_response_retraction_whole"),
        Index("questionnaire_response_by_time", "patient_id", "authored_at", "id"),
        Index("questionnaire_response_of_one", "patient_id", "questionnaire", "authored_at", "id"),
        Index("questionnaire_response_by_client_id", "patient_id", "client_id", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    client_id: str | None = Field(default=None, sa_column=Column(Text))
    questionnaire: str = Field(sa_column=Column(Text, nullable=False))
    version: str = Field(sa_column=Column(Text, nullable=False))
    authored_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    authored_offset_minutes: int = Field(sa_column=Column(SmallInteger, nullable=False))
    answers: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    total: int | None = Field(default=None, sa_column=Column(Integer))
    cannot_wait: bool = Field(sa_column=Column(Boolean, nullable=False))
    recorded_by: UUID = Field(foreign_key="account.id", nullable=False)
    recorded_as: str = Field(sa_column=Column(Text, nullable=False))
    recorded_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    retracted_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    retracted_by: UUID | None = Field(default=None, foreign_key="account.id")
    retraction_reason: str | None = Field(default=None, sa_column=Column(Text))
    # Of what cannot wait alone: the time that was stated and could not have been, and answers that are not known here.
    stated_time: str | None = Field(default=None, sa_column=Column(Text))
    not_read: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
