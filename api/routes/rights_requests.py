"""What people ask of their own record, and what their practice answers."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import CurrentActor, Linking, TheServices, Writing
from api.once import Once
from api.pagination import Paging
from api.schemas.accounts import CreatedOut
from api.schemas.rights_requests import RightsAnswerIn, RightsRequestIn, RightsRequestOut, RightsRequestPage
from api.schemas.strict import FlagInQuery, Id
from api.strict_routing import StrictRoute
from domain.rights.request_commands import ask, decide, withdraw
from domain.rights.request_queries import own_requests, requests_to_answer
from domain.rights.telling_commands import tell_of_answer

router = APIRouter(prefix="/v1", tags=["rights"], route_class=StrictRoute)


@router.post("/me/rights-requests", status_code=201)
async def ask_of_own_record(body: RightsRequestIn, actor: CurrentActor, once: Once) -> CreatedOut:
    """Ask the practice to correct, erase or restrict one's own record, or to close one's account."""
    async with once() as deed:
        return await deed.reply(CreatedOut(id=await ask(deed.session, actor, body.kind, body.about)))


@router.get("/me/rights-requests")
async def list_own_rights_requests(actor: CurrentActor, writing: Writing, page: Paging) -> RightsRequestPage:
    """Return what the caller has asked of their own record, newest first, with the answers."""
    async with writing() as session:
        found = await own_requests(session, actor, before=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda each: each.id)
    return RightsRequestPage(items=[RightsRequestOut.of(each) for each in items], next_cursor=next_cursor)


@router.post("/me/rights-requests/{request_id}/withdrawal", status_code=204)
async def withdraw_own_rights_request(request_id: Id, actor: CurrentActor, once: Once) -> None:
    """Take back a correction that one asked for and that was not, or not all, made: it is disputed no more.

    For the person alone. It leaves the head of their record, and an open one needs no answer; what was asked is kept.
    """
    async with once() as deed:
        await withdraw(deed.session, actor, request_id)
        await deed.reply(None)


@router.get("/rights-requests")
async def list_rights_requests(
    actor: CurrentActor,
    writing: Writing,
    page: Paging,
    answered: Annotated[FlagInQuery, Query(description="Also what has been answered or taken back.")] = False,
) -> RightsRequestPage:
    """Return what was asked of the practices where the caller is a clinician, or answers for privacy; oldest first."""
    async with writing() as session:
        found = await requests_to_answer(session, actor, answered=answered, after=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda each: each.id)
    return RightsRequestPage(items=[RightsRequestOut.of(each) for each in items], next_cursor=next_cursor)


@router.post("/rights-requests/{request_id}/answer", status_code=204)
async def answer_rights_request(
    request_id: Id, body: RightsAnswerIn, actor: CurrentActor, linking: Linking, held: TheServices
) -> None:
    """Answer what a patient asked, as a clinician of their practice or as privacy officer for it.

    The patient is told by letter that there is an answer, not which.

    What is granted takes effect at once: an account is closed, which is for a clinician alone to answer; a restricted
    record is seen by no care team and no care home, no care home's system is told of it, and the patient is counted
    nowhere. The practice still sees it, and so does whoever acts for the patient, and a clinician in an emergency.
    """
    async with linking() as session:
        answered = await decide(session, actor, request_id, body.to_answer())
        await tell_of_answer(session, answered, held.sealing, held.links.to_copies, at=actor.at)
