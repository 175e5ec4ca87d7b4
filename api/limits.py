"""Bounds on one request before anything reads it: an unambiguous head of bounded size, a body of bounded size and time.

The server beneath leaves these to us: it accepts two Host headers, a megabyte of headers, a body without end, and one
that never arrives. Heads that never arrive do not become a request: `api/http_protocol.py` bounds those.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem_of
from api.refusals import AddressTooLong, BodyTooLarge, BodyTooSlow, HeadTooLarge, MalformedRequest, Refusal
from api.request_id import request_id_of
from domain.errors import NotAuthenticated

GREATEST_HEAD_BYTES = 32 * 1024
GREATEST_HEADER_COUNT = 100
GREATEST_ADDRESS_BYTES = 64 * 1024
# After a refusal the rest of a body is read and thrown away for so long, because closing a socket with unread data
# resets the connection and the client may never see the answer.
LINGER_SECONDS = 2

# Two of these, and two readers (a proxy and this server) may understand the request differently.
_ONCE = frozenset(
    {b"host", b"content-length", b"transfer-encoding", b"content-type", b"content-encoding", b"authorization"}
)
_HOST = re.compile(rb"[A-Za-z0-9._~-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")
_LENGTH = re.compile(rb"[0-9]{1,15}")


class HeadLimits:
    """ASGI: refuses a request, a websocket's handshake too, whose head is ambiguous or oversized."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request with a sound head; answer the others."""
        if scope["type"] in {"http", "websocket"} and (refusal := head_refusal(scope)) is not None:
            answer = problem_of(refusal, request_id_of(scope))
            answer.headers["Connection"] = "close"
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)


def head_refusal(scope: Scope) -> Refusal | NotAuthenticated | None:
    """Return what is wrong with a request's head, or None."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    size = sum([len(n) + len(v) for n, v in headers])
    if len(headers) > GREATEST_HEADER_COUNT or size > GREATEST_HEAD_BYTES:
        return _too_large(headers, size)
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > GREATEST_ADDRESS_BYTES:
        return AddressTooLong()
    last = dict(headers)
    if len(last) < len(headers) and _ONCE.intersection(_repeated(headers)):
        return MalformedRequest("A header stands twice that may stand only once.")
    return _framing_refusal(last, scope["http_version"])


def _too_large(headers: list[tuple[bytes, bytes]], size: int) -> Refusal | NotAuthenticated:
    """Return why: what makes a head too large all by itself may be a token, and then it is none of ours."""
    credentials = sum(len(value) for name, value in headers if name == b"authorization")
    if len(headers) <= GREATEST_HEADER_COUNT and size - credentials <= GREATEST_HEAD_BYTES:
        return NotAuthenticated("The access token is not good. Sign in again.")
    return HeadTooLarge()


def _repeated(headers: list[tuple[bytes, bytes]]) -> list[bytes]:
    return [name for name, count in Counter(name for name, _ in headers).items() if count > 1]


def _framing_refusal(headers: dict[bytes, bytes], http_version: str) -> Refusal | None:
    host = headers.get(b"host")
    if host is None and http_version != "1.0":
        return MalformedRequest("The Host header is missing.")
    if host is not None and not _HOST.fullmatch(host):
        return MalformedRequest("The Host header is not a host.")
    length, coding = headers.get(b"content-length"), headers.get(b"transfer-encoding")
    if length is not None and not _LENGTH.fullmatch(length):
        return MalformedRequest("The Content-Length header is not a length.")
    if coding is not None and (length is not None or coding.lower() != b"chunked"):
        return MalformedRequest("The Transfer-Encoding header is not plain 'chunked', or stands beside a length.")
    return None


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """How many bytes a body may have, and within how many seconds it must have arrived."""

    max_bytes: int
    max_seconds: float


class BodyLimits:
    """ASGI: bounds the bytes of a request's body and the time in which they must arrive.

    `files` are the paths that take a file, each with a limit of its own.
    """

    def __init__(self, app: ASGIApp, limit: BodyLimit, files: Mapping[str, BodyLimit]) -> None:
        self.app = app
        self.limit = limit
        self.files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on the request with a `receive` that enforces the limits."""
        if scope["type"] != "http" or not has_body(scope):
            await self.app(scope, receive, send)
            return
        limit = self.files.get(scope["path"], self.limit)
        body = _BoundedBody(receive, send, limit, _declared_length(scope))
        await self.app(scope, body.receive, body.send)


def has_body(scope: Scope) -> bool:
    """Return whether the head announces a body of at least one byte."""
    for name, value in scope["headers"]:  # no generator: this is asked three times a request
        if name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0") != b""):
            return True
    return False


def _declared_length(scope: Scope) -> int:
    lengths = [value for name, value in scope["headers"] if name == b"content-length" and _LENGTH.fullmatch(value)]
    return int(lengths[0]) if lengths else 0


class _BoundedBody:
    """One request's body on its way in, and its answer on the way out."""

    def __init__(self, receive: Receive, send: Send, limit: BodyLimit, declared: int) -> None:
        self._receive, self._send = receive, send
        self._max_bytes = limit.max_bytes
        self._declared = declared
        self._deadline = asyncio.get_running_loop().time() + limit.max_seconds
        self._taken = 0
        self._complete = False

    async def receive(self) -> Message:
        """Return the next part. Raises BodyTooLarge as soon as that is known, BodyTooSlow at the deadline."""
        if self._complete:
            return await self._receive()
        if self._declared > self._max_bytes:
            raise BodyTooLarge
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise BodyTooSlow from None
        self._note(message)
        if self._taken > self._max_bytes:
            raise BodyTooLarge
        return message

    async def send(self, message: Message) -> None:
        """Pass the answer on; when it comes before the end of the body, end the connection gently after it."""
        if self._complete:
            await self._send(message)
        elif message["type"] == "http.response.start":
            others = [header for header in message.get("headers", ()) if header[0].lower() != b"connection"]
            await self._send({**message, "headers": [*others, (b"connection", b"close")]})
        elif message.get("more_body"):
            await self._send(message)
        else:
            await self._send({**message, "more_body": True})
            await self._throw_rest_away()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _throw_rest_away(self) -> None:
        try:
            async with asyncio.timeout(LINGER_SECONDS):
                while not self._complete:
                    self._note(await self._receive())
        except TimeoutError:
            pass

    def _note(self, message: Message) -> None:
        self._taken += len(message.get("body", b""))
        self._complete = message["type"] == "http.disconnect" or not message.get("more_body", False)
