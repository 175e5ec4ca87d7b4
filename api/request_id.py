"""A name for each request: the client's own if it is sane, else a fresh one; in every answer and every log line.

The id is never trusted for anything but finding things again.
"""

from __future__ import annotations

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.ids import new_id

# Long enough to be somebody's real id, and nothing that could forge a log line or a header.
_SANE = re.compile(rb"[A-Za-z0-9_.-]{8,64}")

_ANSWERS = frozenset({"http.response.start", "websocket.http.response.start", "websocket.accept"})


class RequestIds:
    """ASGI: puts `request_id` into the request's state, and echoes it and a sane X-Correlation-ID in the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name the request, then hand it on."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        request_id = sane_header(scope, b"x-request-id") or str(new_id())
        correlation_id = sane_header(scope, b"x-correlation-id")
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_named(message: Message) -> None:
            if message["type"] in _ANSWERS:
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                if correlation_id is not None:
                    headers["X-Correlation-ID"] = correlation_id
            await send(message)

        await self.app(scope, receive, send_named)


def sane_header(scope: Scope, name: bytes) -> str | None:
    """Return a header's value if it stands once and is a plain token of 8 to 64 characters."""
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("ascii") if len(values) == 1 and _SANE.fullmatch(values[0]) else None


def request_id_of(scope: Scope) -> str:
    """Return the name this request was given, or '' before it has one."""
    return str(scope.get("state", {}).get("request_id", ""))
