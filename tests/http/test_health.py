"""Whether a process says rightly that it can serve, and if not why not: on real databases, broken in each way."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import text

from api import readiness
from api.app import create_app
from api.relay import run_relay
from api.run.first_secrets import new_secret
from api.settings import Settings
from domain.audit import seal_queries
from integrations.linux.children import stop
from integrations.postgres.client import Database, connect
from integrations.postgres.embedded import SUPERUSER, Cluster
from integrations.postgres.migrate import migrate
from integrations.postgres.online import MIGRATIONS
from integrations.postgres.roles import Databases
from integrations.postgres.schema import revisions

PATIENCE_SECONDS = 30
READY, KEYS = "/health/ready", "/.well-known/jwks.json"


@asynccontextmanager
async def serving(settings: Settings, url: str, *, feed: bool = False) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of the application on this database, with its feed running if asked for."""
    app = create_app(settings.model_copy(update={"database_url": SecretStr(url)}))
    database: Databases = app.state.services.database
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tendwell.test") as client:
        if feed:
            async with app.router.lifespan_context(app):
                yield client
        else:
            yield client
            app.state.services.passwords.close()
            await database.close()


@asynccontextmanager
async def relaying(url: str) -> AsyncIterator[None]:
    database = Database(url)
    relay = asyncio.create_task(run_relay(database))
    try:
        yield
    finally:
        relay.cancel()
        with suppress(asyncio.CancelledError):
            await relay
        await database.close()


@pytest.fixture
async def empty_url(cluster: Cluster) -> AsyncIterator[str]:
    """Yield the URL of a database without a single table."""
    name = f"empty_{uuid.uuid4().hex}"
    connection = await connect(cluster.url(SUPERUSER, user=SUPERUSER))
    await connection.execute(f'create database "{name}" template template0 owner tendwell')
    yield cluster.url(name)
    await connection.execute(f'drop database "{name}" with (force)')
    await connection.close()


