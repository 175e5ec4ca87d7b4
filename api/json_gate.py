"""Strict JSON: what a body must be before any schema sees it.

Pure: knows nothing of HTTP, routes or schemas. The standard parser alone lets through what has poisoned records
elsewhere: NaN and Infinity, numbers that overflow or vanish, keys given twice (the last wins), lone surrogates and
NUL (which PostgreSQL cannot store), and nesting deep enough to break the parser itself.

A number with a fraction or an exponent arrives as Decimal with the digits that were sent, so that 37.95 stays 37.95.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import accumulate
from json import JSONDecodeError, JSONDecoder
from typing import Any, NoReturn

from api.refusals import MalformedJson, TooManyItems

MAX_DEPTH = 32
MAX_NUMBER_CHARACTERS = 40
MAX_ARRAY_ITEMS = 10_000
# Powers of ten between which every number is a normal IEEE 754 double: beyond them it overflows or fades to 0.
_LEAST_EXPONENT, _GREATEST_EXPONENT = -307, 307

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# Possessive, and an unclosed string swallows the rest: linear however hostile the text.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_NOT_SKELETON = bytes(set(range(256)) - set(b'[]{}"\\'))
_STEP = [1 if byte in b"[{" else -1 for byte in range(256)]
_SUSPECT_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def parse_json(raw: bytes) -> Any:
    """Return the value of a strict JSON text; fractions and exponents as Decimal, whole numbers as int.

    Raises MalformedJson, or TooManyItems for an array of more than 10,000.
    """
    text = _decode(raw)
    _require_shallow(raw)
    try:
        value = _DECODER.decode(text)
    except JSONDecodeError as error:
        raise MalformedJson(f"The body is not JSON: {error.msg} (character {error.pos}).") from None
    if _SUSPECT_ESCAPE.search(text):
        _require_storable(value)
    if raw.count(b",") >= MAX_ARRAY_ITEMS:
        _require_short_arrays(value)
    return value


def _decode(raw: bytes) -> str:
    if raw.startswith(_BYTE_ORDER_MARK):
        raise MalformedJson("The body starts with a byte order mark. Send UTF-8 without one.")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise MalformedJson(f"The body is not UTF-8 (byte {error.start}).") from None
    if not text or text.isspace():
        raise MalformedJson("The body is empty.")
    return text


def _require_shallow(raw: bytes) -> None:
    """Refuse deep nesting before parsing: at about 1,000 levels the parser itself gives up with RecursionError."""
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return
    # Text without brackets or escapes shrinks to "" pairs. When none is left over, every bracket stands outside text;
    # otherwise cut the strings out one by one, which costs eight times as much.
    brackets = raw.translate(None, _NOT_SKELETON).replace(b'""', b"")
    if b'"' in brackets or b"\\" in brackets:
        brackets = _STRING.sub(b"", raw).translate(None, _NOT_BRACKETS)
    if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > MAX_DEPTH:
        raise MalformedJson(f"The body is nested more than {MAX_DEPTH} levels deep.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedJson("The body has an object in which a key stands twice.")
    return members


def _whole(digits: str) -> int:
    if len(digits) > MAX_NUMBER_CHARACTERS:
        _refuse_long_number()
    return int(digits)


def _fraction(digits: str) -> Decimal:
    if len(digits) > MAX_NUMBER_CHARACTERS:
        _refuse_long_number()
    try:
        number = Decimal(digits)
    except ArithmeticError:  # an exponent beyond even Decimal's range
        raise MalformedJson("The body has a number beyond what can be kept.") from None
    if not number:
        return Decimal(0)  # -0.0 is 0, and 0e999999999 must not be written out
    if not _LEAST_EXPONENT <= number.adjusted() <= _GREATEST_EXPONENT:
        raise MalformedJson("The body has a number beyond what can be kept.")
    return number


def _refuse_long_number() -> NoReturn:
    raise MalformedJson(f"The body has a number of more than {MAX_NUMBER_CHARACTERS} characters.")


def _refuse_constant(_name: str) -> NoReturn:
    raise MalformedJson("The body has NaN or Infinity, which are not JSON.")


def _require_storable(value: Any) -> None:
    if any(isinstance(part, str) and _UNSTORABLE.search(part) for part in _parts(value)):
        raise MalformedJson("The body has text with NUL or half of a surrogate pair, which cannot be stored.")


def _require_short_arrays(value: Any) -> None:
    if any(isinstance(part, list) and len(part) > MAX_ARRAY_ITEMS for part in _parts(value)):
        raise TooManyItems(f"The body has an array of more than {MAX_ARRAY_ITEMS:,} items. Send several requests.")


def _parts(value: Any) -> Iterator[Any]:
    """Yield the value and everything in it, keys too. Depth is bounded before this is reached."""
    yield value
    if isinstance(value, dict):
        yield from value
        for member in value.values():
            yield from _parts(member)
    elif isinstance(value, list):
        for item in value:
            yield from _parts(item)


_DECODER = JSONDecoder(
    object_pairs_hook=_object, parse_float=_fraction, parse_int=_whole, parse_constant=_refuse_constant
)
