"""Storage shapes of patients, residences and care teams. Private to this context."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, Text, text
from sqlmodel import TIMESTAMP, Column, Field, SQLModel

from domain.ids import new_id

INSTANT = TIMESTAMP(timezone=True)


class PatientRow(SQLModel, table=True):
    """A person cared for. The NHS number is optional and never the key; so is an account of their own."""

    __tablename__ = "patient"
    __table_args__ = (CheckConstraint("nhs_number ~ '^[0-9]{10}$'", name="nhs_number_shape"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    nhs_number: str | None = Field(default=None, sa_column=Column(Text, unique=True))
    given_name: str = Field(sa_column=Column(Text, nullable=False))
    family_name: str = Field(sa_column=Column(Text, nullable=False))
    born_on: date = Field(sa_column=Column(Date, nullable=False))
    practice_id: UUID = Field(foreign_key="organisation.id", nullable=False, index=True)
    account_id: UUID | None = Field(default=None, foreign_key="account.id", unique=True)
    created_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    created_by: UUID
    version: int = Field(default=1, sa_column=Column(Integer, nullable=False, server_default=text("1")))


class FormerPatientRow(SQLModel, table=True):
    """What a patient's record said of who they are up to an instant, by the version it had. Never changed."""

    __tablename__ = "patient_former"

    patient_id: UUID = Field(sa_column=Column(ForeignKey("patient.id"), primary_key=True))
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    nhs_number: str | None = Field(default=None, sa_column=Column(Text))
    given_name: str = Field(sa_column=Column(Text, nullable=False))
    family_name: str = Field(sa_column=Column(Text, nullable=False))
    born_on: date = Field(sa_column=Column(Date, nullable=False))
    replaced_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    replaced_by: UUID


class ResidenceRow(SQLModel, table=True):
    """A patient's stay in a care home: from a date up to, not including, `until_on` (half-open)."""

    __tablename__ = "residence"
    __table_args__ = (
        CheckConstraint("until_on >= from_on", name="ends_after_it_starts"),
        Index("one_open_residence", "patient_id", unique=True, postgresql_where=text("until_on is null")),
        Index("residents_of_home", "care_home_id", "until_on"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False, index=True)
    care_home_id: UUID = Field(foreign_key="organisation.id", nullable=False)
    room: str | None = Field(default=None, sa_column=Column(Text))
    from_on: date = Field(sa_column=Column(Date, nullable=False))
    until_on: date | None = Field(default=None, sa_column=Column(Date))


class CareTeamRow(SQLModel, table=True):
    """A named group of clinicians who look after a list of patients together."""

    __tablename__ = "care_team"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", nullable=False, index=True)
    name: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    version: int = Field(default=1, sa_column=Column(Integer, nullable=False, server_default=text("1")))


class CareTeamMemberRow(SQLModel, table=True):
    """An account on a care team, from an instant until it leaves."""

    __tablename__ = "care_team_member"
    __table_args__ = (
        Index(
            "one_open_place_on_team",
            "account_id",
            "care_team_id",
            unique=True,
            postgresql_where=text("until_at is null"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    care_team_id: UUID = Field(foreign_key="care_team.id", nullable=False, index=True)
    account_id: UUID = Field(foreign_key="account.id", nullable=False)
    from_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    until_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))


class CareTeamPatientRow(SQLModel, table=True):
    """A patient on a care team's list, from an instant until they leave it."""

    __tablename__ = "care_team_patient"
    __table_args__ = (
        Index(
            "one_open_entry_on_list",
            "patient_id",
            "care_team_id",
            unique=True,
            postgresql_where=text("until_at is null"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    care_team_id: UUID = Field(foreign_key="care_team.id", nullable=False, index=True)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    from_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    until_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
