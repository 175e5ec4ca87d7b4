"""Templates of plans: what a plan for a condition may begin from, with its sources."""

from fastapi import APIRouter

from api.deps import CurrentActor
from api.schemas.plan_templates import PlanTemplateOut, PlanTemplatesOut
from api.schemas.strict import Token
from api.strict_routing import StrictRoute
from domain.errors import NotFound
from domain.plans.templates import templates

router = APIRouter(prefix="/v1/plan-templates", tags=["action plans"], route_class=StrictRoute)


@router.get("")
async def list_plan_templates(actor: CurrentActor) -> PlanTemplatesOut:
    """Return every template of a plan: copy one, change what does not fit the person, and publish it as theirs."""
    return PlanTemplatesOut(items=[PlanTemplateOut.of(each) for each in templates().values()])


@router.get("/{key}")
async def get_plan_template(key: Token, actor: CurrentActor) -> PlanTemplateOut:
    """Return one template in the version in use."""
    found = templates().get(key)
    if found is None:
        raise NotFound
    return PlanTemplateOut.of(found)
