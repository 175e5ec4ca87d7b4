"""The API's description (OpenAPI), where the framework's own falls short: how every operation says no.

FastAPI describes a validation error that no route of ours gives. Here each operation gets the problem details that
all of them give, and what needs no token says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.problems import MEDIA_TYPE

PROBLEM = {
    "title": "Problem",
    "description": "Why a request was refused (RFC 9457). Nothing that was sent is repeated here.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "A stable name, and a relative address that explains it."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string", "description": "Say it when you ask for help."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string", "description": "A JSON pointer into the body, or query/<name>."},
                    "code": {"type": "string", "description": "Stable; for programs."},
                    "message": {"type": "string", "description": "What to do; for people."},
                },
            },
        },
    },
}
_REFUSALS = {
    "4XX": "Refused: `type` says why, `errors` where, and what to do.",
    "5XX": "Not your request's fault; with Retry-After, a retry may succeed.",
}
_METHODS = ("get", "put", "post", "delete")
_FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI) -> None:
    """Have the application describe itself truthfully; call it once, when all routes are in."""

    def description() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            app.openapi_schema = _completed(document)
        return app.openapi_schema

    app.openapi = description  # type: ignore[method-assign]


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    for name in _FRAMEWORKS_OWN:
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    for operation in _operations(document):
        responses = operation["responses"]
        if "HTTPValidationError" in str(responses.get("422")):
            del responses["422"]
        for status, response in responses.items():
            if status >= "4" and "content" not in response:
                response["content"] = _told()
        for status, meaning in _REFUSALS.items():
            responses[status] = {"description": meaning, "content": _told()}
    return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from (path[method] for method in _METHODS if method in path)


def _told() -> dict[str, Any]:
    return {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
