"""What ways to sign in there are, and signing in by way of an identity provider (OpenID Connect)."""

from fastapi import APIRouter, Request, Response

from api.deps import TheOffered, TheServices
from api.password_proof import client_address
from api.provider_sign_in import Answer, came_back, sent_to_provider
from api.schemas.accounts import TokensOut
from api.schemas.provider import (
    ProviderOptionsIn,
    ProviderOptionsOut,
    ProviderSignInIn,
    SignInMethod,
    SignInMethodList,
    SignInMethodOut,
)
from api.session_answers import TWO_ANSWERS, Responses, next_answer
from api.strict_routing import StrictRoute
from domain.accounts.provider_commands import LIFETIME

router = APIRouter(prefix="/v1/sessions", tags=["sessions"], route_class=StrictRoute)

_NOT_OFFERED: Responses = {404: {"description": "No identity provider is offered here."}}
_BEGINNING: Responses = {**_NOT_OFFERED, 401: {"description": "The invitation is not good, or not a patient's."}}
_ANSWERS: Responses = {
    **TWO_ANSWERS,
    **_NOT_OFFERED,
    401: {"description": "This does not sign anybody in; `consent-not-given` when they said no at the provider."},
    429: {"description": "Too many that were no good came from where you are. Wait for Retry-After."},
}


@router.get("/methods")
async def list_sign_in_methods(held: TheServices) -> SignInMethodList:
    """Return the ways to sign in here, the one to show first before the others."""
    offered = held.offered_provider
    first = [] if offered is None else [SignInMethodOut(method=SignInMethod.identity_provider, name=offered.name)]
    return SignInMethodList(
        items=[
            *first,
            SignInMethodOut(method=SignInMethod.passkey, name="Passkey"),
            SignInMethodOut(method=SignInMethod.password, name="Email address and password"),
        ]
    )


@router.post("/identity-provider-options", status_code=201, responses=_BEGINNING)
async def begin_provider_sign_in(
    body: ProviderOptionsIn, request: Request, held: TheServices, offered: TheOffered
) -> ProviderOptionsOut:
    """Begin to sign in with the identity provider: send the browser to `address`, and keep `secret` in it.

    Good once, and for ten minutes. The secret goes nowhere but into the next call: it shows that whoever comes back is
    who was sent. With `invitation` a patient accepts theirs by coming back, without a password: if the provider has
    verified that they are whom the practice invited.
    """
    client = body.to_client(request.headers.get("user-agent", ""))
    sent = await sent_to_provider(held, offered, client, body.invitation)
    return ProviderOptionsOut(address=sent.address, secret=sent.secret, expires_in=int(LIFETIME.total_seconds()))


@router.post("/identity-provider", status_code=201, response_model=TokensOut, responses=_ANSWERS)
async def sign_in_with_provider(
    body: ProviderSignInIn, request: Request, held: TheServices, offered: TheOffered
) -> TokensOut | Response:
    """Open a session for whom the identity provider has verified, or begin one that waits for a second factor (202).

    Who has a record here, and an account of their own, signs in; their first time ties the two together for good.
    Staff show their second factor here as well. After 503 repeat the same call: what came back is still good when the
    provider could not be asked, and may be spent when it was our database. After 401 begin again.
    """
    answer = Answer(
        body.state, body.secret, body.code, body.error, body.iss, client_address(request), request.state.request_id
    )
    return await next_answer(held, await came_back(held, offered, answer))
