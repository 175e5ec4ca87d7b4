"""Which questions about plans of the people that a clinician cares for nobody has answered yet."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter

from api.deps import CurrentActor, Writing
from api.pagination import Paging
from api.schemas.plan_questions import PlanQuestionOut, PlanQuestionPage
from api.strict_routing import StrictRoute
from domain.plans.question_queries import open_questions

router = APIRouter(prefix="/v1/plan-questions", tags=["action plans"], route_class=StrictRoute)


@router.get("")
async def list_plan_questions(actor: CurrentActor, writing: Writing, page: Paging) -> PlanQuestionPage:
    """Return the open questions about plans of those whom the clinician cares for. Nobody is called by a question."""
    after = None if page.after is None else (datetime.fromisoformat(page.after[0]), UUID(page.after[1]))
    async with writing() as session:
        found = await open_questions(session, actor, after=after, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda each: (each.recorded_at.isoformat(), each.id))
    return PlanQuestionPage(items=[PlanQuestionOut.of(each) for each in items], next_cursor=next_cursor)
