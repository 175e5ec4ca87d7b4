"""Access tokens, and others' signatures: the only module that knows python-jose, behind checks that do not rely on it.

python-jose on its own lets `crit`, `kid`, and a missing `aud` or `exp` pass, and an unsigned header of 100,000 '['
ends in RecursionError. Whatever goes wrong here, for whatever reason, is NotAuthenticated.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from jose import jwk, jws, jwt
from jose.backends.base import Key

from api.json_gate import parse_json
from domain.errors import NotAuthenticated
from domain.ids import new_id

ACCESS_TOKEN_LIFETIME = timedelta(minutes=10)
GREATEST_LIFETIME = timedelta(minutes=15)
LEEWAY = timedelta(seconds=30)  # clocks of our own processes differ by less

_ALGORITHM = "ES256"
_TYPE = "at+jwt"  # RFC 9068: a refresh token or a ticket can never pass for an access token
_GREATEST_TOKEN_LENGTH = 4096
_GREATEST_HEADER_LENGTH = 1024
_MOST_GENERATIONS = 2**31  # what PostgreSQL's integer holds
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
_HEADER_MEMBERS = frozenset({"alg", "typ", "kid"})
_OPTIONS: Mapping[str, Any] = {
    **{f"require_{claim}": True for claim in ("aud", "iss", "sub", "jti")},
    # Times are required and judged in _checked, by our own clock: python-jose asks the machine's.
    **{f"verify_{claim}": False for claim in ("exp", "iat", "nbf")},
}
_REFUSED = "The access token is not good. Sign in again."


class UnknownKey(NotAuthenticated):
    """The token names a key that is not among ours: a forgery, or a key made since we last looked."""

    def __init__(self) -> None:
        super().__init__(_REFUSED)


@dataclass(frozen=True)
class TokenKeys:
    """The keys of one installation: `kid` signs, every key in `public_pems` (by kid) verifies."""

    issuer: str
    audience: str
    kid: str
    private_pem: str = field(repr=False)
    public_pems: Mapping[str, str] = field(repr=False)
    _signing: Key = field(init=False, repr=False, compare=False)
    _verifying: Mapping[str, Key] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Build the keys once: from PEM each time, a verification would cost half as much again."""
        if self.kid not in self.public_pems:
            raise ValueError("the signing key's own public key must be among those that verify")
        object.__setattr__(self, "_signing", jwk.construct(self.private_pem, _ALGORITHM))
        keys = {kid: jwk.construct(pem, _ALGORITHM) for kid, pem in self.public_pems.items()}
        object.__setattr__(self, "_verifying", keys)

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return the claims as a signed access token."""
        headers = {"typ": _TYPE, "kid": self.kid}
        return jwt.encode(dict(claims), self._signing, algorithm=_ALGORITHM, headers=headers)

    def verified(self, token: str, kid: str) -> dict[str, Any]:
        """Return the claims of a token signed by this very key. Raises whatever python-jose raises."""
        return jwt.decode(
            token,
            self._verifying[kid],
            algorithms=[_ALGORITHM],
            audience=self.audience,
            issuer=self.issuer,
            options=dict(_OPTIONS),
        )


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says; whether its session still lives is for the database to say."""

    account_id: UUID
    session_id: UUID
    generation: int
    jti: UUID
    good_from: datetime
    expires_at: datetime

    def holds_at(self, now: datetime) -> bool:
        """Return whether the token is good at an instant, by our own clock and a little leeway."""
        return self.good_from <= now + LEEWAY and self.expires_at + LEEWAY > now


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A fresh access token and how long it lasts."""

    token: str = field(repr=False)
    expires_in_seconds: int


def issue_access_token(
    keys: TokenKeys, *, account_id: UUID, session_id: UUID, generation: int = 0, now: datetime
) -> IssuedToken:
    """Return an access token for ten minutes from now, or until the session's generation is another."""
    seconds = int(ACCESS_TOKEN_LIFETIME.total_seconds())
    issued_at = int(now.timestamp())
    claims = {
        "iss": keys.issuer,
        "aud": keys.audience,
        "sub": str(account_id),
        "sid": str(session_id),
        "gen": generation,
        "jti": str(new_id()),
        "iat": issued_at,
        "nbf": issued_at,
        "exp": issued_at + seconds,
    }
    return IssuedToken(keys.sign(claims), seconds)


