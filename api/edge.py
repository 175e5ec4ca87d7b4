"""The edge installed around an application: what every request passes before a route, and how every answer says no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import problem_pages
from api.access_log import AccessLog, UnexpectedErrors
from api.address_budget import AddressBudget
from api.budgets import Budgets, Rates
from api.entity_tags import NotModified, not_modified
from api.handshakes import Handshakes
from api.head_requests import HeadRequests
from api.limits import BodyLimit, BodyLimits, HeadLimits
from api.metrics import NodeMetrics
from api.once import Replayed, replayed
from api.problems import BY_STATUS, CORS_REFUSED, INTERNAL, INVALID, METHOD_NOT_ALLOWED, REFUSED, problem, problem_of
from api.refusals import Refusal
from api.request_id import RequestIds, request_id_of
from api.response_headers import ResponseHeaders
from api.strict_routing import StrictRoute
from api.validation_faults import faults_of
from domain.errors import DomainError, NotFound
from integrations.identity.errors import ProviderUnavailable
from integrations.postgres.errors import DatabaseUnavailable

_METHODS = ("GET", "POST", "PUT", "DELETE")
_REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-Correlation-ID",
    "X-Request-ID",
)
_ANSWER_HEADERS = (
    "ETag",
    "Idempotent-Replayed",
    "Link",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
)
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?|https?://\[[0-9a-f:.]+\](?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class EdgeValues:
    """What the operator decides about the edge: the origins of other web pages that may call, and the body's limits.

    `file_limits`: the paths that take a file instead, and how large it may be. `over_tls`: whether people type https.
    """

    allowed_origins: tuple[str, ...] = ()
    max_body_bytes: int = 2 * 1024 * 1024
    max_body_seconds: float = 20.0
    file_limits: Mapping[str, BodyLimit] = field(default_factory=dict)
    over_tls: bool = False
    budgets: Budgets = field(default_factory=lambda: Budgets(Rates()))
    metrics: NodeMetrics = field(default_factory=NodeMetrics)

    def __post_init__(self) -> None:
        """Refuse '*', 'null' and anything else that is not one origin: such a page could read a person's record."""
        for origin in self.allowed_origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError("an allowed origin must be scheme://host[:port], in lower case")


def install_edge(app: FastAPI, values: EdgeValues = EdgeValues()) -> None:
    """Put the edge around the application, once, when all its routes are there.

    Raises TypeError when a route would take what it does not declare.
    """
    app.include_router(problem_pages.router)
    _require_strict_routes(app)
    app.router.redirect_slashes = False  # the redirect would follow a forged Host header
    # Added innermost first: what is added last sees the request first.
    app.add_middleware(Handshakes)
    app.add_middleware(HeadLimits)
    app.add_middleware(AddressBudget, budgets=values.budgets)
    app.add_middleware(
        BodyLimits, limit=BodyLimit(values.max_body_bytes, values.max_body_seconds), files=values.file_limits
    )
    app.add_middleware(UnexpectedErrors)
    if values.allowed_origins:
        app.add_middleware(
            ProblemCORS,
            allow_origins=values.allowed_origins,
            allow_methods=_METHODS,
            allow_headers=_REQUEST_HEADERS,
            expose_headers=_ANSWER_HEADERS,
        )
    app.add_middleware(HeadRequests)
    app.add_middleware(AccessLog, metrics=values.metrics)
    app.add_middleware(ResponseHeaders, over_tls=values.over_tls)
    app.add_middleware(RequestIds)
    for refused in (DomainError, Refusal, DatabaseUnavailable, ProviderUnavailable):
        app.add_exception_handler(refused, _refused)
    app.add_exception_handler(NotModified, _not_modified)
    app.add_exception_handler(Replayed, _replayed)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _said_by_framework)


def _require_strict_routes(app: FastAPI) -> None:
    """Refuse to start with a lenient route: an included router keeps its own route class, whatever the app's is."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute) and not isinstance(context.original_route, StrictRoute):
            raise TypeError(f"{context.path} is not strict: make its router with APIRouter(route_class=StrictRoute)")


class ProblemCORS(CORSMiddleware):
    """Starlette's cross-origin rules, with their one refusal told as a problem."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Return the answer to a browser's preliminary question."""
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        return _PreflightRefusal()


class _PreflightRefusal(Response):
    """A refused preliminary question: only when it is sent is the request's id at hand."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = problem(CORS_REFUSED, request_id_of(scope), headers={"Vary": "Origin"})
        await answer(scope, receive, send)


async def _refused(request: Request, error: Exception) -> Response:
    return problem_of(error, request_id_of(request.scope))


async def _not_modified(_: Request, error: Exception) -> Response:
    assert isinstance(error, NotModified)
    return not_modified(error)


async def _replayed(_: Request, error: Exception) -> Response:
    assert isinstance(error, Replayed)
    return replayed(error)


async def _not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if all(found["loc"][0] == "path" for found in error.errors()):
        return problem_of(NotFound(), request_id_of(request.scope))  # what is no id names nothing
    faults = faults_of(error.errors(), error.body)
    return problem(INVALID, request_id_of(request.scope), detail="`errors` says where and what to do.", faults=faults)


async def _said_by_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = BY_STATUS.get(error.status_code, INTERNAL if error.status_code >= 500 else REFUSED)
    headers = (
        {"Allow": _allowed(request, (error.headers or {}).get("Allow", ""))} if kind is METHOD_NOT_ALLOWED else None
    )
    return problem(kind, request_id_of(request.scope), headers=headers)


def _allowed(request: Request, known: str) -> str:
    """Return all methods of the address: the framework knows only those of the first route that matches."""
    path = request.scope["path"]
    methods = set(known.replace(",", " ").split())
    for route in iter_route_contexts(request.app.routes):
        pattern: Any = getattr(route, "path_regex", None)
        if pattern is not None and pattern.match(path):
            methods |= route.methods or set()
    if "GET" in methods:
        methods.add("HEAD")
    return ", ".join(sorted(methods))
