"""Which care and support plans in force are to be looked at again, as part of a question that names who may be told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, Select, bindparam, literal, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from domain.care_plans.tables import CarePlanDecisionRow, CarePlanRow

_NEXT = aliased(CarePlanDecisionRow)
_TITLE = "Care and support plan"
_SUPERSEDED = (
    select(col(_NEXT.plan_id))
    .where(
        col(_NEXT.patient_id) == col(CarePlanDecisionRow.patient_id),
        col(_NEXT.version) == col(CarePlanDecisionRow.version) + 1,
    )
    .exists()
)
PATIENT_ID, REVIEW_ON, PLAN_ID = col(CarePlanRow.patient_id), col(CarePlanRow.review_on), col(CarePlanRow.id)


def care_plans_to_review() -> Select[*tuple[Any, ...]]:
    """Return SQL for the versions in force whose review is due until :soon: id, patient, title, version and day."""
    return (
        select(PLAN_ID, PATIENT_ID, literal(_TITLE).label("title"), col(CarePlanDecisionRow.version), REVIEW_ON)
        .join(CarePlanDecisionRow, col(CarePlanDecisionRow.plan_id) == PLAN_ID)
        .where(bindparam("soon", type_=Date()) >= REVIEW_ON, col(CarePlanDecisionRow.version).is_not(None))
        .where(~_SUPERSEDED)
    )
