"""A new password is refused for what is guessed first, and for nothing else."""

from __future__ import annotations

import base64

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.accounts.password_rules import GREATEST_LENGTH, LEAST_LENGTH, common_passwords, fault_of

ANN = ("ann.lee@riverside.example", "Ann-Marie Lee", "Riverside Practice")


def code_of(password: str) -> str | None:
    fault = fault_of(password, ANN, pointer="/password")
    return None if fault is None else fault.code


def test_the_list_is_long_and_every_long_entry_of_it_is_refused() -> None:
    assert len(common_passwords()) >= 10_000
    long = [word for word in common_passwords() if len(word) >= LEAST_LENGTH]
    assert len(long) > 200
    assert {code_of(word) for word in long} == {"common_password"}
    assert {code_of(word.upper()) for word in long} == {"common_password"}


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("password1234", "common_password"),
        ("P@ssw0rd1234!", "common_password"),
        ("passwordpassword", "common_password"),
        ("letmeinletmein1", "common_password"),
        ("Summer2026!!!", "common_password"),
        ("!!!liverpool!!!", "common_password"),
        ("\uff30\uff21\uff33\uff33\uff37\uff2f\uff32\uff24\uff11\uff12\uff13\uff14", "common_password"),
        ("p.a.s.s.w.o.r.d", "common_password"),
        ("pass word 1234", "common_password"),
        ("passw0rd!passw0rd!", "common_password"),
        ("changeme!changeme!", "common_password"),
        ("a1b2c3d4e5f6", "pattern"),
        ("           a", "pattern"),
        ("4nn-M4r13 L33!", "context_word"),
        ("R1versid3 Pract1ce", "context_word"),
        ("T3ndw3ll2026!", "context_word"),
        ("\uff41\uff4e\uff4e\uff4c\uff45\uff45\uff41\uff4e\uff4e\uff11\uff12\uff13", "context_word"),
        ("password for nhs", "context_word"),
        ("clinician1234", "context_word"),
        ("aaaaaaaaaaaa", "pattern"),
        ("abcabcabcabc", "pattern"),
        ("abcdefghijklmn", "pattern"),
        ("qwertyuiopasdf", "pattern"),
        ("987654321098", "pattern"),
        ("nhsnhsnhs2026", "context_word"),
        ("Tendwell-2026!", "context_word"),
        ("annlee-annlee-1985", "context_word"),
        ("riverside ann lee 1", "context_word"),
        ("RiversidePractice1", "context_word"),
        ("nhs password 1", "context_word"),
        ("Ann.Lee@Riverside.Example", "is_email"),
        ("x" * (LEAST_LENGTH - 1), "invalid"),
        ("x" * (GREATEST_LENGTH + 1), "invalid"),
    ],
)
def test_auth_040_what_is_guessed_first_is_refused_by_name(password: str, code: str) -> None:
    assert code_of(password) == code


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "twelve words",
        "kQ7zN2xV9bT4",
        "842736451920",
        "          spaced          out",
        "the otters of the riverside sleep late",
        "annual leeway report",
        "пять слов на русском языке",
        "牛乳と卵を買うのを忘れずに、と言われた",
        "👩‍👩‍👧 family passphrase",
        "84019bob73625510",
        "nurse riverside otter sleep",
        "nurseriversideottersleep",
    ],
)
def test_what_is_long_and_its_own_is_taken_whatever_it_is_made_of(password: str) -> None:
    assert code_of(password) is None


@given(st.binary(min_size=32, max_size=32))
def test_a_random_secret_is_never_refused(drawn: bytes) -> None:
    assume(len(set(drawn)) > 20)
    assert code_of(drawn.hex()) is None
    assert code_of(base64.b64encode(drawn).decode()) is None


WORDS = """
    otter sleep kettle monday granite violin harbour pepper lantern thistle walnut saddle copper meadow nurse
    riverside orange tiger purple dragon monkey summer sunshine football
""".split()  # noqa: SIM905


@given(st.lists(st.sampled_from(WORDS), min_size=4, max_size=4, unique=True), st.sampled_from([" ", "-", "", "."]))
def test_a_passphrase_of_four_words_is_not_refused_whatever_stands_between_them(words: list[str], sign: str) -> None:
    assert code_of(sign.join(words)) is None


@given(st.text(min_size=LEAST_LENGTH, max_size=GREATEST_LENGTH), st.lists(st.text(max_size=30), max_size=3))
def test_any_text_gets_an_answer_that_does_not_repeat_it(password: str, context: list[str]) -> None:
    fault = fault_of(password, context, pointer="/new_password")
    assert fault is None or (fault.pointer == "/new_password" and password not in fault.message)


def test_random_passwords_are_not_refused_by_chance() -> None:
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    drawn = ["".join(alphabet[(n * 7919 + k * k * 104729 + k * n) % 64] for k in range(16)) for n in range(2000)]
    assert sum(code_of(each) is not None for each in drawn) <= 2
