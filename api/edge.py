"""The edge installed around an application: what every request passes before a route, and how every answer says no."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from api import problem_pages
from api.access_log import AccessLog
from api.limits import BodyLimits, HeadLimits
from api.problems import BY_STATUS, CORS_REFUSED, INTERNAL, INVALID, METHOD_NOT_ALLOWED, REFUSED, problem, problem_of
from api.refusals import Refusal
from api.request_id import RequestIds, request_id_of
from api.response_headers import ResponseHeaders
from api.validation_faults import faults_of
from domain.errors import DomainError
from integrations.postgres.errors import DatabaseUnavailable

MAX_BODY_BYTES = 2 * 1024 * 1024
MAX_BODY_SECONDS = 20.0
_METHODS = ("GET", "POST", "PUT", "DELETE")
_REQUEST_HEADERS = ("Authorization", "Content-Type", "X-Request-ID", "X-Correlation-ID")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?|https?://\[[0-9a-f:.]+\](?::[0-9]{1,5})?")


def install_edge(
    app: FastAPI,
    *,
    origins: Sequence[str] = (),
    max_body_bytes: int = MAX_BODY_BYTES,
    max_body_seconds: float = MAX_BODY_SECONDS,
) -> None:
    """Put the edge around the application; call it once, before the first request.

    `origins` are those of other web pages whose scripts may call. Raises ValueError for '*', 'null' and whatever else
    is not one origin.
    """
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError("an allowed origin must be scheme://host[:port], in lower case")
    app.router.redirect_slashes = False  # the redirect would follow a forged Host header
    # Added innermost first: what is added last sees the request first.
    app.add_middleware(BodyLimits, max_bytes=max_body_bytes, max_seconds=max_body_seconds)
    app.add_middleware(HeadLimits)
    if origins:
        app.add_middleware(
            ProblemCORS,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=_REQUEST_HEADERS,
            expose_headers=("X-Request-ID", "Retry-After"),
        )
    app.add_middleware(AccessLog)
    app.add_middleware(ResponseHeaders)
    app.add_middleware(RequestIds)
    for refused in (DomainError, Refusal, DatabaseUnavailable):
        app.add_exception_handler(refused, _refused)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _said_by_framework)
    app.include_router(problem_pages.router)


class ProblemCORS(CORSMiddleware):
    """Starlette's cross-origin rules, with their one refusal told as a problem."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Return the answer to a browser's preliminary question."""
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        return problem(CORS_REFUSED, request_headers.get("x-request-id", ""), headers={"Vary": "Origin"})


async def _refused(request: Request, error: Exception) -> Response:
    return problem_of(error, request_id_of(request.scope))


async def _not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = faults_of(error.errors(), error.body)
    return problem(INVALID, request_id_of(request.scope), detail="`errors` says where and what to do.", faults=faults)


async def _said_by_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = BY_STATUS.get(error.status_code, INTERNAL if error.status_code >= 500 else REFUSED)
    headers = {"Allow": _allowed(request)} if kind is METHOD_NOT_ALLOWED else None
    return problem(kind, request_id_of(request.scope), headers=headers)


def _allowed(request: Request) -> str:
    """Return all methods of the address: the framework names only those of the first route that matches."""
    path = request.scope["path"]
    methods: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        pattern: Any = getattr(route, "path_regex", None)
        if pattern is not None and pattern.match(path):
            methods |= route.methods or set()
    return ", ".join(sorted(methods))
