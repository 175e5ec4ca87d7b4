"""Plans to be reviewed as clinicians see them."""

from datetime import date
from typing import Self
from uuid import UUID

from api.schemas.strict import Out
from domain.plans.review_queries import PlanKind, PlanReview


class PlanReviewOut(Out):
    """A plan in force, of either kind, to be looked at again, and whose it is; `overdue` from the day after on."""

    kind: PlanKind
    plan_id: UUID
    patient_id: UUID
    patient_name: str
    title: str
    version: int
    review_on: date
    overdue: bool

    @classmethod
    def of(cls, found: PlanReview) -> Self:
        """Return the review as clinicians see it."""
        return cls.model_validate(found, from_attributes=True)


class PlanReviewPage(Out):
    """A page of plans to be reviewed, the longest overdue first."""

    items: list[PlanReviewOut]
    next_cursor: str | None
