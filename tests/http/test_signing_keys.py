"""Signing keys change under load and nobody notices, but for what a removed key has signed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from jose import jwk, jwt

from api.app import create_app
from api.authentication import ACCESS_TOKEN_LIFETIME, LEEWAY, Claims
from api.deps import Services
from api.key_ring import BELIEVED_FOR, LOOK_SECONDS, RELOAD_EVERY, KeyRing
from api.settings import Settings
from domain.errors import NotAuthenticated
from domain.keys.commands import PUBLISHED_AHEAD, publish_next_key, retire_key
from domain.keys.key_pair import Purpose
from domain.keys.sealing import CannotUnseal, Sealing
from integrations.postgres.client import Database
from integrations.postgres.errors import DatabaseUnavailable
from tests.cast import PASSWORD, Cast, just_now
from tests.in_one_role import in_one_role
from tests.standing_clock import StandingClock

STEP_SECONDS = 10  # of a rotation under load, both nodes being asked at each
SILENT_SECONDS = 30.0  # what a look may take that nobody answers, and more
NOAH = "nobody_at_all@example.test"


@dataclass
class Nodes:
    """Two API processes' applications on one database, with one clock."""

    sealing: Sealing
    database: Database
    clock: StandingClock
    apps: list[FastAPI]
    clients: list[httpx.AsyncClient]

    async def sign_in(self, node: int = 0) -> tuple[str, str]:
        body = {"email": NOAH, "password": PASSWORD}
        answer = await self.clients[node].post("/v1/sessions", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["access_token"], answer.json()["refresh_token"]

    async def status(self, node: int, token: str) -> int:
        headers = {"authorization": f"Bearer {token}"}
        return (await self.clients[node].get("/v1/me", headers=headers)).status_code

    async def published(self, node: int = 0) -> set[str]:
        return {key["kid"] for key in (await self.clients[node].get("/.well-known/jwks.json")).json()["keys"]}

    async def rotate(self, ahead: timedelta = PUBLISHED_AHEAD) -> str:
        async with self.database.writing() as session:
            at = self.clock.now
            return await publish_next_key(session, Purpose.access_token, self.sealing, at=at, signs_from=at + ahead)

    async def retire(self, kid: str) -> None:
        async with self.database.writing() as session:
            await retire_key(session, kid, at=self.clock.now)


@pytest.fixture
async def nodes(committing_database: Database, settings: Settings, cast: Cast) -> AsyncIterator[Nodes]:
    clock = StandingClock(just_now())
    apps = [_on(create_app(settings, clock=clock), committing_database) for _ in range(2)]
    clients = [
        httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://t.test")
        for app in apps
    ]
    sealing = Sealing.of(settings.encryption_key.get_secret_value())
    yield Nodes(sealing, committing_database, clock, apps, clients)
    for app, client in zip(apps, clients, strict=True):
        app.state.services.passwords.close()
        await client.aclose()


def _on(app: FastAPI, database: Database) -> FastAPI:
    app.state.services = replace(app.state.services, database=in_one_role(database))
    return app


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


async def test_rotation_under_load_fails_no_request(nodes: Nodes) -> None:
    tokens, refresh = [(await nodes.sign_in())[0]], (await nodes.sign_in())[1]
    first, statuses, signed_with = kid_of(tokens[0]), [], []
    for second in range(0, 300, STEP_SECONDS):
        if second == 60:
            await nodes.rotate()
        # Both nodes are asked with what either has signed, many at once, at every step of the rotation.
        nodes.clock.now += timedelta(seconds=STEP_SECONDS)
        answers = [nodes.status(node, token) for node in (0, 1) for token in tokens[-3:] for _ in range(2)]
        statuses += await asyncio.gather(*answers)
        renewed = await nodes.clients[second // STEP_SECONDS % 2].post(
            "/v1/sessions/refresh", json={"refresh_token": refresh}
        )
        assert renewed.status_code == 200
        tokens.append(renewed.json()["access_token"])
        refresh = renewed.json()["refresh_token"]
        signed_with.append(kid_of(tokens[-1]))
    assert set(statuses) == {200}
    assert len(statuses) > 300
    changed = next(n for n, kid in enumerate(signed_with) if kid != first)
    assert timedelta() <= timedelta(seconds=STEP_SECONDS * changed - 60) - PUBLISHED_AHEAD <= RELOAD_EVERY
    assert len(set(signed_with)) == 2


async def test_a_key_that_signs_at_once_is_looked_for_by_who_does_not_know_it(nodes: Nodes) -> None:
    await nodes.sign_in(0)
    old, _ = await nodes.sign_in(1)
    kid = await nodes.rotate(timedelta())
    nodes.clock.now += timedelta(seconds=3)
    nodes.apps[0].state.services = replace(
        nodes.apps[0].state.services, keys=KeyRing(nodes.sealing, issuer="http://127.0.0.1:8080")
    )
    token, _ = await nodes.sign_in(0)
    assert kid_of(token) == kid != kid_of(old)
    assert await nodes.status(1, token) == 200
    assert await nodes.status(1, old) == 200


async def test_a_token_of_a_new_key_waits_for_the_look_however_long_it_takes_and_is_not_refused_if_it_fails(
    nodes: Nodes,
) -> None:
    await nodes.sign_in(1)
    await nodes.rotate(timedelta())
    nodes.clock.now += timedelta(seconds=3)
    nodes.apps[0].state.services = replace(
        nodes.apps[0].state.services, keys=KeyRing(nodes.sealing, issuer="http://127.0.0.1:8080")
    )
    token, _ = await nodes.sign_in(0)
    ring: KeyRing = nodes.apps[1].state.services.keys
    read = ring._read

    async def slow(database: Database, at: datetime) -> object:
        await asyncio.sleep(2 * LOOK_SECONDS)
        return await read(database, at)

    async def away(database: Database, at: datetime) -> object:
        raise DatabaseUnavailable

    ring._read = away  # type: ignore[method-assign, assignment]
    assert await nodes.status(1, token) == 503
    ring._read, ring._retry_from = slow, 0.0  # type: ignore[method-assign, assignment]
    assert await nodes.status(1, token) == 200


async def test_a_removed_key_is_refused_within_a_minute_everywhere(nodes: Nodes) -> None:
    old, _ = await nodes.sign_in()
    await nodes.rotate(timedelta())
    nodes.clock.now += RELOAD_EVERY
    assert [await nodes.status(node, old) for node in (0, 1)] == [200, 200]
    await nodes.retire(kid_of(old))
    nodes.clock.now += RELOAD_EVERY
    assert [await nodes.status(node, old) for node in (0, 1)] == [401, 401]
    assert RELOAD_EVERY <= BELIEVED_FOR <= timedelta(minutes=1)
    new, _ = await nodes.sign_in()
    assert [await nodes.status(node, new) for node in (0, 1)] == [200, 200]
    assert kid_of(old) not in await nodes.published()


async def test_a_token_that_was_found_good_once_is_good_no_longer_than_it_says(nodes: Nodes) -> None:
    """The keys are not read again in between, so that what was found good is what is asked."""
    token, _ = await nodes.sign_in()
    keys: KeyRing = nodes.apps[0].state.services.keys

    async def found(shown: str, at: datetime) -> Claims:
        return await keys.verified(nodes.database, shown, at)

    claims = await found(token, nodes.clock.now)
    last = claims.expires_at + LEEWAY - timedelta(seconds=1)
    first = claims.good_from - LEEWAY
    for good, bad in ((last, last + timedelta(seconds=1)), (first, first - timedelta(seconds=1))):
        assert await found(token, good) == claims
        assert len(keys._verified) == 1
        held = keys._keys
        with pytest.raises(NotAuthenticated):
            await found(token, bad)
        assert keys._keys is held
    other = token[:-5] + ("AAAAA" if token[-5:] != "AAAAA" else "BBBBB")
    with pytest.raises(NotAuthenticated):
        await found(other, first)


async def test_what_was_found_good_is_forgotten_when_the_keys_are_read_again(nodes: Nodes) -> None:
    keys: KeyRing = nodes.apps[0].state.services.keys
    token, _ = await nodes.sign_in()
    await keys.verified(nodes.database, token, nodes.clock.now)
    assert len(keys._verified) == 1
    await keys.current(nodes.database, nodes.clock.now + RELOAD_EVERY)
    assert keys._verified == {}


class _Away:
    """A database that cannot be reached."""

    def __init__(self) -> None:
        self.asked = 0

    def reading(self) -> _Away:
        self.asked += 1
        raise DatabaseUnavailable


async def test_keys_that_cannot_be_read_again_are_believed_for_a_minute_and_asked_for_once_a_second(
    nodes: Nodes,
) -> None:
    held: Services = nodes.apps[0].state.services
    await held.keys.current(nodes.database, nodes.clock.now)
    away = _Away()
    just_before = nodes.clock.now + BELIEVED_FOR - timedelta(seconds=1)
    for _ in range(50):
        await held.keys.current(away, just_before)  # type: ignore[arg-type]
    assert away.asked == 1
    with pytest.raises(DatabaseUnavailable):
        await held.keys.current(away, nodes.clock.now + BELIEVED_FOR)  # type: ignore[arg-type]


async def test_nobody_waits_for_keys_that_are_believed_while_a_dead_connection_says_nothing(nodes: Nodes) -> None:
    token, _ = await nodes.sign_in()
    ring: KeyRing = nodes.apps[0].state.services.keys
    read, looks, answered = ring._read, 0, asyncio.Event()

    async def silent(database: Database, at: datetime) -> object:
        nonlocal looks
        looks += 1
        await answered.wait()
        return await read(database, at)

    ring._read = silent  # type: ignore[method-assign, assignment]
    nodes.clock.now += RELOAD_EVERY
    async with asyncio.timeout(SILENT_SECONDS):
        assert [await nodes.status(0, token) for _ in range(3)] == [200] * 3
    assert looks == 1
    answered.set()
    await asyncio.sleep(0)
    assert ring._looking is not None
    await ring._looking
    assert await nodes.status(0, token) == 200
    assert (looks, ring._read_at) == (1, nodes.clock.now)


async def test_a_flood_of_tokens_with_unknown_keys_is_no_flood_of_looks(nodes: Nodes) -> None:
    token, _ = await nodes.sign_in()
    head = jwt.encode({}, "x", algorithm="HS256", headers={"alg": "ES256", "typ": "at+jwt", "kid": "x"}).split(".")[0]
    forged = ".".join([head, *token.split(".")[1:]])
    looks = 0
    ring: KeyRing = nodes.apps[0].state.services.keys
    read = ring._read

    async def counted(database: Database, at: datetime) -> object:
        nonlocal looks
        looks += 1
        return await read(database, at)

    ring._read = counted  # type: ignore[method-assign, assignment]
    nodes.clock.now += timedelta(seconds=5)
    assert set(await asyncio.gather(*(nodes.status(0, forged) for _ in range(30)))) == {401}
    assert looks == 1


async def test_a_process_with_another_encryption_secret_does_not_start(nodes: Nodes, settings: Settings) -> None:
    await nodes.sign_in()
    ring = KeyRing(Sealing.of("another-secret-9fKq2LmX0vRt5YcN7wZ"), issuer="x")
    with pytest.raises(CannotUnseal):
        await ring.current(nodes.database, nodes.clock.now)


async def test_anybody_can_verify_our_tokens_with_what_is_published(nodes: Nodes) -> None:
    token, _ = await nodes.sign_in()
    answer = await nodes.clients[0].get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == f"public, max-age={RELOAD_EVERY.seconds}"
    (key,) = (each for each in answer.json()["keys"] if each["kid"] == kid_of(token))
    assert (key["kty"], key["use"], key["alg"]) == ("EC", "sig", "ES256")
    assert "d" not in key
    claims = jwt.decode(token, jwk.construct(key), algorithms=["ES256"], audience="http://127.0.0.1:8080")
    assert UUID(claims["sub"])


async def test_the_next_key_is_published_before_it_signs(nodes: Nodes) -> None:
    token, _ = await nodes.sign_in()
    kid = await nodes.rotate()
    nodes.clock.now += RELOAD_EVERY
    assert await nodes.published() == {kid, kid_of(token)}
    assert PUBLISHED_AHEAD > BELIEVED_FOR + LEEWAY
    assert ACCESS_TOKEN_LIFETIME > PUBLISHED_AHEAD
