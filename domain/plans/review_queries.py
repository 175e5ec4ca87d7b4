"""Which plans of the people that a clinician cares for are to be looked at again: overdue, or soon.

Of whom is decided by the one access rule; each person on a page is audited, as on a board.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Integer, Row, Select, Uuid, bindparam, exists, literal, select, true, tuple_, union_all
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.access.ground import Touched
from domain.audit.commands import record_audits
from domain.care_plans.review_queries import care_plans_to_review
from domain.clock import london_date
from domain.people.local_days import LONDON_DAYS
from domain.people.local_days_queries import local_days_of
from domain.people.queries import VisiblePatient
from domain.people.reach_queries import by_work, instants, reach
from domain.plans.in_sight_queries import rows_in_sight
from domain.plans.tables import ActionPlanEndRow, ActionPlanRow

# Far enough ahead to find somebody an appointment. [proposal]
SOON = timedelta(days=28)
_REACH = reach().subquery("reach")


class PlanKind(StrEnum):
    """Which kind of plan is to be looked at again."""

    action_plan = "action_plan"
    care_plan = "care_plan"


@dataclass(frozen=True, slots=True)
class PlanReview:
    """A plan in force whose review is due by now or soon, and whose plan it is."""

    kind: PlanKind
    plan_id: UUID
    patient_id: UUID
    patient_name: str
    title: str
    version: int
    review_on: date
    overdue: bool


def _action_plans() -> Select[*tuple[Any, ...]]:
    ended = exists().where(col(ActionPlanEndRow.plan_id) == col(ActionPlanRow.id))
    return select(
        col(ActionPlanRow.id),
        col(ActionPlanRow.patient_id),
        col(ActionPlanRow.title),
        col(ActionPlanRow.version),
        col(ActionPlanRow.review_on),
    ).where(col(ActionPlanRow.review_on) <= bindparam("soon", type_=Date()), ~ended)


def _of_whom_one_cares(kind: PlanKind, plans: Select[*tuple[Any, ...]], *, later: bool) -> Select[*tuple[Any, ...]]:
    """Return SQL for those of these plans whose person :account cares for by its work, by review, :most at most.

    LATERAL with LIMIT 1 for the reason that `board_queries` gives: each person is looked up by index.
    """
    plan_id, patient_id, title, version, review_on = plans.selected_columns
    stands = (
        select(_REACH.c.basis)
        .where(_REACH.c.account_id == bindparam("account", type_=Uuid()), _REACH.c.patient_id == patient_id)
        .where(by_work(_REACH))
        .limit(1)
        .lateral("stands")
    )
    if later:
        after = tuple_(bindparam("after_on", type_=Date()), bindparam("after_id", type_=Uuid()))
        plans = plans.where(tuple_(review_on, plan_id) > after)
    return (
        plans.with_only_columns(
            literal(kind.value).label("kind"),
            plan_id.label("id"),
            patient_id.label("patient_id"),
            title.label("title"),
            version.label("version"),
            review_on.label("review_on"),
        )
        .join(stands, true())
        .order_by(review_on, plan_id)
        .limit(bindparam("most", type_=Integer()))
    )


def _to_review(*, later: bool) -> Select[*tuple[Any, ...]]:
    """Return SQL for the plans of either kind in force to be reviewed until :soon: each kind by its own index."""
    found = union_all(
        _of_whom_one_cares(PlanKind.action_plan, _action_plans(), later=later).subquery().select(),
        _of_whom_one_cares(PlanKind.care_plan, care_plans_to_review(), later=later).subquery().select(),
    ).subquery("found")
    return select(found).order_by(found.c.review_on, found.c.id).limit(bindparam("most", type_=Integer()))


_FIRST, _LATER = _to_review(later=False), _to_review(later=True)


async def plan_reviews(
    session: AsyncSession, actor: Actor, *, after: tuple[date, UUID] | None, limit: int
) -> list[PlanReview]:
    """Return a page of the plans to be reviewed, the longest overdue first: one more than the limit if any.

    Of those whom a clinician cares for by their work; audited for each person. Raises NotPermitted.
    """
    require_role(actor, Role.clinician)
    asked: dict[str, object] = {
        "account": actor.account_id,
        **instants(actor.at),
        "soon": london_date(actor.at) + SOON,
        "most": limit + 1,
    }

    async def read(last: Row[Any] | None) -> Sequence[Row[Any]]:
        place = after if last is None else (last.review_on, last.id)
        if place is None:
            return (await session.execute(_FIRST, asked)).all()
        return (await session.execute(_LATER, {**asked, "after_on": place[0], "after_id": place[1]})).all()

    found, people = await rows_in_sight(session, actor, read, limit=limit)
    shown = dict.fromkeys(row.patient_id for row in found[:limit])
    await record_audits(session, actor, "plan_review.list", [Touched(each, people[each].ground) for each in shown])
    return await _told(session, actor, found, people)


async def _told(
    session: AsyncSession, actor: Actor, rows: Sequence[Row[Any]], people: dict[UUID, VisiblePatient]
) -> list[PlanReview]:
    days = await local_days_of(session, people)
    return [
        PlanReview(
            kind=PlanKind(row.kind),
            plan_id=row.id,
            patient_id=row.patient_id,
            patient_name=f"{people[row.patient_id].given_name} {people[row.patient_id].family_name}",
            title=row.title,
            version=row.version,
            review_on=row.review_on,
            overdue=days.get(row.patient_id, LONDON_DAYS).day_of(actor.at) > row.review_on,
        )
        for row in rows
    ]
