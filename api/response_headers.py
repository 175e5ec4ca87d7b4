"""Headers that every answer carries: people's records are not to be kept by caches or guessed at by browsers."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.budgets import told as told_budgets

# OWASP ASVS 5.0, 3.4 and 14.3.2. An answer of the API is no page: whoever opens one as such runs and loads nothing.
ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_ANSWERS = frozenset({"http.response.start", "websocket.http.response.start"})
# A year, as browsers' preload lists ask; only where the people who use it type https.
OVER_TLS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


def is_over_tls(public_url: str) -> bool:
    """Return whether people reach this installation by https, as far as its address says."""
    return public_url.startswith("https://")


def always(*, over_tls: bool) -> dict[str, str]:
    """Return the headers of every answer of an installation."""
    return ALWAYS | (OVER_TLS if over_tls else {})


class ResponseHeaders:
    """ASGI: adds the headers that an answer does not set itself (the console's files set their own caching)."""

    def __init__(self, app: ASGIApp, *, over_tls: bool) -> None:
        self.app = app
        told = always(over_tls=over_tls)
        self._headers = [(name.lower().encode(), value.encode()) for name, value in told.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on the request; complete the answer."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return

        async def send_complete(message: Message) -> None:
            if message["type"] in _ANSWERS:
                told = message.get("headers", ())
                own = {name for name, _ in told}
                message["headers"] = [*told, *[each for each in self._headers if each[0] not in own]]
                if (budgets := told_budgets(scope)) is not None:
                    headers = MutableHeaders(scope=message)
                    headers["RateLimit-Policy"], headers["RateLimit"] = budgets
            await send(message)

        await self.app(scope, receive, send_complete)
