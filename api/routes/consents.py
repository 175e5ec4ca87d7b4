"""Consents: what a person decides about the use of their record."""

from uuid import UUID

from fastapi import APIRouter
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import CurrentActor, Services, TheServices, Writing
from api.once import LinkingOnce
from api.pagination import Paging
from api.schemas.consents import ConsentIn, ConsentOut, ConsentPage, ConsentTextOut, ConsentTexts
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.access.actor import Actor
from domain.people.consent import Provision
from domain.people.consent_commands import Choice, decide, tell_of_decision
from domain.people.consent_queries import consent_by_id, consents_read
from domain.people.consent_texts import TEXTS, current_text

router = APIRouter(prefix="/v1", tags=["consents"], route_class=StrictRoute)


@router.get("/consent-texts")
async def list_consent_texts(actor: CurrentActor) -> ConsentTexts:
    """Return the words people decide by: every version, so that what somebody agreed to can be read."""
    return ConsentTexts(items=[ConsentTextOut.of(text, current_text(text.purpose).version) for text in TEXTS])


@router.get("/patients/{patient_id}/consents")
async def list_consents(patient_id: Id, actor: CurrentActor, writing: Writing, page: Paging) -> ConsentPage:
    """Return what a person has decided, past decisions too, newest first. Without one, care is shared."""
    async with writing() as session:
        found = await consents_read(session, actor, patient_id, before=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda consent: consent.id)
    return ConsentPage(items=[ConsentOut.of(each) for each in items], next_cursor=next_cursor)


@router.post("/patients/{patient_id}/consents", status_code=201)
async def give_consent(
    patient_id: Id, body: ConsentIn, actor: CurrentActor, once: LinkingOnce, held: TheServices
) -> ConsentOut:
    """Record that a person permits a use of their record, in the words of the latest text.

    What somebody with an account refused themselves, or as a restriction, their practice cannot give: that is 409. Who
    did not decide themselves is told by letter.
    """
    async with once() as deed:
        return await deed.reply(await _decided(deed.session, actor, patient_id, body.to_choice(Provision.permit), held))


@router.post("/patients/{patient_id}/consents/withdrawal", status_code=201)
async def withdraw_consent(
    patient_id: Id, body: ConsentIn, actor: CurrentActor, once: LinkingOnce, held: TheServices
) -> ConsentOut:
    """Record that a person denies a use, whether it was given before or presumed. Effective at once.

    A refusal of the person's own stays theirs. Who did not decide themselves is told by letter.
    """
    async with once() as deed:
        return await deed.reply(await _decided(deed.session, actor, patient_id, body.to_choice(Provision.deny), held))


async def _decided(session: AsyncSession, actor: Actor, patient_id: UUID, choice: Choice, held: Services) -> ConsentOut:
    made = await decide(session, actor, patient_id, choice)
    await tell_of_decision(session, made, held.sealing, held.links.to_decisions, at=actor.at)
    return ConsentOut.of(await consent_by_id(session, made.id))
