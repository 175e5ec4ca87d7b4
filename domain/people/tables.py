"""Storage shapes of patients and of every relationship to them. Private to this context."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
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


class TimeZoneRow(SQLModel, table=True):
    """A time zone chosen for a patient's days from one of them on. Never changed: the latest that has begun holds."""

    __tablename__ = "time_zone_choice"
    __table_args__ = (
        CheckConstraint("version > 1", name="time_zone_choice_version"),
        CheckConstraint("char_length(time_zone) between 1 and 64", name="time_zone_choice_name_length"),
        CheckConstraint(
            "set_as in ('self', 'delegate', 'care_home', 'care_team', 'practice')", name="time_zone_choice_basis_known"
        ),
    )

    patient_id: UUID = Field(sa_column=Column(ForeignKey("patient.id"), primary_key=True))
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    time_zone: str = Field(sa_column=Column(Text, nullable=False))
    from_on: date = Field(sa_column=Column(Date, nullable=False))
    set_by: UUID = Field(foreign_key="account.id", nullable=False)
    set_as: str = Field(sa_column=Column(Text, nullable=False))
    set_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))


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
        # The partial index below cannot answer who was on a team at an instant, and so not who is.
        Index("places_of_account", "account_id", "care_team_id"),
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
        Index("entries_of_patient", "patient_id", "care_team_id"),
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


class DelegationRow(SQLModel, table=True):
    """That somebody may act for a patient: offered by a code (kept as its SHA-256), accepted by an account, ended.

    It holds from `from_at` up to, not including, `until_at`. On any ground but the person's consent, the evidence and a
    day of review are recorded, and it ends by itself.
    """

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("(account_id is null) = (accepted_at is null)", name="accepted_by_an_account"),
        CheckConstraint(
            "scopes <@ array['read', 'record', 'message', 'decide'] and cardinality(scopes) > 0", name="scopes_known"
        ),
        CheckConstraint(
            "ground in ('consent', 'parental_responsibility', 'lasting_power_of_attorney', 'court_deputy',"
            " 'best_interests')",
            name="ground_known",
        ),
        CheckConstraint(
            "not 'decide' = any(scopes) or ground not in ('consent', 'best_interests')", name="who_decides_by_law"
        ),
        CheckConstraint(
            "case ground when 'consent' then text_version is not null"
            " else evidence is not null and review_on is not null and until_at is not null end",
            name="ground_is_shown",
        ),
        CheckConstraint("until_at > from_at", name="until_after_from"),
        Index("delegations_of_patient", "patient_id", "id"),
        Index("delegations_of_account", "account_id", "patient_id"),
        Index(
            "delegations_to_remind_of",
            "until_at",
            "id",
            postgresql_where=text("ground <> 'consent' and ended_at is null"),
        ),
        Index(
            "one_open_delegation",
            "account_id",
            "patient_id",
            unique=True,
            postgresql_where=text("ended_at is null and account_id is not null"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    code_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    code_expires_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    relationship: str = Field(sa_column=Column(Text, nullable=False))
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    ground: str = Field(sa_column=Column(Text, nullable=False))
    evidence: str | None = Field(default=None, sa_column=Column(Text))
    review_on: date | None = Field(default=None, sa_column=Column(Date))
    text_version: int | None = None
    from_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    until_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    offered_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    offered_by: UUID
    offered_as: str = Field(sa_column=Column(Text, nullable=False))
    accepted_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    ended_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    ended_by: UUID | None = None
    end_reason: str | None = Field(default=None, sa_column=Column(Text))
    # When those who may record it anew were reminded that it ends (review_commands.py); on a ground of law alone.
    reminded_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    # When those who administer the practice were told that nobody there can.
    unattended_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    # When the delegate was told that it ends, whoever else could be.
    delegate_told_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))


class ConsentRow(SQLModel, table=True):
    """What a person decided for one purpose, permit or deny, by which text; in force until the next decision."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint(
            "purpose in ('care_sharing', 'delegate', 'research', 'national_data_opt_out')", name="purpose_known"
        ),
        CheckConstraint("provision in ('permit', 'deny')", name="provision_known"),
        CheckConstraint("ended_at >= decided_at", name="ends_after_it_was_decided"),
        CheckConstraint("not is_restriction or provision = 'deny'", name="only_a_refusal_restricts"),
        Index("consents_of_patient", "patient_id", "id"),
        Index("one_decision_in_force", "patient_id", "purpose", unique=True, postgresql_where=text("ended_at is null")),
        Index("denied_purposes", "patient_id", "purpose", postgresql_where=text("provision = 'deny'")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    purpose: str = Field(sa_column=Column(Text, nullable=False))
    provision: str = Field(sa_column=Column(Text, nullable=False))
    text_version: int
    language: str = Field(sa_column=Column(Text, nullable=False))
    text_sha256: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    decided_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    decided_by: UUID
    decided_as: str = Field(sa_column=Column(Text, nullable=False))
    authority: str = Field(sa_column=Column(Text, nullable=False))
    note: str | None = Field(default=None, sa_column=Column(Text))
    # Granted as a restriction of processing (UK GDPR article 18); what the note says proves nothing.
    is_restriction: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    ended_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))


class BreakGlassRow(SQLModel, table=True):
    """That a clinician opened one record in an emergency, to read, for a stated reason, for at most four hours."""

    __tablename__ = "break_glass"
    __table_args__ = (
        CheckConstraint(
            "reason_code in ('emergency', 'safeguarding', 'urgent_care', 'patient_asked')", name="reason_code_known"
        ),
        CheckConstraint("char_length(reason) >= 10", name="reason_says_something"),
        CheckConstraint(
            "until_at > opened_at and until_at <= opened_at + interval '4 hours'", name="four_hours_at_most"
        ),
        Index("break_glass_of_account", "account_id", "patient_id", "until_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", nullable=False)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False, index=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", nullable=False)
    reason_code: str = Field(sa_column=Column(Text, nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    opened_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    until_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))


class BreakGlassAttemptRow(SQLModel, table=True):
    """That an account typed an NHS number and a date of birth that are nobody's: counted, to slow guessing down."""

    __tablename__ = "break_glass_attempt"
    __table_args__ = (Index("wrong_attempts_of_account", "account_id", "at"),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    account_id: UUID = Field(foreign_key="account.id", nullable=False)
    at: datetime = Field(sa_column=Column(INSTANT, nullable=False))


class PrivacyAlertRow(SQLModel, table=True):
    """That privacy officers must look at a break-glass: those of the patient's practice and of the clinician's own."""

    __tablename__ = "privacy_alert"
    __table_args__ = (
        CheckConstraint("state in ('open', 'upheld', 'reviewed', 'escalated')", name="state_known"),
        CheckConstraint(
            "state = 'open' or (note is not null and reviewed_at is not null and reviewed_by is not null)",
            name="review_is_signed",
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    break_glass_id: UUID = Field(foreign_key="break_glass.id", nullable=False, unique=True)
    practice_id: UUID = Field(foreign_key="organisation.id", nullable=False, index=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", nullable=False, index=True)
    raised_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False))
    note: str | None = Field(default=None, sa_column=Column(Text))
    reviewed_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    reviewed_by: UUID | None = None


class PatientInvitationRow(SQLModel, table=True):
    """Which patient an invitation is to: the account that comes of it becomes theirs."""

    __tablename__ = "patient_invitation"

    invitation_id: UUID = Field(sa_column=Column(ForeignKey("invitation.id", ondelete="CASCADE"), primary_key=True))
    patient_id: UUID = Field(sa_column=Column(ForeignKey("patient.id"), nullable=False, index=True))
