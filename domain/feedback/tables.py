"""How feedback is stored. Private to this context's queries and commands.

Nothing here tells who: a random id that no time can be read out of, the month alone, no account, no request.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, Date, Index, Text
from sqlmodel import Field, SQLModel

_EXPERIENCES = "('very_good', 'good', 'neither', 'poor', 'very_poor', 'dont_know')"


class FeedbackRow(SQLModel, table=True):
    """One anonymous answer to the Friends and Family Test, about an organisation, in a month of London's calendar."""

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint(f"experience in {_EXPERIENCES}", name="feedback_experience_known"),
        CheckConstraint("char_length(comment) between 1 and 1000", name="feedback_comment_length"),
        CheckConstraint("month = date_trunc('month', month)", name="feedback_month_alone"),
        Index("feedback_of_organisation", "organisation_id", "month"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", nullable=False)
    month: date = Field(sa_column=Column(Date, nullable=False))
    experience: str = Field(sa_column=Column(Text, nullable=False))
    comment: str | None = Field(default=None, sa_column=Column(Text))
