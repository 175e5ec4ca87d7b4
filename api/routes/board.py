"""The board: those whom the caller cares for by their work, with the latest of each sign."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import CurrentActor, Reading, Writing
from api.pagination import Paging
from api.schemas.patients import BoardEditionOut, BoardPage, BoardRowOut
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.observations.queries import latest_for_patients
from domain.people.board_queries import board_editions
from domain.people.queries import care_homes_of, patients_cared_for

router = APIRouter(prefix="/board", tags=["board"], route_class=StrictRoute)


@router.get("")
async def get_board(actor: CurrentActor, writing: Writing, page: Paging) -> BoardPage:
    """Return those whom the caller cares for by their work, with the latest of each sign and its age.

    A sign never taken is absent. So are the caller themself and whom they act for: see `/v1/me/delegations`.
    """
    async with writing() as session:
        found = await patients_cared_for(session, actor, after=page.after_id, limit=page.limit)
        items, next_cursor = page.cut(found, key=lambda patient: patient.id)
        latest = await latest_for_patients(session, [patient.id for patient in items], at=actor.at)
        homes = await care_homes_of(session, items)
    rows = [BoardRowOut.of(patient, homes, latest.get(patient.id, ())) for patient in items]
    return BoardPage(items=rows, next_cursor=next_cursor)


@router.get("/edition")
async def get_board_edition(
    actor: CurrentActor,
    reading: Reading,
    up_to: Annotated[Id | None, Query(description="The last patient whose row is shown, unless all are.")] = None,
) -> BoardEditionOut:
    """Return the `edition` of each row of the caller's board as it stands now: of the first 500 at most.

    For a screen that asks each minute. One that it does not show is somebody who came, moved or is called otherwise:
    load the board again. One that it shows and that is missing has left. It names nobody, and is no look at anybody's
    record. No reading changes it.
    """
    async with reading() as session:
        return BoardEditionOut(rows=await board_editions(session, actor, up_to))
