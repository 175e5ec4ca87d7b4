"""Storage shape of signing keys. Private to this context."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text
from sqlmodel import TIMESTAMP, Column, Field, SQLModel

from domain.ids import new_id

INSTANT = TIMESTAMP(timezone=True)


class KeyRow(SQLModel, table=True):
    """A key pair: its public half in the clear, its private half sealed, and gone once the key is retired."""

    __tablename__ = "key"
    __table_args__ = (
        CheckConstraint("purpose in ('access_token', 'audit_checkpoint', 'oidc_client')", name="key_purpose_known"),
        CheckConstraint("(private_sealed is null) = (retired_at is not null)", name="a_retired_key_signs_no_more"),
        Index("key_by_purpose", "purpose", "signs_from"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kid: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    purpose: str = Field(sa_column=Column(Text, nullable=False))
    public_pem: str = Field(sa_column=Column(Text, nullable=False))
    private_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    created_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    signs_from: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    retired_at: datetime | None = Field(default=None, sa_column=Column(INSTANT))
