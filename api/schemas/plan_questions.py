"""Open questions about plans as clinicians see them."""

from datetime import datetime
from typing import Self
from uuid import UUID

from api.schemas.strict import Out
from domain.plans.goal_lifecycle import Party
from domain.plans.question_queries import OpenQuestion


class PlanQuestionOut(Out):
    """A question about a plan version that nobody has answered: whose plan, who asked, what and when.

    `in_force`: the version that was asked about has not ended. `said_at` is by the clock of who asked, `recorded_at`
    when it reached us. `note` is null when somebody only said that they have a question.
    """

    id: UUID
    plan_id: UUID
    patient_id: UUID
    patient_name: str
    title: str
    version: int
    in_force: bool
    note: str | None
    asked_as: Party
    said_at: datetime
    recorded_at: datetime

    @classmethod
    def of(cls, found: OpenQuestion) -> Self:
        """Return the question as clinicians see it."""
        return cls.model_validate(found, from_attributes=True)


class PlanQuestionPage(Out):
    """A page of open questions about plans, which reached us first first."""

    items: list[PlanQuestionOut]
    next_cursor: str | None
