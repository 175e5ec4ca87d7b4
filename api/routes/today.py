"""A person's own day: what their app shows first, in one call."""

from fastapi import APIRouter, Response

from api.deps import CurrentActor, Turning
from api.direct_routing import DirectRoute
from api.encoding import encoded_model
from api.schemas.today import TodayOut
from api.strict_routing import StrictRoute
from domain.plans.today_queries import today_read

router = APIRouter(prefix="/v1/me/today", tags=["today"], route_class=StrictRoute)


async def get_own_today(actor: CurrentActor, turning: Turning) -> Response:
    """Return the caller's own day: what of each plan in force is due, where each goal stands, and open alerts.

    404 for whoever is no patient: of whom one acts for, the record itself is read. Ask again when something was
    recorded, and when `until_at` is past. What is old or missing says so.
    """
    async with turning() as turn:
        found = await today_read(turn, actor)
    return encoded_model(TodayOut.of(found))


router.add_api_route(
    "",
    get_own_today,
    response_model=TodayOut,
    route_class_override=DirectRoute,
    responses={404: {"description": "The caller is no patient: no record is theirs."}},
)
