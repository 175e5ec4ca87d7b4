"""What a good OpenID provider never does opens nothing: each case spoils one thing of an answer that is right."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from jose import jwt
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import Services
from api.id_tokens import LEEWAY
from api.identity_provider import OfferedProvider
from api.provider_sign_in import REFUSED
from domain.people.nhs_login import DEFAULT_VECTORS, Demands
from integrations.identity import client as identity_client
from integrations.identity.client import KEPT_FOR, MOST_BYTES, PATIENCE_SECONDS, UNKNOWN_KEY_PAUSE, Provider
from integrations.identity.kept import FAILURE_REMEMBERED_FOR
from integrations.identity.registration import Registration
from tests.http.conftest import ClientOf
from tests.http.hostile_provider import (
    HostileProvider,
    by,
    by_public_key_as_secret,
    encoded,
    hostile_provider,
    key_pair,
)
from tests.identity_provider import CLIENT_ID, REDIRECT_URI
from tests.standing_clock import StandingClock

TRUSTMARK = "https://trust.test/trustmark/trust.test"
ROSE = {
    "vot": "P9.Cp.Cd",
    "vtm": TRUSTMARK,
    "identity_proofing_level": "P9",
    "nhs_number": "9990000018",
    "birthdate": "1940-02-29",
    "family_name": "Resident",
}
DISCOVERY = "/.well-known/openid-configuration"
Spoil = Callable[[HostileProvider], object]


@pytest.fixture
async def hostile(app: FastAPI) -> AsyncIterator[HostileProvider]:
    """Yield a provider that says of its one person that she is Rose, and is offered by the application."""
    async with hostile_provider() as provider:
        provider.claims |= ROSE
        registration = Registration(
            issuer=provider.issuer,
            client_id=CLIENT_ID,
            redirect_uri=REDIRECT_URI,
            scopes=("openid", "profile"),
            vectors=DEFAULT_VECTORS,
            algorithm="RS512",
            loopback=True,
        )
        offered = OfferedProvider("X", Demands(DEFAULT_VECTORS, TRUSTMARK, test_numbers=True), Provider(registration))
        app.state.services = replace(app.state.services, offered_provider=offered)
        yield provider


@pytest.fixture
def http(client_of: ClientOf) -> httpx.AsyncClient:
    return client_of(None)


async def begun(http: httpx.AsyncClient, hostile: HostileProvider) -> dict[str, str]:
    sent = await http.post("/v1/sessions/identity-provider-options", json={})
    assert sent.status_code == 201, sent.text
    return hostile.sent(sent.json()["address"]) | {"secret": sent.json()["secret"]}


async def brought(http: httpx.AsyncClient, body: dict[str, str]) -> httpx.Response:
    return await http.post("/v1/sessions/identity-provider", json=body)


def claim(name: str, value: object) -> Spoil:
    return lambda hostile: hostile.claims.update({name: value})


def head(name: str, value: object) -> Spoil:
    return lambda hostile: hostile.header.update({name: value})


def shared_secret(hostile: HostileProvider) -> None:
    hostile.header["alg"] = "HS256"
    hostile.sign = by_public_key_as_secret


def unsigned(hostile: HostileProvider) -> None:
    hostile.header["alg"] = "none"
    hostile.sign = lambda _: b""


def of_another_key(hostile: HostileProvider) -> None:
    hostile.sign = by(key_pair("stolen"))


def by_key_it_brings_itself(hostile: HostileProvider) -> None:
    hostile.sign = by(key_pair("stolen"))
    hostile.header["jwk"] = {"kty": "RSA", "n": "AQAB", "e": "AQAB"}


def seconds(of: timedelta) -> int:
    return int(time.time() + of.total_seconds())


REFUSED_ANSWERS: dict[str, Spoil] = {
    "signed by another key": of_another_key,
    "not signed": unsigned,
    "signed with the public key as a secret": shared_secret,
    "bringing its own key": by_key_it_brings_itself,
    "another algorithm": head("alg", "RS256"),
    "without an algorithm": head("alg", None),
    "an unknown key": head("kid", "kid-of-nobody"),
    "a key that is no text": head("kid", 7),
    "a critical extension": head("crit", ["b64"]),
    "a key at another address": head("jku", "https://evil.test/keys"),
    "an access token": head("typ", "at+jwt"),
    "of another issuer": claim("iss", "https://evil.test"),
    "of an issuer spelt otherwise": lambda h: h.claims.update(iss=h.issuer + "/"),
    "without an issuer": claim("iss", None),
    "for another client": claim("aud", "another-client"),
    "for others as well": claim("aud", [CLIENT_ID, "another-client"]),
    "for nobody": claim("aud", None),
    "handed to another client": claim("azp", "another-client"),
    "without a nonce": claim("nonce", None),
    "of another nonce": claim("nonce", "another-nonce"),
    "of an empty nonce": claim("nonce", ""),
    "over": claim("exp", 1_000_000_000),
    "just over": lambda h: h.claims.update(exp=seconds(-LEEWAY)),
    "without an end": claim("exp", None),
    "an end in words": claim("exp", "tomorrow"),
    "an end that is true": claim("exp", True),
    "an end beyond all clocks": claim("exp", 10**30),
    "made before it was asked for": lambda h: h.claims.update(iat=seconds(-2 * LEEWAY)),
    "made tomorrow": lambda h: h.claims.update(iat=seconds(timedelta(days=1))),
    "without a birth": claim("iat", None),
    "not valid yet": lambda h: h.claims.update(nbf=seconds(2 * LEEWAY)),
    "a session left open there": lambda h: h.claims.update(auth_time=seconds(-timedelta(hours=1))),
    "for another access token": claim("at_hash", "AAAA"),
    "of nobody": claim("sub", None),
    "of a number": claim("sub", 7),
    "of somebody without end": claim("sub", "x" * 256),
    "of a control character": claim("sub", "x\u0007"),
    "userinfo of somebody else": lambda h: h.userinfo.update(sub="another"),
    "userinfo of nobody": lambda h: h.userinfo.update(sub=None),
    "userinfo with another number": lambda h: h.userinfo.update(nhs_number="9990000026"),
    "userinfo that is refused": lambda h: h.replies.update({"/userinfo": (403, {}, b"{}")}),
    "no ID token": lambda h: h.tokens.update(id_token=None),
    "an ID token without end": lambda h: h.tokens.update(id_token="x" * 20_000),
    "an ID token of brackets": lambda h: h.tokens.update(id_token=f"{encoded(b'[' * 9_000)}.AAAA.AAAA"),
    "an ID token that is none": lambda h: h.tokens.update(id_token="a.b.c"),
    "a token of another kind": lambda h: h.tokens.update(token_type="mac"),
    "a code that is spent": lambda h: h.replies.update({"/token": (400, {}, b'{"error": "invalid_grant"}')}),
}


@pytest.mark.parametrize("what", REFUSED_ANSWERS)
async def test_auth_043_an_answer_that_is_not_right_in_all_signs_nobody_in(
    http: httpx.AsyncClient, hostile: HostileProvider, session: AsyncSession, what: str
) -> None:
    body = await begun(http, hostile)
    REFUSED_ANSWERS[what](hostile)
    answer = await brought(http, body)
    assert (answer.status_code, answer.json()["detail"]) == (401, REFUSED), answer.text
    assert await session.scalar(text("select count(*) from provider_identity")) == 0


RIGHT: dict[str, Spoil] = {
    "as it should be": lambda _: None,
    "without a key's name, for there is one": head("kid", None),
    "with members of no meaning to us": head("sub", "as NHS login has it"),
    "for this access token": claim("at_hash", encoded(hashlib.sha512(b"an-access-token").digest()[:32])),
    "an audience in a list": claim("aud", [CLIENT_ID]),
    "a clock that is behind": lambda h: h.claims.update(iat=seconds(-LEEWAY / 2), auth_time=seconds(-LEEWAY / 2)),
    "a clock that is ahead": lambda h: h.claims.update(iat=seconds(LEEWAY / 2), nbf=seconds(LEEWAY / 2)),
    "claims in userinfo alone": lambda h: (
        h.userinfo.update({name: ROSE[name] for name in ("nhs_number", "birthdate", "family_name")}),
        h.claims.update(dict.fromkeys(("nhs_number", "birthdate", "family_name"))),
    ),
}


@pytest.mark.parametrize("what", RIGHT)
async def test_what_is_right_is_let_in(http: httpx.AsyncClient, hostile: HostileProvider, what: str) -> None:
    body = await begun(http, hostile)
    RIGHT[what](hostile)
    answer = await brought(http, body)
    assert answer.status_code == 201, answer.text


async def test_what_shows_that_it_is_us_is_signed_for_this_provider_short_and_never_the_same(
    http: httpx.AsyncClient, hostile: HostileProvider
) -> None:
    for _ in range(2):
        assert (await brought(http, await begun(http, hostile))).status_code == 201
    published = (await http.get("/.well-known/oidc-client-keys.json")).json()
    first, second = (
        jwt.decode(each, published, algorithms=["RS512"], audience=f"{hostile.issuer}/token")
        for each in hostile.assertions
    )
    assert (first["iss"], first["sub"]) == (CLIENT_ID, CLIENT_ID)
    assert first["exp"] - first["iat"] == 120
    assert first["jti"] != second["jti"]
    assert jwt.get_unverified_header(hostile.assertions[0])["kid"] == published["keys"][0]["kid"]


def reply(path: str, status: int, body: bytes = b"{}", **headers: str) -> Spoil:
    return lambda hostile: hostile.replies.update({path: (status, headers, body)})


def described(**more: Any) -> Spoil:
    return lambda hostile: hostile.description.update(more)


PADDING = "x" * MOST_BYTES


def compressed(hostile: HostileProvider) -> None:
    """Answer as one should, but in small: what it is blown up to is another's choice."""
    body = gzip.compress(json.dumps(hostile.description).encode())
    hostile.replies[DISCOVERY] = (200, {"content-encoding": "gzip"}, body)


