"""What is said to a webhook, and how it is signed: as Standard Webhooks have it (standardwebhooks.com, 1.0).

The receiver checks `webhook-signature` over `id.timestamp.body` with its secret, refuses what is older than five
minutes, and knows a repeat by `webhook-id`. Ids only: whoever wants to know more asks the API, as somebody who may.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import orjson


@dataclass(frozen=True, slots=True)
class Message:
    """A body with the headers that it is sent with."""

    body: bytes
    headers: dict[str, str]


def message(
    *,
    message_id: UUID,
    kind: str,
    patient_id: UUID,
    subject_ids: Sequence[UUID],
    event_at: datetime,
    secret: bytes,
    sent_at: datetime,
) -> Message:
    """Return the message that tells of one event, signed for one attempt."""
    told = {
        "type": kind,
        "timestamp": event_at.astimezone(UTC).isoformat(),
        "data": {"patient_id": str(patient_id), "subject_ids": [str(each) for each in subject_ids]},
    }
    return signed(orjson.dumps(told), message_id=message_id, secret=secret, sent_at=sent_at)


def signed(body: bytes, *, message_id: UUID, secret: bytes, sent_at: datetime) -> Message:
    """Return a body with the headers by which its receiver knows that it is ours, which it is, and how old."""
    timestamp = str(int(sent_at.timestamp()))
    whole = b".".join((str(message_id).encode(), timestamp.encode(), body))
    signature = base64.b64encode(hmac.digest(secret, whole, hashlib.sha256)).decode()
    headers = {
        "content-type": "application/json",
        "user-agent": "Tendwell-Webhooks",
        "webhook-id": str(message_id),
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }
    return Message(body, headers)
