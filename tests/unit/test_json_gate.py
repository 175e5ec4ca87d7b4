"""Strict JSON: what is refused, what is kept exactly, and that no bytes at all can break the gate."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from api.json_gate import MAX_ARRAY_ITEMS, MAX_DEPTH, MAX_NUMBER_CHARACTERS, parse_json
from api.refusals import MalformedJson, Refusal, TooManyItems


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("37.95", Decimal("37.95")),
        ("37.950", Decimal("37.950")),
        ("5.4e0", Decimal("5.4")),
        ("0.1", Decimal("0.1")),
        ("1234567890.12345678901234567890", Decimal("1234567890.12345678901234567890")),
        ("-0", 0),
        ("-0.0", 0),
        ("0e999999999", 0),
        ("1e300", Decimal("1e300")),
        ("97", 97),
        ("1" * MAX_NUMBER_CHARACTERS, int("1" * MAX_NUMBER_CHARACTERS)),
        ("true", True),
        ("null", None),
        (' {"a" : [1, {"b": "\\u00e9\\ud83d\\ude00"}]}\n', {"a": [1, {"b": "é😀"}]}),
        ('"\\\\u0000"', "\\u0000"),
        ('"\\\\ud800"', "\\ud800"),
        ('"a\\n\\tb"', "a\n\tb"),
    ],
)
def test_what_is_json_arrives_as_it_was_sent(text: str, value: object) -> None:
    parsed = parse_json(text.encode())
    assert parsed == value
    assert type(parsed) is type(value) or value == 0
    assert str(parsed) == str(value) or isinstance(value, Decimal | dict | int)


def test_a_fraction_keeps_its_digits_and_is_never_a_float() -> None:
    parsed = parse_json(b"[37.95, 5e-1, 7.000]")
    assert [str(number) for number in parsed] == ["37.95", "0.5", "7.000"]
    assert all(type(number) is Decimal for number in parsed)


def test_minus_zero_has_no_sign_left() -> None:
    assert [str(number) for number in parse_json(b"[-0, -0.0, -0e5]")] == ["0", "0", "0"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n ",
        "NaN",
        "Infinity",
        "[-Infinity]",
        "1e400",
        "-1e400",
        "1e-400",
        "1e99999999999999999999",
        "1e-99999999999999999999",
        "9" * (MAX_NUMBER_CHARACTERS + 1),
        "0." + "1" * MAX_NUMBER_CHARACTERS,
        "9" * 5000,
        "01",
        "+1",
        ".5",
        "1.",
        "0x10",
        "1_000",
        "١",
        '{"a":1,"a":2}',
        '{"a":1,"\\u0061":1}',
        '[{"x":{"a":1,"a":1}}]',
        '{"a":1} x',
        '{"a":1}{"b":2}',
        "{'a':1}",
        '{"a":1,}',
        "[1,]",
        '{"a"}',
        '"\\ud800"',
        '"\\udc00\\ud800"',
        '{"\\ud800":1}',
        '"\\u0000"',
        '{"a\\u0000":1}',
        '"\t"',
        '"\n"',
        '"\x00"',
        '"\\x41"',
        '"unclosed',
        "[*1000",
        "[" * 100_000,
        '{"a":' * 100_000,
        "[" * 1000 + "]" * 1000,
        "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        '["]"' + ",[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 2),
        "undefined",
        "// a\n1",
    ],
)
def test_what_is_not_strict_json_is_refused(text: str) -> None:
    with pytest.raises(MalformedJson):
        parse_json(text.encode())


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf{}",
        b'"\xff\xfe"',
        b'"\xed\xa0\x80"',  # a surrogate written straight into UTF-8
        b'"\xc0\x80"',  # NUL, overlong
        "{}".encode("utf-16"),
        "{}".encode("utf-32"),
        b"\x1f\x8b\x08\x00",
    ],
)
def test_what_is_not_utf_8_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedJson):
        parse_json(raw)


def test_nesting_is_allowed_up_to_the_limit_and_brackets_in_text_do_not_count() -> None:
    parse_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert parse_json(json.dumps(["[[[[{{{{" * 100, '\\"[[[', "]"] * 40).encode())[0].startswith("[[")


def test_an_array_is_allowed_up_to_the_limit() -> None:
    assert len(parse_json(b"[" + b",".join([b"0"] * MAX_ARRAY_ITEMS) + b"]")) == MAX_ARRAY_ITEMS
    with pytest.raises(TooManyItems):
        parse_json(b'{"a":{"b":[' + b",".join([b"0"] * (MAX_ARRAY_ITEMS + 1)) + b"]}}")


def test_many_short_arrays_are_not_one_long_array() -> None:
    assert len(parse_json(json.dumps([[0, 1]] * (MAX_ARRAY_ITEMS - 1)).encode())) == MAX_ARRAY_ITEMS - 1


def test_a_refusal_never_repeats_what_was_sent() -> None:
    for text in ('{"Doris Example":1,"Doris Example":2}', '{"Doris Example" 1}', '["Doris Example\\ud800"]'):
        with pytest.raises(MalformedJson) as refused:
            parse_json(text.encode())
        assert "Doris" not in refused.value.detail


@pytest.mark.parametrize("hostile", ['"' + '\\"' * 900_000, "[" * 1_900_000, '["' * 900_000, "\\u0000" * 300_000])
def test_hostile_text_costs_time_in_proportion_to_its_length(hostile: str) -> None:
    started = time.process_time()
    with pytest.raises(Refusal):
        parse_json(("[" * 40 + hostile).encode())
    assert time.process_time() - started < 1  # quadratic work on 2 MB would take minutes


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_refusal(raw: bytes) -> None:
    with suppress(Refusal):
        parse_json(raw)


_SCALARS = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(st.characters(codec="utf-8"))
_VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner))


@given(_VALUES)
@example({"a": "\x00"})
def test_whatever_is_accepted_equals_what_the_standard_parser_reads(value: object) -> None:
    text = json.dumps(value)
    try:
        parsed = parse_json(text.encode())
    except MalformedJson:
        assert "\\u0000" in text or "\\ud" in text
        return
    assert parsed == json.loads(text)


_NESTED = st.recursive(
    st.sampled_from(["a", "[", "]{", '"', '\\"[', "\\"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["[", "}", "k", '"']), inner, max_size=3)
    ),
)


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


@given(_NESTED, st.integers(MAX_DEPTH - 4, MAX_DEPTH + 1))
def test_depth_is_counted_exactly_whatever_brackets_and_quotes_stand_in_text(value: object, levels: int) -> None:
    for _ in range(levels):
        value = [value]
    raw = json.dumps(value).encode()
    if _depth(value) <= MAX_DEPTH:
        assert parse_json(raw) == value
    else:
        with pytest.raises(MalformedJson, match="levels deep"):
            parse_json(raw)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9))
def test_every_decimal_comes_back_digit_for_digit(number: Decimal) -> None:
    parsed = parse_json(str(number).encode())
    assert parsed == number
    assert str(parsed) == str(number) or number == 0
