"""The caller's own account: who they are, where they are signed in, and their password."""

from fastapi import APIRouter

from api.deps import CurrentActor, Identifying, LookingUp, TheServices
from api.entity_tags import Tagged
from api.pagination import Paging
from api.password_change import change_password
from api.schemas.accounts import MeOut, OwnSessionOut, OwnSessionPage, PasswordChangedOut, PasswordChangeIn
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.accounts.queries import account_itself
from domain.accounts.session_commands import end_own_sessions
from domain.accounts.session_queries import own_sessions
from domain.people.queries import acts_for_others, patient_of_account

router = APIRouter(prefix="/v1/me", tags=["accounts"], route_class=StrictRoute)


@router.get("")
async def get_me(actor: CurrentActor, looking_up: LookingUp, tagged: Tagged) -> MeOut:
    """Return the caller's account, roles in force, the patient they are, if one, and whether they act for others."""
    async with looking_up() as session:
        account = await account_itself(session, actor.account_id)
        patient_id = await patient_of_account(session, actor.account_id)
        acts = await acts_for_others(session, actor.account_id, actor.at)
    shown = MeOut.of(account, patient_id=patient_id, acts_for_others=acts, at=actor.at)
    return tagged.told(shown, about=actor.account_id, version=account.version)


@router.get("/sessions")
async def list_own_sessions(actor: CurrentActor, looking_up: LookingUp, page: Paging) -> OwnSessionPage:
    """Return where the caller is signed in: on what, since when, and when it was last used."""
    async with looking_up() as session:
        found = await own_sessions(session, actor, before=page.after_id, limit=page.limit + 1)
    items, next_cursor = page.cut(found, key=lambda each: each.id)
    return OwnSessionPage(items=[OwnSessionOut.of(each, actor.session_id) for each in items], next_cursor=next_cursor)


@router.delete("/sessions/{session_id}", status_code=204)
async def end_own_session(session_id: Id, actor: CurrentActor, identifying: Identifying) -> None:
    """End one of the caller's sessions: its tokens and open sockets are refused from now on."""
    async with identifying() as session:
        await end_own_sessions(session, actor, only=session_id)


@router.delete("/sessions", status_code=204)
async def end_other_sessions(actor: CurrentActor, identifying: Identifying) -> None:
    """End all of the caller's sessions but this one."""
    async with identifying() as session:
        await end_own_sessions(session, actor)


@router.post("/password", responses={429: {"description": "Too many wrong guesses. Wait for Retry-After."}})
async def change_own_password(body: PasswordChangeIn, actor: CurrentActor, held: TheServices) -> PasswordChangedOut:
    """Change the caller's password. All their other sessions and sockets end at once; this one goes on."""
    device_token = await change_password(held, actor, body.current_password, body.new_password)
    return PasswordChangedOut(device_token=device_token)
