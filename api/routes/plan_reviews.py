"""Which plans of the people that a clinician cares for are to be looked at again."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter

from api.deps import CurrentActor, Writing
from api.pagination import Paging
from api.schemas.plan_reviews import PlanReviewOut, PlanReviewPage
from api.strict_routing import StrictRoute
from domain.plans.review_queries import plan_reviews

router = APIRouter(prefix="/v1/reviews", tags=["action plans"], route_class=StrictRoute)


@router.get("")
async def list_plan_reviews(actor: CurrentActor, writing: Writing, page: Paging) -> PlanReviewPage:
    """Return the plans whose review is overdue or due within four weeks, of those whom the clinician cares for."""
    after = None if page.after is None else (date.fromisoformat(page.after[0]), UUID(page.after[1]))
    async with writing() as session:
        found = await plan_reviews(session, actor, after=after, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda each: (each.review_on.isoformat(), each.plan_id))
    return PlanReviewPage(items=[PlanReviewOut.of(each) for each in items], next_cursor=next_cursor)
