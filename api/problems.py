"""Every way of saying no over HTTP: one table from exceptions to RFC 9457 problem details.

Nothing else in Tendwell chooses an error's status. An answer never repeats what the client sent, names no person,
and tells nothing of what broke inside: that stands in the log under the same request id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import Response

from api import refusals
from domain import errors
from domain.errors import Fault
from integrations.identity.errors import ProviderUnavailable
from integrations.postgres.errors import DatabaseUnavailable

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "/problems/"
# A batch of 1,000 readings can be wrong in 1,000 places; the first few show the mistake.
MAX_FAULTS = 50


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of problem: its stable name, its status, and what it means for whoever writes a client."""

    slug: str
    status: int
    title: str
    meaning: str

    @property
    def uri(self) -> str:
        """Return the relative URI that names the type and leads to its description."""
        return TYPE_PREFIX + self.slug


INTERNAL = ProblemType(
    "internal",
    500,
    "Something broke on our side",
    "Not your request's fault. Retry; report the request id if it stays.",
)
UNKNOWN_ADDRESS = ProblemType(
    "unknown-address", 404, "No such address", "No route has this path. Check it against the API description."
)
METHOD_NOT_ALLOWED = ProblemType(
    "method-not-allowed", 405, "Method not allowed", "The address exists; its Allow header lists the methods it takes."
)
INVALID = ProblemType(
    "invalid", 422, "Not acceptable as written", "`errors` lists where (a JSON pointer), a stable code, and what to do."
)
CORS_REFUSED = ProblemType(
    "origin-not-allowed", 400, "Origin not allowed", "A browser page of another origin may not call this. Use a server."
)
UNKNOWN_METHOD = ProblemType(
    "unknown-method", 501, "Unknown method", "No route takes it: GET, HEAD, POST, PUT and DELETE are what is used here."
)
HEAD_TOO_SLOW = ProblemType(
    "head-too-slow", 408, "Request too slow", "The head of the request did not arrive in time. Send it again."
)
REFUSED = ProblemType("refused", 400, "Refused", "The request was refused before it was read.")

PROBLEMS: Mapping[type[Exception], ProblemType] = {
    errors.NotAuthenticated: ProblemType(
        "not-authenticated", 401, "Not signed in", "The token is missing, wrong, expired or withdrawn. Sign in again."
    ),
    errors.ConsentNotGiven: ProblemType(
        "consent-not-given",
        401,
        "Not shared",
        "At the identity provider they chose not to share who they are. Begin again, or sign in another way.",
    ),
    errors.NotPermitted: ProblemType(
        "not-permitted", 403, "Not allowed", "You may see this, but your role or relation does not allow the step."
    ),
    errors.ConfirmationNeeded: ProblemType(
        "confirmation-needed",
        403,
        "Confirm that it is you",
        "What protects the account is changed only within ten minutes of showing the password or a second factor.",
    ),
    errors.NotFound: ProblemType(
        "not-found", 404, "Not found", "There is nothing here that you may see: absent and hidden look the same."
    ),
    errors.Conflict: ProblemType(
        "conflict",
        409,
        "In conflict with what is recorded",
        "Read the present state, then decide. A retry will not help.",
    ),
    errors.AlreadyExists: ProblemType(
        "already-exists", 409, "Already recorded", "Something with the same identity is there. A retry will not help."
    ),
    errors.IllegalTransition: ProblemType(
        "illegal-transition", 409, "Not from this state", "Read the present state: this step is not possible from it."
    ),
    errors.InFlight: ProblemType(
        "in-flight",
        409,
        "Still being done",
        "The same request, under the same key, is under way. Retry after Retry-After.",
    ),
    errors.Stale: ProblemType(
        "changed-since",
        412,
        "Changed since you read it",
        "Nothing was changed. Read it again, then edit with its new tag.",
    ),
    errors.Gone: ProblemType(
        "gone", 410, "No longer available", "The position cannot be continued from. Start again from the present."
    ),
    errors.Invalid: INVALID,
    errors.TooManyAttempts: ProblemType(
        "too-many-attempts", 429, "Too many attempts", "Wait for Retry-After seconds before trying again."
    ),
    errors.DomainError: ProblemType(
        "refused-by-rule", 422, "Not possible", "A rule of care or of the record forbids it."
    ),
    DatabaseUnavailable: ProblemType(
        "unavailable", 503, "Not available just now", "Repeat it after Retry-After seconds, with the same ids."
    ),
    ProviderUnavailable: ProblemType(
        "provider-unavailable",
        503,
        "Another service is not available",
        "The identity provider cannot be asked. Nothing was done; repeat it after Retry-After seconds.",
    ),
    refusals.Overloaded: ProblemType(
        "overloaded", 503, "Too busy", "Nothing was done. Retry after Retry-After seconds."
    ),
    refusals.NotReady: ProblemType(
        "not-ready", 503, "Not ready to serve", "This process cannot serve now: `detail` says why. Ask another."
    ),
    refusals.MalformedRequest: ProblemType(
        "malformed-request", 400, "Malformed request", "The head of the HTTP request is broken or ambiguous."
    ),
    refusals.UpgradeRequired: ProblemType(
        "upgrade-required", 426, "Websocket only", "Ask for a websocket, version 13; docs/live-protocol.md tells how."
    ),
    refusals.HeadTooLarge: ProblemType("head-too-large", 431, "Headers too large", "Send fewer or shorter headers."),
    refusals.AddressTooLong: ProblemType("address-too-long", 414, "Address too long", "Shorten the path or the query."),
    refusals.BodyTooLarge: ProblemType("body-too-large", 413, "Body too large", "Split it over several requests."),
    refusals.BodyTooSlow: ProblemType("body-too-slow", 408, "Body too slow", "Send it again; a repeat is stored once."),
    refusals.UnexpectedBody: ProblemType(
        "unexpected-body", 400, "Unexpected body", "Send this request without a body."
    ),
    refusals.UnsupportedMedia: ProblemType(
        "unsupported-media-type",
        415,
        "Unsupported media type",
        "Bodies are application/json, files text/csv; UTF-8, not compressed.",
    ),
    refusals.MalformedJson: ProblemType(
        "malformed-json", 400, "Malformed JSON", "Strict JSON only: no NaN, no key twice, bounded depth and numbers."
    ),
    refusals.TooManyItems: ProblemType(
        "too-many-items", 413, "Too many items", "An array is longer than any route takes. Send several requests."
    ),
    refusals.BadCursor: ProblemType(
        "bad-cursor", 400, "Cursor not usable", "Cursors belong to one caller, list and filter. Start without one."
    ),
    refusals.PreconditionMissing: ProblemType(
        "if-match-missing", 428, "If-Match is missing", "Send as If-Match the ETag of what you read before editing it."
    ),
    refusals.KeyMissing: ProblemType(
        "idempotency-key-missing",
        400,
        "Idempotency-Key is missing",
        "Send a fresh random key, and the same on a retry.",
    ),
    refusals.KeyMalformed: ProblemType(
        "idempotency-key-malformed",
        400,
        "Idempotency-Key not usable",
        "16 to 128 visible ASCII characters: a UUID, say.",
    ),
    refusals.TooManyRequests: ProblemType(
        "too-many-requests",
        429,
        "Too many requests",
        "Nothing was done. Slow down; retry after Retry-After seconds.",
    ),
    refusals.Refusal: REFUSED,
}

