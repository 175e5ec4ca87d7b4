"""A small provider that does what a good one never does: each answer can be spoilt. In the test's own event loop."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from jose import jwk
from jose.constants import ALGORITHMS

from domain.keys.key_pair import KeyPair, Purpose, new_key_pair, public_members
from tests.identity_provider import CLIENT_ID

ALGORITHM = ALGORITHMS.RS512
Reply = tuple[int, dict[str, str], bytes]


@cache
def key_pair(name: str) -> KeyPair:
    """Return an RSA key, made once a run: it costs a tenth of a second."""
    assert name
    return new_key_pair(Purpose.oidc_client)


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: dict[str, Any], claims: Any, sign: Callable[[bytes], bytes]) -> str:
    """Return a token in JWS compact form, of whatever it is given."""
    said = b".".join(encoded(json.dumps(part).encode()).encode() for part in (header, claims))
    return f"{said.decode()}.{encoded(sign(said))}"


def by(pair: KeyPair) -> Callable[[bytes], bytes]:
    key = jwk.construct(pair.private_pem, ALGORITHM)
    return lambda said: bytes(key.sign(said))


def by_public_key_as_secret(said: bytes) -> bytes:
    """Sign as one does who has only the public key, where it is taken for a shared secret (key confusion)."""
    return hmac.digest(key_pair("own").public_pem.encode(), said, hashlib.sha256)


@dataclass
class HostileProvider:
    """What it says to each question; a test spoils one part of it, and the rest is as it should be."""

    issuer: str
    description: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[bytes], bytes] = field(default_factory=lambda: by(key_pair("own")))
    key_name: str = "own"
    replies: dict[str, Reply] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    assertions: list[str] = field(default_factory=list)
    nonce: str = ""

    def __post_init__(self) -> None:
        self.description = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        } | self.description

    @property
    def key_set(self) -> dict[str, Any]:
        pair = key_pair(self.key_name)
        return {"keys": [public_members(pair.public_pem) | {"kid": f"kid-{self.key_name}", "use": "sig"}]}

    def id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "a-subject",
            "nonce": self.nonce,
            "iat": now,
            "exp": now + 300,
        } | self.claims
        header = {"alg": ALGORITHM, "typ": "JWT", "kid": "kid-own"} | self.header
        header, claims = ({n: v for n, v in part.items() if v is not None} for part in (header, claims))
        return signed(header, claims, self.sign)

    def reply(self, path: str, form: dict[str, str]) -> Reply:
        """Return what is said at one address."""
        if path in self.replies:
            return self.replies[path]
        if path == "/token":
            self.assertions.append(form["client_assertion"])
        answers: dict[str, Callable[[], dict[str, Any]]] = {
            "/.well-known/openid-configuration": lambda: self.description,
            "/keys": lambda: self.key_set,
            "/token": lambda: (
                {"id_token": self.id_token(), "access_token": "an-access-token", "token_type": "Bearer"} | self.tokens
            ),
            "/userinfo": lambda: {"sub": "a-subject"} | self.userinfo,
        }
        body = json.dumps(answers[path]()).encode()
        return 200, {"content-type": "application/json"}, body

    def sent(self, address: str) -> dict[str, str]:
        """Return what a browser brings back that was sent here."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.nonce = asked["nonce"]
        return {"state": asked["state"], "code": "a-code"}


@asynccontextmanager
async def hostile_provider() -> AsyncIterator[HostileProvider]:
    """Yield a provider that answers at its issuer's address."""
    found: list[HostileProvider] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):  # the other side has had enough before it had asked
            await answer(reader, writer)
        writer.close()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lengths = [line.split(":")[1] for line in head.split("\r\n") if line.lower().startswith("content-length:")]
        form = dict(parse_qsl((await reader.readexactly(int(lengths[0]) if lengths else 0)).decode()))
        path = urlsplit(head.split(" ")[1]).path
        found[0].asked.append(path)
        if path in found[0].silent:
            await reader.read()  # until the other side has had enough
        else:
            status, headers, body = found[0].reply(path, form)
            lines = [f"HTTP/1.1 {status} X", *(f"{n}: {v}" for n, v in headers.items()), "connection: close"]
            writer.write("\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    found.append(HostileProvider(f"http://127.0.0.1:{port}"))
    async with server:
        yield found[0]
