"""Webhooks: an organisation's own systems that are told of events. Ids only; see docs/webhooks.md."""

from fastapi import APIRouter

from api.deps import CurrentActor, Identifying, LookingUp, Services, TheServices
from api.entity_tags import MustMatch, Tagged
from api.once import MustIdentityOnce
from api.pagination import Paging
from api.schemas.strict import Id
from api.schemas.webhooks import (
    DeliveryOut,
    DeliveryPage,
    WebhookChangeIn,
    WebhookIn,
    WebhookOut,
    WebhookPage,
    WebhookSecretOut,
)
from api.strict_routing import StrictRoute
from domain.access.actor import Role, require_role
from domain.errors import Fault, Invalid
from domain.webhooks import commands, queries
from integrations.webhooks.errors import TargetRefused

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=StrictRoute)


@router.post("", status_code=201)
async def register_webhook(
    body: WebhookIn, actor: CurrentActor, held: TheServices, once: MustIdentityOnce
) -> WebhookSecretOut:
    """Register an address of a practice or care home that the caller administers. The secret is shown this once."""
    require_role(actor, Role.administrator)
    await _require_callable(held, body.url)
    async with once() as deed:
        made, secret = await commands.register_webhook(deed.session, actor, body.to_new_webhook(), held.sealing)
        return await deed.reply(WebhookSecretOut(id=made, secret=secret))


@router.get("")
async def list_webhooks(actor: CurrentActor, looking_up: LookingUp, page: Paging) -> WebhookPage:
    """Return the webhooks of the organisations that the caller administers."""
    async with looking_up() as session:
        found = await queries.webhooks(session, actor, after=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda webhook: webhook.id)
    return WebhookPage(items=[WebhookOut.of(item) for item in items], next_cursor=next_cursor)


@router.get("/{webhook_id}")
async def get_webhook(webhook_id: Id, actor: CurrentActor, looking_up: LookingUp, tagged: Tagged) -> WebhookOut:
    """Return one webhook, and since when it has taken nothing."""
    async with looking_up() as session:
        found = await queries.webhook(session, actor, webhook_id)
    return tagged.told(WebhookOut.of(found), about=webhook_id, version=found.version)


@router.put("/{webhook_id}")
async def put_webhook_right(
    webhook_id: Id,
    body: WebhookChangeIn,
    actor: CurrentActor,
    held: TheServices,
    identifying: Identifying,
    edit: MustMatch,
) -> WebhookOut:
    """Have a webhook lead elsewhere, or be told of other kinds. One that was no longer called is called again."""
    require_role(actor, Role.administrator)
    await _require_callable(held, body.url)
    kinds = tuple(kind.value for kind in body.kinds)
    async with identifying() as session:
        await commands.put_webhook_right(session, actor, webhook_id, body.url, kinds, edit.seen(webhook_id))
        found = await queries.webhook(session, actor, webhook_id)
    return edit.told(WebhookOut.of(found), about=webhook_id, version=found.version)


@router.delete("/{webhook_id}", status_code=204)
async def end_webhook(webhook_id: Id, actor: CurrentActor, identifying: Identifying) -> None:
    """End a webhook at once: what was waiting to be told to it is not told."""
    async with identifying() as session:
        await commands.end_webhook(session, actor, webhook_id)


@router.get("/{webhook_id}/deliveries")
async def list_deliveries(webhook_id: Id, actor: CurrentActor, looking_up: LookingUp, page: Paging) -> DeliveryPage:
    """Return what was told to a webhook in the last 30 days, or is to be, newest first."""
    async with looking_up() as session:
        found = await queries.deliveries(session, actor, webhook_id, before=page.after_id, limit=page.limit)
    items, next_cursor = page.cut(found, key=lambda delivery: delivery.id)
    return DeliveryPage(items=[DeliveryOut.of(item) for item in items], next_cursor=next_cursor)


async def _require_callable(held: Services, url: str) -> None:
    """Raise Invalid for an address that is not called."""
    try:
        await held.caller.require_callable(url)
    except TargetRefused as refused:
        raise Invalid("This address is not called.", [Fault("/url", refused.code, refused.message)]) from None
