"""Storage shapes of the audit trail: rows appended in the transaction of the deed, and the chain that seals them.

Nothing here is ever changed or deleted by the service itself, but for the one row of `audit_log`.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Identity, Index, LargeBinary, Text, TextClause, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import TIMESTAMP, Column, Field, SQLModel

_XID = text("((pg_current_xact_id())::text)::bigint")
# The days are UTC's. By them a person's rows are looked up: of one day entries are kept as one, of an instant not.
DAY = "cast(at at time zone 'UTC' as date)"
_ONE_ROW = CheckConstraint("single", name="one_row")


def _text() -> Any:
    return Field(default=None, sa_column=Column(Text))


def _required_text(default: TextClause | None = None) -> Any:
    return Field(sa_column=Column(Text, nullable=False, server_default=default))


def _instant() -> Any:
    return Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=False))


def _number(default: TextClause | None = None) -> Any:
    return Field(sa_column=Column(BigInteger, nullable=False, server_default=default))


def _bytes() -> Any:
    return Field(sa_column=Column(LargeBinary, nullable=False))


class AuditEventRow(SQLModel, table=True):
    """Who did what to whose record, when, in what role, on what ground and what for; reads included (FHIR AuditEvent).

    No foreign keys: the trail outlives what it speaks of, and a read must not lock a patient's row. `xid` is the id of
    the transaction: rows are sealed in the order of it. What concerns a patient says on which basis; only rows of the
    first version, before 0011, may not.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("audit_of_patient_by_day", "patient_id", text(DAY)),
        Index("audit_of_account", "account_id", "at", postgresql_where=text("patient_id is null")),
        Index("audit_in_commit_order", "xid", "id"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    at: datetime = _instant()
    account_id: UUID
    session_id: UUID | None = None
    action: str = _required_text()
    basis: str | None = _text()
    patient_id: UUID | None = None
    subject_id: UUID | None = None
    count: int | None = None
    request_id: str = _required_text()
    about: str | None = _text()
    role: str | None = _text()
    organisation_id: UUID | None = None
    purpose: str | None = _text()
    reason: str | None = _text()
    outcome: str = _required_text(text("'done'"))
    xid: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=_XID))


class AuditStretchRow(SQLModel, table=True):
    """Rows of the trail that were sealed together, in their places in the chain from `first_position` on.

    `marks` are, for each row, the first MARK_BYTES of the chain's hash after it: they name the first row that is not
    what it was. `chain_hash` is the whole of it after the last. By the least and the greatest id a row is looked for.
    """

    __tablename__ = "audit_stretch"
    __table_args__ = (
        Index("audit_stretch_of_ids", text("int8range(least_id, greatest_id, '[]')"), postgresql_using="gist"),
    )

    first_position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    least_id: int = _number()
    greatest_id: int = _number()
    sealed_at: datetime = _instant()
    chain_hash: bytes = _bytes()
    audit_ids: list[int] = Field(sa_column=Column(ARRAY(BigInteger), nullable=False))
    marks: bytes = _bytes()


class AuditSealRow(SQLModel, table=True):
    """A row of the trail in its place in the chain, from before 0073: numbered, hashed, chained to the one before."""

    __tablename__ = "audit_seal"

    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    audit_id: int = Field(sa_column=Column(BigInteger, nullable=False, unique=True))
    sealed_at: datetime = _instant()
    row_hash: bytes = _bytes()
    chain_hash: bytes = _bytes()


class AuditLogRow(SQLModel, table=True):
    """Where the sealing stands: one row, whose lock makes one of several workers the active one.

    `origin` names this log in its checkpoints, for ever. `cluster` is the PostgreSQL cluster and timeline: after a
    restore it is another, whose transaction ids say nothing of the rows before, so that up to `adopt_until` they are
    sealed by their ids. `tree` is the state of the tree hash (RFC 6962): a hash for each bit set in `position`.
    """

    __tablename__ = "audit_log"
    __table_args__ = (_ONE_ROW,)

    single: bool = Field(sa_column=Column(Boolean, primary_key=True, server_default=text("true")))
    origin: str = _required_text()
    cluster: str = _required_text()
    position: int = _number(text("0"))
    chain_hash: bytes = _bytes()
    tree: bytes = _bytes()
    last_xid: int = _number(text("0"))
    last_id: int = _number(text("0"))
    adopt_until: int | None = Field(default=None, sa_column=Column(BigInteger))
    seen_at: datetime = _instant()


class AuditCheckpointRow(SQLModel, table=True):
    """A signed statement of what the chain was at a position: `note` is the text to keep outside the database."""

    __tablename__ = "audit_checkpoint"

    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    chain_hash: bytes = _bytes()
    tree: bytes = _bytes()
    signed_at: datetime = _instant()
    kid: str = _required_text()
    note: str = _required_text()


class AuditRemovalRow(SQLModel, table=True):
    """That the trail up to and including a position was removed, when its time to be kept was over."""

    __tablename__ = "audit_removal"

    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    removed_at: datetime = _instant()
    policy: str = _required_text()
