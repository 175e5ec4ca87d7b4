"""Care and support plans: drafting one, putting it in force, withdrawing a draft, and reading them."""

from fastapi import APIRouter

from api.deps import CurrentActor, Writing
from api.once import Once
from api.pagination import Paging
from api.schemas.care_plans import CarePlanIn, CarePlanOut, CarePlanPage, CarePlanPublicationIn, CarePlanWithdrawalIn
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.care_plans import commands
from domain.care_plans.queries import care_plan_in_force_read, care_plan_of, care_plan_read, care_plans_read

router = APIRouter(prefix="/v1/patients/{patient_id}", tags=["care plans"], route_class=StrictRoute)


@router.get("/care-plan")
async def get_care_plan_in_force(patient_id: Id, actor: CurrentActor, writing: Writing) -> CarePlanOut:
    """Return the care and support plan that is in force: the only one to act by."""
    async with writing() as session:
        return CarePlanOut.of(await care_plan_in_force_read(session, actor, patient_id), actor.at)


@router.post("/care-plans", status_code=201)
async def draft_care_plan(patient_id: Id, body: CarePlanIn, actor: CurrentActor, once: Once) -> CarePlanOut:
    """Draft a whole version against the one in force, which stays so. Safe to retry: one `client_id` is kept once."""
    new = body.to_new_care_plan()
    async with once() as deed:
        made = await commands.draft_care_plan(deed.session, actor, patient_id, new)
        return await deed.reply(CarePlanOut.of(await care_plan_of(deed.session, patient_id, made), actor.at))


@router.get("/care-plans")
async def list_care_plans(patient_id: Id, actor: CurrentActor, writing: Writing, page: Paging) -> CarePlanPage:
    """Return a patient's versions and drafts, the last drafted first."""
    async with writing() as session:
        found = await care_plans_read(session, actor, patient_id, before=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda plan: plan.id)
    return CarePlanPage(items=[CarePlanOut.of(plan, actor.at) for plan in items], next_cursor=next_cursor)


@router.get("/care-plans/{care_plan_id}")
async def get_care_plan(patient_id: Id, care_plan_id: Id, actor: CurrentActor, writing: Writing) -> CarePlanOut:
    """Return one version or draft, and whether it is in force."""
    async with writing() as session:
        return CarePlanOut.of(await care_plan_read(session, actor, patient_id, care_plan_id), actor.at)


@router.post("/care-plans/{care_plan_id}/publication")
async def publish_care_plan(
    patient_id: Id, care_plan_id: Id, body: CarePlanPublicationIn, actor: CurrentActor, once: Once
) -> CarePlanOut:
    """Agree to a draft: it is in force from now on, in the place of the version before. Nothing in it ever changes."""
    how = body.agreement, body.note
    async with once() as deed:
        await commands.publish_care_plan(deed.session, actor, patient_id, care_plan_id, *how)
        return await deed.reply(CarePlanOut.of(await care_plan_of(deed.session, patient_id, care_plan_id), actor.at))


@router.post("/care-plans/{care_plan_id}/withdrawal")
async def withdraw_care_plan(
    patient_id: Id, care_plan_id: Id, body: CarePlanWithdrawalIn, actor: CurrentActor, once: Once
) -> CarePlanOut:
    """Take back a draft, or decline it, and say why. What is in force stays."""
    async with once() as deed:
        await commands.withdraw_care_plan(deed.session, actor, patient_id, care_plan_id, body.reason)
        return await deed.reply(CarePlanOut.of(await care_plan_of(deed.session, patient_id, care_plan_id), actor.at))