UNFIT: dict[str, Spoil] = {
    "is away": reply(DISCOVERY, 500),
    "is busy": reply(DISCOVERY, 429),
    "leads elsewhere": reply(DISCOVERY, 302, location="http://127.0.0.1:1/"),
    "answers without end": described(padding=PADDING),
    "answers in small": compressed,
    "answers with a page": reply(DISCOVERY, 200, b"<html>"),
    "answers with brackets": reply(DISCOVERY, 200, b"[" * 100_000),
    "answers with a list": reply(DISCOVERY, 200, b"[]"),
    "says nothing": lambda h: h.silent.add(DISCOVERY),
    "is another": described(issuer="https://evil.test"),
    "is spelt otherwise": lambda h: h.description.update(issuer=h.issuer + "/"),
    "signs otherwise": described(id_token_signing_alg_values_supported=["RS256"]),
    "takes no signed assertion": described(token_endpoint_auth_methods_supported=["client_secret_post"]),
    "takes no code": described(response_types_supported=["token"]),
    "takes no challenge": described(code_challenge_methods_supported=["plain"]),
    "sends to another host": described(authorization_endpoint="https://evil.test/authorize"),
    "has its tokens inside": described(token_endpoint="http://169.254.169.254/latest"),
    "has its keys in a file": described(jwks_uri="file:///etc/passwd"),
    "has no userinfo": described(userinfo_endpoint=None),
    "hides a host": lambda h: h.description.update(token_endpoint=f"{h.issuer}@evil.test/token"),
}


