"""A reason is said in words: who reads it later must learn something from it. In any script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from api.schemas.break_glass import BreakGlassIn
from api.schemas.strict import InWords

WORDS = TypeAdapter(InWords)
ASKED = {"nhs_number": "9990000026", "born_on": "1940-02-29", "reason_code": "emergency", "hours": 4}


def codes(text: str) -> list[str]:
    """Return with which codes this is refused as a reason to break the glass; none when it is taken."""
    try:
        BreakGlassIn.model_validate({**ASKED, "reason": text})
    except ValidationError as wrong:
        return [each["type"] for each in wrong.errors()]
    return []


@pytest.mark.parametrize(
    "text",
    [
        "🚑" * 10,
        "." * 10,
        "a" * 10,
        "\u2800" * 12,
        "\u3164" * 12,
        "\u3164\u3164 " * 4,
        "\uffa0\uffa0 \uffa0\uffa0" * 3,
        "a\t\t\t\t\t\t\t\t\t\tb",
        "a b c d e f",
        "1234567890",
        "999 000 0026",
        "e\u0301" * 10,
        "ab\u3164\u3164\u3164\u3164cdefgh",
    ],
)
def test_what_says_nothing_is_no_reason(text: str) -> None:
    assert codes(text) == ["tendwell.not_in_words"]


@pytest.mark.parametrize("text", ["\u200b" * 12, "Brought in\u0007 by ambulance", "Brought in\rby ambulance"])
def test_control_characters_but_line_breaks_are_refused(text: str) -> None:
    assert codes(text) == ["tendwell.text_not_allowed"]


def test_blanks_do_not_make_a_reason_long_enough() -> None:
    assert codes("no it" + " " * 20) == codes("no" + "\n" * 20 + "it") == ["tendwell.too_little_said"]


@pytest.mark.parametrize(
    "text",
    [
        "Brought in by ambulance, confused",
        "Collapsed.\nNo history known.",
        "Chest pain, 2 hrs",
        "Wedi llewygu yn y stryd",
        "Упал на улице",
        "لا يستجيب في الشارع",
        "חסר הכרה ברחוב",
        "गिर गया है सड़क पर",
        "患者在救护车上昏迷不醒无人",
        "หมดสติบนถนนไม่มีใคร",
        "쓰러졌습니다 거리에서",
        "e\u0301tait tombe\u0301 la\u0300",
    ],
)
def test_words_in_any_script_are_a_reason(text: str) -> None:
    assert codes(text) == []


LETTERLESS = st.text(st.characters(whitelist_categories=["N", "P", "S", "Zs"]) | st.sampled_from("\u3164\uffa0"))


@given(LETTERLESS)
def test_nothing_without_letters_is_said_in_words(text: str) -> None:
    with pytest.raises(ValidationError):
        WORDS.validate_python(text)


@given(st.lists(st.characters(whitelist_categories=["L"]), min_size=1, max_size=30))
def test_letters_that_stand_alone_are_no_words(letters: list[str]) -> None:
    with pytest.raises(ValidationError):
        WORDS.validate_python(" ".join(letters))


PLAIN = st.text(st.characters(whitelist_categories=["Lu", "Ll"]), min_size=2, max_size=9)


@given(st.lists(PLAIN, min_size=2, max_size=9), st.sampled_from([" ", "\n", ", ", "-"]))
def test_words_are_taken_as_they_were_written(words: list[str], between: str) -> None:
    assert WORDS.validate_python(between.join(words)) == between.join(words)
