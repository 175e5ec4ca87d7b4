"""Accounts and memberships, for administrators."""

from fastapi import APIRouter

from api.deps import CurrentActor, Identifying, TheServices
from api.entity_tags import IfMatch, MustMatch, Tagged
from api.once import IdentityOnce
from api.pagination import Paging
from api.passwords import require_acceptable
from api.schemas.accounts import (
    AccountIn,
    AccountNameIn,
    AccountOut,
    AccountPage,
    CreatedOut,
    MembershipIn,
    RolesOut,
)
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.access.actor import Role, require_role
from domain.accounts import commands, factor_reset_commands
from domain.accounts.confirmation_commands import require_confirmed
from domain.accounts.queries import account_read, administered_account, administered_accounts, organisation

router = APIRouter(prefix="/v1", tags=["accounts"], route_class=StrictRoute)


@router.get("/roles")
async def list_roles(actor: CurrentActor) -> RolesOut:
    """Return every role with the kinds of organisation at which it can be held."""
    return RolesOut.of(commands.ROLE_AT_KIND)


@router.post("/accounts", status_code=201)
async def create_account(body: AccountIn, actor: CurrentActor, held: TheServices, once: IdentityOnce) -> CreatedOut:
    """Make an account, kept by an organisation that the caller administers. Inviting is better: see POST /invitations.

    Whoever makes it knows its password, so its holder is asked for one of their own before anything else.
    """
    require_role(actor, Role.administrator)
    async with held.database.looking_up() as session:
        place = await organisation(session, body.organisation_id)
    require_acceptable(body.password, body.email, body.display_name, place.name)
    password_hash = await held.passwords.hash(body.password)
    new = commands.NewAccount(
        body.email, body.display_name, password_hash, body.organisation_id, must_change_password=True
    )
    async with once() as deed:
        made = await commands.create_account(deed.session, actor, new)
        return await deed.reply(CreatedOut(id=made))


@router.get("/accounts")
async def list_accounts(actor: CurrentActor, identifying: Identifying, page: Paging) -> AccountPage:
    """Return the accounts kept by the organisations that the caller administers."""
    async with identifying() as session:
        found = await administered_accounts(session, actor, after=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda account: account.id)
    return AccountPage(items=[AccountOut.of(account) for account in items], next_cursor=next_cursor)


@router.get("/accounts/{account_id}")
async def get_account(account_id: Id, actor: CurrentActor, identifying: Identifying, tagged: Tagged) -> AccountOut:
    """Return one account that the caller administers."""
    async with identifying() as session:
        found = await account_read(session, actor, account_id)
    return tagged.told(AccountOut.of(found), about=account_id, version=found.version)


@router.put("/accounts/{account_id}")
async def rename_account(
    account_id: Id, body: AccountNameIn, actor: CurrentActor, identifying: Identifying, edit: MustMatch
) -> AccountOut:
    """Show an account that the caller administers by another name."""
    async with identifying() as session:
        await commands.rename_account(session, actor, account_id, body.display_name, edit.seen(account_id))
        found = await administered_account(session, actor, account_id)
    return edit.told(AccountOut.of(found), about=account_id, version=found.version)


@router.post("/accounts/{account_id}/disable", status_code=204)
async def disable_account(account_id: Id, actor: CurrentActor, once: IdentityOnce, step: IfMatch) -> None:
    """Disable an account: its sessions, tokens and open sockets end at once."""
    async with once() as deed:
        await commands.disable_account(deed.session, actor, account_id, step.seen(account_id))
        await deed.reply(None)


@router.post("/accounts/{account_id}/factors/reset", status_code=204)
async def reset_factors(account_id: Id, actor: CurrentActor, once: IdentityOnce, held: TheServices) -> None:
    """Remove a colleague's second factors, when they have lost them: they are signed out, told by mail, and enrol anew.

    The administrator must have confirmed lately that it is they, and be sure by other means whose wish it is.
    """
    async with once() as deed:
        await require_confirmed(deed.session, actor)
        await factor_reset_commands.reset_factors(deed.session, actor, account_id, held.sealing)
        await deed.reply(None)


@router.post("/accounts/{account_id}/memberships", status_code=201)
async def grant_membership(account_id: Id, body: MembershipIn, actor: CurrentActor, once: IdentityOnce) -> CreatedOut:
    """Give an account a role at an organisation that the caller administers."""
    new = commands.NewMembership(account_id, body.organisation_id, body.role, body.expires_at, body.starts_at)
    async with once() as deed:
        made = await commands.grant_membership(deed.session, actor, new)
        return await deed.reply(CreatedOut(id=made))


@router.delete("/memberships/{membership_id}", status_code=204)
async def end_membership(membership_id: Id, actor: CurrentActor, identifying: Identifying) -> None:
    """End a role at once."""
    async with identifying() as session:
        await commands.end_membership(session, actor, membership_id)
