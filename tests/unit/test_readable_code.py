"""Codes that people type: nobody guesses one, and everybody's way of typing it is understood."""

from __future__ import annotations

from uuid import uuid4

import pytest

from domain.accounts import recovery_code
from domain.people import delegation
from domain.readable_code import as_meant, fresh_code


def test_a_code_has_a_hundred_and_forty_random_bits_and_no_letter_taken_for_a_digit() -> None:
    codes = {fresh_code() for _ in range(1_000)}
    assert len(codes) == 1_000
    assert {len(code.replace("-", "")) * 5 for code in codes} == {140}
    assert not set("".join(codes)) & set("ILOU")


@pytest.mark.parametrize(
    "typed",
    [
        str.lower,
        lambda code: code.replace("-", " "),
        lambda code: code.replace("-", " – "),
        lambda code: code.replace("0", "O").replace("1", "l"),
        lambda code: f" {code} ",
    ],
)
def test_a_code_is_known_however_it_is_typed(typed: object) -> None:
    code, account = fresh_code(), uuid4()
    assert callable(typed)
    assert as_meant(typed(code)) == code.replace("-", "")
    assert delegation.code_hash(typed(code)) == delegation.code_hash(code)
    assert recovery_code.code_hash(account, typed(code)) == recovery_code.code_hash(account, code)


def test_the_same_code_is_another_one_for_another_account() -> None:
    code = fresh_code()
    assert recovery_code.code_hash(uuid4(), code) != recovery_code.code_hash(uuid4(), code)
