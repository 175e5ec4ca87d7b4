"""Goals: setting them, reading them with their progress, moving them on, and rating them on their scales."""

from fastapi import APIRouter

from api.deps import CurrentActor, Writing
from api.entity_tags import IfMatch, MustMatch, Tagged
from api.once import Once
from api.pagination import Paging
from api.schemas.goal_scales import AttainmentOut, RatingIn, RatingOut
from api.schemas.goals import GoalDetailOut, GoalIn, GoalOut, GoalPage, GoalStatusIn, GoalWordingIn
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.plans import commands, rating_commands
from domain.plans.queries import goal_read, goal_record, goals_read
from domain.plans.rating_queries import attainment_read
from domain.plans.rewording_commands import reword_goal

router = APIRouter(prefix="/v1/patients/{patient_id}", tags=["goals"], route_class=StrictRoute)


@router.post("/goals", status_code=201)
async def create_goal(patient_id: Id, body: GoalIn, actor: CurrentActor, once: Once) -> GoalDetailOut:
    """Set a goal: the patient's own is active at once, another's is proposed. Safe to retry with a `client_id`."""
    async with once() as deed:
        made = await commands.propose_goal(deed.session, actor, patient_id, body.to_new_goal())
        return await deed.reply(GoalDetailOut.of_record(await goal_record(deed.session, actor, patient_id, made)))


@router.get("/goals")
async def list_goals(patient_id: Id, actor: CurrentActor, writing: Writing, page: Paging) -> GoalPage:
    """Return a patient's goals with their progress, newest first; those entered in error are left out."""
    async with writing() as session:
        found = await goals_read(session, actor, patient_id, before=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda goal: goal.id)
    return GoalPage(items=[GoalOut.of(goal) for goal in items], next_cursor=next_cursor)


@router.get("/goals/{goal_id}")
async def get_goal(patient_id: Id, goal_id: Id, actor: CurrentActor, writing: Writing, tagged: Tagged) -> GoalDetailOut:
    """Return one goal with its progress and its history."""
    async with writing() as session:
        found = await goal_read(session, actor, patient_id, goal_id)
    return tagged.told(GoalDetailOut.of_record(found), about=goal_id, version=found.goal.version)


@router.put("/goals/{goal_id}")
async def put_goal_in_other_words(
    patient_id: Id, goal_id: Id, body: GoalWordingIn, actor: CurrentActor, writing: Writing, edit: MustMatch
) -> GoalDetailOut:
    """Word a goal that has not ended otherwise, or move its target. How it read before stays in `former`."""
    new, seen = body.to_wording(), edit.seen(goal_id)
    async with writing() as session:
        await reword_goal(session, actor, patient_id, goal_id, new, note=body.note, seen=seen)
        found = await goal_record(session, actor, patient_id, goal_id)
    return edit.told(GoalDetailOut.of_record(found), about=goal_id, version=found.goal.version)


@router.post("/goals/{goal_id}/status")
async def change_goal_status(
    patient_id: Id, goal_id: Id, body: GoalStatusIn, actor: CurrentActor, once: Once, step: IfMatch
) -> GoalDetailOut:
    """Move a goal on: accept or decline it, begin, pause or end it, or judge how it is going. Safe to retry."""
    change, seen = body.to_change(), step.seen(goal_id)
    async with once() as deed:
        await commands.change_goal_status(deed.session, actor, patient_id, goal_id, change, seen)
        found = await goal_record(deed.session, actor, patient_id, goal_id)
        shown = step.told(GoalDetailOut.of_record(found), about=goal_id, version=found.goal.version)
        return await deed.reply(shown)


@router.post("/goals/{goal_id}/ratings", status_code=201)
async def rate_goal(patient_id: Id, goal_id: Id, body: RatingIn, actor: CurrentActor, once: Once) -> RatingOut:
    """Record at which level of its scale a goal stands now. Safe to retry: one `client_id` is kept once."""
    async with once() as deed:
        rated = await rating_commands.rate_goal(deed.session, actor, patient_id, goal_id, body.to_new_rating())
        return await deed.reply(RatingOut.of(rated))


@router.get("/goal-attainment")
async def get_goal_attainment(patient_id: Id, actor: CurrentActor, writing: Writing) -> AttainmentOut:
    """Return what the scaled goals that a patient has begun come to together (Goal Attainment Scaling)."""
    async with writing() as session:
        return AttainmentOut.of(await attainment_read(session, actor, patient_id))
