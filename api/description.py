"""The API's description (OpenAPI), where the framework's own falls short: how every operation says no.

FastAPI describes a validation error that no route of ours gives. Here each operation gets the refusals that it can
answer with, by what it takes: a body, an id, a token. What one route alone answers, its `responses` say. A success is
described by what comes back, and each body has an example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from api.problems import MEDIA_TYPE, PROBLEM_TYPES
from api.schemas.examples import EXAMPLES
from api.tags import TAGS

PROBLEM = {
    "title": "Problem",
    "description": "Why a request was refused (RFC 9457). Nothing that was sent is repeated here.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "pattern": "^/problems/[a-z-]+$",
            "description": "A stable name, and a relative address that explains it.",
        },
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
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
    "examples": [
        {
            "type": "/problems/not-found",
            "title": "Not found",
            "status": 404,
            "detail": "There is nothing here that you may see: absent and hidden look the same.",
            "request_id": "00000000-0000-7000-8000-000000000099",
        }
    ],
}

_REQUEST_ID = "X-Request-ID"
_HEADERS: Mapping[str, dict[str, Any]] = {
    _REQUEST_ID: {
        "description": "Its name in our logs: its own X-Request-ID if a UUID or 32 hex digits, else a fresh one.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.-]{8,64}$"},
    },
    "WWW-Authenticate": {
        "description": "How to sign in: with a bearer token.",
        "required": True,
        "schema": {"type": "string", "const": "Bearer"},
    },
    "ETag": {
        "description": "The version of what is shown: send it as If-Match to edit it, as If-None-Match to ask anew.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9]+[.][A-Za-z0-9_-]{16}[.][A-Za-z0-9_-]{16}"$'},
    },
    "Retry-After": {
        "description": "After how many seconds a retry may succeed.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
}
_TAG = {"ETag": {"$ref": "#/components/headers/ETag"}}
_ITS_HEADER = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}

# Names of our own: Python's phrases for some of these change from one version to the next.
_REFUSALS: Mapping[int, str] = {
    400: "Malformed",
    401: "NotSignedIn",
    403: "NotAllowed",
    404: "NotFound",
    408: "TooSlow",
    409: "InConflict",
    412: "ChangedSince",
    413: "TooLarge",
    415: "UnsupportedMediaType",
    422: "NotAcceptable",
    428: "IfMatchMissing",
    429: "TooManyAttempts",
    500: "Broken",
    503: "NotAvailable",
}
_ANY_OTHER = "Refused"
_METHODS = ("get", "put", "post", "delete")
_FIRST_SENTENCE = re.compile(r"(?<=[.])\s|\n\n")
_CHANGING = frozenset({"put", "post", "delete"})
_FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")
_FRAMEWORKS_WORDS = "Successful Response"
_NOTHING_TO_SHOW = "It is done, and there is nothing to show."
_LICENCE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
_SERVERS = [{"url": "/", "description": "Whoever runs Tendwell says where: the API is where this document is read."}]


def describe(app: FastAPI) -> None:
    """Have the application describe itself truthfully; call it once, when all routes are in."""

    def description() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            app.openapi_schema = _completed(document)
        return app.openapi_schema

    app.openapi = description  # type: ignore[method-assign]


def problem_with(answer: type[BaseModel], description: str) -> dict[str, Any]:
    """Return, for a route's `responses`, a problem that may carry the members of this answer of the same route."""
    members = answer.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")["properties"]
    schema = {"allOf": [_ref("schemas", "Problem"), {"type": "object", "properties": members}]}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    components = document["components"]
    for name in _FRAMEWORKS_OWN:
        components["schemas"].pop(name, None)
    components["schemas"]["Problem"] = PROBLEM
    components["headers"] = dict(_HEADERS)
    components["responses"] = _refusals()
    for name in EXAMPLES.keys() & components["schemas"].keys():
        components["schemas"][name]["examples"] = [EXAMPLES[name]]
    document["info"]["license"] = _LICENCE
    document["servers"] = _SERVERS
    tags = {tag for _, _, operation in _operations(document) for tag in operation["tags"]}
    document["tags"] = [{"name": tag, "description": TAGS[tag]} for tag in sorted(tags & TAGS.keys())]
    for path, method, operation in _operations(document):
        _describe_success(operation["responses"], components["schemas"])
        _complete_conditions(operation)
        _complete_responses(operation["responses"], _statuses(path, method, operation))
    return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        yield from ((path, method, operations[method]) for method in _METHODS if method in operations)


