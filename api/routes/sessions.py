"""Signing in, keeping signed in, signing out."""

from dataclasses import replace

from fastapi import APIRouter, Request, Response

from api.deps import CurrentActor, Identifying, LookingUp, TheServices
from api.password_proof import Guess, client_address, proven_account
from api.schemas.accounts import RefreshIn, SignInIn, StandingIn, TokensOut
from api.session_answers import TWO_ANSWERS, Responses, next_answer, tokens_of
from api.strict_routing import StrictRoute
from domain.accounts.presence_queries import actor_of_session
from domain.accounts.session_commands import end_session, refresh_session
from domain.accounts.session_queries import session_of_token
from domain.accounts.sign_in_commands import continue_sign_in
from domain.errors import NotAuthenticated

router = APIRouter(prefix="/v1/sessions", tags=["sessions"], route_class=StrictRoute)
_SIGN_IN_ANSWERS: Responses = {**TWO_ANSWERS, 401: {"description": "The email address or the password is wrong."}}


_TOO_MANY = {"description": "Too many wrong guesses for this address, or from where you are. Wait for Retry-After."}


@router.post("", status_code=201, response_model=TokensOut, responses={**_SIGN_IN_ANSWERS, 429: _TOO_MANY})
async def sign_in(body: SignInIn, request: Request, held: TheServices) -> TokensOut | Response:
    """Open a session with an email address and a password, or begin one that waits for a second factor (202).

    A wrong address and a wrong password look the same, and wrong guesses are answered ever more slowly. Send back the
    `device_token` of an earlier answer: a device that has signed in before is not held up by the guesses of others.
    """
    guess = Guess(body.email, body.password, body.device_token, client_address(request))
    proven = await proven_account(held, guess)
    client = body.to_client(request.headers.get("user-agent", ""))
    async with held.database.identifying() as session:
        reached = await continue_sign_in(
            session, proven, held.factor_rule, at=held.clock(), request_id=request.state.request_id, client=client
        )
    return await next_answer(held, reached)


@router.post("/refresh", responses={401: {"description": "The refresh token is not good."}})
async def refresh_tokens(body: RefreshIn, request: Request, held: TheServices) -> TokensOut:
    """Exchange a refresh token for its successor and a new access token.

    Safe to retry for 30 seconds after a lost reply; used again later, or without the `device_id` that was given at
    sign-in, the whole session ends.
    """
    async with held.database.identifying() as session:
        opened = await refresh_session(
            session,
            body.refresh_token,
            secret=held.refresh_secret,
            at=held.clock(),
            request_id=request.state.request_id,
            device_id=body.device_id,
        )
    if opened is None:
        raise NotAuthenticated("This refresh token is not good. Sign in again.")
    return await tokens_of(held, opened)


@router.post("/standing", status_code=204, responses={401: {"description": "The session has ended."}})
async def ask_session_standing(body: StandingIn, request: Request, held: TheServices, looking_up: LookingUp) -> None:
    """Say whether a session still stands (204) or has ended (401), without using it.

    For a screen that asks by itself: it neither spends the refresh token nor counts as use, so nobody stays signed in
    by it. Ask once a minute while the screen is in sight.
    """
    async with looking_up() as session:
        named = await session_of_token(session, body.refresh_token)
        shown = replace(named, seen_at=held.last_seen.of(named.session_id))
        await actor_of_session(session, shown, at=held.clock(), request_id=request.state.request_id)


@router.delete("/current", status_code=204)
async def sign_out(actor: CurrentActor, identifying: Identifying) -> None:
    """End the caller's session: its tokens and open sockets are refused from now on."""
    async with identifying() as session:
        await end_session(session, actor)
