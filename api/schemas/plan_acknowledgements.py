"""What is said of a plan version, as clients see it."""

from datetime import datetime
from typing import Self
from uuid import UUID

from api.schemas.completions import Note
from api.schemas.strict import Choice, In, Out, StrictInstant, Token
from domain.plans.acknowledgement_commands import NewAcknowledgement
from domain.plans.acknowledgement_queries import Acknowledgement, PlanAnswer
from domain.plans.goal_lifecycle import Party


class PlanAcknowledgementIn(In):
    """That a plan version was read: `understood`, or there is a `question`, in one's own words (`note`), and when."""

    client_id: Token
    answer: Choice[PlanAnswer]
    note: Note | None = None
    said_at: StrictInstant

    def to_new_acknowledgement(self) -> NewAcknowledgement:
        """Return it as the domain takes it."""
        return NewAcknowledgement(self.client_id, self.answer, self.said_at, self.note)


class PlanQuestionAnswerIn(In):
    """What is answered to a question about a plan, in words for whoever asked: they read it in their app."""

    note: Note


class PlanQuestionAnswerOut(Out):
    """What a clinician answered to a question about a plan, and when."""

    note: str
    answered_by: UUID
    answered_at: datetime


class PlanAcknowledgementOut(Out):
    """What was said of a plan version, by whom, and when; `answered` is null while nobody has answered a question."""

    id: UUID
    client_id: str
    answer: PlanAnswer
    note: str | None
    said_at: datetime
    recorded_by: UUID
    recorded_as: Party
    recorded_at: datetime
    answered: PlanQuestionAnswerOut | None

    @classmethod
    def of(cls, found: Acknowledgement) -> Self:
        """Return it as clients see it."""
        return cls.model_validate(found, from_attributes=True)
