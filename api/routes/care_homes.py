"""Care homes: who lives there today."""

from fastapi import APIRouter

from api.deps import CurrentActor, Writing
from api.pagination import Paging
from api.schemas.patients import PatientOut, PatientPage
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.people.queries import care_homes_of, residents_cared_for

router = APIRouter(prefix="/v1/care-homes", tags=["patients"], route_class=StrictRoute)


@router.get("/{care_home_id}/residents")
async def list_residents(care_home_id: Id, actor: CurrentActor, writing: Writing, page: Paging) -> PatientPage:
    """Return the home's residents of today whom the caller cares for by their work; audited for each of them.

    Neither the caller nor whom they act for at home, who are no residents of theirs; see `/v1/me/delegations`.
    """
    async with writing() as session:
        found = await residents_cared_for(session, actor, care_home_id, after=page.after_id, limit=page.limit)
        items, next_cursor = page.cut(found, key=lambda patient: patient.id)
        homes = await care_homes_of(session, items)
    return PatientPage(items=[PatientOut.of(patient, homes) for patient in items], next_cursor=next_cursor)
