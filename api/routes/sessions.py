"""Signing in, keeping signed in, signing out."""

from fastapi import APIRouter, Request, Response

from api.deps import CurrentActor, TheServices, Writing
from api.schemas.accounts import RefreshIn, SignInIn, TokensOut
from api.session_answers import TWO_ANSWERS, Responses, next_answer, tokens_of
from api.strict_routing import StrictRoute
from domain.accounts.queries import credentials_of
from domain.accounts.session_commands import end_session, refresh_session
from domain.accounts.sign_in_commands import continue_sign_in
from domain.errors import NotAuthenticated

router = APIRouter(prefix="/sessions", tags=["sessions"], route_class=StrictRoute)
_SIGN_IN_ANSWERS: Responses = {**TWO_ANSWERS, 401: {"description": "The e-mail address or the password is wrong."}}


@router.post("", status_code=201, response_model=TokensOut, responses=_SIGN_IN_ANSWERS)
async def sign_in(body: SignInIn, request: Request, held: TheServices) -> TokensOut | Response:
    """Open a session with an e-mail address and a password, or begin one that waits for a second factor (202).

    A wrong address and a wrong password look the same.
    """
    async with held.database.reading() as session:
        known = await credentials_of(session, body.email)
    if not await held.passwords.verify(body.password, known.password_hash if known else None) or known is None:
        raise NotAuthenticated("The e-mail address or the password is wrong.")
    async with held.database.writing() as session:
        reached = await continue_sign_in(
            session, known.account_id, held.factor_rule, at=held.clock(), request_id=request.state.request_id
        )
    return await next_answer(held, reached)


@router.post("/refresh", responses={401: {"description": "The refresh token is not good."}})
async def refresh_tokens(body: RefreshIn, request: Request, held: TheServices) -> TokensOut:
    """Exchange a refresh token for its successor and a new access token.

    Safe to retry for 30 seconds after a lost reply; used again later, the whole session ends.
    """
    async with held.database.writing() as session:
        opened = await refresh_session(
            session,
            body.refresh_token,
            secret=held.refresh_secret,
            at=held.clock(),
            request_id=request.state.request_id,
        )
    if opened is None:
        raise NotAuthenticated("This refresh token is not good. Sign in again.")
    return await tokens_of(held, opened)


@router.delete("/current", status_code=204)
async def sign_out(actor: CurrentActor, writing: Writing) -> None:
    """End the caller's session: its tokens and open sockets are refused from now on."""
    async with writing() as session:
        await end_session(session, actor)
