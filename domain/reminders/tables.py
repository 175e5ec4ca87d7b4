"""Storage shapes of when each action is looked at next, and of how far the event log was. Private to this context."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Index, text
from sqlmodel import TIMESTAMP, Column, Field, SQLModel

INSTANT = TIMESTAMP(timezone=True)


class ActionDueRow(SQLModel, table=True):
    """When an action of somebody who wants reminders is looked at next; up to `after_at` all was seen to."""

    __tablename__ = "action_due"
    __table_args__ = (Index("actions_to_look_at", "look_at"), Index("action_due_of_patient", "patient_id"))

    action_id: UUID = Field(primary_key=True, foreign_key="action.id")
    patient_id: UUID = Field(foreign_key="patient.id", nullable=False)
    after_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    look_at: datetime = Field(sa_column=Column(INSTANT, nullable=False))


class NoticeFollowerRow(SQLModel, table=True):
    """Up to which number the event log was looked through for news: one row, whose lock lets one worker follow."""

    __tablename__ = "notice_follower"
    __table_args__ = (CheckConstraint("single", name="one_notice_follower"),)

    single: bool = Field(sa_column=Column(Boolean, primary_key=True, server_default=text("true")))
    number: int = Field(sa_column=Column(BigInteger, nullable=False))
