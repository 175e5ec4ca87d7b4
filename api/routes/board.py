"""The board: the caller's patients with the latest of each sign."""

from fastapi import APIRouter

from api.deps import CurrentActor, Writing
from api.pagination import Paging
from api.schemas.patients import BoardPage, BoardRowOut
from api.strict_routing import StrictRoute
from domain.observations.queries import latest_for_patients
from domain.people.queries import care_homes_of, visible_patients

router = APIRouter(prefix="/board", tags=["board"], route_class=StrictRoute)


@router.get("")
async def get_board(actor: CurrentActor, writing: Writing, page: Paging) -> BoardPage:
    """Return the caller's patients with the latest of each sign and its age; a sign never taken is absent."""
    async with writing() as session:
        found = await visible_patients(session, actor, after=page.after_id, limit=page.limit, action="board.read")
        items, next_cursor = page.cut(found, key=lambda patient: patient.id)
        latest = await latest_for_patients(session, [patient.id for patient in items], at=actor.at)
        homes = await care_homes_of(session, items)
    rows = [BoardRowOut.of(patient, homes, latest.get(patient.id, ())) for patient in items]
    return BoardPage(items=rows, next_cursor=next_cursor)
