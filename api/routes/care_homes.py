"""Care homes: who lives there today."""

from fastapi import APIRouter

from api.deps import CurrentActor, Writing
from api.pagination import Paging
from api.schemas.patients import PatientOut, PatientPage
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.people.queries import care_homes_of, visible_patients

router = APIRouter(prefix="/care-homes", tags=["patients"], route_class=StrictRoute)


@router.get("/{care_home_id}/residents")
async def list_residents(care_home_id: Id, actor: CurrentActor, writing: Writing, page: Paging) -> PatientPage:
    """Return the home's residents of today whom the caller may see; audited for each of them."""
    async with writing() as session:
        found = await visible_patients(session, actor, after=page.after_id, limit=page.limit, care_home_id=care_home_id)
        items, next_cursor = page.cut(found, key=lambda patient: patient.id)
        homes = await care_homes_of(session, items)
    return PatientPage(items=[PatientOut.of(patient, homes) for patient in items], next_cursor=next_cursor)
