"""Counts what comes without a token by where it comes from, before anything is read or looked up for it."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from api.budgets import Budgets
from api.problems import problem_of
from api.refusals import TooManyRequests
from api.request_id import request_id_of

_COUNTED = "/v1/"  # the console's files and the health checks cost nothing


class AddressBudget:
    """ASGI: refuses a request without a token when its address has used up its budget."""

    def __init__(self, app: ASGIApp, budgets: Budgets) -> None:
        self.app = app
        self.budgets = budgets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request, or tell it to come back later."""
        if scope["type"] == "http" and scope["path"].startswith(_COUNTED) and not _has_token(scope):
            try:
                self.budgets.charge_address(scope)
            except TooManyRequests as refusal:
                await problem_of(refusal, request_id_of(scope))(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _has_token(scope: Scope) -> bool:
    return any(name == b"authorization" for name, _ in scope["headers"])
