"""Action plans: publishing a version, reading them with how they are kept to, ending one, and what was done."""

from fastapi import APIRouter

from api.deps import CurrentActor, Writing
from api.entity_tags import IfMatch, Tagged
from api.once import Once
from api.pagination import Paging
from api.schemas.action_plans import (
    ActionPlanDetailOut,
    ActionPlanEndIn,
    ActionPlanIn,
    ActionPlanOut,
    ActionPlanPage,
    CompletionIn,
    CompletionOut,
)
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.plans import plan_commands
from domain.plans.plan_queries import plan_in_use, plan_read, plans_read

router = APIRouter(prefix="/v1/patients/{patient_id}/action-plans", tags=["action plans"], route_class=StrictRoute)


@router.post("", status_code=201)
async def publish_action_plan(
    patient_id: Id, body: ActionPlanIn, actor: CurrentActor, once: Once
) -> ActionPlanDetailOut:
    """Publish a plan, or a new version in another's place: versions never change. Safe to retry with a `client_id`."""
    new = body.to_new_plan()
    async with once() as deed:
        made = await plan_commands.publish_plan(deed.session, actor, patient_id, new)
        found = await plan_in_use(deed.session, actor, patient_id, made)
        return await deed.reply(ActionPlanDetailOut.of(found, actor.at))


@router.get("")
async def list_action_plans(patient_id: Id, actor: CurrentActor, writing: Writing, page: Paging) -> ActionPlanPage:
    """Return a patient's plan versions, newest first."""
    async with writing() as session:
        found = await plans_read(session, actor, patient_id, before=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda plan: plan.id)
    return ActionPlanPage(items=[ActionPlanOut.of(plan, actor.at) for plan in items], next_cursor=next_cursor)


@router.get("/{plan_id}")
async def get_action_plan(
    patient_id: Id, plan_id: Id, actor: CurrentActor, writing: Writing, tagged: Tagged
) -> ActionPlanDetailOut:
    """Return one plan version, how each action is kept to, and its latest completions."""
    async with writing() as session:
        found = await plan_read(session, actor, patient_id, plan_id)
    return tagged.told(ActionPlanDetailOut.of(found, actor.at), about=plan_id, version=found.plan.edition)


@router.post("/{plan_id}/end")
async def end_action_plan(
    patient_id: Id, plan_id: Id, body: ActionPlanEndIn, actor: CurrentActor, once: Once, step: IfMatch
) -> ActionPlanDetailOut:
    """Stop a plan without another in its place."""
    async with once() as deed:
        await plan_commands.end_plan(deed.session, actor, patient_id, plan_id, body.reason, step.seen(plan_id))
        found = await plan_in_use(deed.session, actor, patient_id, plan_id)
        shown = step.told(ActionPlanDetailOut.of(found, actor.at), about=plan_id, version=found.plan.edition)
        return await deed.reply(shown)


@router.post("/{plan_id}/actions/{action_id}/completions", status_code=201)
async def complete_action(
    patient_id: Id, plan_id: Id, action_id: Id, body: CompletionIn, actor: CurrentActor, once: Once
) -> CompletionOut:
    """Record that an action was done, or skipped and why. Safe to retry: one `client_id` is kept once."""
    new = body.to_new_completion()
    async with once() as deed:
        done = await plan_commands.complete_action(deed.session, actor, patient_id, plan_id, action_id, new)
        return await deed.reply(CompletionOut.of(done))
