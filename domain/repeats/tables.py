"""Storage shape of remembered answers. Private to this context."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, SmallInteger, Text
from sqlmodel import TIMESTAMP, Column, Field, SQLModel

from domain.ids import new_id


class RememberedReplyRow(SQLModel, table=True):
    """The answer to one request of an account under a key of its own; the answer is sealed, the key only a hash.

    A row without an answer is never seen committed: both are written in the transaction of what was done. No foreign
    key: it is forgotten after 30 days, whatever becomes of the account.
    """

    __tablename__ = "remembered_reply"
    __table_args__ = (
        Index("one_reply_per_key", "account_id", "operation", "key_hash", unique=True),
        Index("replies_by_age", "at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID
    operation: str = Field(sa_column=Column(Text, nullable=False))
    key_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    request_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    at: datetime = Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=False))
    status: int | None = Field(default=None, sa_column=Column(SmallInteger))
    sealed_reply: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
