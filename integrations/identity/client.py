"""Asks an identity provider: its description and keys, which are kept for a while, and what a code is worth.

Bounded in time and size, and follows no redirect: all addresses are of the hosts that the operator has named. Refuses
to judge a token: it fetches the keys with which somebody else does.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx
import orjson

from integrations.identity.errors import AnswerRefused, ProviderUnavailable, ProviderUnfit
from integrations.identity.kept import Kept
from integrations.identity.payload import (
    Description,
    Keys,
    Tokens,
    read_description,
    read_keys,
    read_tokens,
    token_form,
)
from integrations.identity.registration import Registration

# From the first packet to the last byte of the answer.
PATIENCE_SECONDS = 5.0
MOST_BYTES = 128 * 1024
KEPT_FOR = timedelta(hours=1)
# While the provider's description cannot be had, the one that was read goes on being believed for no longer.
BELIEVED_FOR = timedelta(hours=24)
# A token that names a key we do not know makes us look once; a flood of them must not become a flood of looks.
UNKNOWN_KEY_PAUSE = timedelta(minutes=1)
# A code that is wrong, spent or too old; whatever else a token endpoint refuses is about us, not about this sign-in.
_OF_THIS_CODE = frozenset({"invalid_grant"})
_OF_US = frozenset(
    {"invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}
)


class Provider:
    """One provider, as this process knows it. Asks nothing before somebody signs in."""

    def __init__(self, registration: Registration, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.registration = registration
        self.patience_seconds = patience_seconds
        self._trust: ssl.SSLContext | None = None
        self._described = Kept(self._read_description, believed_for=BELIEVED_FOR)
        self._keys = Kept(self._read_keys)

    async def described(self, at: datetime) -> Description:
        """Return what the provider says of itself, read within the hour if it can be. Raises ProviderUnavailable."""
        return await self._described.younger_than(KEPT_FOR, at)

    async def keys(self, at: datetime) -> Keys:
        """Return the keys that sign ID tokens, read within the hour. Raises ProviderUnavailable."""
        return await self._keys.younger_than(KEPT_FOR, at)

    async def keys_with(self, kid: str | None, at: datetime) -> Keys:
        """Return the keys, looked for anew, though not more than once a minute, if this one is not among them."""
        keys = await self.keys(at)
        return keys if kid is None or kid in keys else await self._keys.younger_than(UNKNOWN_KEY_PAUSE, at)

    async def _read_description(self, _: datetime) -> Description:
        return read_description(await self._read("GET", self.registration.discovery_url), self.registration)

    async def _read_keys(self, at: datetime) -> Keys:
        return read_keys(await self._read("GET", (await self.described(at)).jwks_uri), self.registration.algorithm)

    async def tokens(self, code: str, *, verifier: str, assertion: str, at: datetime) -> Tokens:
        """Return what a code is worth. Raises AnswerRefused for a code that is not good, ProviderUnavailable."""
        described = await self.described(at)
        form = token_form(self.registration, code=code, verifier=verifier, assertion=assertion)
        return read_tokens(await self._read("POST", described.token_endpoint, form=form))

    async def userinfo(self, tokens: Tokens, subject: str, at: datetime) -> Mapping[str, Any]:
        """Return what the provider says of them. Raises AnswerRefused when it is of another, ProviderUnavailable."""
        described = await self.described(at)
        said = await self._read("GET", described.userinfo_endpoint, token=tokens.access_token)
        if said.get("sub") != subject:
            raise AnswerRefused("userinfo_of_another")
        return said

    async def _read(
        self, method: str, url: str, *, form: Mapping[str, str] | None = None, token: str | None = None
    ) -> Mapping[str, Any]:
        """Return the JSON object that an address answers with."""
        # Not compressed: what is small on the line may be large in memory.
        headers = {"accept": "application/json", "accept-encoding": "identity"}
        headers |= {} if token is None else {"authorization": f"Bearer {token}"}
        try:
            async with asyncio.timeout(self.patience_seconds), self._http() as http:
                request = http.build_request(method, url, data=form, headers=headers)
                status, body = await _bounded(await http.send(request, stream=True))
        except TimeoutError:
            raise ProviderUnavailable("timed_out") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError):
            raise ProviderUnavailable("no_answer") from None
        if status >= 500 or status == 429:
            raise ProviderUnavailable(f"status_{status}")
        document = _object(body)
        if 200 <= status < 300:
            if document is None:
                raise ProviderUnfit("not_a_json_object")
            return document
        raise _refusal(status, document or {}) if token is None else AnswerRefused(f"userinfo_status_{status}")

    def _http(self) -> httpx.AsyncClient:
        if self._trust is None:
            self._trust = ssl.create_default_context()
        return httpx.AsyncClient(
            verify=self._trust, trust_env=False, follow_redirects=False, timeout=self.patience_seconds, max_redirects=0
        )


async def _bounded(answer: httpx.Response) -> tuple[int, bytes]:
    """Return status and body. Raises ProviderUnfit for a body that is larger than any of these documents."""
    body = bytearray()
    try:
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise ProviderUnfit("compressed")
        async for part in answer.aiter_raw():
            body += part
            if len(body) > MOST_BYTES:
                raise ProviderUnfit("too_large")
    finally:
        await answer.aclose()
    return answer.status_code, bytes(body)


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


def _refusal(status: int, document: Mapping[str, Any]) -> Exception:
    error = document.get("error")
    if error in _OF_THIS_CODE:
        return AnswerRefused("code_refused")
    return ProviderUnfit(str(error) if error in _OF_US else f"status_{status}")
