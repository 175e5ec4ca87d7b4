"""Storage shapes of webhooks, of what is to be told to them, and of how far the event log was followed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import TIMESTAMP, Column, Field, SQLModel

from domain.ids import new_id

INSTANT = TIMESTAMP(timezone=True)


class WebhookRow(SQLModel, table=True):
    """An address of an organisation's that is told of certain kinds of events; its secret is sealed."""

    __tablename__ = "webhook"
    __table_args__ = (
        CheckConstraint("cardinality(kinds) between 1 and 50", name="webhook_kinds_number"),
        CheckConstraint("char_length(url) between 1 and 500", name="webhook_url_length"),
        Index("webhooks_of_organisation", "organisation_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", nullable=False)
    url: str = Field(sa_column=Column(Text, nullable=False))
    kinds: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    sealed_secret: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    created_by: UUID = Field(foreign_key="account.id", nullable=False)
    failing_since: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    disabled_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    ended_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    version: int = Field(default=1, sa_column=Column(Integer, nullable=False, server_default=text("1")))


class DeliveryRow(SQLModel, table=True):
    """One event to be told to one webhook; `due_at` is empty once it was told, or is given up."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="webhook_delivery_attempts"),
        Index("each_event_once_to_a_webhook", "webhook_id", "event_number", unique=True),
        Index("webhook_deliveries_due", "due_at", postgresql_where=text("due_at is not null")),
        Index("webhook_deliveries_by_age", "created_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    webhook_id: UUID = Field(sa_column=Column(ForeignKey("webhook.id", ondelete="CASCADE"), nullable=False))
    event_number: int = Field(sa_column=Column(BigInteger, nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    patient_id: UUID
    subject_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid()), nullable=False))
    event_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    created_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    attempts: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default=text("0")))
    due_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    settled_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    outcome: str | None = Field(default=None, sa_column=Column(Text))


class FollowerRow(SQLModel, table=True):
    """Up to which number the event log was looked through for webhooks: one row, whose lock lets one worker follow."""

    __tablename__ = "webhook_follower"
    __table_args__ = (CheckConstraint("single", name="one_webhook_follower"),)

    single: bool = Field(sa_column=Column(Boolean, primary_key=True, server_default=text("true")))
    number: int = Field(sa_column=Column(BigInteger, nullable=False))
