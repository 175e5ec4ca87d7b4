"""Webhooks and their deliveries as administrators see them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.schemas.strict import Choice, Id, In, Out
from domain.webhooks.commands import NewWebhook
from domain.webhooks.queries import Delivery, Webhook
from domain.webhooks.schedule import KINDS

EventKind = StrEnum("EventKind", {name.replace(".", "_"): name for name in KINDS})  # type: ignore[misc]
EventKind.__doc__ = "What a webhook can be told of."

Url = Annotated[
    str,
    Field(min_length=1, max_length=500, description="https://, a host's name, and no port but 443."),
]


Kinds = Annotated[list[Choice[EventKind]], Field(min_length=1, max_length=len(KINDS))]


class WebhookIn(In):
    """An address of a practice's or care home's own system, and what it is to be told of."""

    organisation_id: Id
    url: Url
    kinds: Kinds

    def to_new_webhook(self) -> NewWebhook:
        """Return the webhook as the domain takes it."""
        return NewWebhook(self.organisation_id, self.url, tuple(kind.value for kind in self.kinds))


class WebhookChangeIn(In):
    """Where a webhook leads from now on, and what it is told of."""

    url: Url
    kinds: Kinds


class WebhookOut(Out):
    """A webhook. `failing_since`: nothing was taken since then; after five days it is `disabled_at` and not called."""

    id: UUID
    organisation_id: UUID
    url: str
    kinds: list[EventKind]
    created_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None

    @classmethod
    def of(cls, found: Webhook) -> Self:
        """Return the webhook as administrators see it."""
        return cls.model_validate(
            {name: getattr(found, name) for name in WebhookOut.model_fields} | {"kinds": list(found.kinds)}
        )


class WebhookSecretOut(Out):
    """A new webhook's id, and the secret that signs what it is told: shown this once."""

    id: UUID
    secret: Annotated[str, Field(repr=False)]


class WebhookPage(Out):
    """A page of webhooks."""

    items: list[WebhookOut]
    next_cursor: str | None


class DeliveryOut(Out):
    """One event told, or to be told. `outcome` of the latest attempt: `status_204`, `timed_out` and the like."""

    id: UUID
    kind: EventKind
    event_at: datetime
    attempts: int
    due_at: datetime | None
    settled_at: datetime | None
    outcome: str | None

    @classmethod
    def of(cls, found: Delivery) -> Self:
        """Return the delivery as administrators see it."""
        return cls.model_validate(found, from_attributes=True)


class DeliveryPage(Out):
    """A page of deliveries, newest first."""

    items: list[DeliveryOut]
    next_cursor: str | None
