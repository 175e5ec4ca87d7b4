"""By whose work a person's record is open."""

from fastapi import APIRouter

from api.deps import CurrentActor, Writing
from api.schemas.caring import CaringOut
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.people.caring_queries import caring_for

router = APIRouter(prefix="/v1", tags=["access"], route_class=StrictRoute)


@router.get("/patients/{patient_id}/access")
async def get_access(patient_id: Id, actor: CurrentActor, writing: Writing) -> CaringOut:
    """Return who sees a record by their work, by name: for the person, who decides for them, and their clinicians."""
    async with writing() as session:
        return CaringOut.of(await caring_for(session, actor, patient_id))
