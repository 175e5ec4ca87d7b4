"""What a failed validation tells the client: where, a stable code and what to do; never what was sent.

Pydantic's own messages are not passed on, as some quote the input ("found `z` at 1"): each of its error types that we
know has our own words here, and the rest say only that the value is not acceptable.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from api.schemas.strict import OWN_CODE_PREFIX
from domain.errors import Fault

# Pydantic's error type -> our code and words; {…} are the schema's own limits.
_WORDS: Mapping[str, tuple[str, str]] = {
    "missing": ("required", "This is required."),
    "extra_forbidden": ("unknown_field", "There is no such field here."),
    "enum": ("not_a_choice", "This must be {expected}."),
    "literal_error": ("not_a_choice", "This must be {expected}."),
    "greater_than_equal": ("too_small", "This must be at least {ge}."),
    "greater_than": ("too_small", "This must be more than {gt}."),
    "less_than_equal": ("too_large", "This must be at most {le}."),
    "less_than": ("too_large", "This must be less than {lt}."),
    "string_too_short": ("too_short", "This must have at least {min_length} characters."),
    "string_too_long": ("too_long", "This must have at most {max_length} characters."),
    "too_short": ("too_few", "This must have at least {min_length} items."),
    "too_long": ("too_many", "This must have at most {max_length} items."),
    "string_pattern_mismatch": ("wrong_form", "This does not have the form asked for."),
    "string_type": ("wrong_type", "This must be text."),
    "int_type": ("wrong_type", "This must be a whole number."),
    "int_from_float": ("wrong_type", "This must be a whole number."),
    "int_parsing": ("wrong_type", "This must be a whole number."),
    "bool_type": ("wrong_type", "This must be true or false."),
    "bool_parsing": ("wrong_type", "This must be true or false."),
    "list_type": ("wrong_type", "This must be a list."),
    "dict_type": ("wrong_type", "This must be an object."),
    "model_type": ("wrong_type", "This must be an object."),
    "model_attributes_type": ("wrong_type", "This must be an object."),
    "uuid_parsing": ("invalid_id", "This must be an id: a UUID in its usual form."),
    "uuid_type": ("invalid_id", "This must be an id: a UUID in its usual form."),
}
_OTHER = ("invalid", "This value is not acceptable.")
# A key we may repeat: it looks like a field's name. Any other could be anything, so the pointer stops above it.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")


def faults_of(found: Sequence[Mapping[str, Any]], body: object) -> list[Fault]:
    """Return what FastAPI's validation found, as faults with pointers into the body or like 'query/limit'."""
    return [Fault(_pointer(each["loc"], body), *_words(each)) for each in found]


def _words(found: Mapping[str, Any]) -> tuple[str, str]:
    kind = str(found["type"])
    if kind.startswith(OWN_CODE_PREFIX):
        return kind.removeprefix(OWN_CODE_PREFIX), str(found["msg"])
    code, message = _WORDS.get(kind, _OTHER)
    return code, message.format_map(defaultdict(lambda: "other", found.get("ctx") or {}))


def _pointer(place: Sequence[str | int], body: object) -> str:
    """Return a JSON pointer (RFC 6901) for what stands in the body, else the part of the request and the name."""
    if place[0] != "body":
        return "/".join(str(step) for step in place if isinstance(step, int) or _NAME.fullmatch(step))
    steps: list[str] = []
    for position, step in enumerate(place[1:], start=1):
        try:
            body = body[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            if position < len(place) - 1:
                continue  # Pydantic names the branch of a union it tried; the body has no such step
        if isinstance(step, int) or _NAME.fullmatch(step):
            steps.append(str(step))
    return "".join(f"/{step}" for step in steps)
