"""The live feed: a ticket over HTTP, then the websocket itself (docs/live-protocol.md)."""

from fastapi import APIRouter, WebSocket

from api.deps import CurrentActor, Identifying, services
from api.live.socket import serve
from api.refusals import UpgradeRequired
from api.schemas.live import LiveTicketOut
from api.strict_routing import StrictRoute
from domain.accounts import session_commands

router = APIRouter(prefix="/v1/live", tags=["live"], route_class=StrictRoute)


@router.post("/tickets", status_code=201)
async def issue_live_ticket(actor: CurrentActor, identifying: Identifying) -> LiveTicketOut:
    """Get a ticket for one live socket: good once, for 30 seconds. Say it in the socket's first message."""
    async with identifying() as session:
        ticket, expires_at = await session_commands.issue_live_ticket(session, actor)
    return LiveTicketOut(ticket=ticket, expires_at=expires_at)


@router.get("", include_in_schema=False)
async def require_websocket() -> None:
    """Say that this address takes a websocket's handshake only."""
    raise UpgradeRequired


@router.websocket("")
async def watch_live(websocket: WebSocket) -> None:
    """Hold one live conversation."""
    await serve(websocket, await services(websocket), websocket.app.state.feed)
