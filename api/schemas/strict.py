"""The types every schema is made of: what a client may send is exactly what is written here.

Bodies reach the models as parsed Python values (`api/json_gate.py`), so strict mode refuses "5" for 5, true for 1 and
1.0 for 1. Texts that stand for something else (an instant, an id) have their own type here. Messages never repeat
what was sent: `api/problems.py` shows those made by `refused` as they are.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from domain.accounts.password_rules import GREATEST_LENGTH as GREATEST_PASSWORD_LENGTH
from domain.accounts.password_rules import LEAST_LENGTH as LEAST_PASSWORD_LENGTH
from domain.instant import NotAnInstant, parse_date, parse_instant

# Marks the errors whose message we wrote ourselves.
OWN_CODE_PREFIX = "tendwell."


class In(BaseModel):
    """What a client sends: nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Out(BaseModel):
    """What a client gets: every field always present, so none may have a default."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse, at import, an answer's field that could be left out."""
        super().__pydantic_init_subclass__(**kwargs)
        optional = [name for name, field in cls.model_fields.items() if not field.is_required()]
        if optional:
            raise TypeError(f"{cls.__name__} is an answer: {', '.join(optional)} must not have a default")


def refused(code: str, message: str) -> PydanticCustomError:
    """Return the error to raise in a validator: a stable code, and a message that repeats nothing of the input."""
    return PydanticCustomError(f"{OWN_CODE_PREFIX}{code}", "{text}", {"text": message})


def _from_text(parse: Callable[[str], datetime | date]) -> Callable[[object], datetime | date]:
    def validate(value: object) -> datetime | date:
        if not isinstance(value, str):
            raise refused("wrong_type", "This must be text.")
        try:
            return parse(value)
        except NotAnInstant as wrong:
            raise refused(wrong.code, wrong.message) from None

    return validate


# What `domain/instant.py` takes, for API descriptions (ECMA 262): all but which months have which days.
_DATE_PATTERN = r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
_INSTANT_PATTERN = (
    rf"{_DATE_PATTERN[:-1]}[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{{1,9}})?"
    r"([Zz]|[+-](0[0-9]|1[01]):[0-5][0-9]|[+-]12:00|\+1[23]:[0-5][0-9]|\+14:00)$"
)

StrictInstant = Annotated[
    datetime,
    BeforeValidator(_from_text(parse_instant)),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": _INSTANT_PATTERN}),
]
"""An instant as RFC 3339 text with an offset; an aware datetime that keeps its offset."""

StatedInstant = Annotated[
    str,
    Field(min_length=1, max_length=64, pattern="^[ -~]+$"),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": _INSTANT_PATTERN}),
]
"""An instant as it was written, read by whoever takes it: what cannot wait is not refused for a time that is none."""

StrictDate = Annotated[
    date,
    BeforeValidator(_from_text(parse_date)),
    WithJsonSchema({"type": "string", "format": "date", "pattern": _DATE_PATTERN}),
]
"""A calendar date as YYYY-MM-DD."""


_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def _id(value: object) -> UUID:
    """Return the UUID in its one canonical spelling: {…}, urn:uuid: and 32 bare digits would be second names."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise refused("invalid_id", "This must be an id: a UUID in its usual form, in quotes.")
    return UUID(value)


Id = Annotated[UUID, BeforeValidator(_id), WithJsonSchema({"type": "string", "format": "uuid"})]
"""One of our identifiers; for bodies, paths and queries alike."""


def _number(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    raise refused("wrong_type", "This must be a number, not text and not in quotes.")


Number = Annotated[
    Decimal,
    BeforeValidator(_number),
    PlainSerializer(float, return_type=float, when_used="json"),
    WithJsonSchema({"type": "number"}),
]
"""A JSON number with the digits that were sent. Whole or not, never text, never true. Out: a JSON number again."""


_Choice = TypeVar("_Choice", bound=StrEnum)
Choice = Annotated[_Choice, Field(strict=False)]
"""One of an enum's values, by its text: `Choice[Role]`."""