def assert_not_ready(answer: httpx.Response, why: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.headers["retry-after"].isdigit()
    told = answer.json()
    assert (told["type"], told["status"]) == ("/problems/not-ready", 503)
    assert told["detail"] == why


async def until(client: httpx.AsyncClient, condition: Callable[[httpx.Response], bool]) -> httpx.Response:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition(answer := await client.get(READY)):
            await asyncio.sleep(0.05)
    return answer


async def assert_of_no_use(wrong: httpx.AsyncClient, settings: Settings) -> None:
    """A process whose encryption key does not open what is stored says so, and answers nobody."""
    told = await wrong.get(READY)
    assert_not_ready(told, readiness.WRONG_KEY)
    assert "TENDWELL_ENCRYPTION_KEY" in told.text
    assert settings.encryption_key.get_secret_value() not in told.text
    asked = await wrong.post("/v1/password-resets", json={"email": "asha@example.test"})
    for answer in (await wrong.get(KEYS), asked):
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
        assert "KEY" not in answer.text


async def test_before_its_migrations_nobody_is_ready_and_what_to_do_is_said(settings: Settings, empty_url: str) -> None:
    async with serving(settings, empty_url) as client:
        assert_not_ready(await client.get(READY), readiness.BEHIND)
        assert "api migrate" in readiness.BEHIND
        assert (await client.get("/health/live")).status_code == 200
        await migrate(empty_url)
        assert_not_ready(await client.get(READY), readiness.NOT_BEGUN)


async def test_a_schema_of_an_earlier_version_is_not_ready_and_one_of_a_later_version_still_serves(
    settings: Settings, committing_database: Database
) -> None:
    async def set_to(revision: str) -> None:
        async with committing_database.writing() as session:
            await session.execute(text("update alembic_version set version_num = :to"), {"to": revision})

    async with serving(settings, committing_database.url, feed=True) as client, relaying(committing_database.url):
        await until(client, lambda answer: answer.status_code == 200)
        await set_to(revisions()[-2])
        assert_not_ready(await client.get(READY), readiness.BEHIND)
        await set_to("9999")
        assert (await client.get(READY)).status_code == 200


def test_the_migrations_are_known_by_the_names_of_their_files() -> None:
    by_alembic = [each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    assert list(revisions()) == by_alembic[::-1]


async def test_a_database_that_has_stopped_makes_the_process_not_ready(
    settings: Settings, durable_cluster: Cluster
) -> None:
    url = durable_cluster.url()
    await migrate(url)
    async with serving(settings, url, feed=True) as client, relaying(url):
        await until(client, lambda answer: answer.status_code == 200)
        await asyncio.to_thread(durable_cluster.stop_leftovers)
        assert_not_ready(await client.get(READY), readiness.NO_ANSWER)


@pytest.mark.parametrize("wrong", ["nobody:hunter2@127.0.0.1:{port}/x", "tendwell@/no_such_database?host={sockets}"])
async def test_a_database_that_was_never_there_makes_it_not_ready_and_its_address_stays_unsaid(
    settings: Settings, cluster: Cluster, free_port: int, wrong: str
) -> None:
    url = f"postgresql://{wrong.format(port=free_port, sockets=cluster.sockets)}"
    async with serving(settings, url) as client:
        answer = await client.get(READY)
    assert_not_ready(answer, readiness.UNUSABLE if "no_such" in wrong else readiness.NO_ANSWER)
    for secret in ("hunter2", "nobody", str(free_port), "no_such_database"):
        assert secret not in answer.text


async def test_a_process_started_while_its_database_is_away_starts_and_serves_once_it_is_there(
    settings: Settings, durable_cluster: Cluster
) -> None:
    url = durable_cluster.url()
    await asyncio.to_thread(durable_cluster.stop_leftovers)
    astray = settings.model_copy(update={"encryption_key": SecretStr(new_secret())})
    async with serving(settings, url, feed=True) as client, serving(astray, url, feed=True) as wrong:
        assert_not_ready(await client.get(READY), readiness.NO_ANSWER)
        server = durable_cluster.start(durable_cluster.data.parent / "log")
        try:
            await asyncio.to_thread(durable_cluster.wait_until_ready, server)
            assert_not_ready(await client.get(READY), readiness.NO_ROLES)
            await migrate(url)
            async with relaying(url):
                await until(client, lambda answer: answer.status_code == 200)
                # Its first key was made by now, which the other process's encryption key does not open.
                assert (await client.get(KEYS)).status_code == 200
                await assert_of_no_use(wrong, astray)
        finally:
            stop(server, signal.SIGQUIT, grace_seconds=5)


async def test_a_login_that_may_not_take_on_the_roles_is_told_so(settings: Settings, cluster: Cluster) -> None:
    connection = await connect(cluster.url(SUPERUSER, user=SUPERUSER))
    await connection.execute("create role stranger login")
    try:
        async with serving(settings, cluster.url(SUPERUSER, user="stranger"), feed=True) as client:
            assert_not_ready(await client.get(READY), readiness.NO_ROLES)
            credentials = {"email": "asha@example.test", "password": "whatever it may be"}
            answer = await client.post("/v1/sessions", json=credentials)
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
            assert "role" not in answer.text
    finally:
        await connection.execute("drop role stranger")
        await connection.close()


async def test_a_database_that_the_login_may_not_enter_is_not_taken_for_one_without_roles_whatever_it_is_called(
    settings: Settings, cluster: Cluster
) -> None:
    connection = await connect(cluster.url(SUPERUSER, user=SUPERUSER))
    for statement in (
        "create role stranger login",
        "create database tendwell_prod",
        "revoke connect on database tendwell_prod from public",
    ):
        await connection.execute(statement)
    try:
        async with serving(settings, cluster.url("tendwell_prod", user="stranger")) as client:
            assert_not_ready(await client.get(READY), readiness.UNUSABLE)
    finally:
        await connection.execute("drop database tendwell_prod")
        await connection.execute("drop role stranger")
        await connection.close()


async def test_a_database_that_lost_its_rules_while_it_is_used_answers_nobody_and_tells_no_client_why(
    settings: Settings, committing_database: Database
) -> None:
    async with serving(settings, committing_database.url) as client:
        async with committing_database.writing() as session:
            await session.execute(text("create table of_the_operator (words text)"))
            await session.execute(text("grant select on of_the_operator to tendwell_feed, tendwell_identity"))
        credentials = {"email": "asha@example.test", "password": "whatever it may be"}
        answer = await client.post("/v1/sessions", json=credentials)
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
        assert "security" not in answer.text
        assert_not_ready(await client.get(READY), readiness.UNUSABLE)


async def test_a_server_that_never_answers_is_not_waited_for(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with serving(settings, f"postgresql://x@127.0.0.1:{silent.getsockname()[1]}/x") as client:
            began = time.monotonic()
            assert_not_ready(await client.get(READY), readiness.NO_ANSWER)
            assert time.monotonic() - began < readiness.ANSWER_WITHIN_SECONDS + 1


async def test_a_process_whose_feed_is_blind_for_too_long_is_not_ready_until_it_sees_again(
    settings: Settings, committing_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = committing_database.url
    async with serving(settings, url, feed=True) as client:
        assert_not_ready(await client.get(READY), readiness.NOT_BEGUN)
        async with relaying(url):
            answer = await until(client, lambda answer: answer.status_code == 200)
            assert answer.json()["status"] == "ready"
            assert answer.json()["feed_blind_seconds"] < readiness.BLIND_TOO_LONG_SECONDS
        async with committing_database.writing() as session:
            await session.execute(text("update event_relay set seen_at = now() - interval '20 seconds'"))
        blind = await until(client, lambda answer: answer.json().get("feed_blind_seconds", 0) > 19)
        assert blind.status_code == 200, "a worker that is started again must not take every node out of service"
        monkeypatch.setattr(readiness, "BLIND_TOO_LONG_SECONDS", 10.0)
        answer = await client.get(READY)
        assert answer.json()["detail"].startswith("The live feed has been blind for 2")
        assert answer.status_code == 503
        async with relaying(url):
            await until(client, lambda answer: answer.status_code == 200)


async def test_how_late_the_sealing_is_makes_no_process_unready_where_it_cannot_be_asked(
    settings: Settings, committing_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = committing_database.url
    async with serving(settings, url, feed=True) as client, relaying(url):
        answer = await until(client, lambda answer: answer.status_code == 200)
        assert answer.json()["audit_seal_lag_seconds"] is not None
        monkeypatch.setattr(seal_queries, "_LAG", text("select pg_sleep(60)"))
        answer = await client.get(READY)
        assert (answer.status_code, answer.json()["audit_seal_lag_seconds"]) == (200, None)


def test_the_container_engine_waits_longer_for_the_answer_than_it_can_take() -> None:
    dockerfile = (Path(__file__).resolve().parents[2] / "Dockerfile").read_text()
    assert f"timeout={readiness.ANSWER_WITHIN_SECONDS + 1:.0f})" in dockerfile
