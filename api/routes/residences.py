"""Stays in care homes."""

from fastapi import APIRouter

from api.deps import CurrentActor
from api.once import Once
from api.schemas.accounts import CreatedOut
from api.schemas.patients import ResidenceEndIn, ResidenceIn
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.people import commands

router = APIRouter(prefix="/v1", tags=["patients"], route_class=StrictRoute)


@router.post("/patients/{patient_id}/residences", status_code=201)
async def admit_to_care_home(patient_id: Id, body: ResidenceIn, actor: CurrentActor, once: Once) -> CreatedOut:
    """Record that a patient lives in a care home from a date on: its staff see them from then."""
    new = commands.NewResidence(body.care_home_id, body.from_on, body.room)
    async with once() as deed:
        made = await commands.admit_to_care_home(deed.session, actor, patient_id, new)
        return await deed.reply(CreatedOut(id=made))


@router.post("/residences/{residence_id}/end", status_code=204)
async def end_residence(residence_id: Id, body: ResidenceEndIn, actor: CurrentActor, once: Once) -> None:
    """End a stay: on `until_on` the home's staff no longer see the person."""
    async with once() as deed:
        await commands.end_residence(deed.session, actor, residence_id, body.until_on)
        await deed.reply(None)
