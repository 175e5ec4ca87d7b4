"""HEAD wherever GET is: the same work, the same headers, no body (RFC 9110, 9.3.2).

The work is done in full, and a person's record is audited as read: that something is there, and how large it is, is
knowledge too. HEAD is safe: a GET that has an effect asks `is_head`, and leaves the effect out.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadRequests:
    """ASGI: hands a HEAD on as a GET and leaves the body out of its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        scope.setdefault("state", {})["is_head"] = True
        as_get = {**scope, "method": "GET"}
        try:
            await self.app(as_get, receive, send_head)
        finally:
            scope.update({**as_get, "method": "HEAD"})  # the access log wants to know the route that was found


def is_head(scope: Scope) -> bool:
    """Return whether a HEAD was asked, which routes see as a GET."""
    return "is_head" in scope.get("state", {})
