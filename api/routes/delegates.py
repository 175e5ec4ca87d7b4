"""Delegates: who acts for a person, and for whom the caller acts."""

from fastapi import APIRouter

from api.deps import CurrentActor, Writing
from api.once import Once
from api.pagination import Paging
from api.schemas.delegations import (
    DelegateByLawIn,
    DelegateEndIn,
    DelegateIn,
    DelegateOut,
    DelegatePage,
    DelegationCodeIn,
    OfferOut,
    OwnDelegationOut,
    OwnDelegations,
    ReviewOut,
    ReviewPage,
)
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.people import delegation_commands as commands
from domain.people.delegation_queries import delegations_read, own_delegation, own_delegations, person_acted_for
from domain.people.review_queries import delegations_to_review

router = APIRouter(prefix="/v1", tags=["delegates"], route_class=StrictRoute)


@router.get("/patients/{patient_id}/delegates")
async def list_delegates(patient_id: Id, actor: CurrentActor, writing: Writing, page: Paging) -> DelegatePage:
    """Return who acts, will act or did act for a person, newest first; for them and their clinicians."""
    async with writing() as session:
        found = await delegations_read(session, actor, patient_id, before=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda delegation: delegation.id)
    return DelegatePage(items=[DelegateOut.of(each) for each in items], next_cursor=next_cursor)


# No Idempotency-Key: the reply holds a code that is to be kept nowhere. If it is lost, end the offer and make another.
@router.post("/patients/{patient_id}/delegates", status_code=201)
async def invite_delegate(patient_id: Id, body: DelegateIn, actor: CurrentActor, writing: Writing) -> OfferOut:
    """Let somebody act for oneself: hand them the code, which is good once, for 7 days. To invite is to consent."""
    async with writing() as session:
        offered = await commands.invite_delegate(
            session, actor, patient_id, body.to_terms(), text_version=body.text_version
        )
    return OfferOut.of(offered)


@router.post("/patients/{patient_id}/delegates/by-law", status_code=201)
async def record_delegate_by_law(
    patient_id: Id, body: DelegateByLawIn, actor: CurrentActor, writing: Writing
) -> OfferOut:
    """Record whom the law lets act for a child or for somebody who lacks capacity, by a clinician of their practice."""
    async with writing() as session:
        return OfferOut.of(await commands.record_delegate(session, actor, patient_id, body.to_terms(), body.to_law()))


@router.post("/patients/{patient_id}/delegates/{delegation_id}/end", status_code=204)
async def end_delegation(
    patient_id: Id, delegation_id: Id, body: DelegateEndIn, actor: CurrentActor, once: Once
) -> None:
    """End a delegation, or take its code back, at once; by the person or their practice."""
    async with once() as deed:
        await commands.end_delegation(deed.session, actor, patient_id, delegation_id, body.reason)
        await deed.reply(None)


@router.get("/delegation-reviews")
async def list_delegation_reviews(actor: CurrentActor, writing: Writing, page: Paging) -> ReviewPage:
    """Return the delegations by law that end within 14 days, of patients of the practices where the caller works."""
    async with writing() as session:
        found = await delegations_to_review(session, actor, after=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda review: review.id)
    return ReviewPage(items=[ReviewOut.of(each) for each in items], next_cursor=next_cursor)


@router.get("/me/delegations")
async def list_own_delegations(actor: CurrentActor, writing: Writing) -> OwnDelegations:
    """Return for whom the caller acts now, or will. What has ended is not shown."""
    async with writing() as session:
        found = await own_delegations(session, actor)
    return OwnDelegations(items=[OwnDelegationOut.of(each) for each in found])


@router.post("/me/delegations", status_code=201)
async def accept_delegation(body: DelegationCodeIn, actor: CurrentActor, once: Once) -> OwnDelegationOut:
    """Act for somebody from now on, by the code they handed over. Wrong, spent and expired codes are all 404."""
    async with once(sees=person_acted_for) as deed:
        made = await commands.accept_delegation(deed.session, actor, body.code)
        return await deed.reply(OwnDelegationOut.of(await own_delegation(deed.session, actor, made)))


@router.delete("/me/delegations/{delegation_id}", status_code=204)
async def leave_delegation(delegation_id: Id, actor: CurrentActor, writing: Writing) -> None:
    """Act for somebody no longer."""
    async with writing() as session:
        await commands.leave_delegation(session, actor, delegation_id)