@pytest.mark.parametrize("what", UNFIT)
async def test_a_provider_that_is_not_what_was_configured_is_not_available_and_nothing_is_written_down(
    http: httpx.AsyncClient,
    hostile: HostileProvider,
    app: FastAPI,
    session: AsyncSession,
    what: str,
) -> None:
    _patient(app, 0.2 if what == "says nothing" else PATIENCE_SECONDS)
    UNFIT[what](hostile)
    answer = await http.post("/v1/sessions/identity-provider-options", json={})
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/provider-unavailable"), answer.text
    assert int(answer.headers["retry-after"]) > 0
    assert await session.scalar(text("select count(*) from provider_sign_in")) == 0


def _patient(app: FastAPI, patience_seconds: float) -> None:
    held: Services = app.state.services
    assert held.offered_provider is not None
    held.offered_provider.provider.patience_seconds = patience_seconds


LATE: dict[str, Spoil] = {
    "keys are away": reply("/keys", 503),
    "keys are none": reply("/keys", 200, b'{"keys": 7}'),
    "keys are ambiguous": lambda h: h.replies.update(
        {"/keys": (200, {}, json.dumps({"keys": h.key_set["keys"] * 2}).encode())}
    ),
    "tokens are away": reply("/token", 502),
    "tokens do not come": lambda h: h.silent.add("/token"),
    "tokens are without end": lambda h: h.tokens.update(padding=PADDING),
    "we are not known": reply("/token", 401, b'{"error": "invalid_client"}'),
    "we are led elsewhere": reply("/token", 307, location="http://127.0.0.1:1/"),
    "userinfo is away": reply("/userinfo", 503),
}