def _describe_success(responses: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    """Say of each success what comes back, in the first sentence of its model, where the route says nothing itself."""
    for response in responses.values():
        if response["description"] == _FRAMEWORKS_WORDS:
            named = response.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
            words = schemas.get(named.rpartition("/")[2], {}).get("description", _NOTHING_TO_SHOW)
            response["description"] = f"{_FIRST_SENTENCE.split(words, maxsplit=1)[0].rstrip('.')}."


def _complete_conditions(operation: dict[str, Any]) -> None:
    """Say which of its headers an operation cannot do without, and which of its answers carry a tag."""
    asked = {parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "header"}
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "header":  # which is text or is not there: null is a text too
            parameter["schema"] |= next((each for each in parameter["schema"].pop("anyOf", ())), {})
        if parameter["schema"].pop("x-required", False):
            parameter["required"] = True
    if "If-None-Match" in asked:
        operation["responses"]["304"] = {"description": "What you have still holds.", "headers": _TAG}
    if asked & {"If-None-Match", "If-Match"} and "content" in operation["responses"].get("200", {}):
        operation["responses"]["200"].setdefault("headers", {}).update(_TAG)


def _statuses(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[int]:
    """Yield what an operation may be refused with. Any can meet an undeclared parameter, or a body not asked for."""
    yield from (400, 422, 500)
    takes_body = "requestBody" in operation
    if any(p["name"] == "Idempotency-Key" for p in operation.get("parameters", ())):
        yield 409
    if any(p["name"] == "If-Match" for p in operation.get("parameters", ())):
        yield 412
        yield from (428,) if any(p["name"] == "If-Match" and p["required"] for p in operation["parameters"]) else ()
    names_something = "{" in path or any("uuid" in p["schema"].values() for p in operation.get("parameters", ()))
    if takes_body:
        yield from (408, 413, 415)
    if "security" in operation or takes_body:
        yield 429
        yield 503  # reaches the database
    if "security" in operation:
        yield from (401, 403)
        names_something |= takes_body
        if method in _CHANGING:
            yield 409
    if names_something:
        yield 404


def _complete_responses(responses: dict[str, Any], refusals: Iterator[int]) -> None:
    """Add the refusals that the route does not describe itself, and to all answers the header that all of them have."""
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    for status, response in responses.items():
        response["headers"] = {_REQUEST_ID: _ref("headers", _REQUEST_ID), **response.get("headers", {})}
        if status >= "4" and "content" not in response:
            responses[status] = _refusal(int(status), response["description"])
    for refused in refusals:
        responses.setdefault(str(refused), _ref("responses", _REFUSALS[refused]))
    responses["4XX"] = _ref("responses", _ANY_OTHER)
    in_order = sorted(responses.items())
    responses.clear()
    responses.update(in_order)


def _refusals() -> dict[str, Any]:
    described = {name: _refusal(status, _meaning(status)) for status, name in _REFUSALS.items()}
    described[_ANY_OTHER] = _refusal(None, "The head of the request was refused: too long, too slow or ambiguous.")
    return described


def _meaning(status: int) -> str:
    titles = sorted({kind.title for kind in PROBLEM_TYPES.values() if kind.status == status})
    return "; ".join(titles) or HTTPStatus(status).phrase


def _refusal(status: int | None, description: str) -> dict[str, Any]:
    names = [_REQUEST_ID, *([_ITS_HEADER[status]] if status in _ITS_HEADER else [])]
    return {
        "description": f"{description}.".replace("..", "."),
        "headers": {name: _ref("headers", name) for name in names},
        "content": {MEDIA_TYPE: {"schema": _ref("schemas", "Problem")}},
    }


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}
