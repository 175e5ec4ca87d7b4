"""How diaries are stored. Private to this context's queries and commands."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, SmallInteger, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlmodel import Field, SQLModel

from domain.ids import new_id

INSTANT = TIMESTAMP(timezone=True)

_BASES = "('self', 'delegate', 'care_home', 'care_team', 'practice')"
_WITHDRAWN_WHOLE = "num_nulls(retracted_at, retracted_by, retraction_reason) in (0, 3)"


class DiaryEntryRow(SQLModel, table=True):
    """What somebody noticed, and when, with the offset that was sent. Never changed, but marked as entered in error."""

    __tablename__ = "diary_entry"
    __table_args__ = (
        CheckConstraint("effective_offset_minutes between -840 and 840", name="diary_entry_offset_in_use"),
        CheckConstraint("char_length(note) between 1 and 4000", name="diary_entry_note_length"),
        CheckConstraint("char_length(client_id) between 1 and 64", name="diary_entry_client_id_length"),
        CheckConstraint("char_length(retraction_reason) between 1 and 200", name="diary_entry_reason_length"),
        CheckConstraint(_WITHDRAWN_WHOLE, name="diary_entry_retraction_whole"),
        CheckConstraint(f"recorded_as in {_BASES}", name="diary_entry_basis_known"),
        Index("diary_entry_by_time", "patient_id", "effective_at", "id"),
        Index("diary_entry_by_client_id", "patient_id", "client_id", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    client_id: str | None = Field(default=None, sa_column=Column(Text))
    effective_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    effective_offset_minutes: int = Field(sa_column=Column(SmallInteger, nullable=False))
    note: str | None = Field(default=None, sa_column=Column(Text))
    recorded_by: UUID = Field(foreign_key="account.id", nullable=False)
    recorded_as: str = Field(sa_column=Column(Text, nullable=False))
    recorded_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    retracted_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    retracted_by: UUID | None = Field(default=None, foreign_key="account.id")
    retraction_reason: str | None = Field(default=None, sa_column=Column(Text))


class DiarySymptomRow(SQLModel, table=True):
    """A symptom of an entry, by its key, and how much of it: 0 to 3. Never changed."""

    __tablename__ = "diary_symptom"
    __table_args__ = (
        CheckConstraint("level between 0 and 3", name="diary_symptom_level"),
        CheckConstraint("char_length(symptom) between 1 and 64", name="diary_symptom_key_length"),
        Index("diary_symptom_of_patient", "patient_id", "symptom"),
    )

    entry_id: UUID = Field(sa_column=Column(ForeignKey("diary_entry.id"), primary_key=True))
    symptom: str = Field(sa_column=Column(Text, primary_key=True))
    level: int = Field(sa_column=Column(SmallInteger, nullable=False))
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
