"""What one API process decides about a sign-in holds at the other at once: guesses, endings, ages, keys."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from jose import jwt
from sqlalchemy import text

from domain.accounts.throttle import RULES, Scope
from integrations.postgres.client import Database
from tests.cast import PASSWORD
from tests.live.client import Caller, watching
from tests.live.conftest import Scene
from tests.live.processes import ROOT, Process
from tests.live.test_access_ends import AT_ONCE_SECONDS, BY_DATE_SECONDS, SLACK_SECONDS

TESS, HOPE, GUS = "tess_herself", "hope_staff_of_former_home", "gus_care_home_staff"
OTHER_PASSWORD = "otters sleep late on sundays"


async def sign_in(http: httpx.AsyncClient, api: Process, name: str, password: str = PASSWORD) -> httpx.Response:
    return await http.post(f"{api.url}/v1/sessions", json={"email": f"{name}@example.test", "password": password})


async def refused_within(http: httpx.AsyncClient, api: Process, token: str) -> float:
    """Return after how many seconds a token is refused."""
    began = time.monotonic()
    while (await http.get(f"{api.url}/v1/me", headers={"authorization": f"Bearer {token}"})).status_code != 401:
        assert time.monotonic() - began < 10
    return time.monotonic() - began


async def test_auth_029_a_changed_password_ends_other_sessions_and_their_sockets_at_every_process(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    here, there = scene.apis
    mine, other = await scene.signed_in_afresh(http, TESS), await scene.signed_in_afresh(http, TESS)
    tess = scene.patient("tess_of_other_practice")
    async with watching(http, there, other, [tess]) as ending, watching(http, there, mine, [tess]) as going_on:
        for socket in (ending, going_on):
            await socket.hear_a("welcome")
            await socket.hear_a("snapshot")
        change = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
        answer = await http.post(f"{here.url}/v1/me/password", json=change, headers=mine.headers)
        assert answer.status_code == 200, answer.text
        began = time.monotonic()
        assert await refused_within(http, there, other.token) < AT_ONCE_SECONDS
        assert await ending.close_code() == 4401
        assert time.monotonic() - began < AT_ONCE_SECONDS + SLACK_SECONDS
        await going_on.say({"type": "ping"})
        assert await going_on.hear_a("pong")
    assert (await sign_in(http, there, TESS)).status_code == 401
    assert (await sign_in(http, there, TESS, OTHER_PASSWORD)).status_code == 201
    back = {"current_password": OTHER_PASSWORD, "new_password": PASSWORD}
    assert (await http.post(f"{here.url}/v1/me/password", json=back, headers=mine.headers)).status_code == 200


async def test_a_session_ended_from_the_list_is_refused_at_the_other_process_and_its_socket_closes(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    here, there = scene.apis
    mine, lost = await scene.signed_in_afresh(http, GUS), await scene.signed_in_afresh(http, GUS)
    (lost_id,) = [
        each["id"]
        for each in (await http.get(f"{there.url}/v1/me/sessions", headers=lost.headers)).json()["items"]
        if each["current"]
    ]
    async with watching(http, there, lost) as socket:
        await socket.hear_a("welcome")
        answer = await http.delete(f"{here.url}/v1/me/sessions/{lost_id}", headers=mine.headers)
        assert answer.status_code == 204
        began = time.monotonic()
        assert await refused_within(http, there, lost.token) < AT_ONCE_SECONDS
        assert await socket.close_code() == 4401
        assert time.monotonic() - began < AT_ONCE_SECONDS + SLACK_SECONDS


async def test_a_socket_closes_when_its_session_ages_out(
    scene: Scene, http: httpx.AsyncClient, live_database: Database
) -> None:
    gus = await scene.signed_in_afresh(http, GUS)
    session_id = jwt.get_unverified_claims(gus.token)["sid"]
    async with watching(http, scene.apis[0], gus) as socket:
        await socket.hear_a("welcome")
        ends_at = datetime.now(UTC) + timedelta(seconds=1)
        async with live_database.writing() as session:
            await session.execute(
                text("update session set expires_at = :at where id = cast(:id as uuid)"),
                {"at": ends_at, "id": session_id},
            )
        assert await socket.close_code() == 4401
        late = datetime.now(UTC) - ends_at
        assert timedelta() <= late < timedelta(seconds=BY_DATE_SECONDS + SLACK_SECONDS)
        assert (await http.get(f"{scene.apis[1].url}/v1/me", headers=gus.headers)).status_code == 401


async def test_guesses_at_two_processes_are_counted_together(scene: Scene, http: httpx.AsyncClient) -> None:
    free = RULES[Scope.account].free
    statuses = [(await sign_in(http, scene.apis[n % 2], HOPE, "not this one")).status_code for n in range(free + 2)]
    assert statuses == [401] * free + [429] * 2
    assert [(await sign_in(http, api, HOPE)).status_code for api in scene.apis] == [429, 429]


def command(database_url: str, environment: dict[str, str], *arguments: str) -> str:
    """Return what a command of the service printed."""
    variables = {f"TENDWELL_{name}": value for name, value in environment.items()}
    ran = subprocess.run(
        [sys.executable, "-m", "api", *arguments],
        env={"PATH": "/usr/bin:/bin", "TENDWELL_DATABASE_URL": database_url, **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return ran.stdout


class Newcomer:
    """A process that starts later than the others, and believes no proxy that is here."""

    def __init__(self, scene: Scene) -> None:
        self._installed, self.started = scene.installed, list[Process]()

    def start(self) -> Process:
        """Return it, started the first time. Not in a thread of its own: it would end with the thread."""
        if not self.started:
            self.started.append(self._installed.start_api(TRUSTED_PROXIES="192.0.2.1"))
        return self.started[0]


@pytest.fixture(scope="module")
def newcomer(scene: Scene) -> Iterator[Newcomer]:
    newcomer = Newcomer(scene)
    yield newcomer
    for process in newcomer.started:
        scene.installed.stop(process)


async def test_keys_are_rotated_under_load_without_a_failed_request(
    scene: Scene, http: httpx.AsyncClient, newcomer: Newcomer
) -> None:
    opened = [(await sign_in(http, api, "sam_himself")).json() for api in scene.apis]
    old = kid_of(opened[0]["access_token"])
    statuses, tokens, is_over = Counter[int](), [each["access_token"] for each in opened], asyncio.Event()

    async def load(api: Process, other: Process, mine: dict[str, Any]) -> None:
        while not is_over.is_set():
            for token in (tokens[0], tokens[-1]):
                answer = await http.get(f"{other.url}/v1/me", headers=Caller(token).headers)
                statuses[answer.status_code] += 1
            renewed = await http.post(f"{api.url}/v1/sessions/refresh", json={"refresh_token": mine["refresh_token"]})
            statuses[renewed.status_code] += 1
            mine = renewed.json()
            tokens.append(mine["access_token"])

    async def rotate() -> None:
        installed = scene.installed
        await asyncio.to_thread(command, installed.database_url, installed.environment, "rotate-keys", "--at-once")
        tokens.append((await sign_in(http, newcomer.start(), "sam_himself")).json()["access_token"])
        assert kid_of(tokens[-1]) != old
        async with asyncio.timeout(30):
            while any(kid_of(token) == old for token in tokens[-3:]):
                await asyncio.sleep(0.05)
        is_over.set()

    async with asyncio.TaskGroup() as everything:
        for (api, other), mine in zip((scene.apis, scene.apis[::-1]), opened, strict=True):
            everything.create_task(load(api, other, mine))
        everything.create_task(rotate())
    assert set(statuses) == {200}
    assert statuses[200] > 50


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


async def test_http_026_an_address_that_a_client_claims_is_believed_of_a_trusted_proxy_alone(
    scene: Scene, http: httpx.AsyncClient, live_database: Database, newcomer: Newcomer
) -> None:
    async def counted() -> int:
        async with live_database.reading() as session:
            found = await session.scalar(text("select count(*) from sign_in_attempt where scope = 'address'"))
            return int(found or 0)

    async def guess_from(api: Process, how_many: int) -> int:
        """Return how many network addresses were counted anew while that many were claimed."""
        before = await counted()
        for n in range(how_many):
            body = {"email": f"xff-{n}@example.test", "password": "not this one"}
            await http.post(f"{api.url}/v1/sessions", json=body, headers={"x-forwarded-for": f"198.51.100.{n + 1}"})
        return await counted() - before

    await sign_in(http, scene.apis[0], "xff", "not this one")  # our own address is counted from now on
    assert await guess_from(newcomer.start(), 5) == 0
    assert await guess_from(scene.apis[0], 5) == 5  # 127.0.0.1 is the proxy here
