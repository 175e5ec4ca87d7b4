"""The board: those whom the caller cares for by their work, with the latest of each sign."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.deps import CurrentActor, Reading, TheServices, Turning
from api.direct_routing import DirectRoute
from api.encoding import board_answer, encoded
from api.pagination import Paging
from api.schemas.patients import BoardEditionOut, BoardPage
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.people.board_queries import board_editions
from domain.people.queries import care_homes_of, patients_cared_for

router = APIRouter(prefix="/v1/board", tags=["board"], route_class=StrictRoute)


async def get_board(actor: CurrentActor, turning: Turning, page: Paging, held: TheServices) -> Response:
    """Return those whom the caller cares for by their work, with the latest of each sign and its age.

    A sign never taken is absent. So are the caller themself and whom they act for: see `/v1/me/delegations`.
    """
    async with turning() as turn:
        found = await patients_cared_for(turn, actor, after=page.after_id, limit=page.limit)
        items, next_cursor = page.cut(found, key=lambda patient: patient.id)
        latest = await held.latest_texts.told(turn, [patient.id for patient in items], actor.at)
        homes = await care_homes_of(turn, items)
    return encoded(board_answer(items, homes, latest, next_cursor))


router.add_api_route("", get_board, response_model=BoardPage, route_class_override=DirectRoute)


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
