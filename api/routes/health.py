"""Whether this process lives, and whether it can serve."""

from fastapi import APIRouter, Response

from api.deps import TheServices
from api.schemas.health import LiveOut, ReadyOut
from api.strict_routing import StrictRoute
from domain.events.queries import feed_position, outbox_lag_seconds
from integrations.postgres.errors import DatabaseUnavailable

router = APIRouter(prefix="/health", tags=["health"], route_class=StrictRoute)


@router.get("/live")
async def get_liveness() -> LiveOut:
    """Answer as long as the process runs; a balancer restarts a process that does not."""
    return LiveOut(status="live")


@router.get("/ready", responses={503: {"model": ReadyOut}})
async def get_readiness(held: TheServices, response: Response) -> ReadyOut:
    """Tell whether the database answers and how far the live feed lags (seconds); 503 means: send traffic elsewhere."""
    try:
        async with held.database.reading() as session:
            position = await feed_position(session)
            lag = await outbox_lag_seconds(session)
    except DatabaseUnavailable:
        response.status_code = 503
        return ReadyOut(status="unavailable", database=False, feed_number=None, feed_lag_seconds=None)
    number = None if position is None else position.number
    return ReadyOut(status="ready", database=True, feed_number=number, feed_lag_seconds=round(lag, 3))
