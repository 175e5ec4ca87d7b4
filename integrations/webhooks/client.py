"""Calls a webhook: resolves its name once, judges every address found, and connects to the one that was judged.

Between a check and a connection that resolves again, a name could move inside (DNS rebinding); here nothing resolves
twice. TLS is checked against the name. No redirect is followed, no proxy of the environment used, no body read.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import httpx

from integrations.webhooks.errors import NotTaken, TargetRefused
from integrations.webhooks.payload import Message
from integrations.webhooks.target import Target, is_public, read_target

# From the first packet to the last header of the answer.
PATIENCE_SECONDS = 5.0
RESOLVE_SECONDS = 3.0

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def resolve_by_system(host: str, port: int) -> list[str]:
    """Return the addresses of a host. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


@cache
def _usual_trust() -> ssl.SSLContext:
    """Return whom this machine trusts. Read once: it takes 50 ms of a core, and all who call at once would wait."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Heard:
    """The head of an answer: its status, and its headers by their names in small letters."""

    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls out. `loopback`: also http and this machine, for tests; `trust`: other certificates than usual."""

    loopback: bool = False
    resolve: Resolve = resolve_by_system
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    patience_seconds: float = PATIENCE_SECONDS

    async def require_callable(self, url: str) -> None:
        """Raise TargetRefused unless this address may be called, as it resolves just now."""
        target = read_target(url, loopback=self.loopback)
        try:
            await self._address(target)
        except NotTaken:
            raise TargetRefused("unknown_host", "This host is not known. Check its name.") from None

    async def deliver(self, url: str, message: Message) -> int:
        """Return the status with which the target took the message. Raises NotTaken, TargetRefused."""
        status = (await self.post(url, message)).status
        if not 200 <= status < 300:
            raise NotTaken(f"status_{status}")
        return status

    async def post(self, url: str, message: Message) -> Heard:
        """Return the head of the answer, whatever it says. Raises NotTaken where there is none, TargetRefused."""
        target = read_target(url, loopback=self.loopback)
        try:
            async with asyncio.timeout(self.patience_seconds):
                return await self._post(target, await self._address(target), message)
        except TimeoutError:
            raise NotTaken("timed_out") from None
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            raise NotTaken("no_answer" if not isinstance(error, ssl.SSLError) else "tls_failed") from None

    async def _address(self, target: Target) -> str:
        """Return an address of the target, all of which are fit to be called. Raises TargetRefused, NotTaken."""
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                found = await self.resolve(target.host, target.port)
        except (OSError, TimeoutError, UnicodeError):
            raise NotTaken("unknown_host") from None
        if not found:
            raise NotTaken("unknown_host")
        for text in found:
            # A scope (fe80::1%eth0) names an interface of ours.
            if "%" in text or not is_public(ipaddress.ip_address(text), loopback=self.loopback):
                raise TargetRefused("not_reachable_from_outside", "This host leads to an address that is not public.")
        return found[0]

    async def _post(self, target: Target, address: str, message: Message) -> Heard:
        shown = f"[{address}]" if ":" in address else address
        usual = {"http": 80, "https": 443}[target.scheme]
        host = target.host if target.port == usual else f"{target.host}:{target.port}"
        async with (
            httpx.AsyncClient(
                verify=self.trust or _usual_trust(),
                trust_env=False,
                follow_redirects=False,
                timeout=self.patience_seconds,
            ) as client,
            client.stream(
                "POST",
                f"{target.scheme}://{shown}:{target.port}{target.path}",
                content=message.body,
                headers={**message.headers, "host": host},
                extensions={"sni_hostname": target.host},
            ) as answer,
        ):
            return Heard(answer.status_code, dict(answer.headers))
