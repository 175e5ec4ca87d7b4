"""Access tokens: what was forged, bent, borrowed or worn out is refused, always in the same way."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import string
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from api.authentication import (
    ACCESS_TOKEN_LIFETIME,
    Claims,
    TokenKeys,
    issue_access_token,
    verify_access_token,
)
from domain.errors import NotAuthenticated

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "bad_inputs.json").read_text())


def _pems(key: ec.EllipticCurvePrivateKey) -> tuple[str, str]:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


CURRENT, OLD = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
(CURRENT_PRIVATE, CURRENT_PUBLIC), (OLD_PRIVATE, OLD_PUBLIC) = _pems(CURRENT), _pems(OLD)
KEYS = TokenKeys(
    issuer="https://tendwell.example",
    audience="tendwell-api",
    kid="current",
    private_pem=CURRENT_PRIVATE,
    public_pems={"current": CURRENT_PUBLIC, "old": OLD_PUBLIC},
)
OLD_KEYS = TokenKeys(
    issuer=KEYS.issuer, audience=KEYS.audience, kid="old", private_pem=OLD_PRIVATE, public_pems={"old": OLD_PUBLIC}
)
NOW = datetime.now(UTC).replace(microsecond=0)
ACCOUNT, SESSION = uuid4(), uuid4()
GOOD = issue_access_token(KEYS, account_id=ACCOUNT, session_id=SESSION, now=NOW).token


@pytest.fixture(autouse=True)
def at_this_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let NOW be now: python-jose asks the machine's clock, and a run may last longer than a token."""
    now = datetime.now(UTC).replace(microsecond=0)
    good = issue_access_token(KEYS, account_id=ACCOUNT, session_id=SESSION, now=now).token
    monkeypatch.setattr(sys.modules[__name__], "NOW", now)
    monkeypatch.setattr(sys.modules[__name__], "GOOD", good)


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _claims(**changed: Any) -> dict[str, Any]:
    at = int(NOW.timestamp())
    claims = {
        "iss": KEYS.issuer,
        "aud": KEYS.audience,
        "sub": str(ACCOUNT),
        "sid": str(SESSION),
        "gen": 0,
        "jti": str(uuid4()),
        "iat": at,
        "nbf": at,
        "exp": at + 600,
        **changed,
    }
    return {name: value for name, value in claims.items() if value is not ...}


