"""Storage shapes of pathways, enrolments, contacts, imports and the record of releases. Private to this context."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import TIMESTAMP, Field, SQLModel

from domain.ids import new_id
from domain.outcomes.definitions import ContactKind

INSTANT = TIMESTAMP(timezone=True)
_KINDS = ", ".join(f"'{kind}'" for kind in ContactKind)


class PathwayRow(SQLModel, table=True):
    """A clinical design that people are enrolled on; `commissioner_id` is the body that reads its outcomes."""

    __tablename__ = "pathway"
    __table_args__ = (
        UniqueConstraint("commissioner_id", "code", name="pathway_code_once"),
        CheckConstraint("code ~ '^[a-z0-9][a-z0-9-]{0,39}$'", name="pathway_code_shape"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    commissioner_id: UUID = Field(foreign_key="organisation.id", nullable=False)
    code: str = Field(sa_column=Column(Text, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    description: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    created_by: UUID


class EnrolmentRow(SQLModel, table=True):
    """A person on a pathway from `enrolled_on` up to, not including, `ended_on`.

    `known_from` is where the history of their contacts begins. `recorded_at` and `end_recorded_at` say when we came
    to know, by the database's clock under the pathway's lock: a released cohort can so be counted again as it was.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        CheckConstraint("ended_on >= enrolled_on", name="enrolment_ends_after_it_starts"),
        CheckConstraint("num_nulls(ended_on, end_reason, end_recorded_at, ended_by) in (0, 4)", name="ended_whole"),
        CheckConstraint("end_reason in ('completed', 'died', 'moved', 'withdrew', 'other')", name="end_reason_known"),
        Index(
            "one_open_enrolment",
            "pathway_id",
            "patient_id",
            unique=True,
            postgresql_where=text("ended_on is null"),
        ),
        Index("enrolments_of_pathway", "pathway_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    pathway_id: UUID = Field(foreign_key="pathway.id", nullable=False)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False, index=True)
    practice_id: UUID = Field(foreign_key="organisation.id", nullable=False)
    care_home_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    enrolled_on: date = Field(sa_column=Column(Date, nullable=False))
    known_from: date = Field(sa_column=Column(Date, nullable=False))
    ended_on: date | None = Field(default=None, sa_column=Column(Date))
    end_reason: str | None = Field(default=None, sa_column=Column(Text))
    recorded_at: datetime = Field(sa_column=Column(INSTANT, nullable=False, server_default=func.clock_timestamp()))
    recorded_by: UUID
    end_recorded_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    ended_by: UUID | None = None


class ContactRow(SQLModel, table=True):
    """One use of a service by a person. `started_on` is the calendar date in London, as of every other date here.

    A contact that came by an import counts only once that import is stored. The keys make a repeat impossible; that one
    with an id and one without are the same contact is seen to under the patient's lock (`storing_commands`).
    """

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint(f"kind in ({_KINDS})", name="contact_kind_known"),
        CheckConstraint("offset_minutes between -720 and 840", name="contact_offset_real"),
        Index(
            "contact_once",
            "patient_id",
            "kind",
            "started_at",
            "organisation_id",
            unique=True,
            postgresql_where=text("external_id is null"),
        ),
        Index(
            "contact_once_by_source",
            "patient_id",
            "source",
            "external_id",
            unique=True,
            postgresql_where=text("external_id is not null"),
        ),
        Index("contacts_of_import", "import_id", postgresql_where=text("import_id is not null")),
        Index("contacts_of_person_by_day", "patient_id", "started_on", postgresql_include=["kind", "import_id"]),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    kind: str = Field(sa_column=Column(Text, nullable=False))
    started_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    offset_minutes: int = Field(sa_column=Column(SmallInteger, nullable=False))
    started_on: date = Field(sa_column=Column(Date, nullable=False))
    organisation_id: UUID = Field(foreign_key="organisation.id", nullable=False)
    source: str = Field(sa_column=Column(Text, nullable=False))
    external_id: str | None = Field(default=None, sa_column=Column(Text))
    recorded_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    recorded_by: UUID
    import_id: UUID | None = Field(default=None, foreign_key="contact_import.id")


class ContactImportRow(SQLModel, table=True):
    """A file of contacts on its way in: receiving, received, checking, storing, then stored or refused.

    `scope` are the organisations whose administrator sent it; only patients registered below them are known to it.
    `claimed_until` is a lease: a worker that died loses the import to the next when it runs out.
    """

    __tablename__ = "contact_import"
    __table_args__ = (
        CheckConstraint(
            "state in ('receiving', 'received', 'checking', 'storing', 'stored', 'refused')", name="import_state_known"
        ),
        CheckConstraint("state = 'receiving' or sha256 is not null", name="import_hashed_once_received"),
        Index(
            "one_import_of_a_file",
            "sha256",
            "scope",
            unique=True,
            postgresql_where=text("state in ('received', 'checking', 'storing', 'stored')"),
        ),
        Index(
            "imports_under_way",
            "uploaded_at",
            postgresql_where=text("state in ('receiving', 'received', 'checking', 'storing')"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    state: str = Field(sa_column=Column(Text, nullable=False))
    scope: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    sha256: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    bytes_received: int = 0
    rows_read: int = 0
    rows_total: int = 0
    rows_stored: int = 0
    rows_duplicate: int = 0
    faults_total: int = 0
    uploaded_by: UUID
    uploaded_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    finished_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    claimed_until: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    attempts: int = 0


def _of_import() -> Column[UUID]:
    return Column(ForeignKey("contact_import.id", ondelete="CASCADE"), primary_key=True)


class ContactImportChunkRow(SQLModel, table=True):
    """A piece of an uploaded file, kept until the import has finished."""

    __tablename__ = "contact_import_chunk"

    import_id: UUID = Field(sa_column=_of_import())
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class StagedContactRow(SQLModel, table=True):
    """A row of a file that names a known person and organisation, waiting until the whole file is found good."""

    __tablename__ = "contact_import_staged"

    import_id: UUID = Field(sa_column=_of_import())
    row_number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    patient_id: UUID
    kind: str = Field(sa_column=Column(Text, nullable=False))
    started_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    offset_minutes: int = Field(sa_column=Column(SmallInteger, nullable=False))
    organisation_id: UUID
    source: str = Field(sa_column=Column(Text, nullable=False))
    external_id: str | None = Field(default=None, sa_column=Column(Text))


class ContactImportPersonRow(SQLModel, table=True):
    """A person whom a file being checked found registered, and in how many rows; until it is audited."""

    __tablename__ = "contact_import_person"

    import_id: UUID = Field(sa_column=_of_import())
    patient_id: UUID = Field(primary_key=True)
    rows: int


class ContactImportFaultRow(SQLModel, table=True):
    """One thing wrong with a file: the row, the column and a stable code; never what stood there."""

    __tablename__ = "contact_import_fault"
    __table_args__ = (Index("faults_of_import", "import_id", "row_number", "id"),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    import_id: UUID = Field(sa_column=Column(ForeignKey("contact_import.id", ondelete="CASCADE"), nullable=False))
    row_number: int
    field: str | None = Field(default=None, sa_column=Column(Text))
    code: str = Field(sa_column=Column(Text, nullable=False))


class OutcomeReleaseRow(SQLModel, table=True):
    """What the figures of a pathway, month and measure rest on: the cohort as known at an instant, and exact counts.

    Never shown. Figures are held to it, as a whole, until they may move (`disclosure.settled`); `moved`: they have.
    """

    __tablename__ = "outcome_release"

    pathway_id: UUID = Field(sa_column=Column(ForeignKey("pathway.id"), primary_key=True))
    cut_off: date = Field(sa_column=Column(Date, primary_key=True))
    measure: str = Field(sa_column=Column(Text, primary_key=True))
    shown_on: date = Field(sa_column=Column(Date, nullable=False))
    cohort_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    moved: bool
    counts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
