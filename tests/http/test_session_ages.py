"""How long a sign-in lasts, by NHS login's published rules, under a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from jose import jwt
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.authentication import issue_access_token
from api.last_seen import LastSeen
from api.live.feed import Feed
from domain.access.actor import Role
from domain.accounts import commands as accounts
from domain.accounts.client import Client
from domain.accounts.refresh_token import LOST_REPLY_GRACE, token_hash
from domain.accounts.session_age import LIFETIMES, WEB_IDLE, SessionKind
from domain.accounts.session_commands import open_session, refresh_session
from integrations.postgres.client import Database
from integrations.postgres.errors import DatabaseUnavailable
from tests.cast import PASSWORD, Cast, just_now
from tests.http.test_sign_in import Checked
from tests.standing_clock import StandingClock

SAM, ASHA = "sam_himself@example.test", "asha_clinician_of_practice@example.test"
SECRET = b"a secret of the test"
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass
class Person:
    """Somebody at a browser or an app: signs in, uses what they see, and refreshes when the access token is old."""

    client: httpx.AsyncClient
    clock: StandingClock
    app: FastAPI
    tokens: dict[str, Any] | None = None

    async def sign_in(self, email: str = SAM, **more: Any) -> None:
        answer = await self.client.post("/v1/sessions", json={"email": email, "password": PASSWORD, **more})
        assert answer.status_code == 201, answer.text
        self.tokens = answer.json()

    async def refresh(self, **more: Any) -> int:
        assert self.tokens is not None
        body = {"refresh_token": self.tokens["refresh_token"], **more}
        answer = await self.client.post("/v1/sessions/refresh", json=body)
        if answer.status_code == 200:
            self.tokens = answer.json()
        return answer.status_code

    async def look(self) -> int:
        assert self.tokens is not None
        headers = {"authorization": f"Bearer {self.tokens['access_token']}"}
        return (await self.client.get("/v1/me", headers=headers)).status_code

    async def ask(self) -> int:
        """Return what a screen is answered that asks by itself whether the session still stands."""
        assert self.tokens is not None
        body = {"refresh_token": self.tokens["refresh_token"]}
        return (await self.client.post("/v1/sessions/standing", json=body)).status_code

    async def after(self, pause: timedelta) -> tuple[int, int]:
        """Return what refreshing and looking are answered with, that long after the last use."""
        self.clock.now += pause
        return await self.refresh(), await self.look()

    async def writes_down(self) -> None:
        """Have the process write what it noted, as it does every minute."""
        held = self.app.state.services
        await held.last_seen.write(held.database.identity)


@pytest.fixture
async def person(app: FastAPI, cast: Cast) -> AsyncIterator[Person]:
    clock = StandingClock(just_now())
    app.state.services.passwords.close()
    app.state.services = replace(app.state.services, clock=clock, passwords=Checked(), last_seen=LastSeen())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://tendwell.test") as client:
        yield Person(client, clock, app)


async def test_auth_046_on_the_web_thirty_minutes_without_use_end_it(person: Person) -> None:
    await person.sign_in()
    assert await person.after(WEB_IDLE - SECOND) == (200, 200)
    assert await person.after(WEB_IDLE) == (401, 401)


async def test_auth_046_on_the_web_twelve_hours_end_it_however_much_it_is_used(person: Person) -> None:
    await person.sign_in()
    began = person.clock.now
    while person.clock.now - began < LIFETIMES[SessionKind.web] - 20 * MINUTE:
        assert await person.after(20 * MINUTE) == (200, 200)
    assert person.clock.now - began == 12 * HOUR - 20 * MINUTE
    assert await person.after(20 * MINUTE - SECOND) == (200, 200)
    assert await person.after(SECOND) == (401, 401)


async def test_in_an_app_thirty_days_end_it_and_no_pause_does(person: Person) -> None:
    await person.sign_in(device="app")
    assert await person.after(29 * DAY) == (200, 200)
    assert await person.after(DAY - SECOND) == (200, 200)
    assert await person.after(SECOND) == (401, 401)


@pytest.mark.parametrize(("device", "idle"), [("web", 30 * 60), ("app", None)])
async def test_a_client_is_told_when_its_session_ends_and_every_renewal_says_what_is_left(
    person: Person, device: str, idle: int | None
) -> None:
    await person.sign_in(device=device)
    assert person.tokens is not None
    whole = int(LIFETIMES[SessionKind(device)].total_seconds())
    assert (person.tokens["session_expires_in"], person.tokens["session_idle_limit"]) == (whole, idle)
    await person.after(25 * MINUTE)
    assert (person.tokens["session_expires_in"], person.tokens["session_idle_limit"]) == (whole - 25 * 60, idle)


async def test_whoever_holds_a_role_gets_the_ages_of_the_web_whatever_they_ask_for(
    person: Person, session: AsyncSession, cast: Cast
) -> None:
    at, app = cast.now, Client(SessionKind.app)
    for who, kind in (("asha_clinician_of_practice", "web"), ("sam_himself", "app")):
        opened = await open_session(session, cast.accounts[who], at=at, request_id="t", client=app)
        found = await session.execute(
            text("select kind, expires_at from session where id = :id"), {"id": opened.session_id}
        )
        assert found.one() == (kind, at + LIFETIMES[SessionKind(kind)])


async def test_a_role_that_is_given_ends_the_long_sessions_of_its_holder(
    person: Person, session: AsyncSession, cast: Cast
) -> None:
    await person.sign_in("nobody_at_all@example.test", device="app")
    assert await person.look() == 200
    membership = accounts.NewMembership(
        cast.accounts["nobody_at_all"], cast.organisations["practice"], Role.clinician, None
    )
    await accounts.grant_membership(session, cast.actor("admin"), membership)
    assert (await person.refresh(), await person.look()) == (401, 401)


async def test_a_screen_that_asks_whether_the_session_stands_keeps_nobody_signed_in(person: Person) -> None:
    await person.sign_in()
    for _ in range(29):
        person.clock.now += MINUTE
        assert await person.ask() == 204
        await person.writes_down()
    assert await person.look() == 401  # the access token of ten minutes is long over, the session is not
    person.clock.now += MINUTE
    assert await person.ask() == 401


async def test_asking_whether_the_session_stands_spends_no_token_and_sees_each_end_at_once(person: Person) -> None:
    await person.sign_in()
    assert person.tokens is not None
    first = person.tokens["refresh_token"]
    assert await person.ask() == 204
    assert await person.refresh() == 200
    assert await person.ask() == 204
    person.clock.now += 2 * LOST_REPLY_GRACE
    body = {"refresh_token": first}
    assert (await person.client.post("/v1/sessions/standing", json=body)).status_code == 204  # spent, and no theft
    assert await person.refresh() == 200
    headers = {"authorization": f"Bearer {person.tokens['access_token']}"}
    assert (await person.client.delete("/v1/sessions/current", headers=headers)).status_code == 204
    assert await person.ask() == 401


async def test_asking_sees_a_use_that_is_not_written_yet(person: Person) -> None:
    await person.sign_in()
    person.clock.now += 9 * MINUTE
    assert await person.look() == 200
    person.clock.now += 29 * MINUTE
    assert await person.ask() == 204


async def test_use_by_the_access_token_alone_counts_even_before_it_is_written(person: Person) -> None:
    await person.sign_in()
    person.clock.now += 9 * MINUTE
    assert await person.look() == 200
    person.clock.now += 22 * MINUTE  # 31 since sign-in, 22 since the last use
    held = person.app.state.services
    issued = issue_access_token(
        await held.keys.current(held.database.identity, person.clock.now),
        account_id=(claims := _claims(person))["sub"],
        session_id=claims["sid"],
        now=person.clock.now,
    )
    assert person.tokens is not None
    person.tokens["access_token"] = issued.token
    assert await person.look() == 200


async def test_who_confirms_gets_new_tokens_and_those_of_before_are_worth_nothing_to_a_thief(person: Person) -> None:
    """ASVS 7.2.4: a token stolen before must not gain by it that the holder shows who they are."""
    await person.sign_in()
    assert person.tokens is not None
    stolen = person.tokens
    headers = {"authorization": f"Bearer {stolen['access_token']}"}
    shown = {"password": PASSWORD}
    for right, answer, looked in (({"password": "not it"}, 422, 200), (shown, 204, 401), (shown, 401, 401)):
        confirmed = await person.client.post("/v1/sessions/current/confirmation", json=right, headers=headers)
        assert (confirmed.status_code, await person.look()) == (answer, looked)
    assert (await person.refresh(), await person.look()) == (200, 200)
    assert (await person.refresh(), await person.look()) == (200, 200), "the new generation lasts"
    person.tokens = stolen
    assert (await person.look(), await person.refresh()) == (401, 401)


def _claims(person: Person) -> dict[str, Any]:
    assert person.tokens is not None
    claims: dict[str, Any] = jwt.get_unverified_claims(person.tokens["access_token"])
    return claims


async def test_use_is_written_once_a_minute_and_not_at_every_request(person: Person, session: AsyncSession) -> None:
    await person.sign_in()
    began = person.clock.now
    for _ in range(5):
        person.clock.now += SECOND
        assert await person.look() == 200
    seen = text("select max(last_seen_at) from session where label = 'Another program'")
    assert await session.scalar(seen) == began
    await person.writes_down()
    assert await session.scalar(seen) == began + 5 * SECOND


async def test_another_process_judges_by_the_last_use_that_was_written(person: Person) -> None:
    await person.sign_in()
    person.clock.now += 9 * MINUTE
    assert await person.look() == 200
    await person.writes_down()
    person.app.state.services = replace(person.app.state.services, last_seen=LastSeen())
    assert await person.after(WEB_IDLE - SECOND) == (200, 200)


async def test_an_earlier_use_never_takes_the_place_of_a_later_one(session: AsyncSession, person: Person) -> None:
    await person.sign_in()
    (session_id, began) = (
        await session.execute(text("select id, last_seen_at from session order by id desc limit 1"))
    ).one()
    held, late = person.app.state.services, LastSeen()
    for noted in (began + 5 * MINUTE, began + MINUTE):
        late.note(session_id, noted)
        await late.write(held.database.identity)
    found = await session.scalar(text("select last_seen_at from session where id = :id"), {"id": session_id})
    assert found == began + 5 * MINUTE


async def test_what_cannot_be_written_now_is_written_later(person: Person) -> None:
    class Away:
        def writing(self) -> None:
            raise DatabaseUnavailable

    await person.sign_in()
    person.clock.now += MINUTE
    await person.look()
    held = person.app.state.services
    with pytest.raises(DatabaseUnavailable):
        await held.last_seen.write(Away())
    assert held.last_seen._used
    await person.writes_down()
    assert not held.last_seen._used


async def test_a_session_with_an_open_socket_is_used(person: Person, cast: Cast) -> None:
    noted: list[Any] = []
    held = person.app.state.services
    feed = Feed(held.database, person.clock, is_used=lambda session_id, at: noted.append((session_id, at)))
    await person.sign_in()
    async with held.database.identifying() as session:
        session_id = await session.scalar(text("select id from session order by id desc limit 1"))
    feed.subscriptions.open(cast.accounts["sam_himself"], session_id, follows_list=False)
    looking = asyncio.create_task(feed._reauthorise())
    while not noted:
        await asyncio.sleep(0.01)
    looking.cancel()
    assert noted[0] == (session_id, person.clock.now)


# Refresh families


async def test_auth_031_of_twenty_refreshes_at_once_all_get_the_one_successor(
    committing_database: Database, password_hash: str
) -> None:
    at = just_now()
    async with committing_database.writing() as session:
        organisation = accounts.NewOrganisation("QREF", "Refreshing", "commissioner", None)
        account = await accounts.create_administrator(
            session, at, organisation=organisation, email="r@e.test", display_name="R", password_hash=password_hash
        )
        opened = await open_session(session, account, at=at, request_id="t")

    async def refresh(token: str, later: timedelta) -> str | None:
        async with committing_database.writing() as session:
            found = await refresh_session(session, token, secret=SECRET, at=at + later, request_id="t")
            return None if found is None else found.refresh_token

    successors = await asyncio.gather(*(refresh(opened.refresh_token, timedelta()) for _ in range(20)))
    assert len(set(successors)) == 1
    (successor,) = {*successors}
    assert successor is not None
    async with committing_database.reading() as session:
        heads = await session.scalar(text("select count(*) from refresh_token where used_at is null"))
    assert heads == 1
    # A lost reply, retried within the grace, gets the same; once its successor is used, it is theft.
    assert await refresh(opened.refresh_token, LOST_REPLY_GRACE) == successor
    assert await refresh(successor, LOST_REPLY_GRACE) is not None
    assert await refresh(opened.refresh_token, LOST_REPLY_GRACE) is None
    assert await refresh(successor, LOST_REPLY_GRACE) is None


async def test_auth_032_a_refresh_token_on_another_device_ends_the_session(
    person: Person, session: AsyncSession
) -> None:
    mine, other = "an-id-of-this-phone-0001", "an-id-of-another-phone-2"
    await person.sign_in(device="app", device_id=mine)
    assert await person.refresh(device_id=mine) == 200
    assert await person.refresh(device_id=other) == 401
    assert (await person.refresh(device_id=mine), await person.look()) == (401, 401)
    reason = await session.scalar(
        text("select end_reason from session where device_hash = :hash"), {"hash": token_hash(mine)}
    )
    assert reason == "refresh_token_elsewhere"


async def test_auth_032_a_refresh_token_without_the_id_it_was_bound_to_ends_the_session(person: Person) -> None:
    await person.sign_in(device_id="an-id-of-this-phone-0001")
    assert await person.refresh() == 401
    assert await person.look() == 401


async def test_who_gave_no_id_is_bound_to_none(person: Person) -> None:
    await person.sign_in()
    assert await person.refresh(device_id="an-id-of-this-phone-0001") == 200


async def test_refreshing_forty_times_in_a_row_keeps_one_family(person: Person, session: AsyncSession) -> None:
    await person.sign_in(device="app")
    for _ in range(40):
        assert await person.after(HOUR) == (200, 200)
    unused = await session.scalar(
        text(
            "select count(*) from refresh_token where used_at is null and session_id ="
            " (select id from session where kind = 'app' order by id desc limit 1)"
        )
    )
    assert unused == 1
