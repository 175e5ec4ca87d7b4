"""The words of `tendwell.v1`: what a client may say on a live socket, what it is told, and why a socket is closed.

Pure text to values and back. Knows no socket, no database and no clock; docs/live-protocol.md is its reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from api.json_gate import parse_json
from api.refusals import Refusal
from api.schemas.strict import Id, In

SUBPROTOCOL = "tendwell.v1"
HEARTBEAT_SECONDS = 5
MOST_PATIENTS = 500
GREATEST_NUMBER = 2**63 - 1  # PostgreSQL's bigint
_GREATEST_TICKET_LENGTH = 200


class Close(IntEnum):
    """Why the server closes a socket (RFC 6455 §7.4; 4000 and above are ours)."""

    too_big = 1009
    failure = 1011
    restarting = 1012
    try_later = 1013
    bad_message = 4400
    not_authenticated = 4401
    forbidden = 4403
    too_slow = 4408
    too_many = 4429


class Goodbye(Exception):
    """The end of a socket: its close code, and a reason that repeats nothing of what the client sent."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class BadMessage(Exception):
    """A message that is not of this protocol; `detail` says what is wrong without repeating it."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class CursorIn(In):
    """The last number a client has seen, and the epoch it belongs to."""

    epoch: Id
    number: Annotated[int, Field(ge=0, le=GREATEST_NUMBER)]


class PatientsIn(In):
    """These patients."""

    patients: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MOST_PATIENTS, strict=False)]


class ListIn(In):
    """Everybody the caller may see."""

    list: Literal["mine"]


class HelloIn(In):
    """The first message: who is calling, whom to watch, and from where to go on."""

    type: Literal["hello"]
    ticket: Annotated[str, Field(min_length=1, max_length=_GREATEST_TICKET_LENGTH, repr=False)]
    watch: PatientsIn | ListIn
    cursor: CursorIn | None = None


class WatchIn(PatientsIn):
    """Watch these as well."""

    type: Literal["watch"]


class UnwatchIn(PatientsIn):
    """Watch these no longer."""

    type: Literal["unwatch"]


class PingIn(In):
    """Are you there?"""

    type: Literal["ping"]


Message = HelloIn | WatchIn | UnwatchIn | PingIn
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])


def parse_message(text: str) -> Message:
    """Return what the client said. Raises BadMessage for anything that is not exactly one of the messages."""
    try:
        return _MESSAGE.validate_python(parse_json(text.encode("utf-8", "surrogatepass")))
    except Refusal as refusal:
        raise BadMessage(refusal.detail) from None
    except ValidationError as error:
        raise BadMessage(_first_fault(error)) from None


def _first_fault(error: ValidationError) -> str:
    """Return where the first fault stands, by our own field names alone: an unknown field's name is the client's."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    known = [part for part in fault["loc"] if isinstance(part, int) or part in _FIELD_NAMES]
    place = "/".join(str(part) for part in known)
    return f"The message is not acceptable at /{place} ({fault['type']})."


_FIELD_NAMES = {name for schema in (CursorIn, PatientsIn, ListIn, HelloIn, WatchIn) for name in schema.model_fields} | {
    "hello",
    "watch",
    "unwatch",
    "ping",
}


@dataclass(frozen=True, slots=True)
class Welcome:
    """How a socket begins: where the feed stands for it, whom it watches, and whether it goes on from a cursor."""

    epoch: UUID
    number: int
    patient_ids: Sequence[UUID]
    is_whole_list: bool
    is_resumed: bool


def welcome(what: Welcome, server_time: datetime) -> str:
    """Return the answer to hello."""
    return _text(
        {
            "type": "welcome",
            "epoch": what.epoch,
            "number": what.number,
            "server_time": server_time,
            "heartbeat_seconds": HEARTBEAT_SECONDS,
            "patients": list(what.patient_ids),
            "whole_list": what.is_whole_list,
            "resumed": what.is_resumed,
        }
    )


def resync(reason: Literal["epoch", "future", "retention"]) -> str:
    """Return that the cursor cannot be gone on from, so that what was kept must be thrown away."""
    return _text({"type": "resync", "reason": reason})


def snapshot(patient_id: UUID, number: int, server_time: datetime, latest: Sequence[Any]) -> str:
    """Return the latest of each sign of one patient, holding at least all events up to the number."""
    return _text(
        {
            "type": "snapshot",
            "patient_id": patient_id,
            "number": number,
            "server_time": server_time,
            "latest": latest,
        }
    )


def event_body(
    *,
    number: int,
    kind: str,
    patient_id: UUID,
    at: datetime,
    server_time: datetime,
    observations: Sequence[Any],
    subject_ids: Sequence[UUID],
) -> str:
    """Return an event as text, the same for everybody who is told it: written once, however many watch."""
    return _text(
        {
            "type": "event",
            "number": number,
            "kind": kind,
            "patient_id": patient_id,
            "at": at,
            "server_time": server_time,
            "observations": observations,
            "subject_ids": list(subject_ids),
        }
    )


def event(body: str, previous: int) -> str:
    """Return an event for one socket: the shared body with the number of the event told there before it."""
    return f'{{"previous":{previous},{body[1:]}'


def heartbeat(number: int, last: int, server_time: datetime) -> str:
    """Return that everything up to `number` has been told, and which number was told last."""
    return _text({"type": "heartbeat", "server_time": server_time, "number": number, "last": last})


def watching(patient_ids: Sequence[UUID], number: int) -> str:
    """Return that these are watched from after this number on; a snapshot of each follows."""
    return _text({"type": "watching", "patients": list(patient_ids), "number": number})


def unwatched(patient_id: UUID, reason: Literal["access", "asked"]) -> str:
    """Return that nothing more will be told about this patient."""
    return _text({"type": "unwatched", "patient_id": patient_id, "reason": reason})


def pong(server_time: datetime) -> str:
    """Return the answer to ping."""
    return _text({"type": "pong", "server_time": server_time})


def refusal(detail: str) -> str:
    """Return what was wrong with a message; the socket closes after it."""
    return _text({"type": "error", "code": "bad_message", "detail": detail})


def _text(message: dict[str, Any]) -> str:
    return orjson.dumps(message, default=_plain, option=orjson.OPT_UTC_Z).decode()


def _plain(value: object) -> str:
    """Return an id as text: the database's driver has a UUID class of its own, which orjson does not know."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError
