"""How the caller is told that something is there for them: by which ways, where, when not, and what was sent."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from fastapi import APIRouter

from api.deps import CurrentActor, Identifying, LookingUp, TheServices
from api.entity_tags import MustMatch, Tagged
from api.once import IdentityOnce
from api.pagination import Paging
from api.schemas.notifications import (
    AddressCodeIn,
    NoticeAddressIn,
    NoticeAddressList,
    NoticeAddressOut,
    NoticeChannelsOut,
    NoticePreferenceIn,
    NoticePreferenceOut,
    ReceiptOut,
    ReceiptPage,
    in_order,
)
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.errors import Invalid
from domain.notifications import address_commands
from domain.notifications.address_queries import addresses_of
from domain.notifications.preference_commands import choose_preference
from domain.notifications.preference_queries import preference_of
from domain.notifications.receipt_queries import receipts_of

# An account's own tag says which version of its particulars was seen, and nothing of this.
_NAME = "notices"
_TOO_MANY: dict[int | str, dict[str, Any]] = {429: {"description": "Enough was sent for today. Wait for Retry-After."}}
router = APIRouter(prefix="/v1/me/notifications", tags=["notifications"], route_class=StrictRoute)


@router.get("/channels")
async def get_notice_channels(actor: CurrentActor, held: TheServices) -> NoticeChannelsOut:
    """Return by which ways this installation can tell anybody something, and the key to subscribe a browser with."""
    return NoticeChannelsOut(offered=in_order(held.notices.offered), web_push_public_key=held.notices.web_push_key)


@router.get("/preferences")
async def get_notice_preferences(
    actor: CurrentActor, looking_up: LookingUp, held: TheServices, tagged: Tagged
) -> NoticePreferenceOut:
    """Return what the caller has chosen to be told of, and how: nothing, until they have."""
    async with looking_up() as session:
        found = await preference_of(session, actor.account_id)
    shown = NoticePreferenceOut.of(found, held.notices.offered)
    return tagged.told(shown, about=uuid5(actor.account_id, _NAME), version=found.version)


@router.put("/preferences")
async def put_notice_preferences(
    body: NoticePreferenceIn, actor: CurrentActor, identifying: Identifying, held: TheServices, edit: MustMatch
) -> NoticePreferenceOut:
    """Choose what to be told of, how and when not. Nothing is sent that was not chosen here."""
    about, wanted = uuid5(actor.account_id, _NAME), body.to_preference()
    async with identifying() as session:
        await choose_preference(session, actor, wanted, edit.seen(about))
        found = await preference_of(session, actor.account_id)
    return edit.told(NoticePreferenceOut.of(found, held.notices.offered), about=about, version=found.version)


@router.get("/addresses")
async def list_notice_addresses(actor: CurrentActor, looking_up: LookingUp) -> NoticeAddressList:
    """Return where the caller can be told something."""
    async with looking_up() as session:
        found = await addresses_of(session, actor.account_id)
    return NoticeAddressList(items=[NoticeAddressOut.of(each) for each in found])


@router.post("/addresses", status_code=201, responses=_TOO_MANY)
async def add_notice_address(
    body: NoticeAddressIn, actor: CurrentActor, once: IdentityOnce, held: TheServices
) -> NoticeAddressOut:
    """Keep where the caller wants to be told something: once, however often it is given. A code may be sent there."""
    new = body.to_new_address(loopback=held.caller.loopback)
    async with once() as deed:
        made = await address_commands.keep_address(deed.session, actor, new, held.sealing)
        return await deed.reply(NoticeAddressOut.of(made))


@router.post("/addresses/{address_id}/confirmation")
async def confirm_notice_address(
    address_id: Id, body: AddressCodeIn, actor: CurrentActor, identifying: Identifying, held: TheServices
) -> NoticeAddressOut:
    """Show that an address is the caller's, by the code that was sent there. After five wrong ones it is given up."""
    async with identifying() as session:
        found = await address_commands.confirm_address(session, actor, address_id, body.code, held.sealing)
    if found is None:
        raise Invalid("The address was not confirmed.", [address_commands.WRONG_CODE])
    return NoticeAddressOut.of(found)


@router.post("/addresses/{address_id}/test", status_code=204, responses=_TOO_MANY)
async def try_notice_address_out(address_id: Id, actor: CurrentActor, once: IdentityOnce) -> None:
    """Send a notice to one of the caller's addresses, to see that it works: `sent` says what became of it."""
    async with once() as deed:
        await address_commands.try_address_out(deed.session, actor, address_id)
        await deed.reply(None)


@router.delete("/addresses/{address_id}", status_code=204)
async def remove_notice_address(address_id: Id, actor: CurrentActor, identifying: Identifying) -> None:
    """Be told nothing there any more, from now on. An app does so when its user signs out."""
    async with identifying() as session:
        await address_commands.give_address_up(session, actor, address_id)


@router.get("/sent")
async def list_notices_sent(actor: CurrentActor, looking_up: LookingUp, page: Paging) -> ReceiptPage:
    """Return what the caller was told, by which way, and what became of it: the last 30 days, the latest first."""
    before = None if page.after is None else (datetime.fromisoformat(page.after[0]), UUID(page.after[1]))
    async with looking_up() as session:
        found = await receipts_of(session, actor.account_id, before=before, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda each: (each.due_at, each.id))
    return ReceiptPage(items=[ReceiptOut.of(each) for each in items], next_cursor=next_cursor)
