"""A name for each request: the client's own if it is a UUID or a trace's id, else a fresh one; in answers and logs.

The id is never trusted for anything but finding things again. It stands in the log and in the audit trail, so nothing
is taken for one that could say something, such as a person's number.
"""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.ids import new_id

# RFC 9562, and the trace-id of W3C's Trace Context.
_ID = re.compile(rb"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}|[0-9a-f]{32}")
# What is only sent back: nothing that could forge a header.
_SANE = re.compile(rb"[A-Za-z0-9_.-]{8,64}")

_ANSWERS = frozenset({"http.response.start", "websocket.http.response.start", "websocket.accept"})


class RequestIds:
    """ASGI: puts `request_id` into the request's state, and echoes it and a plain X-Correlation-ID."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name the request, then hand it on."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        request_id = _sole_header(scope, b"x-request-id", _ID) or str(new_id())
        correlation_id = _sole_header(scope, b"x-correlation-id", _SANE)
        scope.setdefault("state", {})["request_id"] = request_id
        told = [(b"x-request-id", request_id.encode())]
        if correlation_id is not None:
            told.append((b"x-correlation-id", correlation_id.encode()))

        async def send_named(message: Message) -> None:
            if message["type"] in _ANSWERS:
                message["headers"] = [*message.get("headers", ()), *told]
            await send(message)

        await self.app(scope, receive, send_named)


def _sole_header(scope: Scope, name: bytes, form: re.Pattern[bytes]) -> str | None:
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("ascii") if len(values) == 1 and form.fullmatch(values[0]) else None


def request_id_of(scope: Scope) -> str:
    """Return the name this request was given, or '' before it has one."""
    return str(scope.get("state", {}).get("request_id", ""))
