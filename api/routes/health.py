"""Whether this process lives, whether it can serve, and what it counts about itself."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.deps import TheServices
from api.live.feed import Feed
from api.metrics import MEDIA_TYPE
from api.readiness import standing
from api.schemas.health import LiveOut, ReadyOut
from api.strict_routing import StrictRoute

router = APIRouter(prefix="/health", tags=["health"], route_class=StrictRoute)


async def the_feed(request: Request) -> Feed:
    """Return the feed of this process."""
    feed: Feed = request.app.state.feed
    return feed


@router.get("/live")
async def get_liveness() -> LiveOut:
    """Answer as long as the process runs; a balancer restarts a process that does not."""
    return LiveOut(status="live")


@router.get("/ready", responses={503: {"description": "Not ready: send traffic elsewhere. `detail` says why."}})
async def get_readiness(held: TheServices, feed: Annotated[Feed, Depends(the_feed)]) -> ReadyOut:
    """Tell that this process can serve.

    The database answers with our schema, what is stored sealed opens, and the live feed is not blind.
    """
    return ReadyOut.of(await standing(held.database.feed, held.key_check, feed.blind_seconds()))


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"description": "The figures.", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
async def get_metrics(held: TheServices) -> Response:
    """Return what this process counts about itself, in Prometheus's text form: counts and durations, of nobody."""
    return Response(held.metrics.exposition(), media_type=MEDIA_TYPE)
