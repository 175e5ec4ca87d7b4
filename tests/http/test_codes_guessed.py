"""Whoever knows a password and tries codes is stopped; the account's holder is not, and a new password ends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.refresh_token import new_token, token_hash
from domain.accounts.throttle import RULES, Scope
from domain.accounts.totp import STEP, code_of, step_at
from tests.cast import PASSWORD, Cast, just_now
from tests.http.conftest import ClientOf
from tests.standing_clock import StandingClock

ASHA = "asha_clinician_of_practice"
NEW_PASSWORD = "otters sleep late on sundays"


@dataclass
class House:
    """Asha's account with an authenticator app, what she types it on, and somebody who knows her password."""

    http: httpx.AsyncClient
    asha: httpx.AsyncClient
    admin: httpx.AsyncClient
    clock: StandingClock
    session: AsyncSession
    cast: Cast
    secret: str = ""
    codes: tuple[str, ...] = ()

    async def enrol(self) -> None:
        self.secret = (await self.asha.post("/v1/me/factors/totp")).json()["secret"]
        code = code_of(self.secret, step_at(self.clock.now))
        assert (await self.asha.post("/v1/me/factors/totp/confirm", json={"code": code})).status_code == 204
        self.codes = tuple((await self.asha.post("/v1/me/recovery-codes")).json()["codes"])

    async def begin(self, password: str = PASSWORD, device_token: str | None = None) -> httpx.Response:
        body = {"email": f"{ASHA}@example.test", "password": password, "device_token": device_token}
        return await self.http.post("/v1/sessions", json=body)

    async def show(self, begun: httpx.Response, **what: str) -> httpx.Response:
        body = {"sign_in_token": begun.json()["sign_in_token"], **what}
        return await self.http.post("/v1/sessions/second-factor", json=body)

    async def come(self, password: str = PASSWORD, device_token: str | None = None) -> httpx.Response:
        """Sign in with a fresh right code."""
        self.clock.now += STEP
        right = code_of(self.secret, step_at(self.clock.now))
        return await self.show(await self.begin(password, device_token), code=right)

    async def guess(self, password: str = PASSWORD, device_token: str | None = None) -> httpx.Response:
        wrong = f"{(int(code_of(self.secret, step_at(self.clock.now))) + 7) % 10**6:06}"
        return await self.show(await self.begin(password, device_token), code=wrong)

    async def guess_often(self) -> None:
        """Have somebody guess until they wait, and as often after that as they may."""
        for _ in range(RULES[Scope.second_factor].free):
            assert (await self.guess()).status_code == 401
        assert (await self.guess()).status_code == 429
        most = {"most": RULES[Scope.second_factor].most}
        await self.session.execute(
            text("update sign_in_attempt set failures = :most where scope = 'second_factor'"), most
        )

    async def reset_password(self, to: str) -> None:
        """Have a letter's link used."""
        link = new_token()
        row = {"id": self.cast.accounts[ASHA], "hash": token_hash(link), "at": self.clock.now + timedelta(minutes=9)}
        await self.session.execute(
            text("insert into password_reset (account_id, token_hash, expires_at) values (:id, :hash, :at)"), row
        )
        answer = await self.http.post("/v1/password-resets/complete", json={"token": link, "new_password": to})
        assert answer.is_success, answer.text


@pytest.fixture
async def house(app: FastAPI, client_of: ClientOf, session: AsyncSession, cast: Cast) -> House:
    clock = StandingClock(just_now())
    app.state.services = replace(app.state.services, clock=clock)
    made = House(client_of(None), client_of(ASHA), client_of("admin"), clock, session, cast)
    await made.enrol()
    return made


