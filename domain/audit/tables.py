"""Storage shape of the audit trail: appended in the same transaction as the deed, never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Text
from sqlmodel import TIMESTAMP, Column, Field, SQLModel


class AuditEventRow(SQLModel, table=True):
    """Who did what to whose record, when, in what role; reads included (FHIR AuditEvent).

    No foreign keys: the trail outlives what it speaks of, and a read must not lock a patient's row.
    """

    __tablename__ = "audit_event"
    __table_args__ = (Index("audit_of_patient", "patient_id", "at"), Index("audit_by_account", "account_id", "at"))

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    at: datetime = Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=False))
    account_id: UUID
    session_id: UUID | None = None
    action: str = Field(sa_column=Column(Text, nullable=False))
    basis: str | None = Field(default=None, sa_column=Column(Text))
    patient_id: UUID | None = None
    subject_id: UUID | None = None
    count: int | None = None
    request_id: str = Field(sa_column=Column(Text, nullable=False))