@pytest.mark.parametrize("what", LATE)
async def test_a_provider_that_goes_away_on_the_way_is_told_as_that_and_the_same_answer_may_be_brought_again(
    http: httpx.AsyncClient, hostile: HostileProvider, app: FastAPI, session: AsyncSession, what: str
) -> None:
    clock = StandingClock(app.state.services.clock())
    app.state.services = replace(app.state.services, clock=clock)
    body = await begun(http, hostile)
    LATE[what](hostile)
    _patient(app, 0.2 if what == "tokens do not come" else PATIENCE_SECONDS)
    answer = await brought(http, body)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/provider-unavailable"), answer.text
    assert await session.scalar(text("select count(*) from provider_identity")) == 0
    assert await session.scalar(text("select sum(failures) from sign_in_attempt where scope = 'address'")) == 0
    hostile.replies.clear()
    hostile.silent.clear()
    hostile.tokens.clear()
    _patient(app, PATIENCE_SECONDS)
    clock.now += timedelta(seconds=int(answer.headers["retry-after"]))
    assert (await brought(http, body)).status_code == 201


async def test_nothing_is_asked_of_anybody_but_the_provider_s_own_addresses(
    http: httpx.AsyncClient, hostile: HostileProvider
) -> None:
    assert (await brought(http, await begun(http, hostile))).status_code == 201
    assert (await brought(http, await begun(http, hostile))).status_code == 201
    assert hostile.asked == [DISCOVERY, "/keys", "/token", "/userinfo", "/token", "/userinfo"]


async def test_a_new_key_is_looked_for_once_and_a_flood_of_unknown_ones_is_no_flood_of_looks(
    app: FastAPI, http: httpx.AsyncClient, hostile: HostileProvider
) -> None:
    clock = StandingClock(app.state.services.clock())
    app.state.services = replace(app.state.services, clock=clock)
    assert (await brought(http, await begun(http, hostile))).status_code == 201
    hostile.key_name = "next"
    hostile.sign, hostile.header["kid"] = by(key_pair("next")), "kid-next"
    for _ in range(3):
        assert (await brought(http, await begun(http, hostile))).status_code == 401
    assert hostile.asked.count("/keys") == 1
    clock.now += UNKNOWN_KEY_PAUSE
    assert (await brought(http, await begun(http, hostile))).status_code == 201
    assert hostile.asked.count("/keys") == 2
    hostile.header["kid"], hostile.sign = "kid-own", by(key_pair("own"))
    assert (await brought(http, await begun(http, hostile))).status_code == 401, "the old one was taken away"


async def test_its_description_is_kept_for_an_hour_and_believed_while_it_is_away(
    app: FastAPI, http: httpx.AsyncClient, hostile: HostileProvider
) -> None:
    clock = StandingClock(app.state.services.clock())
    app.state.services = replace(app.state.services, clock=clock)
    await begun(http, hostile)
    await begun(http, hostile)
    assert hostile.asked.count(DISCOVERY) == 1
    clock.now += KEPT_FOR
    hostile.replies[DISCOVERY] = (503, {}, b"")
    await begun(http, hostile)
    assert hostile.asked.count(DISCOVERY) == 2
    clock.now += identity_client.BELIEVED_FOR
    answer = await http.post("/v1/sessions/identity-provider-options", json={})
    assert answer.status_code == 503


async def test_the_log_says_why_in_a_word_and_nothing_of_anybody(
    http: httpx.AsyncClient, hostile: HostileProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = await begun(http, hostile)
    hostile.claims["birthdate"] = "1940-03-01"
    assert (await brought(http, body)).status_code == 401
    assert "record_disagrees" in caplog.text
    hostile.replies["/token"] = (400, {}, b'{"error": "invalid_client", "error_description": "Resident 9990000018"}')
    assert (await brought(http, await begun(http, hostile))).status_code == 503
    assert "the identity provider cannot be used: invalid_client" in caplog.text
    kept = [*ROSE.values(), "a-subject", "an-access-token", "a-code", *hostile.assertions, *body.values()]
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("tendwell")]
    assert ours
    assert [value for value in kept if any(value in line for line in ours) and value != "P9"] == []


async def test_a_provider_that_hangs_costs_many_who_begin_at_once_one_question(
    app: FastAPI, http: httpx.AsyncClient, hostile: HostileProvider
) -> None:
    clock = StandingClock(app.state.services.clock())
    app.state.services = replace(app.state.services, clock=clock)
    _patient(app, 2.0)
    hostile.silent.add(DISCOVERY)
    for _ in range(2):
        begin = (http.post("/v1/sessions/identity-provider-options", json={}) for _ in range(10))
        assert {answer.status_code for answer in await asyncio.gather(*begin)} == {503}
    assert hostile.asked.count(DISCOVERY) == 1
    hostile.silent.clear()
    clock.now += FAILURE_REMEMBERED_FOR
    await begun(http, hostile)