async def test_a_device_on_which_a_code_was_shown_before_is_not_shut_out_by_whoever_knows_the_password(
    house: House,
) -> None:
    device_token = (await house.come()).json()["device_token"]
    await house.guess_often()
    for pause in (timedelta(), timedelta(hours=1), timedelta(days=20)):
        house.clock.now += pause
        elsewhere = await house.come()
        assert (elsewhere.status_code, elsewhere.headers["retry-after"]) == (429, "3600")
        assert "choose a new password" in elsewhere.json()["detail"]
        known = await house.come(device_token=device_token)
        assert known.status_code == 201, known.text
    by_recovery_code = await house.show(await house.begin(device_token=device_token), recovery_code=house.codes[0])
    assert by_recovery_code.status_code == 201
    assert (await house.come()).status_code == 429, "what strangers guessed is not forgiven by it"


async def test_a_known_device_has_twenty_guesses_of_its_own_and_counts_as_any_other_then(house: House) -> None:
    device_token = (await house.come()).json()["device_token"]
    await house.guess_often()
    for _ in range(RULES[Scope.device].most or 0):
        answer = await house.guess(device_token=device_token)
        if answer.status_code == 429:
            house.clock.now += timedelta(seconds=int(answer.headers["retry-after"]))
            answer = await house.guess(device_token=device_token)
        assert answer.status_code == 401
    house.clock.now += timedelta(hours=1)
    assert (await house.come(device_token=device_token)).status_code == 429


async def test_a_device_that_has_shown_a_password_alone_has_no_guesses_at_codes_of_its_own(house: House) -> None:
    """Or whoever knew the password before the app was set up would have twenty for every time they signed in."""
    assert (await house.asha.delete("/v1/me/factors/totp")).status_code in {204, 409}
    await house.session.execute(text("delete from totp"))
    by_password = (await house.begin()).json()
    await house.enrol()
    await house.guess_often()
    assert (await house.come(device_token=by_password["device_token"])).status_code == 429
    renewed = await house.http.post("/v1/sessions/refresh", json={"refresh_token": by_password["refresh_token"]})
    assert (await house.come(device_token=renewed.json()["device_token"])).status_code == 429


async def test_a_token_that_was_renewed_is_worth_what_the_one_of_the_sign_in_was(house: House) -> None:
    tokens = (await house.come()).json()
    renewed = await house.http.post("/v1/sessions/refresh", json={"refresh_token": tokens["refresh_token"]})
    await house.guess_often()
    assert (await house.come(device_token=renewed.json()["device_token"])).status_code == 201


async def changed(house: House) -> str:
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert (await house.asha.post("/v1/me/password", json=body)).status_code == 200
    return NEW_PASSWORD


async def reset(house: House) -> str:
    await house.reset_password(NEW_PASSWORD)
    return NEW_PASSWORD


async def helped(house: House) -> str:
    """An administrator resets the factors, and another app is set up with a session from before the guesses."""
    answer = await house.admin.post(f"/v1/accounts/{house.cast.accounts[ASHA]}/factors/reset")
    assert answer.status_code == 204
    tokens = (await house.begin()).json()
    house.asha.headers["authorization"] = f"Bearer {tokens['access_token']}"
    await house.enrol()
    return PASSWORD


@pytest.mark.parametrize("freed", [changed, reset, helped])
async def test_a_new_password_and_a_factor_that_was_reset_free_the_account(
    house: House, freed: Callable[[House], Awaitable[str]]
) -> None:
    await house.guess_often()
    password = await freed(house)
    answer = await house.come(password)
    assert answer.status_code == 201, answer.text


async def test_a_mailbox_in_other_hands_is_not_worth_any_number_of_guesses(house: House) -> None:
    passwords = [f"{NEW_PASSWORD} {n}" for n in range((RULES[Scope.second_factor_freed].most or 0) + 1)]
    answers: list[Any] = []
    for password in passwords:
        await house.session.execute(
            text("update sign_in_attempt set failures = 100, last_failed_at = :at where scope = 'second_factor'"),
            {"at": house.clock.now},
        )
        if not answers:
            await house.guess_often()
        await house.reset_password(password)
        answers.append((await house.guess(password)).status_code)
    assert answers == [401, 401, 401, 429]
