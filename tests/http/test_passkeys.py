"""Passkeys: only the right key, of the right person, for the right page, once, signs in."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.passkey_ceremony import PasskeyRefused, RelyingParty, asserted, challenge_of, registered
from domain.accounts.passkey_limits import CHALLENGE_LIFETIME
from domain.accounts.sign_in import FactorRule
from tests.cast import PASSWORD, Cast
from tests.http.authenticator import Authenticator, decoded, encoded
from tests.http.conftest import ClientOf
from tests.http.letters import Letters
from tests.http.scene import ORIGIN

ASHA, ROSE = "asha_clinician_of_practice", "rose_herself"


async def made(client: httpx.AsyncClient, authenticator: Authenticator) -> httpx.Response:
    options = (await client.post("/v1/me/passkey-options")).json()["public_key"]
    body = {"name": "My phone", "credential": authenticator.create(options)}
    return await client.post("/v1/me/passkeys", json=body)


async def registered_with(client: httpx.AsyncClient, **more: Any) -> Authenticator:
    authenticator = Authenticator(ORIGIN, **more)
    answer = await made(client, authenticator)
    assert answer.status_code == 201, answer.text
    return authenticator


async def offered(http: httpx.AsyncClient, **body: str) -> dict[str, Any]:
    answer = await http.post("/v1/sessions/passkey-options", json=body)
    assert answer.status_code == 201
    options: dict[str, Any] = answer.json()["public_key"]
    return options


async def signed_in(http: httpx.AsyncClient, credential: dict[str, Any]) -> httpx.Response:
    return await http.post("/v1/sessions/passkey", json={"credential": credential})


async def actions(session: AsyncSession, cast: Cast, who: str) -> list[str]:
    rows = await session.execute(
        text("select action from audit_event where account_id = :who order by id"), {"who": cast.accounts[who]}
    )
    return list(rows.scalars())


async def test_a_passkey_alone_signs_in_where_two_factors_are_required(
    app: FastAPI, cast: Cast, client_of: ClientOf, session: AsyncSession, letters: Letters
) -> None:
    app.state.services = replace(app.state.services, factor_rule=FactorRule.required_for_staff)
    asha, http = client_of(ASHA), client_of(None)
    passkey = await registered_with(asha)
    answer = await signed_in(http, passkey.get(await offered(http)))
    assert answer.status_code == 201, answer.text
    assert answer.json()["account"]["id"] == str(cast.accounts[ASHA])
    me = await http.get("/v1/me", headers={"authorization": f"Bearer {answer.json()['access_token']}"})
    assert me.status_code == 200
    opened = await session.scalar(text("select opened_with from session order by created_at desc limit 1"))
    assert opened == "passkey"
    (listed,) = (await asha.get("/v1/me/passkeys")).json()["items"]
    assert (listed["name"], listed["last_used_at"] is None) == ("My phone", False)
    assert (await letters.only()).subject == "How you sign in to Tendwell was changed"
    assert {"factor.begin", "factor.enrol", "session.open"} <= set(await actions(session, cast, ASHA))


async def test_the_options_ask_for_verification_and_name_nobody(client_of: ClientOf, cast: Cast) -> None:
    asha = client_of(ASHA)
    creation = (await asha.post("/v1/me/passkey-options")).json()["public_key"]
    assert creation["authenticatorSelection"]["userVerification"] == "required"
    assert creation["authenticatorSelection"]["residentKey"] == "preferred"
    assert creation["rp"] == {"id": "localhost", "name": "Tendwell"}
    assert decoded(creation["user"]["id"]) == cast.accounts[ASHA].bytes
    passkey = await registered_with(asha)
    request = await offered(client_of(None))
    assert (request["userVerification"], request.get("allowCredentials", [])) == ("required", [])
    assert len(decoded(request["challenge"])) == 32
    again = (await asha.post("/v1/me/passkey-options")).json()["public_key"]
    assert [one["id"] for one in again["excludeCredentials"]] == [encoded(passkey.credential_id)]


async def test_after_the_password_the_account_s_own_passkeys_are_named(client_of: ClientOf) -> None:
    http = client_of(None)
    passkey = await registered_with(client_of(ASHA))
    step = (await http.post("/v1/sessions", json={"email": f"{ASHA}@example.test", "password": PASSWORD})).json()
    assert (step["state"], step["methods"]) == ("second_factor_required", ["passkey"])
    options = await offered(http, sign_in_token=step["sign_in_token"])
    assert [one["id"] for one in options["allowCredentials"]] == [encoded(passkey.credential_id)]
    assert (await offered(http, sign_in_token="not-a-token")).get("allowCredentials", []) == []
    assert (await signed_in(http, passkey.get(options))).status_code == 201


def no_change(_authenticator: Authenticator, _options: dict[str, Any]) -> None:
    """The right answer, to show that it is the spoiling that is refused."""


WRONG: dict[str, Callable[[Authenticator, dict[str, Any]], object]] = {
    "wrong origin": lambda a, o: setattr(a, "origin", "https://tendwell.example.evil.test"),
    "another port": lambda a, o: setattr(a, "origin", "http://localhost:9999"),
    "wrong RP id": lambda a, o: setattr(a, "rp_id", "evil.test"),
    "user not verified": lambda a, o: setattr(a, "verifies", False),
    "inside another page": lambda a, o: setattr(a, "cross_origin", True),
    "a challenge of its own": lambda a, o: o.update(challenge=encoded(bytes(32))),
}


@pytest.mark.parametrize("spoil", [*WRONG.values(), no_change], ids=[*WRONG, "nothing"])
async def test_a_passkey_made_in_the_wrong_way_is_not_kept(
    client_of: ClientOf, session: AsyncSession, spoil: Callable[[Authenticator, dict[str, Any]], object]
) -> None:
    asha, authenticator = client_of(ASHA), Authenticator(ORIGIN)
    options = (await asha.post("/v1/me/passkey-options")).json()["public_key"]
    spoil(authenticator, options)
    answer = await asha.post("/v1/me/passkeys", json={"name": "x", "credential": authenticator.create(options)})
    assert answer.status_code == (201 if spoil is no_change else 422)
    assert await session.scalar(text("select count(*) from passkey")) == (1 if spoil is no_change else 0)


@pytest.mark.parametrize("spoil", [*WRONG.values(), no_change], ids=[*WRONG, "nothing"])
async def test_a_passkey_shown_in_the_wrong_way_does_not_sign_in(
    client_of: ClientOf, spoil: Callable[[Authenticator, dict[str, Any]], object]
) -> None:
    http = client_of(None)
    passkey = await registered_with(client_of(ASHA))
    options = await offered(http)
    spoil(passkey, options)
    answer = await signed_in(http, passkey.get(options))
    assert answer.status_code == (201 if spoil is no_change else 401)


async def test_a_challenge_is_good_once_also_when_its_answer_was_wrong(client_of: ClientOf) -> None:
    http = client_of(None)
    passkey = await registered_with(client_of(ASHA))
    options = await offered(http)
    assert (await signed_in(http, passkey.get(options))).status_code == 201
    assert (await signed_in(http, passkey.get(options))).status_code == 401
    options = await offered(http)
    passkey.verifies = False
    assert (await signed_in(http, passkey.get(options))).status_code == 401
    passkey.verifies = True
    assert (await signed_in(http, passkey.get(options))).status_code == 401


async def test_a_challenge_lapses_after_five_minutes(app: FastAPI, client_of: ClientOf) -> None:
    http = client_of(None)
    passkey = await registered_with(client_of(ASHA))
    options, later = await offered(http), app.state.services.clock() + CHALLENGE_LIFETIME
    app.state.services = replace(app.state.services, clock=lambda: later)
    assert (await signed_in(http, passkey.get(options))).status_code == 401


async def test_a_challenge_for_one_thing_is_not_good_for_the_other_nor_for_somebody_else(client_of: ClientOf) -> None:
    asha, bea, http = client_of(ASHA), client_of("bea_clinician_elsewhere"), client_of(None)
    passkey = await registered_with(asha)
    creation = (await asha.post("/v1/me/passkey-options")).json()["public_key"]
    assert (await signed_in(http, passkey.get(creation | {"rpId": "localhost"}))).status_code == 401
    creation = (await asha.post("/v1/me/passkey-options")).json()["public_key"]
    body = {"name": "x", "credential": Authenticator(ORIGIN).create(creation)}
    assert (await bea.post("/v1/me/passkeys", json=body)).status_code == 422


async def test_a_foreign_passkey_does_not_sign_in(client_of: ClientOf) -> None:
    http = client_of(None)
    passkey = await registered_with(client_of(ASHA))
    unknown = Authenticator(ORIGIN)
    assert (await signed_in(http, unknown.get(await offered(http)))).status_code == 401
    another_key = Authenticator(ORIGIN, credential_id=passkey.credential_id, user_handle=passkey.user_handle)
    assert (await signed_in(http, another_key.get(await offered(http)))).status_code == 401


async def test_a_passkey_that_says_it_is_somebody_else_s_does_not_sign_in(client_of: ClientOf, cast: Cast) -> None:
    http = client_of(None)
    passkey = await registered_with(client_of(ASHA))
    passkey.user_handle = cast.accounts["admin"].bytes
    assert (await signed_in(http, passkey.get(await offered(http)))).status_code == 401


@pytest.mark.parametrize("member", ["signature", "authenticatorData", "clientDataJSON"])
async def test_an_answer_that_was_tampered_with_does_not_sign_in_and_is_audited(
    client_of: ClientOf, cast: Cast, session: AsyncSession, member: str
) -> None:
    http = client_of(None)
    passkey = await registered_with(client_of(ASHA))
    credential = passkey.get(await offered(http))
    raw = bytearray(decoded(credential["response"][member]))
    if member == "clientDataJSON":
        raw = bytearray(bytes(raw).replace(b'"type"', b' "type"'))
    else:
        raw[-1] ^= 1
    credential["response"][member] = encoded(bytes(raw))
    assert (await signed_in(http, credential)).status_code == 401
    assert "factor.refuse" in await actions(session, cast, ASHA)


async def test_a_sign_count_that_does_not_grow_is_a_copied_key_refused_and_audited(
    client_of: ClientOf, cast: Cast, session: AsyncSession
) -> None:
    http = client_of(None)
    passkey = await registered_with(client_of(ASHA), sign_count=5)
    assert (await signed_in(http, passkey.get(await offered(http)))).status_code == 201
    for count in (5, 4, -1):  # shown as 6 again, as 5, and as 0
        passkey.sign_count = count
        assert (await signed_in(http, passkey.get(await offered(http)))).status_code == 401
    assert (await actions(session, cast, ASHA)).count("factor.counter_regressed") == 3
    passkey.sign_count = 6
    assert (await signed_in(http, passkey.get(await offered(http)))).status_code == 201


async def test_a_passkey_that_never_counts_signs_in_again_and_again(client_of: ClientOf) -> None:
    http = client_of(None)
    passkey = await registered_with(client_of(ASHA), sign_count=None)
    for _ in range(3):
        assert (await signed_in(http, passkey.get(await offered(http)))).status_code == 201


async def test_a_disabled_account_s_passkey_does_not_sign_in(client_of: ClientOf, cast: Cast) -> None:
    http = client_of(None)
    passkey = await registered_with(client_of(ASHA))
    tag = (await client_of("admin").get(f"/v1/accounts/{cast.accounts[ASHA]}")).headers["etag"]
    disabled = await client_of("admin").post(f"/v1/accounts/{cast.accounts[ASHA]}/disable", headers={"if-match": tag})
    assert disabled.status_code == 204
    assert (await signed_in(http, passkey.get(await offered(http)))).status_code == 401


async def test_one_names_and_removes_one_s_own_and_nobody_else_s(client_of: ClientOf, letters: Letters) -> None:
    rose, asha, http = client_of(ROSE), client_of(ASHA), client_of(None)
    passkey = await registered_with(rose)
    (listed,) = (await rose.get("/v1/me/passkeys")).json()["items"]
    path = f"/v1/me/passkeys/{listed['id']}"
    assert (await asha.get("/v1/me/passkeys")).json()["items"] == []
    seen = {"if-match": (await rose.get(path)).headers["etag"]}
    assert (await asha.get(path)).status_code == 404
    assert (await asha.put(path, json={"name": "Mine"}, headers=seen)).status_code == 404
    assert (await asha.delete(path)).status_code == 404
    assert (await rose.put(path, json={"name": "Old phone"}, headers=seen)).json()["name"] == "Old phone"
    assert [one["name"] for one in (await rose.get("/v1/me/passkeys")).json()["items"]] == ["Old phone"]
    assert (await rose.delete(path)).status_code == 204
    assert (await signed_in(http, passkey.get(await offered(http)))).status_code == 401
    assert len(await letters.all()) == 2


async def test_staff_keep_one_factor_whichever_it_is(app: FastAPI, client_of: ClientOf) -> None:
    app.state.services = replace(app.state.services, factor_rule=FactorRule.required_for_staff)
    asha = client_of(ASHA)
    await registered_with(asha)
    await registered_with(asha)
    first, second = (one["id"] for one in (await asha.get("/v1/me/passkeys")).json()["items"])
    assert (await asha.delete(f"/v1/me/passkeys/{first}")).status_code == 204
    assert (await asha.delete(f"/v1/me/passkeys/{second}")).status_code == 409
    assert len((await asha.get("/v1/me/passkeys")).json()["items"]) == 1


async def test_a_passkey_is_added_only_soon_after_showing_who_one_is(
    app: FastAPI, client_of: ClientOf, session: AsyncSession
) -> None:
    long_ago = app.state.services.clock() - timedelta(minutes=11)
    await session.execute(text("update session set confirmed_at = :at"), {"at": long_ago})
    answer = await client_of(ASHA).post("/v1/me/passkey-options")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/confirmation-needed")


@pytest.mark.parametrize(
    ("url", "others", "party"),
    [
        ("https://tendwell.example", ["https://other.example"], ("tendwell.example", ["https://tendwell.example"])),
        (
            "http://127.0.0.1:8080",
            ["http://localhost:8081", "http://127.0.0.1:8081"],
            ("localhost", ["http://localhost:8080", "http://localhost:8081"]),
        ),
    ],
)
def test_passkeys_belong_to_the_installation_s_own_domain(
    url: str, others: list[str], party: tuple[str, list[str]]
) -> None:
    found = RelyingParty.of(url, others)
    assert (found.id, list(found.origins)) == party


PARTY = RelyingParty("localhost", (ORIGIN,))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    client_data=st.binary(max_size=200) | ANY_JSON.map(lambda value: json.dumps(value).encode()),
    data=st.binary(max_size=200),
)
def test_whatever_an_authenticator_sends_is_refused_in_one_way(client_data: bytes, data: bytes) -> None:
    response = {
        "clientDataJSON": encoded(client_data),
        "attestationObject": encoded(data),
        "authenticatorData": encoded(data),
        "signature": encoded(data),
    }
    credential = {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": response}
    with pytest.raises(PasskeyRefused):
        registered(PARTY, credential, b"challenge")
    with pytest.raises(PasskeyRefused):
        asserted(PARTY, credential, b"challenge", data)
    with suppress(PasskeyRefused):
        challenge_of(credential)
