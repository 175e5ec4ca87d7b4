"""The items of a batch, read one by one: one that cannot be read gets its own verdict and stops no other.

Knows the form of a reading and nothing of whether it can be believed. The schema says what that form is. What is
written as nearly all readings are is read without it, at a third of the time; whatever is not is the schema's to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import get_args

from pydantic import TypeAdapter, ValidationError

from api.schemas.observations import LONGEST_UNIT, Answer, Comparator, ReadingIn
from api.schemas.strict import Token
from api.validation_faults import faults_of
from domain.instant import NotAnInstant, parse_instant
from domain.observations.reading import MANUAL_SOURCE, Reading, Unreadable
from domain.observations.verdict import Refusal, RefusalCode

_CODES = frozenset(code.value for code in RefusalCode)
_CLIENT_ID: TypeAdapter[str] = TypeAdapter(Token)
_FIELDS = ReadingIn.model_fields.keys()
_TOKEN = re.compile("[!-~]{1,64}")
_ANSWERS, _COMPARATORS = frozenset({None, *get_args(Answer)}), frozenset({None, *get_args(Comparator)})


def read_each(items: Iterable[object]) -> list[Reading | Unreadable]:
    """Return each claim in the domain's words, or why it cannot be read."""
    return [_read(item) for item in items]


def _read(item: object) -> Reading | Unreadable:
    plain = plainly_written(item)
    if plain is not None:
        return plain
    try:
        return ReadingIn.model_validate(item).to_reading()
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
    (fault,) = faults_of([{**first, "loc": ("body", *first["loc"])}], item)
    code = RefusalCode(fault.code) if fault.code in _CODES else RefusalCode.invalid
    return Unreadable(_client_id(item), Refusal(code, fault.pointer.removeprefix("/"), fault.message))


def plainly_written(item: object) -> Reading | None:
    """Return the claim of an item that the schema would take, and take so; None for what has to be asked of it."""
    if not isinstance(item, dict) or not item.keys() <= _FIELDS:
        return None
    given = item.get
    client_id, sign, unit, source = given("client_id"), given("sign"), given("unit"), given("source", MANUAL_SOURCE)
    code, comparator, confirmed = given("code"), given("comparator"), given("confirmed", False)
    if not (
        isinstance(client_id, str)
        and isinstance(sign, str)
        and isinstance(source, str)
        and _TOKEN.fullmatch(client_id)
        and _TOKEN.fullmatch(source)
        and (unit is None or (isinstance(unit, str) and len(unit) <= LONGEST_UNIT))
        and isinstance(confirmed, bool)
    ):
        return None
    try:
        if code not in _ANSWERS or comparator not in _COMPARATORS:
            return None
        at = parse_instant(item["effective_at"])
        value, systolic, diastolic = _number(given("value")), _number(given("systolic")), _number(given("diastolic"))
    except (KeyError, NotAnInstant, TypeError):
        return None
    return Reading(client_id, sign, at, unit, value, systolic, diastolic, code, comparator, source, confirmed)


def _number(given: object) -> Decimal | None:
    """Return a number as it was sent, or none. Raises TypeError for what is no number."""
    if given is None or (isinstance(given, Decimal) and given.is_finite()):
        return given
    if isinstance(given, int) and not isinstance(given, bool):
        return Decimal(given)
    raise TypeError


def _client_id(item: object) -> str | None:
    """Return the sender's name for an item that cannot be read, if that at least can."""
    if not isinstance(item, Mapping):
        return None
    try:
        return _CLIENT_ID.validate_python(item.get("client_id"), strict=True)
    except ValidationError:
        return None
