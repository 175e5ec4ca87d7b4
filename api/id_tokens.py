"""ID tokens of an identity provider: OpenID Connect Core 1.0, section 3.1.3.7, with nothing left to the library.

Whatever goes wrong here, for whatever reason, is AnswerRefused. Refuses to know whose the claims are, and how well
somebody's identity was proven: that stands in `domain/people/nhs_login.py`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from api.authentication import header_of, signed_by, signed_claims
from domain.ids import new_id
from integrations.identity.errors import AnswerRefused
from integrations.identity.payload import Keys, Tokens
from integrations.identity.registration import CLIENT_ALGORITHM, Registration

# Another's clock: OpenID Connect Core allows "some small leeway, usually no more than a few minutes".
LEEWAY = timedelta(minutes=2)
ASSERTION_LIFETIME = timedelta(minutes=2)
GREATEST_LENGTH, GREATEST_HEADER_LENGTH = 16_384, 4_096
_MOST_OF_SUBJECT = 255  # OpenID Connect Core 1.0, section 2
# Keys, or rules of how to read the rest, that a token brings itself. NHS login (4.1): others are to be passed over.
_NEVER_IN_HEADER = frozenset({"b64", "crit", "enc", "jku", "jwk", "x5c", "x5u", "zip"})
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class Expected:
    """What the ID token of one sign-in must say."""

    registration: Registration
    nonce: str = field(repr=False)
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class IdToken:
    """A good ID token: who signed in, by the provider's name for them, and all its claims."""

    subject: str = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)


def key_id_of(token: str, algorithm: str) -> str | None:
    """Return which key an ID token says it is signed with; None when it does not say. Raises AnswerRefused."""
    try:
        header = header_of(token, most=GREATEST_LENGTH, most_of_header=GREATEST_HEADER_LENGTH)
    except Exception:  # noqa: BLE001 - what is no token may fail in any way
        raise AnswerRefused("id_token_malformed") from None
    kid, kind = header.get("kid"), header.get("typ", "JWT")
    if header.get("alg") != algorithm:
        raise AnswerRefused("id_token_algorithm")
    if header.keys() & _NEVER_IN_HEADER or not isinstance(kind, str) or kind.upper() != "JWT":
        raise AnswerRefused("id_token_header")
    if not isinstance(kid, str | None):
        raise AnswerRefused("id_token_header")
    return kid


def verify_id_token(tokens: Tokens, keys: Keys, expected: Expected, now: datetime) -> IdToken:
    """Return what a good ID token says. Raises AnswerRefused for anything else, and nothing but that."""
    algorithm = expected.registration.algorithm
    pem = _key(keys, key_id_of(tokens.id_token, algorithm))
    try:
        claims = signed_claims(tokens.id_token, pem, algorithm)
    except Exception:  # noqa: BLE001 - python-jose is known to let errors of all kinds through
        raise AnswerRefused("id_token_signature") from None
    _require_for_us(claims, expected.registration)
    _require_of_now(claims, expected, now)
    if not _is(claims.get("nonce"), expected.nonce):
        raise AnswerRefused("nonce")
    if "at_hash" in claims and not _is(claims["at_hash"], _hash_of(tokens.access_token, algorithm)):
        raise AnswerRefused("at_hash")
    return IdToken(_subject(claims), claims)


def client_assertion(
    private_pem: str, *, kid: str, registration: Registration, token_endpoint: str, now: datetime
) -> str:
    """Return what shows the provider that it is us (private_key_jwt, RFC 7523); it is good once."""
    issued_at = int(now.timestamp())
    claims = {
        "iss": registration.client_id,
        "sub": registration.client_id,
        "aud": token_endpoint,
        "jti": str(new_id()),
        "iat": issued_at,
        "exp": issued_at + int(ASSERTION_LIFETIME.total_seconds()),
    }
    return signed_by(private_pem, claims, algorithm=CLIENT_ALGORITHM, kid=kid)


def _key(keys: Keys, kid: str | None) -> str:
    """Return the key of this id; of a token that names none, the only one there is."""
    if kid is None and len(keys) == 1:
        return next(iter(keys.values()))
    if kid is None or kid not in keys:
        raise AnswerRefused("id_token_key")
    return keys[kid]


def _require_for_us(claims: Mapping[str, Any], registration: Registration) -> None:
    """Raise AnswerRefused unless the token is from our provider, for us and nobody besides."""
    if claims.get("iss") != registration.issuer:
        raise AnswerRefused("iss")
    audience = claims.get("aud")
    if audience not in (registration.client_id, [registration.client_id]):
        raise AnswerRefused("aud")
    if claims.get("azp", registration.client_id) != registration.client_id:
        raise AnswerRefused("azp")


def _require_of_now(claims: Mapping[str, Any], expected: Expected, now: datetime) -> None:
    """Raise AnswerRefused unless the token was made since this sign-in began, and somebody signed in for it then."""
    not_before = expected.begun_at - LEEWAY
    if _instant(claims, "exp") + LEEWAY <= now:
        raise AnswerRefused("exp")
    if not not_before <= _instant(claims, "iat") <= now + LEEWAY:
        raise AnswerRefused("iat")
    if "nbf" in claims and _instant(claims, "nbf") > now + LEEWAY:
        raise AnswerRefused("nbf")
    # We ask for `prompt=login`: a session that somebody left open at the provider is nobody's sign-in here.
    if "auth_time" in claims and not not_before <= _instant(claims, "auth_time") <= now + LEEWAY:
        raise AnswerRefused("auth_time")


def _instant(claims: Mapping[str, Any], name: str) -> datetime:
    seconds = claims.get(name)
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 <= seconds < 1 << 34:
        raise AnswerRefused(name)
    return datetime.fromtimestamp(seconds, UTC)


def _subject(claims: Mapping[str, Any]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _MOST_OF_SUBJECT:
        raise AnswerRefused("sub")
    if not subject.isascii() or not subject.isprintable():
        raise AnswerRefused("sub")
    return subject


def _is(said: object, expected: str) -> bool:
    return isinstance(said, str) and hmac.compare_digest(said.encode("utf-8", "surrogatepass"), expected.encode())


def _hash_of(access_token: str, algorithm: str) -> str:
    """Return the left half of the access token's hash (OpenID Connect Core 1.0, section 3.1.3.6)."""
    digest = _HASHES[algorithm[2:]](access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
