"""One's own sessions: seen with what they are, ended one by one or all at once; and a password changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.throttle import RULES, Scope
from tests.cast import PASSWORD, Cast, just_now
from tests.http.test_sign_in import Checked
from tests.standing_clock import StandingClock

SAM, TESS = "sam_himself@example.test", "tess_herself@example.test"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
NEW = "otters sleep late on sundays"


class Kept(Checked):
    """Stands where passwords are hashed, too: a hash here is the password itself, marked."""

    async def verify(self, password: str, kept: str | None) -> bool:
        self.kept.append(kept)
        return kept is not None and (kept == f"hashed {password}" or (kept[0] == "$" and password == PASSWORD))

    async def hash(self, password: str) -> str:
        return f"hashed {password}"


@dataclass
class Device:
    """One of a person's devices, signed in."""

    client: httpx.AsyncClient
    tokens: dict[str, Any]

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path)

    async def sessions(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.client.get("/v1/me/sessions")).json()["items"]
        return items

    async def is_in(self) -> bool:
        status = (await self.client.get("/v1/me")).status_code
        assert status in {200, 401}
        return status == 200

    async def change(self, current: str, new: str) -> httpx.Response:
        return await self.client.post("/v1/me/password", json={"current_password": current, "new_password": new})


@dataclass
class House:
    """The application, with a clock that stands, and those who have signed in."""

    app: FastAPI
    clock: StandingClock
    devices: list[Device]

    async def ask(self, email: str, password: str, agent: str = FIREFOX, **more: Any) -> httpx.Response:
        async with self._client() as client:
            body = {"email": email, "password": password, **more}
            return await client.post("/v1/sessions", json=body, headers={"user-agent": agent})

    async def device(self, email: str = SAM, password: str = PASSWORD, agent: str = FIREFOX, **more: Any) -> Device:
        answer = await self.ask(email, password, agent, **more)
        assert answer.status_code == 201, answer.text
        client = self._client()
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        self.devices.append(Device(client, answer.json()))
        return self.devices[-1]

    def _client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://tendwell.test")


@pytest.fixture
async def house(app: FastAPI, cast: Cast) -> AsyncIterator[House]:
    clock = StandingClock(just_now())
    app.state.services.passwords.close()
    app.state.services = replace(app.state.services, clock=clock, passwords=Kept())
    house = House(app, clock, [])
    yield house
    for device in house.devices:
        await device.client.aclose()


async def test_one_sees_where_one_is_signed_in_the_newest_first(house: House) -> None:
    phone = await house.device(agent="okhttp/4.12", device="app")
    desk = await house.device()
    await house.device(TESS)
    mine = [s for s in await desk.sessions() if s["device"] != "" and s["device"] != "Another program"]
    assert [(s["device"], s["kind"], s["current"]) for s in mine] == [
        ("Firefox on Linux", "web", True),
        ("An app on Android", "app", False),
    ]
    assert [s["current"] for s in await phone.sessions()][:2] == [False, True]
    for each in mine:
        assert set(each) == {"id", "kind", "device", "started_at", "last_seen_at", "expires_at", "current"}


async def test_the_list_comes_in_pages(house: House) -> None:
    desk = await house.device()
    for _ in range(4):
        await house.device()
    seen, cursor = [], None
    while True:
        path = "/v1/me/sessions?limit=2" + (f"&cursor={cursor}" if cursor else "")
        page = (await desk.get(path)).json()
        seen += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) >= 5
    assert seen == sorted(seen, reverse=True)


async def test_one_session_is_ended_and_the_others_go_on(house: House, session: AsyncSession) -> None:
    lost, desk, tess = await house.device(), await house.device(), await house.device(TESS)
    (lost_id,) = [s["id"] for s in await lost.sessions() if s["current"]]
    (hers,) = [s["id"] for s in await tess.sessions() if s["current"]]
    assert (await desk.client.delete(f"/v1/me/sessions/{lost_id}")).status_code == 204
    assert (await lost.is_in(), await desk.is_in()) == (False, True)
    refreshed = await desk.client.post("/v1/sessions/refresh", json={"refresh_token": lost.tokens["refresh_token"]})
    assert refreshed.status_code == 401
    for not_mine in (lost_id, hers, "01a20156-0000-7000-8000-000000000000"):
        assert (await desk.client.delete(f"/v1/me/sessions/{not_mine}")).status_code == 404
    assert await tess.is_in()
    told = await session.execute(text("select kind from event_outbox order by id desc limit 1"))
    assert told.scalar_one() == "access.changed"


