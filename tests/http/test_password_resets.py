"""A forgotten password: whoever asks learns nothing, the newest link is good once, and everything open ends."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import event, text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.password_reset_commands import LINK_LIFETIME
from domain.accounts.totp import code_of, step_at
from tests.cast import PASSWORD, Cast
from tests.http.conftest import ClientOf
from tests.http.letters import Letters

ASHA = "asha_clinician_of_practice"
ADDRESS = f"{ASHA}@example.test"
NEW_PASSWORD = "a password that is new and long"


async def asked(http: httpx.AsyncClient, email: str = ADDRESS) -> httpx.Response:
    return await http.post("/v1/password-resets", json={"email": email})


async def looked_up(http: httpx.AsyncClient, token: str) -> httpx.Response:
    same = {"x-request-id": "0190f3a2-7c1e-7c1e-9c1e-0a0000000002"}
    return await http.post("/v1/password-resets/look-up", json={"token": token}, headers=same)


async def completed(http: httpx.AsyncClient, token: str, password: str = NEW_PASSWORD) -> httpx.Response:
    return await http.post("/v1/password-resets/complete", json={"token": token, "new_password": password})


async def signed_in(http: httpx.AsyncClient, password: str) -> httpx.Response:
    return await http.post("/v1/sessions", json={"email": ADDRESS, "password": password})


async def test_a_forgotten_password_is_replaced_and_everybody_is_signed_out_and_told(
    client_of: ClientOf, letters: Letters, session: AsyncSession
) -> None:
    http, asha = client_of(None), client_of(ASHA)
    assert (await asha.get("/v1/me")).status_code == 200
    assert (await asked(http)).status_code == 202
    letter = await letters.only()
    assert letter.to == ADDRESS
    assert "/console/new-password#token=" in letter.text
    assert (await completed(http, letter.token)).status_code == 200
    assert (await asha.get("/v1/me")).status_code == 401
    assert (await signed_in(http, PASSWORD)).status_code == 401
    assert (await signed_in(http, NEW_PASSWORD)).status_code == 201
    assert (await letters.last()).subject == "Your Tendwell password was changed"
    told = await session.execute(text("select count(*) from event_outbox where kind = 'access.changed'"))
    assert told.scalar_one() >= 1
    trail = (await session.execute(text("select action from audit_event order by id"))).scalars().all()
    assert {"password.reset_asked", "password.reset"} <= set(trail)


@pytest.mark.parametrize("email", ["unknown@example.test", "kit_clinician_disabled@example.test"])
async def test_auth_047_an_address_without_an_account_is_answered_alike_by_the_same_work(
    app: FastAPI, client_of: ClientOf, letters: Letters, email: str
) -> None:
    http = client_of(None)
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if "SAVEPOINT" not in statement and "set_config" not in statement:  # the test's own transaction
            statements.append(statement)

    engine = app.state.services.database.identity.outer.bind.sync_connection
    event.listen(engine, "before_cursor_execute", note)
    answers, work = [], []
    for address in (ADDRESS, email):
        statements.clear()
        answers.append(await asked(http, address))
        work.append(list(statements))
    event.remove(engine, "before_cursor_execute", note)
    known, unknown = answers
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (202, known.content)
    assert known.headers.keys() == unknown.headers.keys()
    assert work[0] == work[1]
    assert work[0][-1].startswith("INSERT INTO password_reset_request")
    assert not any("account " in statement for statement in work[0])
    assert [letter.to for letter in await letters.all()] == [ADDRESS]


async def test_auth_047_an_address_without_an_account_takes_no_other_time(
    client_of: ClientOf, session: AsyncSession
) -> None:
    http = client_of(None)
    took: dict[str, list[float]] = {ADDRESS: [], "unknown@example.test": []}
    for _ in range(40):
        for address, times in took.items():
            await session.execute(text("delete from sign_in_attempt"))
            began = time.perf_counter()
            await asked(http, address)
            times.append(time.perf_counter() - began)
    known, unknown = (statistics.median(times) for times in took.values())
    assert abs(known - unknown) < 0.5 * max(known, unknown)


async def test_the_address_that_was_typed_is_not_stored_in_the_clear(
    client_of: ClientOf, session: AsyncSession
) -> None:
    await asked(client_of(None))
    rows = (await session.execute(text("select sealed_email::text, request_id from password_reset_request"))).all()
    assert len(rows) == 1
    assert ADDRESS.encode().hex() not in rows[0][0]


async def test_a_link_is_good_once(client_of: ClientOf, letters: Letters) -> None:
    http = client_of(None)
    await asked(http)
    token = (await letters.only()).token
    assert (await looked_up(http, token)).status_code == 204
    assert (await completed(http, token)).status_code == 200
    assert (await completed(http, token, "yet another long password")).status_code == 401
    used, nobody_s = await looked_up(http, token), await looked_up(http, "A" * 43)
    assert (used.status_code, used.content) == (nobody_s.status_code, nobody_s.content)
    assert used.status_code == 401


async def test_a_newer_link_ends_the_older(client_of: ClientOf, letters: Letters) -> None:
    http = client_of(None)
    await asked(http)
    older = (await letters.last()).token
    await asked(http)
    newer = (await letters.last()).token
    assert (await completed(http, older)).status_code == 401
    assert (await completed(http, newer)).status_code == 200


async def test_a_link_lapses_after_half_an_hour(app: FastAPI, client_of: ClientOf, letters: Letters) -> None:
    http = client_of(None)
    await asked(http)
    token = (await letters.only()).token
    later = app.state.services.clock() + LINK_LIFETIME
    app.state.services = replace(app.state.services, clock=lambda: later)
    assert (await completed(http, token)).status_code == 401


async def test_a_disabled_account_s_link_is_not_good(cast: Cast, client_of: ClientOf, letters: Letters) -> None:
    http = client_of(None)
    await asked(http)
    token = (await letters.only()).token
    assert (await client_of("admin").post(f"/v1/accounts/{cast.accounts[ASHA]}/disable")).status_code == 204
    assert (await completed(http, token)).status_code == 401


async def changed(client_of: ClientOf, _cast: Cast, _session: AsyncSession) -> httpx.Response:
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    return await client_of(ASHA).post("/v1/me/password", json=body)


async def first_chosen(client_of: ClientOf, _cast: Cast, session: AsyncSession) -> httpx.Response:
    """Asha, whose password somebody else chose, puts her own in its place as she signs in."""
    http = client_of(None)
    await session.execute(text("update account set must_change_password = true where email = :it"), {"it": ADDRESS})
    begun = (await signed_in(http, PASSWORD)).json()["sign_in_token"]
    return await http.post("/v1/sessions/new-password", json={"sign_in_token": begun, "new_password": NEW_PASSWORD})


async def disabled(client_of: ClientOf, cast: Cast, _session: AsyncSession) -> httpx.Response:
    return await client_of("admin").post(f"/v1/accounts/{cast.accounts[ASHA]}/disable")


async def factors_reset(client_of: ClientOf, cast: Cast, _session: AsyncSession) -> httpx.Response:
    return await client_of("admin").post(f"/v1/accounts/{cast.accounts[ASHA]}/factors/reset")


Ending = Callable[[ClientOf, Cast, AsyncSession], Awaitable[httpx.Response]]


@pytest.mark.parametrize("ending", [changed, first_chosen, disabled, factors_reset])
async def test_a_link_ends_with_the_password_that_it_would_have_replaced(
    cast: Cast, client_of: ClientOf, letters: Letters, session: AsyncSession, ending: Ending
) -> None:
    http = client_of(None)
    await asked(http)
    token = (await letters.only()).token
    assert (await looked_up(http, token)).status_code == 204
    assert (await ending(client_of, cast, session)).is_success
    assert (await looked_up(http, token)).status_code == 401
    assert (await completed(http, token, "what a thief would have chosen")).status_code == 401
    if ending in {changed, first_chosen}:
        assert (await signed_in(http, NEW_PASSWORD)).is_success


async def test_a_link_outlives_a_change_that_was_refused_and_what_somebody_else_changes(
    client_of: ClientOf, letters: Letters
) -> None:
    http = client_of(None)
    await asked(http)
    token = (await letters.only()).token
    wrong = {"current_password": "a wrong password", "new_password": NEW_PASSWORD}
    assert (await client_of(ASHA).post("/v1/me/password", json=wrong)).status_code == 422
    right = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert (await client_of("bea_clinician_elsewhere").post("/v1/me/password", json=right)).status_code == 200
    assert (await looked_up(http, token)).status_code == 204


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        (changed, ["Your Tendwell password was changed"]),
        (factors_reset, ["Your second factor for Tendwell was removed"]),
        (disabled, []),
    ],
)
async def test_a_link_that_was_asked_for_before_everything_ended_is_not_sent_after_it(
    app: FastAPI,
    cast: Cast,
    client_of: ClientOf,
    letters: Letters,
    session: AsyncSession,
    ending: Ending,
    told: list[str],
) -> None:
    http, at = client_of(None), app.state.services.clock()
    app.state.services = replace(app.state.services, clock=lambda: at)
    await asked(http)
    later = at + timedelta(seconds=1)
    app.state.services = replace(app.state.services, clock=lambda: later)
    assert (await ending(client_of, cast, session)).is_success
    assert [letter.subject for letter in await letters.all()] == told
    if ending is disabled:
        return
    await asked(http)
    assert (await looked_up(http, (await letters.last()).token)).status_code == 204


async def test_the_second_factor_is_asked_for_all_the_same(app: FastAPI, client_of: ClientOf, letters: Letters) -> None:
    http, asha, at = client_of(None), client_of(ASHA), app.state.services.clock()
    secret = (await asha.post("/v1/me/factors/totp")).json()["secret"]
    code = code_of(secret, step_at(at))
    assert (await asha.post("/v1/me/factors/totp/confirm", json={"code": code})).status_code == 204
    await asked(http)
    assert (await completed(http, (await letters.last()).token)).status_code == 200
    answer = await signed_in(http, NEW_PASSWORD)
    assert (answer.status_code, answer.json()["state"]) == (202, "second_factor_required")


async def test_a_sign_in_begun_with_the_old_password_cannot_be_finished(
    app: FastAPI, client_of: ClientOf, letters: Letters
) -> None:
    http, asha, at = client_of(None), client_of(ASHA), app.state.services.clock()
    secret = (await asha.post("/v1/me/factors/totp")).json()["secret"]
    await asha.post("/v1/me/factors/totp/confirm", json={"code": code_of(secret, step_at(at) - 1)})
    begun = (await signed_in(http, PASSWORD)).json()["sign_in_token"]
    await asked(http)
    assert (await completed(http, (await letters.last()).token)).status_code == 200
    body = {"sign_in_token": begun, "code": code_of(secret, step_at(at))}
    assert (await http.post("/v1/sessions/second-factor", json=body)).status_code == 401


async def test_auth_040_the_new_password_obeys_the_rules_and_the_link_stays_good(
    client_of: ClientOf, letters: Letters
) -> None:
    http = client_of(None)
    await asked(http)
    token = (await letters.only()).token
    for weak in ("short", ADDRESS):
        assert (await completed(http, token, weak)).status_code == 422
    assert (await completed(http, token)).status_code == 200


async def test_a_mailbox_is_not_flooded_and_nobody_is_told_whose_it_is(client_of: ClientOf, letters: Letters) -> None:
    http = client_of(None)
    for address in (ADDRESS, "unknown@example.test"):
        told = [await asked(http, address) for _ in range(6)]
        assert {(answer.status_code, answer.content) for answer in told} == {(202, told[0].content)}
    assert len(await letters.all()) == 3


async def test_one_who_asks_for_very_many_waits_whosever_addresses_they_are(client_of: ClientOf) -> None:
    told = [(await asked(client_of(None), f"{n}@example.test")).status_code for n in range(21)]
    assert told == [202] * 20 + [429]


async def test_where_the_new_password_was_chosen_nobody_s_guesses_hold_its_holder_up(
    client_of: ClientOf, letters: Letters
) -> None:
    http = client_of(None)
    await asked(http)
    chosen = await completed(http, (await letters.only()).token)
    assert set(chosen.json()) == {"device_token"}, "whose it is is not told"
    for _ in range(6):
        held_up = await signed_in(http, "a wrong password")
    assert held_up.status_code == 429
    body = {"email": ADDRESS, "password": NEW_PASSWORD, **chosen.json()}
    assert (await http.post("/v1/sessions", json=body)).status_code == 201


async def test_who_changes_their_own_password_is_told_as_well(client_of: ClientOf, letters: Letters) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert (await client_of(ASHA).post("/v1/me/password", json=body)).status_code == 200
    letter = await letters.only()
    assert (letter.to, letter.subject) == (ADDRESS, "Your Tendwell password was changed")


async def test_wishes_that_waited_for_hours_are_not_granted(
    app: FastAPI, client_of: ClientOf, letters: Letters
) -> None:
    await asked(client_of(None))
    later = app.state.services.clock() + timedelta(hours=2)
    app.state.services = replace(app.state.services, clock=lambda: later)
    assert await letters.all() == []


async def test_an_administrator_resets_a_colleague_s_factors_and_they_are_told(
    app: FastAPI, cast: Cast, client_of: ClientOf, letters: Letters, session: AsyncSession
) -> None:
    admin, asha, http = client_of("admin"), client_of(ASHA), client_of(None)
    secret = (await asha.post("/v1/me/factors/totp")).json()["secret"]
    code = code_of(secret, step_at(app.state.services.clock()))
    await asha.post("/v1/me/factors/totp/confirm", json={"code": code})
    await asha.post("/v1/me/recovery-codes")
    assert (await signed_in(http, PASSWORD)).status_code == 202
    assert (await admin.post(f"/v1/accounts/{cast.accounts[ASHA]}/factors/reset")).status_code == 204
    assert (await asha.get("/v1/me")).status_code == 401
    assert (await signed_in(http, PASSWORD)).status_code == 201
    letter = await letters.last()
    assert (letter.to, letter.subject) == (ADDRESS, "Your second factor for Tendwell was removed")
    left = await session.scalar(text("select (select count(*) from totp) + (select count(*) from recovery_code)"))
    assert left == 0
    own = await admin.post(f"/v1/accounts/{cast.accounts['admin']}/factors/reset")
    assert own.status_code == 403
    trail = (await session.execute(text("select action from audit_event order by id"))).scalars().all()
    assert "factor.reset" in trail