def verify_access_token(token: str, keys: TokenKeys, now: datetime) -> Claims:
    """Return what a good access token says. Raises NotAuthenticated for anything else, and nothing but that.

    UnknownKey, one kind of it, is raised for a token of our shape whose key is not among `keys`.
    """
    try:
        kid = _key_id(token)
        if kid not in keys.public_pems:
            raise UnknownKey
        return _checked(keys.verified(token, kid), now)
    except UnknownKey:
        raise
    except Exception:  # noqa: BLE001 - python-jose is known to let OverflowError and RecursionError through
        raise NotAuthenticated(_REFUSED) from None


def _key_id(token: str) -> str:
    """Return the `kid` of a header that says exactly what we write. Raises ValueError, Refusal."""
    header = header_of(token, most=_GREATEST_TOKEN_LENGTH, most_of_header=_GREATEST_HEADER_LENGTH)
    if header.keys() != _HEADER_MEMBERS:
        raise ValueError("not our header")
    if header["alg"] != _ALGORITHM or header["typ"] != _TYPE or not isinstance(header["kid"], str):
        raise ValueError("not our kind of token")
    return header["kid"]


def header_of(token: str, *, most: int, most_of_header: int) -> dict[str, Any]:
    """Return the header of a token that is not too long; nothing is verified yet. Raises ValueError, Refusal."""
    if len(token) > most:
        raise ValueError("too long")
    segments = token.split(".")
    if len(segments) != 3 or not all(_is_canonical(segment) for segment in segments):
        raise ValueError("not three segments of canonical base64url")
    if len(segments[0]) > most_of_header:
        raise ValueError("header too long")
    header = parse_json(_decoded(segments[0]))
    if not isinstance(header, dict):
        raise ValueError("no header")
    return header


def signed_claims(token: str, public_pem: str, algorithm: str) -> dict[str, Any]:
    """Return what a token says that this very key has signed, in this very way; its claims are not judged.

    Raises whatever python-jose raises, and Refusal for what is no strict JSON.
    """
    claims = parse_json(jws.verify(token, jwk.construct(public_pem, algorithm), [algorithm]))
    if not isinstance(claims, dict):
        raise ValueError("no claims")
    return claims


def signed_by(private_pem: str, claims: Mapping[str, Any], *, algorithm: str, kid: str) -> str:
    """Return the claims as a token that this key has signed."""
    key = jwk.construct(private_pem, algorithm)
    return jwt.encode(dict(claims), key, algorithm=algorithm, headers={"typ": "JWT", "kid": kid})


def _checked(claims: Mapping[str, Any], now: datetime) -> Claims:
    """Return the claims as values, by our own clock. Raises ValueError, KeyError, TypeError, OverflowError."""
    issued_at, not_before, expires_at = (_instant(claims[name]) for name in ("iat", "nbf", "exp"))
    if not isinstance(claims["aud"], str):
        raise TypeError("one audience, as text")
    if expires_at - issued_at > GREATEST_LIFETIME or expires_at <= issued_at:
        raise ValueError("a lifetime we never give")
    good_from = max(issued_at, not_before)
    ids = (UUID(claims["sub"]), UUID(claims["sid"]), _count(claims["gen"]), UUID(claims["jti"]))
    found = Claims(*ids, good_from, expires_at)
    if not found.holds_at(now):
        raise ValueError("not yet or no longer")
    return found


def _instant(seconds: object) -> datetime:
    return datetime.fromtimestamp(_whole(seconds), UTC)


def _count(value: object) -> int:
    if not 0 <= _whole(value) < _MOST_GENERATIONS:
        raise ValueError("no count of ours")
    return _whole(value)


def _whole(number: object) -> int:
    if not isinstance(number, int) or isinstance(number, bool):
        raise TypeError("whole numbers only")
    return number


def _is_canonical(segment: str) -> bool:
    """Return whether a segment is base64url as an encoder writes it: the loose bits of its last letter are zero."""
    return bool(_SEGMENT.fullmatch(segment)) and _encoded(_decoded(segment)) == segment


def _decoded(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
