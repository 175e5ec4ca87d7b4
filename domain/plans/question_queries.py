"""Which questions about plans of the people that a clinician cares for nobody has answered yet.

Of whom is decided by the one access rule; each person on a page is audited, as on a board. A question stays open until
a clinician answers it: neither a new version, nor that the person says later that they understand, answers it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, Select, Uuid, bindparam, exists, select, true, tuple_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.access.ground import Touched
from domain.audit.commands import record_audits
from domain.people.reach_queries import by_work, instants, reach
from domain.plans.acknowledgement_queries import PlanAnswer
from domain.plans.goal_lifecycle import Party
from domain.plans.in_sight_queries import rows_in_sight
from domain.plans.tables import (
    INSTANT,
    ActionPlanEndRow,
    ActionPlanRow,
    PlanAcknowledgementRow,
    PlanQuestionAnswerRow,
)

_REACH = reach().subquery("reach")


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question about a plan version that nobody has answered: whose plan, who asked, what and when."""

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


def _open() -> Select[*tuple[Any, ...]]:
    """Return SQL for the open questions about plans of those whom :account cares for by its work, the oldest first.

    LATERAL with LIMIT 1 for the reason that `board_queries` gives: each person is looked up by index.
    """
    stands = (
        select(_REACH.c.basis)
        .where(
            _REACH.c.account_id == bindparam("account", type_=Uuid()),
            _REACH.c.patient_id == col(PlanAcknowledgementRow.patient_id),
            by_work(_REACH),
        )
        .limit(1)
        .lateral("stands")
    )
    answered = exists().where(col(PlanQuestionAnswerRow.acknowledgement_id) == col(PlanAcknowledgementRow.id))
    ended = exists().where(col(ActionPlanEndRow.plan_id) == col(ActionPlanRow.id))
    return (
        select(
            col(PlanAcknowledgementRow.id),
            col(PlanAcknowledgementRow.plan_id),
            col(PlanAcknowledgementRow.patient_id),
            col(PlanAcknowledgementRow.note),
            col(PlanAcknowledgementRow.recorded_as),
            col(PlanAcknowledgementRow.said_at),
            col(PlanAcknowledgementRow.recorded_at),
            col(ActionPlanRow.title),
            col(ActionPlanRow.version),
            (~ended).label("in_force"),
        )
        .select_from(PlanAcknowledgementRow)
        .join(stands, true())
        .join(ActionPlanRow, col(ActionPlanRow.id) == col(PlanAcknowledgementRow.plan_id))
        .where(col(PlanAcknowledgementRow.answer) == PlanAnswer.question.value, ~answered)
        .order_by(col(PlanAcknowledgementRow.recorded_at), col(PlanAcknowledgementRow.id))
        .limit(bindparam("most", type_=Integer()))
    )


_FIRST = _open()
_LATER = _FIRST.where(
    tuple_(col(PlanAcknowledgementRow.recorded_at), col(PlanAcknowledgementRow.id))
    > tuple_(bindparam("after_at", type_=INSTANT), bindparam("after_id", type_=Uuid()))
)


async def open_questions(
    session: AsyncSession, actor: Actor, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[OpenQuestion]:
    """Return a page of the open questions about plans, which reached us first first: one more than the limit if any.

    Of those whom a clinician cares for by their work; audited for each person. Raises NotPermitted.
    """
    require_role(actor, Role.clinician)
    asked: dict[str, object] = {"account": actor.account_id, **instants(actor.at), "most": limit + 1}

    async def read(last: Row[Any] | None) -> Sequence[Row[Any]]:
        place = after if last is None else (last.recorded_at, last.id)
        if place is None:
            return (await session.execute(_FIRST, asked)).all()
        return (await session.execute(_LATER, {**asked, "after_at": place[0], "after_id": place[1]})).all()

    found, people = await rows_in_sight(session, actor, read, limit=limit)
    shown = dict.fromkeys(row.patient_id for row in found[:limit])
    await record_audits(session, actor, "plan_question.list", [Touched(each, people[each].ground) for each in shown])
    return [
        OpenQuestion(
            id=row.id,
            plan_id=row.plan_id,
            patient_id=row.patient_id,
            patient_name=f"{people[row.patient_id].given_name} {people[row.patient_id].family_name}",
            title=row.title,
            version=row.version,
            in_force=row.in_force,
            note=row.note,
            asked_as=Party(row.recorded_as),
            said_at=row.said_at,
            recorded_at=row.recorded_at,
        )
        for row in found
    ]
