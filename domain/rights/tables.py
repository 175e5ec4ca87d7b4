"""Storage shapes of exports of one's own record, and of what people ask of theirs. Private to this context."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, Uuid, text
from sqlmodel import TIMESTAMP, Column, Field, SQLModel

from domain.ids import new_id

INSTANT = TIMESTAMP(timezone=True)
_STATES = "'waiting', 'working', 'ready', 'handed_over', 'expired', 'failed'"


class OwnExportRow(SQLModel, table=True):
    """A copy of everything about oneself that an account asked for, and how far the worker is with it.

    `section` is the part of the record being gathered, `taken_at` the instant of which all parts tell; `attempts` names
    the worker that holds the lease.
    """

    __tablename__ = "own_export"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="export_state_known"),
        Index(
            "one_export_under_way",
            "account_id",
            unique=True,
            postgresql_where=text("state in ('waiting', 'working', 'ready')"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", nullable=False)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    asked_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False, server_default=text("'waiting'")))
    section: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    taken_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    parts: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    attempts: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    claimed_until: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    ended_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    expires_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    # That it is ready; no foreign key: letters go after a month.
    letter_id: UUID | None = None


class OwnExportPartRow(SQLModel, table=True):
    """A page of a copy: which section it is of, and its items as a JSON array."""

    __tablename__ = "own_export_part"

    export_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("own_export.id", ondelete="CASCADE"), primary_key=True))
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    section: str = Field(sa_column=Column(Text, nullable=False))
    items: str = Field(sa_column=Column(Text, nullable=False))


class RightsRequestRow(SQLModel, table=True):
    """What somebody asked of their own record, and what their practice answered, with the ground in law."""

    __tablename__ = "rights_request"
    __table_args__ = (
        CheckConstraint(
            "kind in ('correction', 'erasure', 'restriction', 'close_account')", name="rights_request_kind_known"
        ),
        CheckConstraint("decision in ('granted', 'partly', 'refused')", name="rights_decision_known"),
        CheckConstraint("num_nulls(decision, answer, decided_by, decided_at) in (0, 4)", name="decided_whole"),
        CheckConstraint(
            "withdrawn_at is null or (kind = 'correction' and decision is distinct from 'granted')",
            name="only_what_is_disputed_is_taken_back",
        ),
        Index("rights_requests_open", "patient_id", "id", postgresql_where=text("decision is null")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False, index=True)
    # The practice that was asked: it answers, and so do those who answer for privacy there or above.
    practice_id: UUID = Field(foreign_key="organisation.id", nullable=False, index=True)
    asked_by: UUID = Field(foreign_key="account.id", nullable=False)
    kind: str = Field(sa_column=Column(Text, nullable=False))
    about: str = Field(sa_column=Column(Text, nullable=False))
    asked_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    decision: str | None = Field(default=None, sa_column=Column(Text))
    ground: str | None = Field(default=None, sa_column=Column(Text))
    answer: str | None = Field(default=None, sa_column=Column(Text))
    decided_by: UUID | None = None
    decided_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    # Since when the person does not dispute it any more; of a correction that was not, or not all, made.
    withdrawn_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
