"""Registering webhooks, putting them right and ending them, under an administrator's authority."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.accounts.queries import organisation, organisations_below
from domain.audit.commands import record_audit
from domain.errors import Conflict, Fault, Invalid, NotFound
from domain.ids import new_id
from domain.keys.resealing_commands import SealedColumn
from domain.keys.sealing import Sealing
from domain.versions import Seen, require_seen
from domain.webhooks.queries import webhook
from domain.webhooks.schedule import KINDS
from domain.webhooks.tables import WebhookRow

MOST_PER_ORGANISATION = 10
SECRET_PURPOSE = "webhook_secret"
SEALED = SealedColumn("webhook", "sealed_secret", SECRET_PURPOSE, lasts=True)
_SECRET_BYTES = 32
# Who is registered, or lives, there is whom the organisation may be told about; others have patients of nobody's.
_PLACES_OF_PATIENTS = frozenset({"practice", "care_home"})


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A webhook to be registered: whose, at which address (already judged fit to be called), told of what."""

    organisation_id: UUID
    url: str
    kinds: tuple[str, ...]


async def register_webhook(session: AsyncSession, actor: Actor, new: NewWebhook, sealing: Sealing) -> tuple[UUID, str]:
    """Return the id of a new webhook, and the secret its deliveries are signed with: it is shown this once.

    Raises NotPermitted, NotFound, Invalid, Conflict.
    """
    await _require_place(session, actor, new.organisation_id)
    _require_known(new.kinds)
    await _require_room(session, new.organisation_id)
    made, secret = new_id(), secrets.token_bytes(_SECRET_BYTES)
    row = WebhookRow(
        id=made,
        organisation_id=new.organisation_id,
        url=new.url,
        kinds=sorted(set(new.kinds)),
        sealed_secret=sealing.seal(secret, purpose=SECRET_PURPOSE, row_id=made),
        created_at=actor.at,
        created_by=actor.account_id,
    )
    session.add(row)
    await session.flush()
    await record_audit(session, actor, "webhook.register", subject_id=made)
    return made, f"whsec_{base64.b64encode(secret).decode()}"


async def put_webhook_right(
    session: AsyncSession, actor: Actor, webhook_id: UUID, url: str, kinds: tuple[str, ...], seen: Seen
) -> None:
    """Have a webhook lead to this address (already judged fit to be called), and be told of these kinds from now on.

    One that was no longer called is called again; what was waiting for it is told, what happened meanwhile is not. Its
    secret stays. Raises NotFound, NotPermitted, Invalid, Stale.
    """
    found = await webhook(session, actor, webhook_id)
    _require_known(kinds)
    row = await session.get_one(WebhookRow, found.id, with_for_update=True, populate_existing=True)
    require_seen(row.version, seen)
    row.url, row.kinds, row.version = url, sorted(set(kinds)), row.version + 1
    row.failing_since = row.disabled_at = None
    session.add(row)
    await session.flush()
    await record_audit(session, actor, "webhook.put_right", subject_id=webhook_id)


async def end_webhook(session: AsyncSession, actor: Actor, webhook_id: UUID) -> None:
    """End a webhook: nothing is told to it from this commit on, what was waiting neither. Raises NotFound."""
    found = await webhook(session, actor, webhook_id)
    row = await session.get_one(WebhookRow, found.id, with_for_update=True)
    row.ended_at = actor.at
    session.add(row)
    await session.flush()
    await record_audit(session, actor, "webhook.end", subject_id=webhook_id)


def _require_known(kinds: tuple[str, ...]) -> None:
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        faults = [Fault("/kinds", "unknown_kind", "There is no such kind of event.") for _ in unknown]
        raise Invalid("These kinds are not told.", faults)


async def _require_place(session: AsyncSession, actor: Actor, organisation_id: UUID) -> None:
    require_role(actor, Role.administrator)
    if organisation_id not in await organisations_below(session, actor.organisations_as(Role.administrator)):
        raise NotFound
    if (await organisation(session, organisation_id)).kind not in _PLACES_OF_PATIENTS:
        fault = Fault("/organisation_id", "no_patients", "Name a practice or a care home: only they have patients.")
        raise Invalid("This organisation has no patients.", [fault])


async def _require_room(session: AsyncSession, organisation_id: UUID) -> None:
    kept = select(func.count()).where(
        col(WebhookRow.organisation_id) == organisation_id, col(WebhookRow.ended_at).is_(None)
    )
    if (await session.execute(kept)).scalar_one() >= MOST_PER_ORGANISATION:
        raise Conflict(f"The organisation has {MOST_PER_ORGANISATION} webhooks. End one first.")
