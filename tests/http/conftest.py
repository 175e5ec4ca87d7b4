"""The application in this process, on a database that forgets, and a client for each member of the cast."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.app import create_app
from api.authentication import TokenKeys, issue_access_token
from api.deps import Services
from api.exports.gathering import Means
from api.key_ring import KeyRing
from api.passwords import Passwords
from api.run.first_secrets import new_secret
from api.settings import Settings
from domain.accounts.session_commands import open_session
from domain.clock import Clock
from domain.events.commands import settle_epoch
from domain.keys.commands import make_first_key
from domain.keys.key_pair import Purpose
from domain.keys.sealing import Sealing
from integrations.postgres.client import Database, Session, State
from integrations.postgres.embedded import Cluster
from integrations.postgres.limits import Limits
from integrations.postgres.roles import Databases, Role
from integrations.postgres.turns import Taken
from tests.cast import Cast
from tests.databases import Troupe, clone, said
from tests.http.letters import Letters

ClientOf = Callable[[str | None], httpx.AsyncClient]
IN_ROLE = "role"  # under which a connection's `info` names the role that it is in, for who hears what is asked


class ForgettingDatabase(Database):
    """A database all of whose transactions are savepoints in one that is rolled back after the test."""

    def __init__(self, session: AsyncSession, role: Role) -> None:
        vars(self).update(vars(_never_connected()))  # to make engines anew took as long as a small test
        self.outer, self.role = session, role

    @asynccontextmanager
    async def standing(self) -> AsyncIterator[State]:
        """Yield what is not shown to anybody: a savepoint cannot see an earlier state."""
        yield State(self.outer)

    @asynccontextmanager
    async def writing(self, *, as_of: State | None = None) -> AsyncIterator[AsyncSession]:
        """Yield a session whose commit is a savepoint's release, in the role that production's connection has."""
        async with self._transaction() as session:
            yield session

    @asynccontextmanager
    async def _transaction(self, then: str = "") -> AsyncIterator[AsyncSession]:
        connection = await self.outer.connection()
        async with (
            Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session,
            session.begin(),
        ):
            connection = await session.connection()
            await said(connection, f"set local role {self.role}{then}")
            connection.info[IN_ROLE] = self.role
            yield session
            await said(connection, _LAY_DOWN)
            connection.info[IN_ROLE] = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Yield a session that PostgreSQL keeps from writing until its savepoint's end, as production's is."""
        async with self._transaction("; set transaction read only") as session:
            yield session

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[AsyncSession]:
        """Yield a session as `writing` does: a savepoint knows no statements by themselves."""
        async with self.writing() as session:
            yield session

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Taken]:
        """Yield a turn at the connection of such a session."""
        async with self.writing() as session:
            connection = await session.connection()
            yield Taken((await connection.get_raw_connection()).driver_connection, _is_not_closed)

    @asynccontextmanager
    async def reading_turn(self) -> AsyncIterator[Taken]:
        """Yield one at a connection that PostgreSQL keeps from writing until its savepoint's end."""
        async with self.reading() as session:
            connection = await session.connection()
            yield Taken((await connection.get_raw_connection()).driver_connection, _is_not_closed)

    @asynccontextmanager
    async def turn_alone(self) -> AsyncIterator[Taken]:
        """Yield the same."""
        async with self.turn() as turn:
            yield turn


@cache
def _never_connected() -> Database:
    return Database("postgresql://is-never-connected-to")


def _is_not_closed() -> None:
    raise AssertionError("the connection of all of a test's transactions was lost")


_AS_IF_JUST_OPENED = text(
    "update session set created_at = clock_timestamp(), confirmed_at = clock_timestamp(),"
    " last_seen_at = clock_timestamp(), expires_at = clock_timestamp() + (expires_at - created_at)"
    " where ended_at is null"
)
# What a transaction sets for itself ends with it; a savepoint's release would keep it.
_LAY_DOWN = "set local role none; " + "; ".join(
    f"set local tendwell.{each} = ''"
    for each in ("account", "at", "visible", "readable", "writable", "adding_to", "pairs")
)


def forgetting(session: AsyncSession) -> Databases:
    """Return the databases of an API process, every transaction of which happens inside this session's connection."""
    return Databases(
        *(
            ForgettingDatabase(session, role)
            for role in (Role.runtime, Role.identity, Role.feed, Role.aggregate, Role.linking)
        )
    )


def worker_beside(app: FastAPI) -> Database:
    """Return the database of a worker that works beside this application, and sees what it has done."""
    return ForgettingDatabase(app.state.services.database.runtime.outer, Role.worker)


def gathering_beside(app: FastAPI, clock: Clock) -> Means:
    """Return what such a worker gathers copies with."""
    held: Services = app.state.services
    return Means(worker_beside(app), held.database, clock, held.sealing, held.links.to_copies)


@pytest.fixture(scope="session")
def encryption_key() -> str:
    """Return the secret with which the worker's stored keys are sealed."""
    return new_secret()


@pytest.fixture(scope="session")
def settings(database_url: str, encryption_key: str) -> Settings:
    """Return settings with secrets of their own, for the worker's database."""
    return Settings(
        environment="demo",
        second_factor="when_enrolled",
        database_url=database_url,
        encryption_key=encryption_key,
        cursor_secret=new_secret(),
        refresh_secret=new_secret(),
        console_dir=Path("console/dist"),
        webhook_loopback=True,
        rate_reads=0,
        rate_writes=0,
        rate_readings=0,
        rate_exports=0,
        rate_address=0,
    )


