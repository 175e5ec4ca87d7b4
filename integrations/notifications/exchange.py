"""One exchange over HTTPS with those who bring notices, at addresses that are theirs and not anybody's to give.

No redirect is followed, no proxy of the environment used; time and the answer's length are bounded.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx
import orjson

from integrations.notifications.errors import NotSent

PATIENCE_SECONDS = 10.0
MOST_BYTES = 16 * 1024
# What is asked for by Retry-After is kept to: an hour at the most, or a day's notices would wait for a slip of theirs.
LONGEST_WAIT_SECONDS = 60 * 60
_BUSY, _TOO_SLOW = 429, 408
# An answer that unfolds to more than it is cannot be bounded as it is read.
_PLAIN = {"accept-encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: nothing of it is ever told on, for an answer may quote an address."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)

    @property
    def is_taken(self) -> bool:
        """Return whether they took it."""
        return 200 <= self.status < 300

    @property
    def retry_after_seconds(self) -> int | None:
        """Return after how many seconds they ask to be asked again; None for a date, or nothing."""
        return wait_of(self.headers.get("retry-after"))

    def member(self, *names: str) -> str:
        """Return a text of the JSON that was answered, '' where there is none there."""
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return ""
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, str) else ""


def wait_of(header: str | None) -> int | None:
    """Return the seconds of a Retry-After, an hour at the most; None for a date, or nothing."""
    said = (header or "").strip()
    return min(int(said), LONGEST_WAIT_SECONDS) if said.isascii() and said.isdigit() and len(said) < 10 else None


def refusal(answer: Answer) -> NotSent:
    """Return what an answer means that says no for a reason which all of them share."""
    passing = answer.status >= 500 or answer.status in {_BUSY, _TOO_SLOW}
    return NotSent(f"status_{answer.status}", can_retry=passing, retry_after_seconds=answer.retry_after_seconds)


class Line:
    """Connections to them, made when they are needed and kept. `trust`: other certificates than usual."""

    def __init__(
        self,
        *,
        trust: ssl.SSLContext | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
        http2: bool = False,
    ) -> None:
        """Nothing is connected yet."""
        self._patience_seconds = patience_seconds
        self._client = httpx.AsyncClient(
            verify=trust or ssl.create_default_context(),
            trust_env=False,
            follow_redirects=False,
            http1=not http2,
            http2=http2,
            timeout=patience_seconds,
        )

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Return the answer. Raises NotSent, which may be tried again, where there was none."""
        return await self._asked("POST", url, body, headers)

    async def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Return the answer to a question. Raises the same."""
        return await self._asked("GET", url, b"", headers)

    async def _asked(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            async with (
                asyncio.timeout(self._patience_seconds),
                self._client.stream(method, url, content=body, headers={**_PLAIN, **headers}) as answer,
            ):
                return Answer(answer.status_code, dict(answer.headers), await _read(answer))
        except TimeoutError:
            raise NotSent("timed_out", can_retry=True) from None
        except (httpx.HTTPError, ssl.SSLError, OSError):
            raise NotSent("no_answer", can_retry=True) from None

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()


async def _read(answer: httpx.Response) -> bytes:
    """Return the body as far as it is worth reading: no answer of theirs that means something is longer."""
    body = b""
    async for part in answer.aiter_raw(MOST_BYTES):
        body += part
        if len(body) >= MOST_BYTES:
            return body[:MOST_BYTES]
    return body
