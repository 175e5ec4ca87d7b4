"""A notice as GOV.UK Notify has it: a template of the service, and one personalisation, `text`.

The template says little more than ((text)). Its API key is a name, the service's id and a secret, each UUID 36 long.
Source: docs.notifications.service.gov.uk/rest-api.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

import orjson

from integrations.notifications.notice import Arrival, Notice
from integrations.notifications.tokens import signed_hs256

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# The telephone or mailbox is none; it was off or full for three days; between them and a network something broke.
_LOST = {
    "permanent-failure": "address_refused",
    "temporary-failure": "not_reached",
    "technical-failure": "not_brought",
}
_KEY = re.compile(rf"(?:.+-)?(?P<service>{_UUID})-(?P<secret>{_UUID})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Key:
    """The service's id, and what it signs with."""

    service: str
    secret: str = field(repr=False)


def read_key(text: str) -> Key:
    """Return the two parts of an API key. Raises ValueError, which never repeats it."""
    found = _KEY.fullmatch(text.strip())
    if found is None:
        raise ValueError("must be an API key of GOV.UK Notify: a name, the service's id and a secret, with hyphens")
    return Key(found["service"], found["secret"])


def headers(key: Key, now_seconds: int) -> dict[str, str]:
    """Return the headers of a request at an instant (seconds since 1970): they take 30 s either way."""
    token = signed_hs256({"iss": key.service, "iat": now_seconds}, key.secret.encode())
    return {"authorization": f"Bearer {token}", "content-type": "application/json"}


def text_message(number: str, notice: Notice, template: str) -> bytes:
    """Return the body that asks for a text message. Its reference is ours, and tells nothing."""
    return _body("phone_number", number, notice, template)


def email(address: str, notice: Notice, template: str) -> bytes:
    """Return the body that asks for an email."""
    return _body("email_address", address, notice, template)


def asking_for(way: str, notice: Notice) -> str:
    """Return the query that asks which of our notifications of this kind have a notice's reference."""
    return urlencode({"reference": str(notice.id), "template_type": way})


def id_of_sent(answered: bytes, to: str) -> str | None:
    """Return the id of the notification to an address in such an answer; None when none is, or it cannot be read."""
    try:
        found = orjson.loads(answered)["notifications"]
        ids = [str(each["id"]) for each in found if to in (each.get("phone_number"), each.get("email_address"))]
    except (AttributeError, KeyError, TypeError, orjson.JSONDecodeError):
        return None
    return ids[0] if ids else None


def arrival_in(status: str) -> Arrival | None:
    """Return what a notification's status means; None while it is under way.

    Their "sent" is of a text message to another country, of which they hear no more.
    """
    if status == "delivered":
        return Arrival()
    return Arrival(_LOST[status], has_ended=status == "permanent-failure") if status in _LOST else None


def _body(member: str, to: str, notice: Notice, template: str) -> bytes:
    asked = {
        member: to,
        "template_id": template,
        "personalisation": {"text": notice.text},
        "reference": str(notice.id),
    }
    return orjson.dumps(asked)
