"""Counts what comes from nobody who is known by where it comes from, before anything is looked up or written for it.

Whoever shows what looks like an access token is let on, for that is only verified further in: a route that asks who
somebody is then counts by account, and one that does not (`StrictRoute`) counts here first. What was counted nowhere by
the time that it is answered (an unknown address, a query that was refused) is counted then: no route has run.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.budgets import Budgets, is_owed, owe
from api.problems import problem_of
from api.refusals import TooManyRequests
from api.request_id import request_id_of

_COUNTED = "/v1/"  # the console's files and the health checks cost nothing


class AddressBudget:
    """ASGI: refuses a request of nobody who is known when its address has used up its budget."""

    def __init__(self, app: ASGIApp, budgets: Budgets) -> None:
        self.app = app
        self.budgets = budgets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request, or tell it to come back later."""
        if scope["type"] != "http" or not scope["path"].startswith(_COUNTED):
            await self.app(scope, receive, send)
        elif _has_bearer(scope):
            owe(scope)
            await self.app(scope, receive, self._counting_at_last(scope, receive, send))
        elif not await self._is_refused(scope, receive, send):
            await self.app(scope, receive, send)

    async def _is_refused(self, scope: Scope, receive: Receive, send: Send) -> bool:
        try:
            self.budgets.charge_address(scope)
        except TooManyRequests as refusal:
            await problem_of(refusal, request_id_of(scope))(scope, receive, send)
            return True
        return False

    def _counting_at_last(self, scope: Scope, receive: Receive, send: Send) -> Send:
        is_refused = False

        async def answered(message: Message) -> None:
            nonlocal is_refused
            if message["type"] == "http.response.start" and is_owed(scope):
                is_refused = await self._is_refused(scope, receive, send)
            if not is_refused:
                await send(message)

        return answered


def _has_bearer(scope: Scope) -> bool:
    """Return whether what FastAPI will take for a token is there; the first such header is the one that is read."""
    value = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    scheme, _, token = value.partition(b" ")
    return scheme.lower() == b"bearer" and bool(token.strip())