async def test_all_others_are_ended_at_once(house: House) -> None:
    others, desk, tess = [await house.device() for _ in range(3)], await house.device(), await house.device(TESS)
    assert (await desk.client.delete("/v1/me/sessions")).status_code == 204
    assert [await each.is_in() for each in others] == [False] * 3
    assert (await desk.is_in(), await tess.is_in()) == (True, True)
    assert [each["current"] for each in await desk.sessions()] == [True]


async def test_auth_029_another_password_ends_every_other_session_at_once(house: House, session: AsyncSession) -> None:
    other, desk = await house.device(), await house.device()
    answer = await desk.change(PASSWORD, NEW)
    assert answer.status_code == 200, answer.text
    assert (await other.is_in(), await desk.is_in()) == (False, True)
    assert (await house.ask(SAM, PASSWORD)).status_code == 401
    assert (await house.ask(SAM, NEW)).status_code == 201
    trail = await session.execute(
        text("select action from audit_event where action in ('password.change', 'session.end') order by id desc")
    )
    assert sorted(trail.scalars())[:2] == ["password.change", "session.end"]


async def test_a_device_of_before_the_change_is_no_known_one_after_it(house: House) -> None:
    other, desk = await house.device(), await house.device()
    house.clock.now += timedelta(seconds=1)
    fresh = (await desk.change(PASSWORD, NEW)).json()["device_token"]
    for _ in range(RULES[Scope.account].free):
        assert (await house.ask(SAM, "a wrong one")).status_code == 401
    assert (await house.ask(SAM, NEW, device_token=other.tokens["device_token"])).status_code == 429
    assert (await house.ask(SAM, NEW, device_token=fresh)).status_code == 201


async def test_the_present_password_must_be_known_and_guesses_at_it_are_slowed_down(house: House) -> None:
    desk = await house.device()
    for _ in range(RULES[Scope.session].free):
        answer = await desk.change("a wrong one", NEW)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/current_password"
    answer = await desk.change(PASSWORD, NEW)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert (await house.ask(SAM, PASSWORD)).status_code == 201  # signing in is another matter


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("nhsnhsnhs2026", "context_word"),
        ("sam-himself-2026", "context_word"),
        ("passwordpassword", "common_password"),
        ("abcabcabcabc", "pattern"),
        (PASSWORD, "not_new"),
    ],
)
async def test_auth_040_the_new_password_is_judged_by_the_same_rules(house: House, new: str, code: str) -> None:
    desk = await house.device()
    answer = await desk.change(PASSWORD, new)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/new_password", code)
    assert new not in answer.text


async def test_guesses_at_the_old_password_do_not_hold_up_the_device_on_which_the_new_one_was_chosen(
    house: House,
) -> None:
    desk = await house.device()
    for _ in range(RULES[Scope.account].free):
        await house.ask(SAM, "a wrong one")
    assert (await house.ask(SAM, PASSWORD)).status_code == 429
    changed = await desk.change(PASSWORD, NEW)
    assert changed.status_code == 200
    assert (await house.ask(SAM, NEW)).status_code == 429, "as at an address that nobody has"
    assert (await house.ask(SAM, NEW, device_token=changed.json()["device_token"])).status_code == 201


async def test_auth_028_a_disabled_account_s_tokens_are_refused_from_its_commit_on(
    house: House, cast: Cast, client_of: Any
) -> None:
    desk = await house.device()
    answer = await client_of("admin").post(f"/v1/accounts/{cast.accounts['sam_himself']}/disable")
    assert answer.status_code == 204
    assert not await desk.is_in()
    refreshed = await desk.client.post("/v1/sessions/refresh", json={"refresh_token": desk.tokens["refresh_token"]})
    assert refreshed.status_code == 401
    assert (await house.ask(SAM, PASSWORD)).status_code == 401