@pytest.fixture(scope="session")
def application(settings: Settings) -> FastAPI:
    """Return the application, made once a worker: putting its routes together takes a fifth of a second."""
    return create_app(settings)


@pytest.fixture
async def app(application: FastAPI, session: AsyncSession) -> AsyncIterator[FastAPI]:
    """Yield the application, not started, on the forgetting database; it has an epoch, as one whose feed runs has."""
    held: Services = application.state.services
    database = forgetting(session)
    keys = KeyRing(held.sealing, issuer="http://tendwell.test")
    # A worker's sessions are opened once for all its tests: as if each had signed in a moment ago, however long ago.
    await session.execute(_AS_IF_JUST_OPENED)
    application.state.services = replace(held, database=database, passwords=Passwords(), keys=keys)
    application.state.feed.epoch = uuid4()
    yield application
    application.state.services.passwords.close()
    application.state.services, application.state.feed.epoch = held, None
    await database.close()


@dataclass(frozen=True)
class Stage:
    """A database in which the cast stands, each with a session open: committed once for all of a worker's tests."""

    url: str
    cast: Cast
    sessions: dict[str, UUID]


@pytest.fixture(scope="session")
def stage(cluster: Cluster, worker_id: str, everybody: Troupe, encryption_key: str) -> Stage:
    """Return the stage; the disabled account's session was opened before it was disabled, as anybody's would be."""
    cast = copy.deepcopy(everybody.cast)

    async def opened() -> Stage:
        database = Database(await clone(cluster, f"stage_{worker_id}", everybody.template))
        async with database.writing() as session:
            for purpose in (Purpose.access_token, Purpose.oidc_client):
                await make_first_key(session, purpose, Sealing.of(encryption_key), at=cast.now)
            await settle_epoch(session)  # as where a relay has been
            sessions = {
                who: await open_session(session, account_id, at=cast.now, request_id="test")
                for who, account_id in cast.accounts.items()
            }
        await database.close()
        cast.others["session_of_nobody"] = sessions["nobody_at_all"].session_id
        return Stage(database.url, cast, {who: each.session_id for who, each in sessions.items()})

    return asyncio.run(opened())


@pytest.fixture(scope="session")
def database_url(stage: Stage) -> str:
    """Return the URL of the worker's database with the cast in it. Tests leave it as they found it."""
    return stage.url


@pytest.fixture
def standing_url(stage: Stage) -> str:
    """Return the same: whom a test here has to do with, stands in it."""
    return stage.url


@pytest.fixture
def cast(stage: Stage) -> Cast:
    """Return the cast, which the test may change for itself."""
    return copy.deepcopy(stage.cast)


class Tokens(Mapping[str, str]):
    """An access token for every account of the cast, issued when it is asked for: most tests are of one or two."""

    def __init__(self, stage: Stage, keys: TokenKeys, now: datetime) -> None:
        self._stage, self._keys, self._now = stage, keys, now
        self._issued: dict[str, str] = {}

    def __getitem__(self, who: str) -> str:
        if who not in self._issued:
            account, session = self._stage.cast.accounts[who], self._stage.sessions[who]
            issued = issue_access_token(self._keys, account_id=account, session_id=session, now=self._now)
            self._issued[who] = issued.token
        return self._issued[who]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stage.cast.accounts)

    def __len__(self) -> int:
        return len(self._stage.cast.accounts)


@pytest.fixture
async def tokens(app: FastAPI, stage: Stage) -> Mapping[str, str]:
    """Return an access token for every account of the cast."""
    held: Services = app.state.services
    return Tokens(stage, await held.keys.current(held.database.identity, held.clock()), held.clock())


@pytest.fixture
async def client_of(app: FastAPI, tokens: Mapping[str, str]) -> AsyncIterator[ClientOf]:
    """Yield a function from a name in the cast (None: nobody) to an HTTP client that is signed in as them."""
    clients: dict[str | None, httpx.AsyncClient] = {}

    def client(name: str | None) -> httpx.AsyncClient:
        if name not in clients:
            headers = {"authorization": f"Bearer {tokens[name]}"} if name is not None and name in tokens else {}
            clients[name] = httpx.AsyncClient(
                transport=httpx.ASGITransport(app, raise_app_exceptions=False),
                base_url="http://tendwell.test",
                headers=headers,
            )
        return clients[name]

    yield client
    for made in clients.values():
        await made.aclose()


@pytest.fixture
def letters(app: FastAPI) -> Letters:
    """Return the mailbox to which every letter goes."""
    return Letters(app)


@pytest.fixture
async def crowd(committing_database: Database, settings: Settings, cast: Cast) -> AsyncIterator[tuple[FastAPI, Cast]]:
    """Yield an application on a committing database with a connection for everybody, and the cast."""
    app = create_app(settings)
    await app.state.services.database.close()
    crowded = Databases.at(committing_database.url, Limits(pool_size=90, statement_timeout_ms=60_000))
    app.state.services = replace(app.state.services, database=crowded)
    yield app, cast
    await crowded.close()
