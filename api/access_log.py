"""One line for each request: method, route template, status, duration, request id; and where an unexpected error arose.

A websocket is one request: its line is written when the handshake was refused (with that status), or when the socket
has ended (with 101, and its whole life as the duration).

Never a path, a query, a header, a body, an address or an exception's message: those can hold a person's data.
"""

from __future__ import annotations

import logging
import time

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from api.log_lines import describe, event_line
from api.metrics import NodeMetrics
from api.problems import INTERNAL, problem
from api.request_id import request_id_of

_LOG = logging.getLogger("tendwell.access")
# nginx's number for "the client went away": there is no official one.
_CLIENT_GONE = 499
_SWITCHED_PROTOCOLS = 101
_REQUESTS = frozenset({"http", "websocket"})
_BEGINNINGS = frozenset({"http.response.start", "websocket.http.response.start"})


class AbortedAnswer(Exception):
    """An answer broke off after it had begun; the log has the reason under the request id."""


class AccessLog:
    """ASGI: logs and counts each request when it has been answered, each websocket when it has ended."""

    def __init__(self, app: ASGIApp, metrics: NodeMetrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request and log how it ended."""
        if scope["type"] not in _REQUESTS:
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = _CLIENT_GONE

        async def send_noted(message: Message) -> None:
            nonlocal status
            await send(message)
            if message["type"] in _BEGINNINGS:
                status = message["status"]
            elif message["type"] == "websocket.accept":
                status = _SWITCHED_PROTOCOLS

        try:
            await self.app(scope, receive, send_noted)
        finally:
            seconds = time.perf_counter() - started
            self.metrics.request_ended(scope.get("method", "GET"), route_template(scope), status, seconds)
            _log_request(scope, status, seconds)


class UnexpectedErrors:
    """ASGI: answers 500 to any exception that nothing further in has answered, and logs where it arose."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request; let no exception through to the server, which would print its message."""
        if scope["type"] not in _REQUESTS:
            await self.app(scope, receive, send)
            return
        begun = gone = False

        async def send_noted(message: Message) -> None:
            nonlocal begun, gone
            begun = True
            try:
                await send(message)
            except OSError:  # so ASGI says that the client has gone
                gone = True
                raise

        try:
            await self.app(scope, receive, send_noted)
        except (ClientDisconnect, WebSocketDisconnect):
            pass  # nobody is left to answer
        except Exception as error:  # noqa: BLE001 - the last line before the server
            if gone and isinstance(error, OSError):
                return
            _LOG.error(event_line("error", request_id=request_id_of(scope), error=describe(error)))
            if begun:
                raise AbortedAnswer(request_id_of(scope)) from None
            await problem(INTERNAL, request_id_of(scope))(scope, receive, send)


def route_template(scope: Scope) -> str:
    """Return the path as the route declares it ('/v1/patients/{patient_id}'), or '' when no route matched."""
    return str(getattr(scope.get("route"), "path", "") or "")


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    _LOG.info(
        event_line(
            "request",
            method=scope.get("method", "GET")[:16],  # a websocket's handshake is a GET
            route=route_template(scope),
            status=status,
            milliseconds=round(seconds * 1000, 1),
            request_id=request_id_of(scope),
        )
    )


def log_unread(status: int, request_id: str) -> None:
    """Log a request that was refused before its head could be read: it has no method and no route."""
    _LOG.info(event_line("request", method="", route="", status=status, request_id=request_id))
