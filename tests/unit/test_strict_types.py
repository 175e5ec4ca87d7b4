"""What a client's text may stand for: instants, dates, ids, numbers, lines and prose; nothing is guessed."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ConfigDict, TypeAdapter, ValidationError

import api.schemas
from api.schemas.strict import (
    EMAIL_PATTERN,
    Choice,
    Email,
    Id,
    In,
    Line,
    Number,
    Out,
    Prose,
    StrictDate,
    StrictInstant,
    Token,
)
from domain.instant import NotAnInstant, parse_date, parse_instant
from integrations.mail.payload import message


def _accepts(kind: Any, value: object) -> Any:
    return TypeAdapter(kind, config=ConfigDict(strict=True)).validate_python(value)


def _refuses(kind: Any, value: object) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        _accepts(kind, value)
    return [each["type"] for each in refused.value.errors()]


@pytest.mark.parametrize(
    ("text", "in_utc", "offset_minutes"),
    [
        ("2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC), 0),
        ("2026-03-29T02:30:00+01:00", datetime(2026, 3, 29, 1, 30, tzinfo=UTC), 60),
        ("2026-03-29t02:30:00z", datetime(2026, 3, 29, 2, 30, tzinfo=UTC), 0),
        ("2026-01-01T00:00:00.123456789-03:30", datetime(2026, 1, 1, 3, 30, 0, 123456, tzinfo=UTC), -210),
        ("2026-01-01T00:00:00.5+14:00", datetime(2025, 12, 31, 10, 0, 0, 500000, tzinfo=UTC), 840),
        ("2026-01-01T00:00:00-00:00", datetime(2026, 1, 1, tzinfo=UTC), 0),
        ("2024-02-29T12:00:00-12:00", datetime(2024, 3, 1, tzinfo=UTC), -720),
    ],
)
def test_an_instant_keeps_the_offset_it_was_written_with(text: str, in_utc: datetime, offset_minutes: int) -> None:
    found = _accepts(StrictInstant, text)
    assert found == in_utc
    assert found.utcoffset() == timedelta(minutes=offset_minutes)


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-29T01:30:00",
        "2026-10-25T01:30:00",
        "2026-01-01",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-02-30T00:00:00Z",
        "2016-12-31T23:59:60Z",
        "2026-01-01T00:00:00+25:00",
        "2026-01-01T00:00:00+14:01",
        "2026-01-01T00:00:00-12:01",
        "2026-01-01T00:00:00+01:60",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+01",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00:00Z ",
        "2026-01-01T00:00:00Z\n",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-12:00",
        "+2026-01-01T00:00:00Z",
        "20260101T000000Z",
        "2026-W01-1T00:00:00Z",
        "٢٠٢٦-01-01T00:00:00Z",
        "1735689600",
        "now",
        "",
        1735689600,
        -1,
        1.5,
        True,
        None,
        datetime(2026, 1, 1, tzinfo=UTC),
    ],
)
def test_what_is_not_rfc_3339_with_an_offset_is_no_instant(value: object) -> None:
    assert _refuses(StrictInstant, value)[0].startswith("tendwell.")


def test_a_time_without_offset_is_told_apart_from_one_that_is_no_time() -> None:
    with pytest.raises(NotAnInstant) as naive:
        parse_instant("2026-03-29T01:30:00")
    assert naive.value.code == "naive_time"
    with pytest.raises(NotAnInstant) as nonsense:
        parse_instant("tomorrow")
    assert nonsense.value.code == "invalid_time"


@given(
    st.text(max_size=40)
    | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([+-][0-9]{2}:[0-9]{2}|Z)?", fullmatch=True)
)
@example("0001-01-01T00:00:00+14:00")
@example("0000-00-00T00:00:00Z")
def test_any_text_is_an_instant_that_converts_to_utc_or_is_refused(text: str) -> None:
    try:
        found = parse_instant(text)
    except NotAnInstant:
        return
    assert found.astimezone(UTC).utcoffset() == timedelta(0)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)), st.integers(-720, 840))
def test_every_instant_written_with_an_offset_is_read_back(local: datetime, minutes: int) -> None:
    sign, size = ("-", -minutes) if minutes < 0 else ("+", minutes)
    found = parse_instant(f"{local.isoformat()}{sign}{size // 60:02}:{size % 60:02}")
    assert found.replace(tzinfo=None) == local
    assert found.utcoffset() == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "text", ["0", "1970", "2026-02-30", "26-01-01", "2026-1-1", "20260101", "2026-01-01T00:00:00Z", "0001-01-01"]
)
def test_what_is_not_a_date_is_refused(text: str) -> None:
    assert _refuses(StrictDate, text) == ["tendwell.invalid_date"]


def test_a_date_is_read() -> None:
    assert parse_date("1948-07-05").isoformat() == "1948-07-05"


_ID = "0190f3a2-7c1e-7c1e-9c1e-0190f3a27c1e"


def test_an_id_has_one_spelling() -> None:
    assert _accepts(Id, _ID) == _accepts(Id, _ID.upper()) == UUID(_ID)
    for other in (
        f"{{{_ID}}}",
        f"urn:uuid:{_ID}",
        _ID.replace("-", ""),
        f" {_ID}",
        f"{_ID}\n",
        "+1",
        "1.0",
        "1_000",
        7,
        "9" * 4000,
    ):
        assert _refuses(Id, other) == ["tendwell.invalid_id"]


@pytest.mark.parametrize("value", [Decimal("37.95"), 37, 0, Decimal("1e300")])
def test_a_number_is_what_the_gate_made_of_digits(value: object) -> None:
    assert _accepts(Number, value) == value


@pytest.mark.parametrize("value", ["37.95", "nan", True, False, None, 37.95, [1], {"value": 1}])
def test_nothing_else_is_a_number(value: object) -> None:
    assert _refuses(Number, value) == ["tendwell.wrong_type"]


def test_numbers_go_out_as_json_numbers() -> None:
    assert TypeAdapter(Number).dump_json(Decimal("37.95")) == b"37.95"


class _Colour(StrEnum):
    red = "red"


def test_a_choice_is_named_by_its_text_alone() -> None:
    assert _accepts(Choice[_Colour], "red") is _Colour.red
    for other in ("RED", "blue", 1, None, True):
        assert _refuses(Choice[_Colour], other) == ["enum"]


@pytest.mark.parametrize(
    "text",
    [
        "\u001b[2J\u0085",
        "a\x00",
        "a\x7f",
        "a\x85",
        "\u202egnp.exe",
        "\u2066x",
        "ab\u200b\ufeffc",
        "a\u2028b",
        "a\rb",
        "\ud800",
    ],
)
def test_text_that_deceives_or_controls_is_refused(text: str) -> None:
    for kind in (Line, Prose):
        assert _refuses(kind, text) == ["tendwell.text_not_allowed"]


@pytest.mark.parametrize("text", ["   ", "", "\u3000", "\u00a0\n", "\u2800"[:0], "\u0301"])
def test_text_that_shows_nothing_is_refused(text: str) -> None:
    for kind in (Line, Prose):
        assert _refuses(kind, text) == ["tendwell.text_empty"]


def test_a_line_is_trimmed_and_composed_and_has_no_breaks() -> None:
    assert _accepts(Line, " Jose\u0301 O'Brien-Ng ") == "José O'Brien-Ng"
    assert _refuses(Line, "a\nb") == _refuses(Line, "a\tb") == ["tendwell.text_not_allowed"]
    assert _refuses(Line, "a" + " " * 200) == _refuses(Line, "e\u0301" * 101) == ["string_too_long"]
    assert _refuses(Line, "a" * 201) == _refuses(Line, "a" * 1_000_000) == ["string_too_long"]


@pytest.mark.parametrize(
    "text", ["Jose\u0301", "  two\n\tlines  ", "' OR 1=1--", "<script>", "👩‍👩‍👧", "שלום", "{{7*7}}", "%00", "\\ud800"]
)
def test_prose_is_kept_as_it_was_written(text: str) -> None:
    assert _accepts(Prose, text) == text


def test_a_token_is_visible_ascii() -> None:
    assert _accepts(Token, "AB:cd/12") == "AB:cd/12"
    for other in ("a b", "a\n", "", "é", "a" * 65):
        assert len(_refuses(Token, other)) == 1


def test_an_email_is_kept_in_lower_case() -> None:
    assert _accepts(Email, "Ann.Lee@Example.NHS.uk") == "ann.lee@example.nhs.uk"
    for other in (
        "ann",
        "ann@",
        "@x.uk",
        "a b@x.uk",
        "a@x",
        "a@b@c.uk",
        "a@x.uk\n",
        "a\x00@x.uk",
        "a@" + "." * 250 + "@",
    ):
        assert len(_refuses(Email, other)) == 1


@pytest.mark.parametrize(
    "address",
    [
        "o'brien+tendwell@nhs.net",
        "a.b-c_d@x-1.y2.example",
        "!#$%&*/=?^`{|}~@example.org",
        "1@xn--bcher-kva.xn--p1ai",
        "a" * 64 + "@example.org",
        "a@" + "x" * 63 + ".org",
    ],
)
def test_an_address_that_letters_reach_is_taken_and_a_letter_is_addressed_to_it(address: str) -> None:
    assert _accepts(Email, address) == address
    assert _addressed(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "<a@example.org>",
        ".a@example.org",
        "a.@example.org",
        "a..b@example.org",
        "\u017f@example.org",  # a long s: capitals and small letters of it are not each other's
        "josé@example.org",
        "a@bücher.example",  # to be written as its xn-- form
        "a@-x.example",
        "a@x-.example",
        "a@x_y.example",
        "a@x..example",
        "a@example.org.",
        "a@192.0.2.1",
        "a@[192.0.2.1].org",
        "a@example.c",
        "a(b)@example.org",  # a comment: the letter would go to a@example.org
        '"a b"@example.org',
        "a,b@example.org",
        "a;b@example.org",
        "a:b@example.org",
        "a\\b@example.org",
        "a" * 65 + "@example.org",
        "a@" + "x" * 64 + ".org",
    ],
)
def test_an_address_that_no_letter_reaches_is_refused_when_it_is_given(address: str) -> None:
    assert _refuses(Email, address) == ["tendwell.invalid_email"]


@given(st.from_regex(re.compile(EMAIL_PATTERN, re.ASCII), fullmatch=True).filter(lambda address: len(address) <= 254))
def test_a_letter_is_addressed_to_every_address_that_is_taken(address: str) -> None:
    assert _addressed(_accepts(Email, address)) == address.lower()


def test_a_letter_goes_to_nobody_else_than_was_said() -> None:
    with pytest.raises(ValueError, match="not an address"):
        _addressed("a(b)@example.org")  # given before such addresses were refused


def _addressed(to: str) -> object:
    made = message(letter_id=uuid4(), to=to, subject="s", text="t", sender="A <a@example.org>", at=datetime.now(UTC))
    (recipient,) = made["To"].addresses
    return recipient.addr_spec


def test_what_a_client_sends_may_hold_nothing_unknown_and_nothing_converted() -> None:
    class Body(In):
        n: int

    for wrong in ({"n": "1"}, {"n": True}, {"n": Decimal("1.0")}, {"n": 1.0}, {"n": 1, "m": 2}):
        with pytest.raises(ValidationError):
            Body.model_validate(wrong)


def test_an_answer_whose_field_could_be_left_out_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="must not have a default"):

        class Answer(Out):
            n: int = 1


def _unfillable(schema: Any, place: str) -> Iterator[str]:
    """Yield the places of a core schema that no JSON value can fill in strict mode."""
    if isinstance(schema, dict):
        kind = schema.get("type")
        kind = kind if isinstance(kind, str) else None  # a model may have a field called type
        if kind in {"function-before", "function-plain"}:
            return
        if kind in {"uuid", "enum", "date", "datetime", "time", "decimal", "tuple", "set", "frozenset", "float"}:
            if schema.get("strict") is not False:
                yield f"{place}: {kind}"
            return
        for key, value in schema.items():
            if key not in {"metadata", "serialization", "ref"}:
                named = f"{place}.{key}" if kind in {"model-fields", None} else place
                yield from _unfillable(value, named)
    elif isinstance(schema, list):
        for item in schema:
            yield from _unfillable(item, place)


def test_every_field_that_a_client_sends_can_be_sent_as_json() -> None:
    """A bare UUID, enum, date or Decimal in an In would refuse every body: use Id, Choice, StrictDate, Number."""
    for found in pkgutil.walk_packages(api.schemas.__path__, "api.schemas."):
        importlib.import_module(found.name)
    wrong = {
        place
        for model in In.__subclasses__()
        if model.__module__.startswith("api.")
        for place in _unfillable(model.__pydantic_core_schema__, model.__name__)
    }
    assert sorted(wrong) == []
