"""Websocket handshakes at the edge: whoever asks for a websocket gets one, or a problem document like anybody else.

A handshake that the websocket library would not take stays an HTTP request (`api/http_protocol.py` sees to that), and
is refused here whatever its address. Knows no address and nothing of what is said on a socket.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import UNKNOWN_ADDRESS, problem, problem_of
from api.refusals import MalformedRequest, Refusal, UpgradeRequired
from api.request_id import request_id_of


class Handshakes:
    """ASGI: refuses what asks for a websocket and cannot have one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request; answer a broken handshake, and one for an address that has no websocket."""
        if scope["type"] == "websocket":
            await self._hand_on(scope, receive, send)
        elif scope["type"] == "http" and _asks_for_websocket(scope):
            answer = problem_of(_why_refused(scope), request_id_of(scope))
            answer.headers.setdefault("Connection", "close")  # the parser cannot go on after an upgrade
            await answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _hand_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def send_told(message: Message) -> None:
            nonlocal begun
            if message["type"] == "websocket.close" and not begun:
                # So the router says that it knows no such websocket; the server would make an empty 403 of it.
                await problem(UNKNOWN_ADDRESS, request_id_of(scope))(scope, receive, send)
                return
            begun = True
            await send(message)

        await self.app(scope, receive, send_told)


def _asks_for_websocket(scope: Scope) -> bool:
    upgrades = [value.lower() for name, value in scope["headers"] if name == b"upgrade"]
    options = b",".join(value.lower() for name, value in scope["headers"] if name == b"connection")
    return b"websocket" in upgrades and b"upgrade" in [option.strip() for option in options.split(b",")]


def _why_refused(scope: Scope) -> Refusal:
    versions = [value for name, value in scope["headers"] if name == b"sec-websocket-version"]
    if versions != [b"13"]:
        return UpgradeRequired()
    return MalformedRequest(
        "This is no websocket handshake: it is a GET over HTTP/1.1 without a body, with one Sec-WebSocket-Key of 16 "
        "bytes in base64, and no line of its head is longer than 8 KB."
    )
