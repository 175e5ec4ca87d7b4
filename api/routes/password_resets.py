"""Replacing a forgotten password."""

from fastapi import APIRouter, Request

from api.deps import TheServices
from api.password_proof import client_address, new_device_token
from api.passwords import require_acceptable
from api.schemas.accounts import PasswordChangedOut
from api.schemas.invitations import AskedOut, ForgottenIn, LinkIn, PasswordResetIn
from api.session_answers import Responses
from api.strict_routing import StrictRoute
from domain.accounts import password_reset_commands
from domain.accounts.throttle import network_of
from domain.errors import TooManyAttempts

router = APIRouter(prefix="/v1/password-resets", tags=["sessions"], route_class=StrictRoute)
_UNUSABLE: Responses = {401: {"description": "The link is not good: used, older than 30 minutes, or not the newest."}}
_ASKED = "If this address has an account, a letter with a link is on its way. It is good for 30 minutes."


@router.post("", status_code=202, responses={429: {"description": "Too many were asked for from where you are."}})
async def ask_for_password_reset(body: ForgottenIn, request: Request, held: TheServices) -> AskedOut:
    """Ask for a letter with a link to choose a new password. The answer is the same for an address that nobody has."""
    async with held.database.identifying() as session:
        wait = await password_reset_commands.ask_for_reset(
            session,
            body.email,
            held.sealing,
            network=network_of(client_address(request)),
            at=held.clock(),
            request_id=request.state.request_id,
        )
    if wait is not None:
        raise TooManyAttempts("Too many letters were asked for from where you are.", wait.seconds)
    return AskedOut(detail=_ASKED)


@router.post("/look-up", status_code=204, responses=_UNUSABLE)
async def look_up_password_reset(body: LinkIn, held: TheServices) -> None:
    """Tell whether the link of a letter can still be used, before anything is typed. Whose it is is not told."""
    async with held.database.looking_up() as session:
        await password_reset_commands.who_resets(session, body.token, at=held.clock())


@router.post("/complete", responses=_UNUSABLE)
async def complete_password_reset(body: PasswordResetIn, request: Request, held: TheServices) -> PasswordChangedOut:
    """Choose a new password with the link of the letter: every session ends, and a second factor is still asked for.

    No device is a known one after it but this: send the `device_token` at the next sign-in. Whose it is is not told.
    """
    at, request_id = held.clock(), request.state.request_id
    async with held.database.looking_up() as session:
        whose = await password_reset_commands.who_resets(session, body.token, at=at)
    require_acceptable(body.new_password, *whose.words, pointer="/new_password")
    password_hash = await held.passwords.hash(body.new_password)
    async with held.database.identifying() as session:
        await password_reset_commands.complete_reset(
            session, body.token, password_hash, held.sealing, at=at, request_id=request_id
        )
    return PasswordChangedOut(device_token=new_device_token(held, whose.email))
