"""A notice as Firebase Cloud Messaging has it (HTTP v1), and how we show Google who we are (RFC 7523).

Source: firebase.google.com/docs/cloud-messaging/send/v1-api; developers.google.com, "OAuth 2.0 for server to server".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

import orjson
from cryptography.hazmat.primitives.asymmetric import rsa

from domain.notifications.words import TITLE
from integrations.notifications.exchange import Answer
from integrations.notifications.notice import Notice
from integrations.notifications.tokens import Claims, rsa_key, signed_rs256

TOKENS = "https://oauth2.googleapis.com/token"
_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ASSERTION_SECONDS = 60 * 60


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """Who we are to Google: the service account's address and key, and the project that the app belongs to."""

    project_id: str
    client_email: str
    key_id: str
    key: rsa.RSAPrivateKey = field(repr=False)


def read_service_account(text: str) -> ServiceAccount:
    """Return the account of Google's JSON file. Raises ValueError, which never repeats it."""
    try:
        said = orjson.loads(text)
        project, email, key_id = (str(said[name]) for name in ("project_id", "client_email", "private_key_id"))
        key = rsa_key(str(said["private_key"]))
    except (KeyError, TypeError, ValueError):
        raise ValueError("must be the JSON file of a Google service account") from None
    return ServiceAccount(project, email, key_id, key)


def grant(account: ServiceAccount, audience: str, now_seconds: int) -> bytes:
    """Return the form that asks for an access token at an instant (seconds since 1970)."""
    claims: Claims = {
        "iss": account.client_email,
        "scope": _SCOPE,
        "aud": audience,
        "iat": now_seconds,
        "exp": now_seconds + _ASSERTION_SECONDS,
    }
    assertion = signed_rs256(claims, account.key, key_id=account.key_id)
    return urlencode({"grant_type": _GRANT, "assertion": assertion}).encode()


def body(device: str, notice: Notice) -> bytes:
    """Return what the device shows, and the app is given: a kind, an id and a sentence, about nobody."""
    notice_id = str(notice.id)
    android = {
        "ttl": f"{notice.lasts_seconds}s",
        "priority": "HIGH",
        "collapse_key": notice_id,
        "notification": {"tag": notice_id},  # a repeat takes the first one's place on the screen
    }
    told = {
        "token": device,
        "notification": {"title": TITLE, "body": notice.text},
        "data": {"id": notice_id, "kind": notice.kind.value},
        "android": android,
    }
    return orjson.dumps({"message": told})


def error_code(answer: Answer) -> str:
    """Return Firebase's own word for what went wrong, '' where it says none."""
    try:
        details = orjson.loads(answer.body)["error"]["details"]
        codes = [str(detail["errorCode"]) for detail in details if "errorCode" in detail]
    except (KeyError, TypeError, orjson.JSONDecodeError):
        return ""
    return codes[0] if codes else ""
