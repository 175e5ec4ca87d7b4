"""A sign-in and what ends it at one moment: no session of before a password's change, or a role's gift, outlives it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.key_ring import KeyRing
from api.passwords import Passwords
from domain.access.actor import Role
from domain.accounts.commands import NewMembership, disable_account, grant_membership
from domain.accounts.factor_commands import begin_totp, confirm_totp
from domain.accounts.factor_reset_commands import reset_factors
from domain.accounts.password_commands import replace_password
from domain.accounts.password_reset_commands import complete_reset
from domain.accounts.refresh_token import new_token, token_hash
from domain.accounts.session_commands import open_session
from domain.accounts.totp import code_of, step_at
from domain.keys.commands import make_first_key
from domain.keys.key_pair import Purpose
from integrations.postgres.client import Database
from tests.cast import PASSWORD, Cast
from tests.http.authenticator import Authenticator
from tests.in_one_role import in_one_role
from tests.standing_clock import StandingClock
from tests.waiting import until_somebody_waits

SAM, ADMIN = "sam_himself", "admin"
NEW_PASSWORD = "otters sleep late on sundays"
ORIGIN = "http://localhost:8080"  # what http://127.0.0.1:8080 is for passkeys


class Stopping(Passwords):
    """Compares as the service does, and stops once after that, before the answer is handed on."""

    def __init__(self) -> None:
        super().__init__()
        self.stops = False
        self.has_compared, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def verify(self, password: str, kept: str | None) -> bool:
        is_right = await super().verify(password, kept)
        if self.stops:
            self.stops = False
            self.has_compared.set()
            await self.may_go_on.wait()
        return is_right


@dataclass
class Together:
    """The application on a database where transactions really overlap, and who is asked about."""

    app: FastAPI
    database: Database
    passwords: Stopping
    cast: Cast
    http: httpx.AsyncClient

    async def sign_in(self, password: str = PASSWORD, **more: str) -> httpx.Response:
        body = {"email": f"{SAM}@example.test", "password": password, **more}
        return await self.http.post("/v1/sessions", json=body)

    async def signed_in(self) -> dict[str, str]:
        """Return the headers of a session of Sam's."""
        answer = await self.sign_in()
        assert answer.status_code == 201, answer.text
        return {"authorization": f"Bearer {answer.json()['access_token']}"}

    async def stopped(self, asking: Awaitable[httpx.Response]) -> asyncio.Future[httpx.Response]:
        """Return a request under way, its password compared and nothing done with that yet."""
        self.passwords.stops = True
        under_way = asyncio.ensure_future(asking)
        await asyncio.wait_for(self.passwords.has_compared.wait(), 10)
        return under_way

    async def count(self, statement: str) -> int:
        async with self.database.reading() as session:
            return int(await session.scalar(text(statement), params={"id": self.cast.accounts[SAM]}) or 0)

    async def sessions(self) -> int:
        """Return how many sessions Sam has."""
        return await self.count("select count(*) from session where account_id = :id and ended_at is null")

    async def hash_of_sam(self) -> str:
        async with self.database.reading() as session:
            found = text("select password_hash from account where id = :id")
            return str(await session.scalar(found, params={"id": self.cast.accounts[SAM]}))

    async def reset_link(self) -> str:
        """Return the token of a letter that has reached Sam."""
        token = new_token()
        async with self.database.writing() as session:
            await session.execute(
                text("insert into password_reset (account_id, token_hash, expires_at) values (:id, :hash, :at)"),
                {"id": self.cast.accounts[SAM], "hash": token_hash(token), "at": self.at + timedelta(minutes=9)},
            )
        return token

    @property
    def at(self) -> Any:
        return self.app.state.services.clock()


@pytest.fixture
async def together(application: FastAPI, committing_database: Database, cast: Cast) -> AsyncIterator[Together]:
    held, passwords = application.state.services, Stopping()
    application.state.services = replace(
        held,
        database=in_one_role(committing_database),
        passwords=passwords,
        clock=StandingClock(cast.now),
        keys=KeyRing(held.sealing, issuer="http://tendwell.test"),
    )
    async with committing_database.writing() as session:
        await make_first_key(session, Purpose.access_token, held.sealing, at=cast.now)
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://tendwell.test") as http:
        yield Together(application, committing_database, passwords, cast, http)
    application.state.services = held
    passwords.close()


async def changed(together: Together, headers: dict[str, str]) -> int:
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    return (await together.http.post("/v1/me/password", json=body, headers=headers)).status_code


async def reset(together: Together, _headers: dict[str, str]) -> int:
    body = {"token": await together.reset_link(), "new_password": NEW_PASSWORD}
    return (await together.http.post("/v1/password-resets/complete", json=body)).status_code


Ending = Callable[[Together, dict[str, str]], Awaitable[int]]


@pytest.mark.parametrize(("ending", "left"), [(changed, 1), (reset, 0)])
@pytest.mark.parametrize("has_factor", [False, True])
async def test_a_password_that_is_replaced_after_it_was_compared_opens_nothing(
    together: Together, ending: Ending, left: int, has_factor: bool
) -> None:
    mine = await together.signed_in()
    if has_factor:
        await enrolled(together)
    under_way = await together.stopped(together.sign_in())
    assert await ending(together, mine) == 200
    together.passwords.may_go_on.set()
    answer = await under_way
    assert answer.status_code == 401, answer.text
    assert await together.sessions() == left
    assert await together.count("select count(*) from sign_in_token where account_id = :id") == 0


