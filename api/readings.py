"""The items of a batch, read one by one: one that cannot be read gets its own verdict and stops no other.

Knows the form of a reading and nothing of whether it can be believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import TypeAdapter, ValidationError

from api.schemas.observations import ReadingIn
from api.schemas.strict import Token
from api.validation_faults import faults_of
from domain.observations.reading import Reading, Unreadable
from domain.observations.verdict import Refusal, RefusalCode

_CODES = frozenset(code.value for code in RefusalCode)
_CLIENT_ID: TypeAdapter[str] = TypeAdapter(Token)


def read_each(items: Iterable[object]) -> list[Reading | Unreadable]:
    """Return each claim in the domain's words, or why it cannot be read."""
    return [_read(item) for item in items]


def _read(item: object) -> Reading | Unreadable:
    try:
        return ReadingIn.model_validate(item).to_reading()
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
    (fault,) = faults_of([{**first, "loc": ("body", *first["loc"])}], item)
    code = RefusalCode(fault.code) if fault.code in _CODES else RefusalCode.invalid
    return Unreadable(_client_id(item), Refusal(code, fault.pointer.removeprefix("/"), fault.message))


def _client_id(item: object) -> str | None:
    """Return the sender's name for an item that cannot be read, if that at least can."""
    if not isinstance(item, Mapping):
        return None
    try:
        return _CLIENT_ID.validate_python(item.get("client_id"), strict=True)
    except ValidationError:
        return None