_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


def _whole(value: object) -> object:
    """Return the number that plain digits name: int() would take ' 5 ', '+5', '5_0' and digits of other scripts."""
    if not isinstance(value, str):
        return value
    if not _WHOLE.fullmatch(value):
        raise refused("not_a_whole_number", "This must be a whole number in plain digits.")
    return int(value)


PLAIN_DIGITS = BeforeValidator(_whole)
"""After an `int`'s bounds: a whole number of a query, and nothing else that Python would read as one."""


def _flag(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value not in {"true", "false"}:
        raise refused("not_a_flag", "This must be true or false.")
    return value == "true"


FlagInQuery = Annotated[bool, BeforeValidator(_flag)]
"""true or false from a query: not 1, yes or on."""


# Refused in every text: C0 and C1 controls except tab and new line, halves of surrogate pairs, and what reorders or
# hides (Unicode TR 36): bidirectional embeddings, overrides and isolates, zero-width space, byte order mark, and the
# line separators that some log readers take for new lines.
_HIDDEN = r"\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff"
_UNREADABLE = re.compile(rf"[{_HIDDEN}\ud800-\udfff]")
_VISIBLE_CATEGORIES = frozenset("LNPS")
# The same for API descriptions, in ECMA 262 with Unicode classes; surrogates are refused before any schema.
_VISIBLE = r"[\p{L}\p{N}\p{P}\p{S}]"
_LINE_PATTERN = rf"^[\t\n ]*[^\t\n{_HIDDEN}]*{_VISIBLE}[^\t\n{_HIDDEN}]*[\t\n ]*$"
_PROSE_PATTERN = rf"^[^{_HIDDEN}]*{_VISIBLE}[^{_HIDDEN}]*$"
_GREATEST_LINE_LENGTH, _GREATEST_PROSE_LENGTH, _GREATEST_EMAIL_LENGTH = 200, 4000, 254


def _readable(text: str) -> str:
    """Return the text. Raises when it holds control characters, deceives the eye, or shows nothing."""
    if _UNREADABLE.search(text):
        raise refused("text_not_allowed", "The text has an invisible control character. Remove it.")
    if not any(unicodedata.category(character)[0] in _VISIBLE_CATEGORIES for character in text):
        raise refused("text_empty", "The text is empty.")
    return text


def _line(value: object) -> object:
    """Return a line in composed form (NFC), so that José is found however it was typed."""
    # The promised length is of what is sent, as whoever reads the API's description can count it.
    if not isinstance(value, str) or len(value) > _GREATEST_LINE_LENGTH:
        return value
    line = unicodedata.normalize("NFC", _readable(value)).strip()
    if "\n" in line or "\t" in line:
        raise refused("text_not_allowed", "This must be a single line, without tabs.")
    return line


def _prose(value: object) -> object:
    return _readable(value) if isinstance(value, str) and len(value) <= _GREATEST_PROSE_LENGTH else value


# Letters to Unicode, and blank to the eye: Hangul's fillers.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")
# Scripts that part no words: Thai and Lao, Burmese, Khmer, kana and the common Han characters.
_UNPARTED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_UNPARTED_LETTER = re.compile(f"[{_UNPARTED}]")
_WORD = re.compile("[lu]{2}")
_ANY = f"[^{_HIDDEN}]*"
_WORD_PATTERN = r"\p{L}\p{M}*\p{L}"
_TWO_WORDS_PATTERN = rf"{_WORD_PATTERN}{_ANY}[^\p{{L}}\p{{M}}{_HIDDEN}]{_ANY}{_WORD_PATTERN}"
_WORDS_PATTERN = rf"^{_ANY}{_TWO_WORDS_PATTERN}{_ANY}$|^{_ANY}[{_UNPARTED}]{{4}}{_ANY}$"


def _shape(character: str) -> str:
    """Return what a character is to words: a letter (unparted, plain or blank), a mark on one, or what parts them."""
    kind = unicodedata.category(character)[0]
    if kind == "M":
        return ""
    if kind != "L":
        return " "
    if character in _BLANK_LETTERS:
        return "b"
    return "u" if _UNPARTED_LETTER.match(character) else "l"


def _in_words(value: object) -> object:
    """Return a text in which two words stand. Raises for pictures, dots, one letter over and over, and blanks."""
    text = _prose(value)
    if not isinstance(text, str) or len(text) > _GREATEST_PROSE_LENGTH:
        return text
    shape = "".join(map(_shape, text))
    if "uuuu" not in shape and sum(_WORD.search(part) is not None for part in shape.split()) < 2:
        raise refused("not_in_words", "Say it in words, at least two, so that others understand it.")
    return text


Line = Annotated[
    str,
    Field(min_length=1, max_length=_GREATEST_LINE_LENGTH, json_schema_extra={"pattern": _LINE_PATTERN}),
    BeforeValidator(_line),
]
"""A name or title: one line, trimmed, composed, no control characters, 1 to 200 characters as sent."""

Prose = Annotated[
    str,
    Field(min_length=1, max_length=_GREATEST_PROSE_LENGTH, json_schema_extra={"pattern": _PROSE_PATTERN}),
    BeforeValidator(_prose),
]
"""Free text as it was written: new lines and tabs, no other control characters, 1 to 4,000 characters."""

InWords = Annotated[
    str,
    Field(min_length=1, max_length=_GREATEST_PROSE_LENGTH, json_schema_extra={"pattern": _WORDS_PATTERN}),
    BeforeValidator(_in_words),
]
"""Prose that says something to whoever reads it later: at least two words of letters, in any script."""

Token = Annotated[str, Field(min_length=1, max_length=64, pattern="^[!-~]+$")]
"""A machine's own word, such as a device's id: visible ASCII without spaces, 1 to 64 characters."""

# What every mail server takes (RFC 5321, 4.1.2 and 2.3.5): a dot-string of at most 64, a domain of host names' labels,
# the last of which is no number. ASCII alone: of other letters capital and small ones do not always answer each other,
# and most servers take none. No quoted strings, in which one address can be written in many ways.
_ATOM, _LABEL_END = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", "[A-Za-z0-9-]{0,61}[A-Za-z0-9]"
EMAIL_PATTERN = rf"^(?![^@]{{65}}){_ATOM}(?:\.{_ATOM})*@(?:[A-Za-z0-9](?:{_LABEL_END})?\.)+[A-Za-z](?:{_LABEL_END})$"
_EMAIL = re.compile(EMAIL_PATTERN)


def _email(value: object) -> object:
    """Return the address in lower case: two accounts must not differ by case alone."""
    if not isinstance(value, str) or len(value) > _GREATEST_EMAIL_LENGTH:
        return value
    if not _EMAIL.fullmatch(value):
        raise refused("invalid_email", "This must be an email address, in letters without accents.")
    return value.lower()


Email = Annotated[
    str,
    Field(max_length=_GREATEST_EMAIL_LENGTH, json_schema_extra={"pattern": EMAIL_PATTERN}),
    BeforeValidator(_email),
]
"""An email address to which a letter can be sent; whether anybody gets it is not known here."""

# The gate before the schemas (`api/json_gate.py`) takes no NUL in any text.
WITHOUT_NUL = {"pattern": r"^[^\u0000]*$"}

Password = Annotated[
    str, Field(min_length=1, max_length=GREATEST_PASSWORD_LENGTH, repr=False, json_schema_extra=WITHOUT_NUL)
]
"""A password to be checked: taken as it is, never trimmed, composed or cut."""

NewPassword = Annotated[
    str,
    Field(
        min_length=LEAST_PASSWORD_LENGTH, max_length=GREATEST_PASSWORD_LENGTH, repr=False, json_schema_extra=WITHOUT_NUL
    ),
]
"""A password to be set: 12 to 256 characters."""
