"""The ways the edge says no before the domain is asked: requests that are malformed, too large, too slow or too many.

Knows no status code and no wording of an answer's frame: `api/problems.py` has the one table. A detail never repeats
what the client sent.
"""

from __future__ import annotations


class Refusal(Exception):
    """A request the edge will not hand on; `detail` is safe to show to the caller."""

    detail = "This request was refused."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or self.detail)
        self.detail = detail or self.detail


class MalformedRequest(Refusal):
    """The request's head is ambiguous or broken; two readers could understand it differently."""


class UpgradeRequired(Refusal):
    """Only a websocket is to be had, and this was no handshake for one in a version that is spoken here."""

    detail = "Open this address as a websocket, version 13, with the subprotocol tendwell.v1."


class HeadTooLarge(Refusal):
    """The headers are too many or too long."""

    detail = "The request's headers are too large."


class AddressTooLong(Refusal):
    """The path and query are too long."""

    detail = "The request's path and query are too long."


class BodyTooLarge(Refusal):
    """The body is larger than the limit, whatever its Content-Length says."""

    detail = "The body is too large. Send less in one request."


class BodyTooSlow(Refusal):
    """The body did not arrive in time."""

    detail = "The body did not arrive in time. Send it again; a repeat is safe."


class UnexpectedBody(Refusal):
    """A body where none is defined: ignoring it would hide a mistake."""

    detail = "This request takes no body."


class UnsupportedMedia(Refusal):
    """The body is not of the one kind that this route reads."""

    detail = "Send the body as application/json in UTF-8, without a Content-Encoding."


class MalformedJson(Refusal):
    """The body is not strict JSON (RFC 8259, with the limits of `api/json_gate.py`)."""


class TooManyItems(Refusal):
    """An array in the body is longer than any route takes."""


class BadCursor(Refusal):
    """The page cursor was altered, or belongs to another caller, list or filter."""

    detail = "This cursor does not belong to this list. Start again without it."


class PreconditionMissing(Refusal):
    """An edit that does not say which version was seen: it could undo what somebody else has just done."""

    detail = "Read it first, and send the ETag of that answer as If-Match. '*' names no version."


class KeyMissing(Refusal):
    """Doing this twice would do harm, and the request has no key by which a repeat is known."""

    detail = "Send an Idempotency-Key: a fresh random UUID, and the same one when you send this again."


class KeyMalformed(Refusal):
    """The Idempotency-Key is too short to be one's own, too long, no plain text, or stands twice."""

    detail = "Send one Idempotency-Key of 16 to 128 visible ASCII characters. A random UUID will do."


class TooManyRequests(Refusal):
    """More in a minute than one account, or one address, may ask; `retry_after_seconds` says when to come back."""

    detail = "You are asking too fast. Wait for Retry-After seconds; the RateLimit header says what is left."

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


class Overloaded(Refusal):
    """More work is waiting than can be done soon; `retry_after_seconds` says when to come back."""

    detail = "Too much is waiting. Try again shortly."
    retry_after_seconds = 2


class NotReady(Refusal):
    """The process that was asked cannot serve now, for the reason that `detail` names; another may."""

    detail = "This process is not ready."
    retry_after_seconds = 5
