"""Web Push: RFC 8291's own example, and a browser and its maker on this machine who check all of it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jose import jwt

from domain.notifications.words import NoticeKind
from integrations.notifications.errors import AddressEnded, NotSent, NotSetUp
from integrations.notifications.notice import Notice
from integrations.notifications.tokens import base64url, from_base64url
from integrations.notifications.web_push.client import WebPush
from integrations.notifications.web_push.payload import Sender, Subscription, encrypted, encrypted_with
from integrations.webhooks.client import Caller
from tests.unit.notifications.peers import NOW_SECONDS, now, peer, public_pem, saying

# RFC 8291, section 5 and appendix A.
TEXT = b"When I grow up, I want to be a watermelon"
BROWSERS_PRIVATE = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
BROWSERS_PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
OURS_PRIVATE = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SENT = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A"
    "_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)

NOTICE = Notice(UUID("00000000-0000-7000-8000-000000000001"), NoticeKind.something_due, lasts_seconds=3600)
SENDER = Sender(ec.generate_private_key(ec.SECP256R1()), "mailto:push@riverside.example")
SUBSCRIPTION = Subscription("https://push.example/x", BROWSERS_PUBLIC, AUTH)


def private_key(said: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(from_base64url(said)), ec.SECP256R1())


def read_by_the_browser(body: bytes) -> bytes:
    """Return what the browser reads, by way of the library's own HKDF."""
    salt, length = body[:16], body[20]
    theirs, sealed = body[21 : 21 + length], body[21 + length :]
    shared = private_key(BROWSERS_PRIVATE).exchange(
        ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
    )
    info = b"WebPush: info\0" + from_base64url(BROWSERS_PUBLIC) + theirs
    keyed = HKDF(hashes.SHA256(), 32, from_base64url(AUTH), info).derive(shared)
    key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(keyed)
    nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(keyed)
    opened = AESGCM(key).decrypt(nonce, sealed, None)
    assert opened.endswith(b"\x02")
    return opened[:-1]


def test_what_rfc_8291_encrypts_is_encrypted_so() -> None:
    made = encrypted_with(TEXT, SUBSCRIPTION, private_key(OURS_PRIVATE), from_base64url(SALT))
    assert base64url(made) == SENT
    assert read_by_the_browser(made) == TEXT


def test_no_two_are_encrypted_with_one_key_or_salt() -> None:
    one, other = encrypted(TEXT, SUBSCRIPTION), encrypted(TEXT, SUBSCRIPTION)
    assert one[:16] != other[:16]
    assert one[21:86] != other[21:86]


async def test_a_browser_is_told_a_sentence_that_names_nobody_signed_for_its_maker() -> None:
    async with peer(saying(201)) as maker:
        push = WebPush(SENDER, Caller(loopback=True), now)
        await push.send(replace(SUBSCRIPTION, endpoint=f"{maker.url}/to/rose?x=1"), NOTICE)
        (asked,) = maker.asked
        assert asked.path == "/to/rose?x=1"
        token, key = asked.headers["authorization"].removeprefix("vapid t=").split(", k=")
        assert key == SENDER.public_key
        at_any_time = {"verify_exp": False}
        claims = jwt.decode(
            token, public_pem(SENDER.key), algorithms=["ES256"], audience=maker.url, options=at_any_time
        )
    assert claims == {"aud": maker.url, "exp": NOW_SECONDS + 12 * 3600, "sub": "mailto:push@riverside.example"}
    assert asked.headers["content-encoding"] == "aes128gcm"
    assert (asked.headers["ttl"], asked.headers["urgency"]) == ("3600", "normal")
    assert len(asked.headers["topic"]) <= 32
    assert read_by_the_browser(asked.body) == (
        b'{"id":"00000000-0000-7000-8000-000000000001","kind":"something_due","title":"Tendwell",'
        b'"text":"Something is due. Open Tendwell to see it.","language":"en"}'
    )


@pytest.mark.parametrize("status", [404, 410])
async def test_a_subscription_that_is_gone_is_never_used_again(status: int) -> None:
    async with peer(saying(status)) as maker:
        push = WebPush(SENDER, Caller(loopback=True), now)
        with pytest.raises(AddressEnded) as ended:
            await push.send(replace(SUBSCRIPTION, endpoint=maker.url), NOTICE)
    assert not ended.value.can_retry


@pytest.mark.parametrize(
    ("status", "said", "can_retry", "after"),
    [
        (429, {"retry_after": "120"}, True, 120),
        (503, {"retry_after": "999999"}, True, 3600),
        (500, {"retry_after": "Mon, 23 Nov 2026 10:00:00 GMT"}, True, None),
        (413, {}, False, None),
        (302, {"location": "http://127.0.0.1:1/"}, False, None),
    ],
)
async def test_another_refusal_says_whether_and_when_to_try_again(
    status: int, said: dict[str, str], can_retry: bool, after: int | None
) -> None:
    async with peer(saying(status, **said)) as maker:
        push = WebPush(SENDER, Caller(loopback=True), now)
        with pytest.raises(NotSent) as refused:
            await push.send(replace(SUBSCRIPTION, endpoint=maker.url), NOTICE)
        assert len(maker.asked) == 1
    assert (refused.value.can_retry, refused.value.retry_after_seconds) == (can_retry, after)
    assert not isinstance(refused.value, AddressEnded)


async def test_a_maker_that_does_not_know_our_key_is_for_whoever_runs_this() -> None:
    async with peer(saying(403)) as maker:
        push = WebPush(SENDER, Caller(loopback=True), now)
        with pytest.raises(NotSetUp):
            await push.send(replace(SUBSCRIPTION, endpoint=maker.url), NOTICE)


@pytest.mark.parametrize("endpoint", ["https://127.0.0.1/x", "http://push.example/x", "https://push.example:8443/x"])
async def test_an_endpoint_that_leads_inside_is_not_called(endpoint: str) -> None:
    async def inside(_host: str, _port: int) -> list[str]:
        return ["10.0.0.8"]

    for caller in (Caller(), Caller(resolve=inside)):
        with pytest.raises(AddressEnded):
            await WebPush(SENDER, caller, now).send(replace(SUBSCRIPTION, endpoint=endpoint), NOTICE)


async def test_a_name_that_resolves_inside_is_not_called() -> None:
    async def inside(_host: str, _port: int) -> list[str]:
        return ["169.254.169.254"]

    with pytest.raises(AddressEnded, match="not_reachable_from_outside"):
        await WebPush(SENDER, Caller(resolve=inside), now).send(SUBSCRIPTION, NOTICE)


@pytest.mark.parametrize(
    "keys", [{"auth": "AAAA"}, {"p256dh": "AAAA"}, {"p256dh": "not base64!"}, {"p256dh": "B" * 87}]
)
async def test_keys_that_are_none_end_the_subscription_before_anybody_is_called(keys: dict[str, str]) -> None:
    async with peer(saying(201)) as maker:
        broken = replace(SUBSCRIPTION, endpoint=maker.url, **keys)
        with pytest.raises(AddressEnded, match="keys_malformed"):
            await WebPush(SENDER, Caller(loopback=True), now).send(broken, NOTICE)
        assert maker.asked == []


def test_what_is_kept_of_a_subscription_is_not_shown() -> None:
    assert "push.example" not in repr(SUBSCRIPTION)
    assert AUTH not in repr(SUBSCRIPTION)
