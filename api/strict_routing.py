"""Routes that take exactly what they declare: these query parameters once each, and a strict JSON body or none.

FastAPI on its own ignores unknown parameters (a mistyped filter then returns everything), takes the last of two, and
parses bodies leniently. Every router of ours uses `StrictRoute`; a POST that reads its own body asks for `Request`.
A route that does not ask who somebody is counts them by their address: a token shown to it is read by nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute

from api.budgets import is_owed
from api.deps import current_actor
from api.json_gate import parse_json
from api.limits import has_body
from api.refusals import UnexpectedBody, UnsupportedMedia
from domain.errors import Fault, Invalid

_WITH_BODY = frozenset({"POST", "PUT"})
_JSON = re.compile(r'application/json(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?', re.IGNORECASE)
_UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\ufffd]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def operation_id(route: APIRoute) -> str:
    """Return the operation's name in the API description: the function's own."""
    return route.name


@dataclass(frozen=True, slots=True)
class Gate:
    """What one route declares, as far as a request is held against it before any schema sees it."""

    known: frozenset[str]
    takes_body: bool
    needs_body: bool
    reads_itself: bool
    is_anybody_s: bool

    @classmethod
    def of(cls, route: APIRoute) -> Gate:
        """Return the gate of a route."""
        asked, body = route.dependant, route.body_field
        return cls(
            frozenset(field.alias for field in get_flat_params(asked) if isinstance(field.field_info, Query)),
            takes_body=body is not None,
            needs_body=body is not None and body.field_info.is_required(),
            reads_itself=asked.request_param_name is not None and not _WITH_BODY.isdisjoint(route.methods or ()),
            is_anybody_s=not _asks_who(asked),
        )

    async def passed(self, request: Request) -> Request:
        """Return the request, its body parsed where it takes one. Raises Refusal, Invalid."""
        if self.is_anybody_s and is_owed(request.scope):
            request.app.state.services.budgets.charge_address(request.scope)
        _require_known_query(request, self.known)
        if not self.takes_body:
            if not self.reads_itself and has_body(request.scope):
                raise UnexpectedBody
            return request
        if not self.needs_body and not has_body(request.scope):
            return request
        return await _parsed(request)


class StrictRoute(APIRoute):
    """A route behind the gate: what is not declared is refused, not ignored. Its operation has its function's name."""

    gate: Gate

    def __init__(self, path: str, endpoint: Callable[..., Any], **others: Any) -> None:
        super().__init__(path, endpoint, **(others | {"generate_unique_id_function": operation_id}))

    def get_route_handler(self) -> Handler:
        """Return FastAPI's handler behind the gate."""
        handle = super().get_route_handler()
        self.gate = Gate.of(self)

        async def handle_strictly(request: Request) -> Response:
            return await handle(await self.gate.passed(request))

        return handle_strictly


def _asks_who(dependant: Dependant) -> bool:
    return dependant.call is current_actor or any(_asks_who(each) for each in dependant.dependencies)


class ParsedRequest(Request):
    """A request whose body has passed the gate."""

    _body: bytes
    _json: Any

    @classmethod
    def of(cls, request: Request, raw: bytes, value: Any) -> ParsedRequest:
        """Return the request with its body read and parsed."""
        parsed = cls(request.scope, request.receive)
        parsed._body, parsed._json = raw, value
        return parsed

    async def json(self) -> Any:
        """Return what the gate made of the body; FastAPI reads it here."""
        return self._json


async def _parsed(request: Request) -> ParsedRequest:
    kinds = request.headers.getlist("content-type")
    codings = request.headers.getlist("content-encoding")
    if has_body(request.scope) and (len(kinds) != 1 or not _JSON.fullmatch(kinds[0])):
        raise UnsupportedMedia
    if any(coding.lower() != "identity" for coding in codings):
        raise UnsupportedMedia
    raw = await request.body()
    return ParsedRequest.of(request, raw, parse_json(raw))


def _require_known_query(request: Request, known: frozenset[str]) -> None:
    if not request.scope["query_string"]:
        return
    seen: set[str] = set()
    faults = []
    for name, value in request.query_params.multi_items():
        if name not in known:
            shown = f"query/{name}" if _NAME.fullmatch(name) else "query"
            faults.append(Fault(shown, "unknown_parameter", "There is no such parameter here."))
        elif name in seen:
            faults.append(Fault(f"query/{name}", "repeated_parameter", "This parameter may stand only once."))
        elif _UNREADABLE.search(value):
            faults.append(Fault(f"query/{name}", "text_not_allowed", "This has control characters or is not UTF-8."))
        seen.add(name)
    if faults:
        raise Invalid("The query is not acceptable as written.", faults)
