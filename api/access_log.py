"""One line for each request: method, route template, status, duration, request id; and where an unexpected error arose.

Never a path, a query, a header, a body, an address or an exception's message: those can hold a person's data.
"""

from __future__ import annotations

import json
import logging
import time
import traceback
from itertools import islice

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import INTERNAL, problem
from api.request_id import request_id_of

_LOG = logging.getLogger("tendwell.access")
# nginx's number for "the client went away": there is no official one.
_CLIENT_GONE = 499
_MAX_FRAMES = 12


class AbortedAnswer(Exception):
    """An answer broke off after it had begun; the log has the reason under the request id."""


class AccessLog:
    """ASGI: logs each HTTP request when it has been answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on an HTTP request and log how it ended."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = _CLIENT_GONE

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_noted)
        finally:
            _log_request(scope, status, time.perf_counter() - started)


class UnexpectedErrors:
    """ASGI: answers 500 to any exception that nothing further in has answered, and logs where it arose."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on an HTTP request; let no exception through to the server, which would print its message."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def send_noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_noted)
        except ClientDisconnect:
            pass  # nobody is left to answer
        except Exception as error:  # noqa: BLE001 - the last line before the server
            _LOG.error(_line("error", request_id=request_id_of(scope), error=describe(error)))
            if begun:
                raise AbortedAnswer(request_id_of(scope)) from None
            await problem(INTERNAL, request_id_of(scope))(scope, receive, send)


def route_template(scope: Scope) -> str:
    """Return the path as the route declares it ('/v1/patients/{patient_id}'), or '' when no route matched."""
    # FastAPI keeps the route as it was declared in scope["route"], without the prefix of the routers around it.
    around = scope.get("fastapi", {}).get("effective_route_context")
    return str(getattr(around or scope.get("route"), "path", "") or "")


def describe(error: BaseException) -> list[str]:
    """Return the types and places of an exception and of those behind it, without their messages."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}")
        frames = reversed(traceback.extract_tb(current.__traceback__))
        lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in islice(frames, _MAX_FRAMES)]
        current = current.__cause__ or current.__context__
    return lines


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    _LOG.info(
        _line(
            "request",
            method=scope["method"][:16],
            route=route_template(scope),
            status=status,
            milliseconds=round(seconds * 1000, 1),
            request_id=request_id_of(scope),
        )
    )


def _line(event: str, **fields: object) -> str:
    return json.dumps({"event": event, **fields}, separators=(",", ":"))
