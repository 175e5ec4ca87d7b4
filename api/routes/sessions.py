"""Signing in, keeping signed in, signing out."""

from fastapi import APIRouter, Request

from api.authentication import issue_access_token
from api.deps import CurrentActor, Services, TheServices, Writing
from api.schemas.accounts import MeOut, RefreshIn, SignInIn, TokensOut
from api.strict_routing import StrictRoute
from domain.accounts.queries import account_itself, credentials_of
from domain.accounts.session_commands import OpenedSession, end_session, open_session, refresh_session
from domain.errors import NotAuthenticated
from domain.people.queries import patient_of_account

router = APIRouter(prefix="/sessions", tags=["sessions"], route_class=StrictRoute)


@router.post("", status_code=201, responses={401: {"description": "The e-mail address or the password is wrong."}})
async def sign_in(body: SignInIn, request: Request, held: TheServices) -> TokensOut:
    """Open a session with an e-mail address and a password. A wrong address and a wrong password look the same."""
    async with held.database.reading() as session:
        known = await credentials_of(session, body.email)
    if not await held.passwords.verify(body.password, known.password_hash if known else None) or known is None:
        raise NotAuthenticated("The e-mail address or the password is wrong.")
    async with held.database.writing() as session:
        opened = await open_session(session, known.account_id, at=held.clock(), request_id=request.state.request_id)
    return await _tokens(held, opened)


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
    return await _tokens(held, opened)


@router.delete("/current", status_code=204)
async def sign_out(actor: CurrentActor, writing: Writing) -> None:
    """End the caller's session: its tokens and open sockets are refused from now on."""
    async with writing() as session:
        await end_session(session, actor)


async def _tokens(held: Services, opened: OpenedSession) -> TokensOut:
    at = held.clock()
    async with held.database.reading() as session:
        account = await account_itself(session, opened.account_id)
        patient_id = await patient_of_account(session, opened.account_id)
    keys = await held.keys.current(held.database, at)
    issued = issue_access_token(keys, account_id=opened.account_id, session_id=opened.session_id, now=at)
    return TokensOut(
        access_token=issued.token,
        token_type="Bearer",
        expires_in=issued.expires_in_seconds,
        refresh_token=opened.refresh_token,
        account=MeOut.of(account, patient_id, at),
    )
