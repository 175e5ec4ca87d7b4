"""The provider's words and ours: its description, its keys, where to send somebody, what it answers. Pure.

Sources: OpenID Connect Core and Discovery 1.0, RFC 7517 (keys), RFC 7523 (private_key_jwt), RFC 7636 (PKCE), RFC 8485
(vectors of trust), RFC 9207 (the issuer in the answer).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from domain.keys.public_key import pem_of
from integrations.identity.errors import AnswerRefused, ProviderUnfit
from integrations.identity.registration import CLIENT_ALGORITHM, Registration

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_MOST_KEYS = 50
_TOKEN = re.compile(r"[!-~]{1,16384}")
# What discovery must offer if it says what it offers: NHS login does not list everything.
_OFFERED: Mapping[str, str] = {
    "response_modes_supported": "query",
    "scopes_supported": "openid",
    "grant_types_supported": "authorization_code",
    "code_challenge_methods_supported": "S256",
    "token_endpoint_auth_signing_alg_values_supported": CLIENT_ALGORITHM,
}

Keys = Mapping[str | None, str]


@dataclass(frozen=True, slots=True)
class Description:
    """What a provider says of itself. `names_itself`: whether its answers by way of the browser carry its name."""

    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    names_itself: bool


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was exchanged for."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


def read_description(document: Mapping[str, Any], registration: Registration) -> Description:
    """Return what a discovery document says. Raises ProviderUnfit for a provider that is not the one, or cannot do."""
    if document.get("issuer") != registration.issuer:
        raise ProviderUnfit("issuer_differs")
    _require_offer(document, "response_types_supported", "code")
    _require_offer(document, "id_token_signing_alg_values_supported", registration.algorithm)
    _require_offer(document, "token_endpoint_auth_methods_supported", "private_key_jwt")
    for name, wanted in _OFFERED.items():
        if name in document:
            _require_offer(document, name, wanted)
    return Description(
        authorization_endpoint=registration.require_ours(document.get("authorization_endpoint")),
        token_endpoint=registration.require_ours(document.get("token_endpoint")),
        userinfo_endpoint=registration.require_ours(document.get("userinfo_endpoint")),
        jwks_uri=registration.require_ours(document.get("jwks_uri")),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _require_offer(document: Mapping[str, Any], name: str, wanted: str) -> None:
    offered = document.get(name)
    if not isinstance(offered, list) or wanted not in offered:
        raise ProviderUnfit(f"without_{name}")


def read_keys(document: Mapping[str, Any], algorithm: str) -> Keys:
    """Return the public keys (PEM) that a key set has for this algorithm, by id; others in it are passed over.

    Raises ProviderUnfit for what is no key set, or has two keys under one id.
    """
    listed = document.get("keys")
    if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
        raise ProviderUnfit("key_set_malformed")
    found: dict[str | None, str] = {}
    for key in listed:
        pem = pem_of(key, algorithm) if isinstance(key, dict) else None
        if pem is None:
            continue
        kid = key.get("kid")
        if kid in found or not isinstance(kid, str | None):
            raise ProviderUnfit("key_set_ambiguous")
        found[kid] = pem
    return found


def challenge_of(verifier: str) -> str:
    """Return the PKCE challenge (S256) of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def authorisation_url(
    described: Description, registration: Registration, *, state: str, nonce: str, verifier: str
) -> str:
    """Return where to send somebody to sign in.

    They are always asked to sign in anew: a session that somebody left open there must not be enough here, and NHS
    login's session rules ask for a full authentication each time.
    """
    asked = {
        "response_type": "code",
        "client_id": registration.client_id,
        "redirect_uri": registration.redirect_uri,
        "scope": " ".join(registration.scopes),
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
        "prompt": "login",
        "vtr": json.dumps(registration.vectors, separators=(",", ":")),
    }
    joint = "&" if urlsplit(described.authorization_endpoint).query else "?"
    return described.authorization_endpoint + joint + urlencode(asked)


def token_form(registration: Registration, *, code: str, verifier: str, assertion: str) -> dict[str, str]:
    """Return the form with which a code is exchanged, signed by us (private_key_jwt)."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": registration.redirect_uri,
        "client_id": registration.client_id,
        "code_verifier": verifier,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
    }


def read_tokens(document: Mapping[str, Any]) -> Tokens:
    """Return the tokens of an answer. Raises AnswerRefused."""
    id_token, access_token, kind = (document.get(name) for name in ("id_token", "access_token", "token_type"))
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise AnswerRefused("token_type")
    if not isinstance(id_token, str) or not isinstance(access_token, str):
        raise AnswerRefused("tokens_missing")
    if not _TOKEN.fullmatch(id_token) or not _TOKEN.fullmatch(access_token):
        raise AnswerRefused("tokens_malformed")
    return Tokens(id_token, access_token)


def require_issuer(said: str | None, described: Description, registration: Registration) -> None:
    """Raise AnswerRefused for an answer by way of the browser that is another provider's (RFC 9207: mix-up)."""
    if said is None and not described.names_itself:
        return
    if said != registration.issuer:
        raise AnswerRefused("issuer_of_answer")
