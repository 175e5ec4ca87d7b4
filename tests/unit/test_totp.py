"""Codes by RFC 6238, and what is typed where one is asked for."""

from __future__ import annotations

from base64 import b32encode
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts.totp import STEP, code_of, new_secret, otpauth_uri, step_at, step_of

RFC_SECRET = b32encode(b"12345678901234567890").decode()
NOW = datetime(2026, 11, 22, 9, 0, 15, tzinfo=UTC)


# RFC 6238, appendix B, SHA-1: eight digits there, of which ours are the last six.
@pytest.mark.parametrize(
    ("seconds", "eight_digits"),
    [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ],
)
def test_the_code_of_an_instant_is_the_rfc_s(seconds: int, eight_digits: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert code_of(RFC_SECRET, step_at(at)) == eight_digits[-6:]
    assert step_of(RFC_SECRET, eight_digits[-6:], at) == seconds // 30


@pytest.mark.parametrize(("steps", "is_found"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_in_its_own_step_and_the_ones_beside_it(steps: int, is_found: bool) -> None:
    secret = new_secret()
    found = step_of(secret, code_of(secret, step_at(NOW) + steps), NOW)
    assert found == (step_at(NOW) + steps if is_found else None)


@given(st.text(max_size=14))
def test_whatever_is_typed_is_a_step_s_code_or_nothing(typed: str) -> None:
    expected = {code_of(RFC_SECRET, step_at(NOW) + steps) for steps in (-1, 0, 1)}
    assert (step_of(RFC_SECRET, typed, NOW) is not None) == (typed.replace(" ", "") in expected)


def test_digits_of_other_scripts_are_no_code() -> None:
    code = code_of(RFC_SECRET, step_at(NOW))
    assert step_of(RFC_SECRET, code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")), NOW) is None
    assert step_of(RFC_SECRET, f"{code[:3]} {code[3:]}", NOW) is not None


def test_an_authenticator_app_is_told_all_that_it_needs() -> None:
    secret = new_secret()
    assert len(secret) * 5 == 160
    uri = urlsplit(otpauth_uri(secret, account_name="asha@example.test", issuer="Tendwell"))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert parse_qs(uri.query) == {"secret": [secret], "issuer": ["Tendwell"]}
    assert STEP.total_seconds() == 30