async def enrolled(together: Together) -> str:
    held, actor = together.app.state.services, together.cast.actor(SAM)
    async with together.database.writing() as session:
        secret = await begin_totp(session, actor, held.sealing)
        assert await confirm_totp(session, actor, code_of(secret, step_at(together.at) - 1), held.sealing)
    return secret


async def test_of_two_who_change_one_password_the_second_does_not_have_the_last_word(together: Together) -> None:
    mine, stolen = await together.signed_in(), await together.signed_in()
    body = {"current_password": PASSWORD, "new_password": "a thief chose this one instead"}
    under_way = await together.stopped(together.http.post("/v1/me/password", json=body, headers=stolen))
    assert await changed(together, mine) == 200
    together.passwords.may_go_on.set()
    answer = await under_way
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "wrong_password")
    assert (await together.sign_in(NEW_PASSWORD)).status_code == 201


async def test_a_password_that_was_replaced_meanwhile_confirms_nobody(together: Together) -> None:
    mine = await together.signed_in()
    asking = together.http.post("/v1/sessions/current/confirmation", json={"password": PASSWORD}, headers=mine)
    under_way = await together.stopped(asking)
    assert await changed(together, mine) == 200
    together.passwords.may_go_on.set()
    assert (await under_way).status_code == 422


@dataclass(frozen=True)
class Change:
    """Something that somebody's sign-in must either come before, and be ended by, or wait for."""

    make: Callable[[Together, AsyncSession, Any], Awaitable[object]]
    ends: str


async def _prepared(together: Together) -> tuple[str, str]:
    return await together.reset_link(), await together.hash_of_sam()


CHANGES = {
    "a change of the password": Change(
        lambda t, s, made: replace_password(
            s,
            t.cast.actor(SAM),
            "another",
            t.app.state.services.sealing,
            present=made[1],
        ),
        "password_changed",
    ),
    "a reset by mail": Change(
        lambda t, s, made: complete_reset(
            s, made[0], "another", t.app.state.services.sealing, at=t.at, request_id="test"
        ),
        "password_reset",
    ),
    "an administrator who disables": Change(
        lambda t, s, made: disable_account(s, t.cast.actor(ADMIN), t.cast.accounts[SAM]), "account_disabled"
    ),
    "an administrator who resets factors": Change(
        lambda t, s, made: reset_factors(s, t.cast.actor(ADMIN), t.cast.accounts[SAM], t.app.state.services.sealing),
        "factors_reset",
    ),
    "a role that is given": Change(
        lambda t, s, made: grant_membership(
            s,
            t.cast.actor(ADMIN),
            NewMembership(t.cast.accounts[SAM], t.cast.organisations["practice"], Role.clinician, None),
        ),
        "role_given",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_session_that_opens_while_something_ends_it_is_found_by_that(together: Together, name: str) -> None:
    change, made = CHANGES[name], await _prepared(together)
    stop, go_on = asyncio.Event(), asyncio.Event()

    async def open_one() -> httpx.Response:
        return await together.sign_in(device="app")

    async def make() -> None:
        async with together.database.writing() as session:
            await change.make(together, session, made)

    opened_slowly = slowly(open_session, stop, go_on)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("domain.accounts.sign_in_commands.open_session", opened_slowly)
        opening = asyncio.ensure_future(open_one())
        await asyncio.wait_for(stop.wait(), 10)
        making = asyncio.ensure_future(make())
        await until_somebody_waits(together.database)
        go_on.set()
        answer = await opening
        await making
    assert answer.status_code == 201, answer.text
    async with together.database.reading() as session:
        found = text("select end_reason from session where account_id = :id")
        reasons = (await session.execute(found, {"id": together.cast.accounts[SAM]})).scalars().all()
    assert reasons == [change.ends]


def slowly(opening: Callable[..., Awaitable[Any]], stop: asyncio.Event, go_on: asyncio.Event) -> Any:
    """Return the same, that says when the session is there and not committed, and then waits."""

    async def opened(*args: Any, **named: Any) -> Any:
        made = await opening(*args, **named)
        stop.set()
        await asyncio.wait_for(go_on.wait(), 10)
        return made

    return opened


@pytest.mark.parametrize("name", [name for name in CHANGES if "factors" not in name])
async def test_a_sign_in_that_comes_while_something_would_end_it_waits_for_that(together: Together, name: str) -> None:
    change, made = CHANGES[name], await _prepared(together)
    async with together.database.writing() as session:
        await change.make(together, session, made)
        coming = asyncio.ensure_future(together.sign_in(device="app"))
        await until_somebody_waits(together.database)
    answer = await coming
    if name == "a role that is given":
        assert answer.status_code == 201
        assert await together.count("select count(*) from session where account_id = :id and kind = 'app'") == 0
    else:
        assert answer.status_code == 401
        assert await together.sessions() == 0


async def test_a_passkey_that_is_removed_while_it_signs_in_opens_nothing(together: Together) -> None:
    mine, passkey = await together.signed_in(), Authenticator(ORIGIN)
    options = (await together.http.post("/v1/me/passkey-options", headers=mine)).json()["public_key"]
    body = {"name": "My phone", "credential": passkey.create(options)}
    assert (await together.http.post("/v1/me/passkeys", json=body, headers=mine)).status_code == 201
    options = (await together.http.post("/v1/sessions/passkey-options", json={})).json()["public_key"]
    asking = together.http.post("/v1/sessions/passkey", json={"credential": passkey.get(options)})
    async with together.database.writing() as session:
        await CHANGES["an administrator who resets factors"].make(together, session, None)
        coming = asyncio.ensure_future(asking)
        await until_somebody_waits(together.database)
    assert (await coming).status_code == 401
    assert await together.sessions() == 0
