"""Pathways, and who is on them."""

from fastapi import APIRouter

from api.deps import CurrentActor, Reading, Writing
from api.once import Once
from api.pagination import Paging
from api.schemas.accounts import CreatedOut
from api.schemas.pathways import (
    EnrolmentEndIn,
    EnrolmentIn,
    EnrolmentOut,
    EnrolmentPage,
    PathwayIn,
    PathwayOut,
    PathwayPage,
)
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.outcomes import commands, queries

router = APIRouter(prefix="/v1", tags=["pathways"], route_class=StrictRoute)


@router.post("/pathways", status_code=201)
async def create_pathway(body: PathwayIn, actor: CurrentActor, once: Once) -> CreatedOut:
    """Make a pathway for a commissioner or network within the caller's tree."""
    async with once() as deed:
        made = await commands.create_pathway(deed.session, actor, body.to_new_pathway())
        return await deed.reply(CreatedOut(id=made))


@router.get("/pathways")
async def list_pathways(actor: CurrentActor, reading: Reading, page: Paging) -> PathwayPage:
    """Return the pathways the caller may know of: commissioned in their tree, or above where they are a clinician."""
    async with reading() as session:
        found = await queries.visible_pathways(session, actor, after=page.after_id, limit=page.limit + 1)
    items, next_cursor = page.cut(found, key=lambda pathway: pathway.id)
    return PathwayPage(items=[PathwayOut.of(pathway) for pathway in items], next_cursor=next_cursor)


@router.post("/pathways/{pathway_id}/enrolments", status_code=201)
async def enrol_patient(pathway_id: Id, body: EnrolmentIn, actor: CurrentActor, once: Once) -> CreatedOut:
    """Put a patient on a pathway, by a clinician who sees them."""
    async with once() as deed:
        made = await commands.enrol_patient(deed.session, actor, pathway_id, body.to_new_enrolment())
        return await deed.reply(CreatedOut(id=made))


@router.get("/pathways/{pathway_id}/enrolments")
async def list_enrolments(pathway_id: Id, actor: CurrentActor, writing: Writing, page: Paging) -> EnrolmentPage:
    """Return who of the caller's own patients is or was on a pathway; for clinicians only."""
    async with writing() as session:
        found = await queries.enrolments(session, actor, pathway_id, after=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda enrolment: enrolment.id)
    return EnrolmentPage(items=[EnrolmentOut.of(enrolment) for enrolment in items], next_cursor=next_cursor)


@router.post("/enrolments/{enrolment_id}/end", status_code=204)
async def end_enrolment(enrolment_id: Id, body: EnrolmentEndIn, actor: CurrentActor, once: Once) -> None:
    """End an enrolment: the person's days count up to, not including, `ended_on`. Death ends their others with it."""
    async with once() as deed:
        await commands.end_enrolment(deed.session, actor, enrolment_id, body.ended_on, body.reason)
        await deed.reply(None)
