"""Reading what was said of plan versions: that one was understood, or that there is a question.

Takes no actor: for callers who have authorised, and who audit the plan that they read it with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.plans.goal_lifecycle import Party
from domain.plans.tables import PlanAcknowledgementRow, PlanQuestionAnswerRow

_ANSWERS = col(PlanQuestionAnswerRow.acknowledgement_id) == col(PlanAcknowledgementRow.id)


class PlanAnswer(StrEnum):
    """What somebody says of a plan version that they have read."""

    understood = "understood"
    question = "question"


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """What a clinician answered to a question about a plan version, and when."""

    note: str
    answered_by: UUID
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What was said of a plan version: by whom and in which capacity, when it was said and when it reached us.

    `answered`: of a question, what was answered to it; None while it is open.
    """

    id: UUID
    plan_id: UUID
    client_id: str
    answer: PlanAnswer
    note: str | None
    said_at: datetime
    recorded_by: UUID
    recorded_as: Party
    recorded_at: datetime
    answered: QuestionAnswer | None


def is_to_be_acknowledged(published_as: Party, last: PlanAnswer | None) -> bool:
    """Return whether the person has yet to say of a plan in force that they understand it: not of their own writing."""
    return published_as is not Party.patient and last is not PlanAnswer.understood


async def acknowledgements_of(
    session: AsyncSession, plan_ids: Sequence[UUID]
) -> dict[UUID, tuple[Acknowledgement, ...]]:
    """Return what was said of each of these plan versions, what was said last first."""
    found: dict[UUID, list[Acknowledgement]] = defaultdict(list)
    query = (
        select(PlanAcknowledgementRow, PlanQuestionAnswerRow)
        .outerjoin(PlanQuestionAnswerRow, _ANSWERS)
        .where(col(PlanAcknowledgementRow.plan_id).in_(plan_ids))
        .order_by(col(PlanAcknowledgementRow.said_at).desc(), col(PlanAcknowledgementRow.id).desc())
    )
    for row, answer in (await session.execute(query)).all():
        found[row.plan_id].append(as_acknowledgement(row, answer))
    return {plan_id: tuple(found[plan_id]) for plan_id in plan_ids}


async def acknowledgement_by_client_id(session: AsyncSession, plan_id: UUID, client_id: str) -> Acknowledgement | None:
    """Return what was said of a plan version under a sender's own name for it, if anything."""
    query = (
        select(PlanAcknowledgementRow, PlanQuestionAnswerRow)
        .outerjoin(PlanQuestionAnswerRow, _ANSWERS)
        .where(col(PlanAcknowledgementRow.plan_id) == plan_id, col(PlanAcknowledgementRow.client_id) == client_id)
    )
    found = (await session.execute(query)).one_or_none()
    return None if found is None else as_acknowledgement(*found)


def as_acknowledgement(row: PlanAcknowledgementRow, answer: PlanQuestionAnswerRow | None) -> Acknowledgement:
    """Return what a row keeps, with what was answered to it."""
    return Acknowledgement(
        id=row.id,
        plan_id=row.plan_id,
        client_id=row.client_id,
        answer=PlanAnswer(row.answer),
        note=row.note,
        said_at=row.said_at,
        recorded_by=row.recorded_by,
        recorded_as=Party(row.recorded_as),
        recorded_at=row.recorded_at,
        answered=None if answer is None else QuestionAnswer(answer.note, answer.answered_by, answer.answered_at),
    )