# What the framework itself says no with, by status.
BY_STATUS: Mapping[int, ProblemType] = {
    404: UNKNOWN_ADDRESS,
    405: METHOD_NOT_ALLOWED,
    413: PROBLEMS[refusals.BodyTooLarge],
    415: PROBLEMS[refusals.UnsupportedMedia],
}

PROBLEM_TYPES: Mapping[str, ProblemType] = {
    known.slug: known
    for known in (*PROBLEMS.values(), *BY_STATUS.values(), INTERNAL, CORS_REFUSED, UNKNOWN_METHOD, HEAD_TOO_SLOW)
}


def problem_type(error: Exception) -> ProblemType:
    """Return what an exception is told as: the row of its class, or of the nearest class it inherits from."""
    for known in type(error).__mro__:
        if (row := PROBLEMS.get(known)) is not None:
            return row
    return INTERNAL


def problem_of(error: Exception, request_id: str, extra: Mapping[str, Any] | None = None) -> Response:
    """Return the answer to an exception of the table, with the headers its status asks for."""
    row = problem_type(error)
    headers = {}
    if row.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if row.status == 426:
        headers |= {"Upgrade": "websocket", "Connection": "Upgrade, close", "Sec-WebSocket-Version": "13"}
    if (seconds := getattr(error, "retry_after_seconds", None)) is not None:
        headers["Retry-After"] = str(seconds)
    detail = None if row is INTERNAL else getattr(error, "detail", None)
    faults = error.faults if isinstance(error, errors.Invalid) else ()
    return problem(row, request_id, detail=detail, faults=faults, headers=headers, extra=extra)


def problem(
    kind: ProblemType,
    request_id: str,
    *,
    detail: str | None = None,
    faults: Iterable[Fault] = (),
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Response:
    """Return a problem+json answer; `extra` are further members, such as the verdicts of a refused batch."""
    shown = [
        {"pointer": fault.pointer, "code": fault.code, "message": fault.message} for fault in tuple(faults)[:MAX_FAULTS]
    ]
    content = {
        "type": kind.uri,
        "title": kind.title,
        "status": kind.status,
        "detail": detail or kind.meaning,
        "request_id": request_id,
        **({"errors": shown} if shown else {}),
        **(extra or {}),
    }
    return Response(orjson.dumps(content), kind.status, headers, MEDIA_TYPE)
