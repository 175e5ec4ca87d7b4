"""A notice as Apple's push service has it, and the token by which it knows us.

Source: developer.apple.com, "Sending notification requests to APNs", "Establishing a token-based connection to APNs".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import orjson
from cryptography.hazmat.primitives.asymmetric import ec

from domain.notifications.words import TITLE
from integrations.notifications.notice import Notice
from integrations.notifications.tokens import signed_es256

# As hexadecimal digits; Apple warns that they may get longer.
_DEVICE = re.compile(r"[0-9a-f]{64,200}", re.IGNORECASE)
_AT_ONCE = "10"


@dataclass(frozen=True, slots=True)
class Team:
    """Who we are to Apple: the team's id, its key with the key's id, and the app's bundle id."""

    team_id: str
    key_id: str
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    bundle_id: str

    def token(self, now_seconds: int) -> str:
        """Return a token of an instant (seconds since 1970): good for an hour."""
        return signed_es256({"iss": self.team_id, "iat": now_seconds}, self.key, key_id=self.key_id)


def path(device: str) -> str:
    """Return where a device's notices go. Raises ValueError for what is no device's token."""
    if not _DEVICE.fullmatch(device):
        raise ValueError("not a device's token")
    return f"/3/device/{device}"


def headers(notice: Notice, team: Team, token: str, now_seconds: int) -> dict[str, str]:
    """Return the headers: a repeat takes the first one's place on the screen."""
    return {
        "authorization": f"bearer {token}",
        "content-type": "application/json",
        "apns-topic": team.bundle_id,
        "apns-push-type": "alert",
        "apns-priority": _AT_ONCE,
        "apns-expiration": str(now_seconds + notice.lasts_seconds),
        "apns-id": str(notice.id),
        "apns-collapse-id": str(notice.id),
    }


def body(notice: Notice) -> bytes:
    """Return what the device shows, and the app is given: a kind, an id and a sentence, about nobody."""
    alert = {"title": TITLE, "body": notice.text}
    return orjson.dumps({"aps": {"alert": alert, "sound": "default"}, "id": str(notice.id), "kind": notice.kind})
