"""Storage shapes of the event log: the outbox that commands append to, and the feed that the relay numbers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Identity, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import UserDefinedType
from sqlmodel import TIMESTAMP, Column, Field, SQLModel


class XID8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the type's name in SQL."""
        return "xid8"


class OutboxRow(SQLModel, table=True):
    """A fact as its transaction committed it, with that transaction's id; gone from here once it is numbered."""

    __tablename__ = "event_outbox"
    __table_args__ = (Index("event_outbox_in_commit_order", "xid", "id"),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    xid: int = Field(sa_column=Column(XID8, nullable=False, server_default=text("pg_current_xact_id()")))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    patient_id: UUID | None = None
    subject_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid()), nullable=False, server_default=text("'{}'")))
    at: datetime = Field(
        sa_column=Column(TIMESTAMP(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )


class FeedRow(SQLModel, table=True):
    """An event with its dense number: 1, 2, 3 … within an epoch, without holes."""

    __tablename__ = "event_feed"
    __table_args__ = (
        Index("event_feed_by_patient", "patient_id"),
        Index("event_feed_of_access", "number", postgresql_where=text("kind = 'access.changed'")),
    )

    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    patient_id: UUID | None = None
    subject_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid()), nullable=False))
    at: datetime = Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=False))
    numbered_at: datetime = Field(
        sa_column=Column(TIMESTAMP(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )


class RelayRow(SQLModel, table=True):
    """Where the relay stands: one row, whose lock makes one of several relays the active one.

    `seen_at` is the relay's sign of life. `cluster` names the PostgreSQL cluster and timeline that the numbers belong
    to: a restored database has another, and then the epoch changes, because a client's number would mean something
    else. It changes with each start of the server as well (`server_started_at`), for what is started may be a copy from
    before: but then it goes on from the last, which stands in `event_epoch`.
    """

    __tablename__ = "event_relay"
    __table_args__ = (CheckConstraint("single", name="one_row"),)

    single: bool = Field(sa_column=Column(Boolean, primary_key=True, server_default=text("true")))
    epoch: UUID
    cluster: str = Field(sa_column=Column(Text, nullable=False))
    server_started_at: datetime | None = Field(default=None, sa_column=Column(TIMESTAMP(timezone=True)))
    number: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    seen_at: datetime = Field(
        sa_column=Column(TIMESTAMP(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )


class EpochRow(SQLModel, table=True):
    """An epoch that the present one goes on from, and its last number: what it told up to there is still true."""

    __tablename__ = "event_epoch"

    epoch: UUID = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, nullable=False))
