"""Organisations: public knowledge to anyone signed in; made by administrators."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import CurrentActor, Identifying, LookingUp
from api.entity_tags import MustMatch, Tagged
from api.once import IdentityOnce
from api.pagination import Paging
from api.schemas.accounts import (
    CreatedOut,
    OdsCode,
    OrganisationIn,
    OrganisationNameIn,
    OrganisationOut,
    OrganisationPage,
)
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.accounts import commands, queries

router = APIRouter(prefix="/v1/organisations", tags=["organisations"], route_class=StrictRoute)


@router.post("", status_code=201)
async def create_organisation(body: OrganisationIn, actor: CurrentActor, once: IdentityOnce) -> CreatedOut:
    """Make an organisation below one that the caller administers."""
    new = commands.NewOrganisation(body.ods_code, body.name, body.kind.value, body.parent_id)
    async with once() as deed:
        made = await commands.create_organisation(deed.session, actor, new)
        return await deed.reply(CreatedOut(id=made))


@router.get("")
async def list_organisations(
    actor: CurrentActor, looking_up: LookingUp, page: Paging, ods_code: Annotated[OdsCode | None, Query()] = None
) -> OrganisationPage:
    """Return organisations, or the one with an ODS code."""
    async with looking_up() as session:
        found = await queries.organisations(session, after=page.after_id, limit=page.limit + 1, ods_code=ods_code)
    items, next_cursor = page.cut(found, key=lambda organisation: organisation.id)
    return OrganisationPage(items=[OrganisationOut.of(item) for item in items], next_cursor=next_cursor)


@router.get("/{organisation_id}")
async def get_organisation(
    organisation_id: Id, actor: CurrentActor, looking_up: LookingUp, tagged: Tagged
) -> OrganisationOut:
    """Return one organisation."""
    async with looking_up() as session:
        found = await queries.organisation(session, organisation_id)
    return tagged.told(OrganisationOut.of(found), about=organisation_id, version=found.version)


@router.put("/{organisation_id}")
async def rename_organisation(
    organisation_id: Id, body: OrganisationNameIn, actor: CurrentActor, identifying: Identifying, edit: MustMatch
) -> OrganisationOut:
    """Give an organisation that the caller administers another name."""
    async with identifying() as session:
        await commands.rename_organisation(session, actor, organisation_id, body.name, edit.seen(organisation_id))
        found = await queries.organisation(session, organisation_id)
    return edit.told(OrganisationOut.of(found), about=organisation_id, version=found.version)
