"""Others' keys are read for one way of signing, and addresses for one provider: what does not fit is not bent to."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from domain.keys.key_pair import Purpose, new_key_pair, public_members
from domain.keys.public_key import pem_of
from integrations.identity.errors import ProviderUnfit
from integrations.identity.payload import authorisation_url, challenge_of, read_description, read_keys
from integrations.identity.registration import Registration
from tests.http.hostile_provider import encoded


def curve_key(curve: ec.EllipticCurve, name: str) -> dict[str, Any]:
    numbers = ec.generate_private_key(curve).public_key().public_numbers()
    size = (curve.key_size + 7) // 8
    return {"kty": "EC", "crv": name, "x": encoded(numbers.x.to_bytes(size)), "y": encoded(numbers.y.to_bytes(size))}


def short_key() -> dict[str, Any]:
    numbers = rsa.generate_private_key(65537, 1024).public_key().public_numbers()
    return {"kty": "RSA", "n": encoded(numbers.n.to_bytes(128)), "e": "AQAB"}


RSA = public_members(new_key_pair(Purpose.oidc_client).public_pem)
P256, P521 = curve_key(ec.SECP256R1(), "P-256"), curve_key(ec.SECP521R1(), "P-521")


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(RSA, "RS512"), (RSA, "RS256"), (P256, "ES256"), (P521, "ES512"), (RSA | {"alg": "RS512"}, "RS512")],
)
def test_a_key_that_fits_is_read(key: dict[str, Any], algorithm: str) -> None:
    assert (pem_of(key, algorithm) or "").startswith("-----BEGIN PUBLIC KEY-----")


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (RSA, "ES256"),
        (P256, "RS512"),
        (P256, "ES512"),
        (RSA | {"use": "enc"}, "RS512"),
        (RSA | {"alg": "RS256"}, "RS512"),
        (RSA | {"key_ops": ["encrypt"]}, "RS512"),
        (RSA | {"key_ops": 7}, "RS512"),
        (RSA | {"n": 7}, "RS512"),
        (RSA | {"n": "!"}, "RS512"),
        (RSA | {"e": "AA"}, "RS512"),
        (P256 | {"x": P256["y"]}, "ES256"),
        ({"kty": "oct", "k": "AAAA"}, "RS512"),
        ({}, "RS512"),
        (short_key(), "RS512"),
    ],
)
def test_a_key_that_does_not_fit_is_none(key: dict[str, Any], algorithm: str) -> None:
    assert pem_of(key, algorithm) is None


def test_a_key_set_is_read_by_name_and_never_in_two_ways() -> None:
    keys = read_keys({"keys": [RSA | {"kid": "a"}, P256 | {"kid": "b"}, "nonsense"]}, "RS512")
    assert set(keys) == {"a"}
    broken: list[dict[str, Any]] = [{"keys": [RSA, RSA]}, {"keys": [RSA | {"kid": 7}]}, {"keys": {}}, {}]
    for wrong in (*broken, {"keys": [RSA] * 51}):
        with pytest.raises(ProviderUnfit):
            read_keys(wrong, "RS512")


def registration(issuer: str = "https://auth.provider.test/realm", **more: Any) -> Registration:
    return Registration(
        issuer=issuer,
        client_id="us",
        redirect_uri="https://us.test/console/signed-in",
        scopes=("openid", "profile"),
        vectors=("P9.Cm",),
        algorithm="RS512",
        **more,
    )


@pytest.mark.parametrize(
    "issuer",
    [
        "http://auth.provider.test",
        "ftp://x.test",
        "https://a@x.test",
        "https://x.test?a",
        "https://x.test/#a",
        "",
        "x.test",
        "https://x.test:no",
    ],
)
def test_what_cannot_be_an_issuer_is_refused(issuer: str) -> None:
    with pytest.raises(ProviderUnfit):
        registration(issuer)


def test_plain_http_is_for_this_machine_alone_and_for_tests() -> None:
    assert registration("http://127.0.0.1:9", loopback=True).discovery_url.startswith("http://127.0.0.1:9/.well-known/")
    for issuer, loopback in (("http://127.0.0.1:9", False), ("http://10.0.0.1", True)):
        with pytest.raises(ProviderUnfit):
            registration(issuer, loopback=loopback)


def test_its_addresses_are_on_its_own_host_or_on_those_that_were_named() -> None:
    ours = registration(hosts=frozenset({"keys.provider.test"}))
    document = {
        "issuer": ours.issuer,
        "authorization_endpoint": "https://auth.provider.test/authorize?ui=plain",
        "token_endpoint": "https://auth.provider.test/token",
        "userinfo_endpoint": "https://auth.provider.test/userinfo",
        "jwks_uri": "https://keys.provider.test/keys",
        "response_types_supported": ["code"],
        "id_token_signing_alg_values_supported": ["RS512"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    }
    described = read_description(document, ours)
    assert described.jwks_uri == "https://keys.provider.test/keys"
    address = authorisation_url(described, ours, state="s", nonce="n", verifier="v")
    assert address.startswith("https://auth.provider.test/authorize?ui=plain&response_type=code&client_id=us&")
    with pytest.raises(ProviderUnfit, match="url_of_another_host"):
        read_description(document, registration())


def test_the_challenge_is_that_of_the_rfc() -> None:
    # RFC 7636, appendix B
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
