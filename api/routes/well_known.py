"""What others may know of this installation without asking anybody: the public halves of its signing keys."""

from fastapi import APIRouter, Response

from api.deps import TheOffered, TheServices
from api.identity_provider import published_client_keys
from api.key_ring import RELOAD_EVERY
from api.schemas.well_known import ClientKeySetOut, KeySetOut
from api.strict_routing import StrictRoute

router = APIRouter(prefix="/.well-known", tags=["keys"], route_class=StrictRoute)

_CACHING = f"public, max-age={int(RELOAD_EVERY.total_seconds())}"


@router.get("/jwks.json")
async def get_key_set(held: TheServices, response: Response) -> KeySetOut:
    """Return the keys that verify our access tokens (RFC 7517), the next one already before it signs."""
    keys = await held.keys.current(held.database.identity, held.clock())
    response.headers["Cache-Control"] = _CACHING
    return KeySetOut.of(keys.public_pems)


@router.get("/oidc-client-keys.json", responses={404: {"description": "No identity provider is offered here."}})
async def get_client_key_set(held: TheServices, _offered: TheOffered, response: Response) -> ClientKeySetOut:
    """Return the keys with which the identity provider may check that it is us (RFC 7517); it is our `jwks_uri`."""
    public_pems = await published_client_keys(held.database.identity)
    response.headers["Cache-Control"] = _CACHING
    return ClientKeySetOut.of(public_pems)
