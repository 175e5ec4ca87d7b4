"""A route whose function is called directly: for the few that are asked so often that the framework's work shows.

FastAPI works out a route's parameters anew at every request, for any kind of them: half of what a reading cost here
before it met the database. This knows a few kinds, looked at once when the application is made, and gives each what
FastAPI would give: the same values in the same order, the same errors, the same description in openapi.yaml. A route
with any other kind of parameter is refused at the start.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.types import Receive, Scope, Send

from api.deps import bearer, current_actor, services, services_of
from api.strict_routing import StrictRoute

_OTHER_KINDS = ("query_params", "header_params", "cookie_params")
_OTHER_NAMES = (
    "websocket_param_name",
    "http_connection_param_name",
    "response_param_name",
    "background_tasks_param_name",
)


class DirectRoute(StrictRoute):
    """A strict route of a path's parameters, one JSON body, the caller, the services and the request.

    Its function returns the whole answer.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **others: Any) -> None:
        """Raises TypeError for a function with any other parameter."""
        super().__init__(path, endpoint, **others)
        asked = self.dependant
        depends = {each.name: each.call for each in asked.dependencies if each.name is not None}
        if (
            any(getattr(asked, kind) for kind in _OTHER_KINDS)
            or any(getattr(asked, name) for name in _OTHER_NAMES)
            or len(depends) < len(asked.dependencies)
            or not set(depends.values()) <= {current_actor, services}
            or len(asked.body_params) != 1
        ):
            raise TypeError(f"{path} has parameters that only a StrictRoute knows")
        self._call: Callable[..., Coroutine[Any, Any, Response]] = endpoint
        self._depends = depends

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)  # which says so
            return
        answer = await self._answer(await self.gate.passed(Request(scope, receive)))
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        values = await self._depended_on(request)
        values |= await self._sent(request)
        if self.dependant.request_param_name is not None:
            values[self.dependant.request_param_name] = request
        return await self._call(**values)

    async def _depended_on(self, request: Request) -> dict[str, Any]:
        """Return the caller and the services, where they are asked for. Raises NotAuthenticated."""
        values: dict[str, Any] = {}
        for name, call in self._depends.items():
            if call is services:
                values[name] = services_of(request)
            else:
                values[name] = await current_actor(request, await bearer(request))
        return values

    async def _sent(self, request: Request) -> dict[str, Any]:
        """Return the parameters of the path and the body. Raises RequestValidationError."""
        values: dict[str, Any] = {}
        wrong: list[dict[str, Any]] = []
        for field in self.dependant.path_params:
            given = request.path_params[field.alias]
            values[field.name], faults = field.validate(given, loc=("path", field.alias))
            wrong += faults
        (field,) = self.dependant.body_params
        body = await request.json()
        values[field.name], faults = field.validate(body, loc=("body",))
        wrong += faults
        if wrong:
            raise RequestValidationError(wrong, body=body)
        return values
