"""A route whose function is called directly: for the few that are asked so often that the framework's work shows.

FastAPI works out a route's parameters anew at every request, for any kind of them: half of what a reading cost here
before it met the database, and a tenth of what a chart does. This knows a few kinds, looked at once when the
application is made, and gives each what FastAPI would give: the same values in the same order, the same errors, the
same description in openapi.yaml. A route with any other kind of parameter is refused at the start.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.exceptions import RequestValidationError
from starlette.types import Receive, Scope, Send

from api.strict_routing import StrictRoute

_OTHER_KINDS = ("header_params", "cookie_params")
_OTHER_NAMES = (
    "websocket_param_name",
    "background_tasks_param_name",
    "security_scopes_param_name",
)

Faults = list[Any]


class DirectRoute(StrictRoute):
    """A strict route of parameters of the path and the query, one JSON body or none, the request and what it asks for.

    What it asks for (the caller, their page, their transaction) is returned by `async` functions of the same kind.
    Its own function returns the whole answer.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **others: Any) -> None:
        """Raises TypeError for a function with any other parameter."""
        super().__init__(path, endpoint, **others)
        asked = self.dependant
        if len(asked.body_params) > 1 or asked.response_param_name is not None or not _is_known(asked):
            raise TypeError(f"{path} has parameters that only a StrictRoute knows")
        self._call: Callable[..., Coroutine[Any, Any, Response]] = endpoint
        self._tells_beside = any(each.response_param_name is not None for each in asked.dependencies)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)  # which says so
            return
        answer = await self._answer(await self.gate.passed(Request(scope, receive)))
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        beside, wrong = _headers_alone() if self._tells_beside else None, Faults()
        values = await _values(self.dependant, request, beside, {}, wrong)
        body = None
        if self.dependant.body_params:
            (field,) = self.dependant.body_params
            body = await request.json()
            values[field.name], faults = field.validate(body, loc=("body",))
            wrong += faults
        if wrong:
            raise RequestValidationError(wrong, body=body)
        answer = await self._call(**values)
        if beside is not None:
            answer.headers.raw.extend(beside.headers.raw)
        return answer


def _headers_alone() -> Response:
    """Return what those who are asked may set headers of: the answer has a length of its own."""
    beside = Response()
    del beside.headers["content-length"]
    return beside


def _is_known(asked: Dependant) -> bool:
    return not any(getattr(asked, each) for each in (*_OTHER_KINDS, *_OTHER_NAMES)) and all(
        each.name is not None and not each.body_params and _is_awaited(each.call) and _is_known(each)
        for each in asked.dependencies
    )


def _is_awaited(call: Callable[..., Any] | None) -> bool:
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(type(call).__call__)


async def _values(
    asked: Dependant, request: Request, beside: Response | None, known: dict[object, Any], wrong: Faults
) -> dict[str, Any]:
    """Return what is asked for by its name, but for a body. What cannot be read is left out, and stands in `wrong`."""
    values: dict[str, Any] = {}
    for each in asked.dependencies:
        if each.call not in known:
            faults = len(wrong)
            given = await _values(each, request, beside, known, wrong)
            if len(wrong) > faults:
                continue
            assert each.call is not None
            known[each.call] = await each.call(**given)
        values[each.name or ""] = known[each.call]
    for fields, sent in ((asked.path_params, request.path_params), (asked.query_params, request.query_params)):
        if fields:
            read, more = request_params_to_args(fields, sent)
            values |= read
            wrong += more
    for name in (asked.request_param_name, asked.http_connection_param_name):
        if name is not None:
            values[name] = request
    if asked.response_param_name is not None:
        values[asked.response_param_name] = beside
    return values
