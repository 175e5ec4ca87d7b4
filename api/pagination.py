"""Pages of a list: a strict limit, and an opaque signed cursor that is good for one caller, one list and one filter.

The cursor is signed, not secret: it holds the position of the last row shown, which that caller has just seen.
Knows nothing of what is listed; queries get a position and return at least one row more than fits.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import Field

from api.deps import CurrentActor, TheServices
from api.refusals import BadCursor
from api.schemas.strict import PLAIN_DIGITS
from domain.errors import Gone

DEFAULT_LIMIT, GREATEST_LIMIT = 50, 200
_GREATEST_CURSOR_LENGTH = 512
_SIGNATURE_BYTES = 16  # 128 bits: to forge one takes about 2^127 requests
_PURPOSE = b"tendwell page cursor 1"  # the key may sign other things; none of them reads as a cursor

Row = TypeVar("Row")
Step = str | int | UUID | datetime
Position = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Binding:
    """What a cursor is good for: the caller, the list's path, and the filters asked for."""

    account_id: UUID
    path: str
    filters: tuple[tuple[str, str], ...] = ()

    def told(self) -> bytes:
        """Return the binding as bytes; two bindings never read the same."""
        return json.dumps([str(self.account_id), self.path, sorted(self.filters)]).encode()


def sign_cursor(key: bytes, binding: Binding, position: Sequence[Step], epoch: UUID | None) -> str:
    """Return the cursor that continues after this position."""
    payload = json.dumps([str(epoch or ""), *map(_written, position)], separators=(",", ":")).encode()
    return _encode(_signature(key, binding, payload) + payload)


def read_cursor(key: bytes, binding: Binding, cursor: str, epoch: UUID | None) -> Position:
    """Return the position a cursor continues after.

    Raises BadCursor unless we signed it for this binding, and Gone when it is from another epoch of the feed.
    """
    signed = _decode(cursor)
    signature, payload = signed[:_SIGNATURE_BYTES], signed[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(key, binding, payload)):
        raise BadCursor
    its_epoch, *position = json.loads(payload)
    if epoch is not None and its_epoch != str(epoch):
        raise Gone("The record was restored since this page was read. Start again without a cursor.")
    return tuple(position)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page the caller asks for. `epoch`: the event log's, None while its feed has not begun."""

    limit: int
    cursor: str | None
    binding: Binding
    key: bytes
    epoch: UUID | None
    response: Response | None = None

    @property
    def after(self) -> Position | None:
        """Return the position after which the page begins, or None for the first. Raises BadCursor, and Gone.

        A cursor does not outlive the epoch of the event log: in a record that was restored since, rows that were shown
        may be gone, and others stand where they stood.
        """
        return None if self.cursor is None else read_cursor(self.key, self.binding, self.cursor, self.epoch)

    @property
    def after_id(self) -> UUID | None:
        """Return the id after which the page begins, for lists ordered by id alone. Raises BadCursor."""
        return UUID(self.after[0]) if self.after else None

    @property
    def after_number(self) -> int | None:
        """Return the number after which the page begins, for lists ordered by number. Raises BadCursor."""
        return int(self.after[0]) if self.after else None

    def cut(self, found: Sequence[Row], key: Callable[[Row], Step | tuple[Step, ...]]) -> tuple[list[Row], str | None]:
        """Return the rows that fit and the next page's cursor: None unless more rows than fit were found."""
        rows = list(found[: self.limit])
        if len(found) <= self.limit:
            return rows, None
        position = key(rows[-1])
        return rows, self.onward(position if isinstance(position, tuple) else (position,))

    def onward(self, position: tuple[Step, ...] | None) -> str | None:
        """Return the cursor that continues after a position; None at the end. Every page's cursor is signed here.

        The next page's address stands in the answer's Link header too (RFC 8288).
        """
        if position is None:
            return None
        cursor = sign_cursor(self.key, self.binding, position, self.epoch)
        if self.response is not None:
            query = urlencode([*self.binding.filters, ("limit", self.limit), ("cursor", cursor)])
            self.response.headers["Link"] = f'<{self.binding.path}?{query}>; rel="next"'
        return cursor


Cursor = Annotated[
    str,
    # The form is told, not asked for: whatever we have not signed is refused as BadCursor.
    Field(max_length=_GREATEST_CURSOR_LENGTH, json_schema_extra={"pattern": "^[A-Za-z0-9_-]+$"}),
]


async def page_request(
    request: Request,
    response: Response,
    actor: CurrentActor,
    held: TheServices,
    limit: Annotated[
        int, Field(ge=1, le=GREATEST_LIMIT), PLAIN_DIGITS, Query(description="How many items at most.")
    ] = DEFAULT_LIMIT,
    cursor: Annotated[
        Cursor | None, Query(description="`next_cursor` of the page before, with the same filters.")
    ] = None,
) -> PageRequest:
    """Return which page of which list this caller asks for; every other query parameter counts as a filter."""
    filters = tuple((n, v) for n, v in request.query_params.multi_items() if n not in {"limit", "cursor"})
    binding = Binding(actor.account_id, request.url.path, filters)
    return PageRequest(limit, cursor, binding, held.cursor_secret, request.app.state.feed.epoch, response)


Paging = Annotated[PageRequest, Depends(page_request)]


def _signature(key: bytes, binding: Binding, payload: bytes) -> bytes:
    signed = b"\0".join((_PURPOSE, binding.told(), payload))
    return hmac.digest(key, signed, hashlib.sha256)[:_SIGNATURE_BYTES]


def _written(step: Step) -> str:
    return step.astimezone(UTC).isoformat() if isinstance(step, datetime) else str(step)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    """Return the bytes of canonical base64url. Raises BadCursor: one position has one spelling."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadCursor from None
    if _encode(raw) != text:
        raise BadCursor
    return raw
