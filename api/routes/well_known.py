"""What others may know of this installation without asking anybody: the public halves of its signing keys."""

from fastapi import APIRouter, Response

from api.deps import TheServices
from api.key_ring import RELOAD_EVERY
from api.schemas.well_known import KeySetOut
from api.strict_routing import StrictRoute

router = APIRouter(prefix="/.well-known", tags=["keys"], route_class=StrictRoute)

_CACHING = f"public, max-age={int(RELOAD_EVERY.total_seconds())}"


@router.get("/jwks.json")
async def get_key_set(held: TheServices, response: Response) -> KeySetOut:
    """Return the keys that verify our access tokens (RFC 7517), the next one already before it signs."""
    keys = await held.keys.current(held.database.identity, held.clock())
    response.headers["Cache-Control"] = _CACHING
    return KeySetOut.of(keys.public_pems)
