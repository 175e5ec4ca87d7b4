"""An ID token says exactly how it is signed and by which key, or it is refused; changed ones are never believed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.id_tokens import Expected, key_id_of, verify_id_token
from integrations.identity.errors import AnswerRefused
from integrations.identity.payload import Keys, Tokens
from integrations.identity.registration import Registration
from tests.http.hostile_provider import by, encoded, key_pair, signed

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
US = Registration("https://auth.test", "us", "https://us.test/back", ("openid",), ("P9.Cm",), "RS512")
EXPECTED = Expected(US, "the-nonce", NOW - timedelta(minutes=1))
KEYS: Keys = {"kid-own": key_pair("own").public_pem}
SECONDS = int(NOW.timestamp())
CLAIMS = {
    "iss": US.issuer,
    "aud": "us",
    "sub": "somebody",
    "nonce": "the-nonce",
    "iat": SECONDS,
    "exp": SECONDS + 300,
}
HEADER = {"alg": "RS512", "typ": "JWT", "kid": "kid-own"}
GOOD = signed(HEADER, CLAIMS, by(key_pair("own")))


def with_header(header: Any) -> str:
    return f"{encoded(json.dumps(header).encode())}.e30.AAAA"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"alg": "none"}, "id_token_algorithm"),
        ({"alg": "HS512", "kid": "kid-own"}, "id_token_algorithm"),
        ({"alg": ["RS512"]}, "id_token_algorithm"),
        ({}, "id_token_algorithm"),
        ({"alg": "RS512", "typ": "at+jwt"}, "id_token_header"),
        ({"alg": "RS512", "crit": []}, "id_token_header"),
        ({"alg": "RS512", "x5u": "https://evil.test"}, "id_token_header"),
        ({"alg": "RS512", "kid": None, "typ": 7}, "id_token_header"),
        ([], "id_token_malformed"),
        ("RS512", "id_token_malformed"),
    ],
)
def test_a_header_says_how_the_token_is_signed_or_it_is_refused_before_any_key_is_looked_for(
    header: Any, code: str
) -> None:
    with pytest.raises(AnswerRefused, match=f"^{code}$"):
        key_id_of(with_header(header), "RS512")


def test_the_right_token_is_read() -> None:
    assert key_id_of(GOOD, "RS512") == "kid-own"
    assert verify_id_token(Tokens(GOOD, "x"), KEYS, EXPECTED, NOW).subject == "somebody"


@settings(max_examples=150)
@given(st.data())
def test_whatever_is_changed_in_a_token_is_refused_and_in_one_way(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(GOOD) - 1))
    put = data.draw(st.characters(codec="ascii") | st.just(""))
    changed = GOOD[:at] + put + GOOD[at + data.draw(st.integers(0, 3)) :]
    if changed == GOOD:
        return
    with pytest.raises(AnswerRefused):
        verify_id_token(Tokens(changed, "x"), KEYS, EXPECTED, NOW)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: f"{encoded(raw)}.{encoded(raw)}.{encoded(raw)}"))
def test_what_is_no_token_is_refused_in_the_same_way(text: str) -> None:
    with pytest.raises(AnswerRefused):
        verify_id_token(Tokens(text, "x"), KEYS, EXPECTED, NOW)