def _signed(header: str, payload: str, key: ec.EllipticCurvePrivateKey = CURRENT) -> str:
    """Return a token with exactly these texts and a valid ES256 signature."""
    signing_input = f"{_b64(header.encode())}.{_b64(payload.encode())}"
    r, s = decode_dss_signature(key.sign(signing_input.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signing_input}.{_b64(r.to_bytes(32) + s.to_bytes(32))}"


def _header(**changed: Any) -> str:
    header = {"alg": "ES256", "typ": "at+jwt", "kid": "current", **changed}
    return json.dumps({name: value for name, value in header.items() if value is not ...})


def _forged(header: str | None = None, key: ec.EllipticCurvePrivateKey = CURRENT, **claims: Any) -> str:
    return _signed(header or _header(), json.dumps(_claims(**claims)), key)


def _by_hmac(secret: bytes) -> str:
    signing_input = f"{_b64(_header(alg='HS256').encode())}.{_b64(json.dumps(_claims()).encode())}"
    return f"{signing_input}.{_b64(hmac.digest(secret, signing_input.encode(), hashlib.sha256))}"


def _der() -> bytes:
    return CURRENT.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _with_loose_bits(token: str) -> str:
    """Return the token with the unused bits of its signature's last letter set: the same bytes, another text."""
    letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    return token[:-1] + letters[letters.index(token[-1]) | 1]


def _with_payload(payload: str) -> str:
    return _signed(_header(), payload)


# What the vectors call each forgery -> how it is made.
FORGERIES: Mapping[str, Callable[[], str]] = {
    "alg:none": lambda: f"{_b64(_header(alg='none').encode())}.{_b64(json.dumps(_claims()).encode())}.",
    "hs256:pem_public": lambda: _by_hmac(CURRENT_PUBLIC.encode()),
    "hs256:der_public": lambda: _by_hmac(_der()),
    "header:jku": lambda: _forged(_header(jku="https://evil.example/keys")),
    "kid:../../dev/null": lambda: _forged(_header(kid="../../dev/null")),
    "kid:old_signed_by_new": lambda: _forged(_header(kid="old")),
    "crit:zzz": lambda: _forged(_header(crit=["zzz"], zzz=True)),
    "no:exp": lambda: _forged(exp=...),
    "nbf:+600": lambda: _forged(nbf=int(NOW.timestamp()) + 600, exp=int(NOW.timestamp()) + 900),
    "exp:1e400 (validly signed)": lambda: _with_payload(json.dumps(_claims(exp="EXP")).replace('"EXP"', "1e400")),
    "no:aud": lambda: _forged(aud=...),
    "iss:evil": lambda: _forged(iss="https://evil.example"),
    "typ:rt+jwt": lambda: _forged(_header(typ="rt+jwt")),
    "ws_ticket": lambda: _b64(uuid4().bytes),
    "header:deep": lambda: f"{_b64(b'[' * 100_000)}.{_b64(json.dumps(_claims()).encode())}.{'A' * 86}",
    "b64:noncanonical": lambda: _with_loose_bits(GOOD),
}
OURS = {
    case["id"]: case["request"]["forge"]
    for case in VECTORS["cases"]
    if case["area"] == "auth" and case["kind"] == "token" and "forge" in case["request"]
}


def test_a_good_token_says_who_and_which_session_for_ten_minutes() -> None:
    issued = issue_access_token(KEYS, account_id=ACCOUNT, session_id=SESSION, now=NOW)
    found = verify_access_token(issued.token, KEYS, NOW)
    assert found == Claims(ACCOUNT, SESSION, 0, found.jti, NOW, NOW + ACCESS_TOKEN_LIFETIME)
    assert issued.expires_in_seconds == 600
    assert len(issued.token) < 700


def test_every_token_has_a_jti_of_its_own() -> None:
    tokens = [issue_access_token(KEYS, account_id=ACCOUNT, session_id=SESSION, now=NOW).token for _ in range(9)]
    assert len({verify_access_token(token, KEYS, NOW).jti for token in tokens}) == 9


def test_a_token_made_by_hand_as_ours_are_is_accepted_so_the_forgeries_fail_for_their_own_reason() -> None:
    assert verify_access_token(_forged(), KEYS, NOW).account_id == ACCOUNT


@pytest.mark.parametrize(("case", "forge"), OURS.items(), ids=OURS.keys())
def test_each_forgery_of_the_vectors_is_refused(case: str, forge: str) -> None:
    with pytest.raises(NotAuthenticated):
        verify_access_token(FORGERIES[forge](), KEYS, NOW)


@pytest.mark.parametrize(
    "make",
    [
        lambda: "",
        lambda: ".",
        lambda: "..",
        lambda: "a.b.c",
        lambda: "a.b.c.d",
        lambda: "\ud800.b.c",
        lambda: "é.b.c",
        lambda: GOOD + "\n",
        lambda: " " + GOOD,
        lambda: GOOD + "=",
        lambda: GOOD.replace(".", "..", 1),
        lambda: GOOD.upper(),
        lambda: "A" * 5000,
        lambda: _forged(sub=...),
        lambda: _forged(sid=...),
        lambda: _forged(jti=...),
        lambda: _forged(gen=...),
        lambda: _forged(gen=-1),
        lambda: _forged(gen=True),
        lambda: _forged(gen="0"),
        lambda: _forged(gen=2**31),
        lambda: _forged(iat=...),
        lambda: _forged(nbf=...),
        lambda: _forged(iss=...),
        lambda: _forged(sub="not-an-id"),
        lambda: _forged(sub=5),
        lambda: _forged(sid=None),
        lambda: _forged(aud=[KEYS.audience]),
        lambda: _forged(aud=[KEYS.audience, "other"]),
        lambda: _forged(exp=int(NOW.timestamp()) + 3600),
        lambda: _forged(exp=str(int(NOW.timestamp()) + 600)),
        lambda: _forged(exp=float(int(NOW.timestamp()) + 600)),
        lambda: _forged(exp=True),
        lambda: _forged(exp=-1),
        lambda: _forged(exp=10**30),
        lambda: _forged(iat=int(NOW.timestamp()) + 120, nbf=int(NOW.timestamp()), exp=int(NOW.timestamp()) + 600),
        lambda: _forged(iat=-(10**30)),
        lambda: _forged(_header(typ="JWT")),
        lambda: _forged(_header(typ=...)),
        lambda: _forged(_header(kid=...)),
        lambda: _forged(_header(kid=1)),
        lambda: _forged(_header(kid=["current"])),
        lambda: _forged(_header(alg="es256")),
        lambda: _forged(_header(alg="ES512")),
        lambda: _forged(_header(b64=False)),
        lambda: _forged(_header(jwk={})),
        lambda: _forged(_header(x5u="https://evil.example")),
        lambda: _forged('{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"current"}'),
        lambda: _forged('["ES256"]'),
        lambda: _forged(key=OLD),
        lambda: _with_payload("[" * 1000),
        lambda: _with_payload("[]"),
        lambda: _with_payload("null"),
        lambda: _with_payload(""),
        lambda: _signed(_header() + " " * 2000, json.dumps(_claims())),
    ],
)
def test_what_is_not_exactly_a_token_of_ours_is_refused(make: Callable[[], str]) -> None:
    with pytest.raises(NotAuthenticated):
        verify_access_token(make(), KEYS, NOW)


def test_a_token_is_good_until_it_expires_and_half_a_minute_longer_for_clocks_that_differ() -> None:
    expiry = NOW + ACCESS_TOKEN_LIFETIME
    assert verify_access_token(GOOD, KEYS, expiry + timedelta(seconds=29))
    with pytest.raises(NotAuthenticated):
        verify_access_token(GOOD, KEYS, expiry + timedelta(seconds=30))


def test_a_token_that_really_has_expired_is_refused() -> None:
    old = issue_access_token(KEYS, account_id=ACCOUNT, session_id=SESSION, now=NOW - timedelta(minutes=11)).token
    with pytest.raises(NotAuthenticated):
        verify_access_token(old, KEYS, NOW)


def test_a_token_from_the_future_is_refused() -> None:
    with pytest.raises(NotAuthenticated):
        verify_access_token(GOOD, KEYS, NOW - timedelta(seconds=31))


def test_after_a_rotation_old_tokens_are_good_until_their_key_is_removed() -> None:
    token = issue_access_token(OLD_KEYS, account_id=ACCOUNT, session_id=SESSION, now=NOW).token
    assert verify_access_token(token, KEYS, NOW).account_id == ACCOUNT
    removed = TokenKeys(KEYS.issuer, KEYS.audience, "current", CURRENT_PRIVATE, {"current": CURRENT_PUBLIC})
    with pytest.raises(NotAuthenticated):
        verify_access_token(token, removed, NOW)


def test_keys_are_not_shown_and_must_fit() -> None:
    assert "PRIVATE" not in repr(KEYS)
    with pytest.raises(ValueError, match="own public key"):
        TokenKeys(KEYS.issuer, KEYS.audience, "current", CURRENT_PRIVATE, {"old": OLD_PUBLIC})


def test_every_refusal_reads_the_same() -> None:
    said = set()
    for token in ("", _forged(key=OLD), _forged(aud="other"), _forged(exp=-1)):
        with pytest.raises(NotAuthenticated) as refused:
            verify_access_token(token, KEYS, NOW)
        said.add(refused.value.detail)
        assert refused.value.__suppress_context__
    assert len(said) == 1


_TEXT = st.characters(codec="utf-8", exclude_characters="") | st.characters(categories=["Cs"])


@given(st.text(_TEXT, max_size=200))
def test_no_text_is_a_token_or_raises_anything_else(text: str) -> None:
    with pytest.raises(NotAuthenticated):
        verify_access_token(text, KEYS, NOW)


@given(st.integers(0, len(GOOD) - 1), st.characters(min_codepoint=1, max_codepoint=0x2FF), st.sampled_from("rid"))
def test_no_change_of_one_letter_is_accepted(place: int, letter: str, how: str) -> None:
    changed = {
        "r": GOOD[:place] + letter + GOOD[place + 1 :],
        "i": GOOD[:place] + letter + GOOD[place:],
        "d": GOOD[:place] + GOOD[place + 1 :],
    }[how]
    if changed == GOOD:
        return
    with pytest.raises(NotAuthenticated):
        verify_access_token(changed, KEYS, NOW)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from(["alg", "typ", "kid", "crit", "jku", "x"]), _JSON)
def test_no_other_header_is_accepted_even_if_it_is_signed(name: str, value: object) -> None:
    if {"alg": "ES256", "typ": "at+jwt", "kid": "current"}.get(name) == value:
        return
    with pytest.raises(NotAuthenticated):
        verify_access_token(_forged(_header(**{name: value})), KEYS, NOW)


@given(st.sampled_from(["iss", "aud", "sub", "sid", "gen", "jti", "iat", "nbf", "exp"]), _JSON)
def test_no_nonsense_in_a_claim_raises_anything_else_even_if_it_is_signed(name: str, value: object) -> None:
    try:
        verify_access_token(_with_payload(json.dumps(_claims(**{name: value}))), KEYS, NOW)
    except NotAuthenticated:
        return
    # Harmless: an earlier "not before"; and which generation is in force, the session's row says.
    assert name in {"nbf", "gen"}
    assert isinstance(value, int)
