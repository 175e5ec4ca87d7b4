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
)
from api.schemas.completions import CompletionIn, CompletionOut, CompletionRetractionIn
from api.schemas.plan_acknowledgements import PlanAcknowledgementIn, PlanAcknowledgementOut, PlanQuestionAnswerIn
from api.schemas.strict import Id
from api.schemas.zones import ZoneNowOut
from api.strict_routing import StrictRoute
from domain.plans import completion_commands, plan_commands
from domain.plans.acknowledgement_commands import acknowledge_plan, answer_question
from domain.plans.plan_queries import plan_in_use, plan_read, plans_read
from domain.plans.zone_queries import zone_read

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


@router.get("/{plan_id}/zone")
async def get_action_plan_zone(patient_id: Id, plan_id: Id, actor: CurrentActor, writing: Writing) -> ZoneNowOut:
    """Return in which zone of a plan the patient is today, by their readings and diary, and why."""
    async with writing() as session:
        plan, found = await zone_read(session, actor, patient_id, plan_id)
    return ZoneNowOut.of(plan, found, actor.at)


@router.post("/{plan_id}/acknowledgements", status_code=201)
async def acknowledge_action_plan(
    patient_id: Id, plan_id: Id, body: PlanAcknowledgementIn, actor: CurrentActor, once: Once
) -> PlanAcknowledgementOut:
    """Say of a plan version that it was read and understood, or that there is a question. Nobody is called by that."""
    new = body.to_new_acknowledgement()
    async with once() as deed:
        said = await acknowledge_plan(deed.session, actor, patient_id, plan_id, new)
        return await deed.reply(PlanAcknowledgementOut.of(said))


@router.post("/{plan_id}/acknowledgements/{acknowledgement_id}/answer")
async def answer_plan_question(
    patient_id: Id, plan_id: Id, acknowledgement_id: Id, body: PlanQuestionAnswerIn, actor: CurrentActor, once: Once
) -> PlanAcknowledgementOut:
    """Answer a question about a plan, once and in words for whoever asked. Safe to retry."""
    async with once() as deed:
        said = await answer_question(deed.session, actor, patient_id, plan_id, acknowledgement_id, body.note)
        return await deed.reply(PlanAcknowledgementOut.of(said))


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
        done = await completion_commands.complete_action(deed.session, actor, patient_id, plan_id, action_id, new)
        return await deed.reply(CompletionOut.of(done))


@router.post("/{plan_id}/actions/{action_id}/completions/{completion_id}/retraction")
async def retract_completion(
    patient_id: Id,
    plan_id: Id,
    action_id: Id,
    completion_id: Id,
    body: CompletionRetractionIn,
    actor: CurrentActor,
    once: Once,
) -> CompletionOut:
    """Take back what was recorded as done or skipped in error: kept, and counted no more. Safe to retry."""
    which = completion_commands.Which(patient_id, plan_id, action_id, completion_id)
    async with once() as deed:
        found = await completion_commands.take_back_completion(deed.session, actor, which, body.reason)
        return await deed.reply(CompletionOut.of(found))
