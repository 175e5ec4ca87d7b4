"""Passkeys: making, naming and removing one's own, and signing in with one."""

from fastapi import APIRouter, Request

from api.deps import CurrentActor, Identifying, LookingUp, TheServices
from api.entity_tags import MustMatch, Tagged
from api.schemas.accounts import CreatedOut, TokensOut
from api.schemas.passkeys import (
    PasskeyIn,
    PasskeyList,
    PasskeyNameIn,
    PasskeyOptionsIn,
    PasskeyOptionsOut,
    PasskeyOut,
    PasskeySignInIn,
)
from api.schemas.strict import Id
from api.session_answers import tokens_of
from api.strict_routing import StrictRoute
from domain.accounts import passkey_commands
from domain.accounts.confirmation_commands import require_confirmed
from domain.accounts.factor_queries import passkey_of, passkeys_of
from domain.accounts.passkey_commands import Refused
from domain.errors import Fault, Invalid, NotAuthenticated

router = APIRouter(prefix="/v1", tags=["passkeys"], route_class=StrictRoute)


@router.post("/me/passkey-options", status_code=201)
async def begin_my_passkey(actor: CurrentActor, identifying: Identifying, held: TheServices) -> PasskeyOptionsOut:
    """Begin to make a passkey: what the browser's `navigator.credentials.create` takes."""
    async with identifying() as session:
        await require_confirmed(session, actor)
        options = await passkey_commands.begin_passkey(session, actor, held.relying_party)
    return PasskeyOptionsOut(public_key=options)


@router.post("/me/passkeys", status_code=201)
async def add_my_passkey(
    body: PasskeyIn, actor: CurrentActor, identifying: Identifying, held: TheServices
) -> CreatedOut:
    """Keep the passkey that the browser has made. From now on it signs in alone, and counts as a second factor."""
    async with identifying() as session:
        await require_confirmed(session, actor)
        made = await passkey_commands.add_passkey(
            session, actor, held.relying_party, body.credential.to_json(), body.name, held.sealing
        )
    if isinstance(made, Refused):
        raise Invalid("The passkey was not kept.", [_NOT_GOOD])
    return CreatedOut(id=made)


_NOT_GOOD = Fault("/credential", "not_good", "Begin again, on this site's own page; you have five minutes.")


@router.get("/me/passkeys")
async def list_my_passkeys(actor: CurrentActor, looking_up: LookingUp) -> PasskeyList:
    """Return the caller's passkeys."""
    async with looking_up() as session:
        found = await passkeys_of(session, actor.account_id)
    return PasskeyList(items=[PasskeyOut.of(passkey) for passkey in found])


@router.get("/me/passkeys/{passkey_id}")
async def get_my_passkey(passkey_id: Id, actor: CurrentActor, looking_up: LookingUp, known: Tagged) -> PasskeyOut:
    """Return one of the caller's passkeys."""
    async with looking_up() as session:
        found = await passkey_of(session, actor.account_id, passkey_id)
    return known.told(PasskeyOut.of(found), about=passkey_id, version=found.version)


@router.put("/me/passkeys/{passkey_id}")
async def rename_my_passkey(
    passkey_id: Id, body: PasskeyNameIn, actor: CurrentActor, identifying: Identifying, edit: MustMatch
) -> PasskeyOut:
    """Call one of the caller's passkeys something else."""
    async with identifying() as session:
        await passkey_commands.rename_passkey(session, actor, passkey_id, body.name, edit.seen(passkey_id))
        found = await passkey_of(session, actor.account_id, passkey_id)
    return edit.told(PasskeyOut.of(found), about=passkey_id, version=found.version)


@router.delete("/me/passkeys/{passkey_id}", status_code=204)
async def remove_my_passkey(passkey_id: Id, actor: CurrentActor, identifying: Identifying, held: TheServices) -> None:
    """Remove one of the caller's passkeys. Staff may not remove their only second factor."""
    async with identifying() as session:
        await require_confirmed(session, actor)
        await passkey_commands.remove_passkey(session, actor, passkey_id, held.factor_rule, held.sealing)


@router.post("/sessions/passkey-options", status_code=201)
async def begin_passkey_sign_in(body: PasskeyOptionsIn, held: TheServices) -> PasskeyOptionsOut:
    """Begin to sign in with a passkey: what the browser's `navigator.credentials.get` takes."""
    async with held.database.identifying() as session:
        options = await passkey_commands.begin_passkey_sign_in(
            session, held.relying_party, body.sign_in_token, at=held.clock()
        )
    return PasskeyOptionsOut(public_key=options)


@router.post("/sessions/passkey", status_code=201, responses={401: {"description": "The passkey does not sign in."}})
async def sign_in_with_passkey(body: PasskeySignInIn, request: Request, held: TheServices) -> TokensOut:
    """Open a session with a passkey alone: its holder was verified by it, so that it is both factors."""
    at, request_id = held.clock(), request.state.request_id
    client = body.to_client(request.headers.get("user-agent", ""))
    async with held.database.identifying() as session:
        opened = await passkey_commands.sign_in_with_passkey(
            session, held.relying_party, body.credential.to_json(), at=at, request_id=request_id, client=client
        )
    if isinstance(opened, Refused):
        raise NotAuthenticated("This passkey does not sign in here. Begin again, or use the password.")
    return await tokens_of(held, opened)
