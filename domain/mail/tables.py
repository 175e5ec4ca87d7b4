"""Storage shape of the outbox of letters. Private to this context."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, SmallInteger, Text, text
from sqlmodel import TIMESTAMP, Column, Field, SQLModel

from domain.ids import new_id

INSTANT = TIMESTAMP(timezone=True)


class LetterRow(SQLModel, table=True):
    """A letter to be sent: recipient, subject and text sealed together, and deleted once it is sent or given up."""

    __tablename__ = "letter"
    __table_args__ = (
        CheckConstraint(
            "(sealed is null) = (sent_at is not null or given_up_at is not null)", name="kept_only_until_sent"
        ),
        Index("letters_to_send", "due_at", "id", postgresql_where=text("sealed is not null")),
        Index("letters_done", "queued_at", postgresql_where=text("sealed is null")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: str = Field(sa_column=Column(Text, nullable=False))
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    queued_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    lapses_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    due_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    attempts: int = Field(sa_column=Column(SmallInteger, nullable=False, server_default=text("0")))
    sent_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
    given_up_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
