"""The application in this process, on a database that forgets, and a client for each member of the cast."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from sqlmodel.ext.asyncio.session import AsyncSession

from api.app import create_app
from api.authentication import issue_access_token
from api.passwords import Passwords
from api.settings import Settings
from domain.accounts.session_commands import open_session
from integrations.postgres.client import Database, Session
from integrations.postgres.embedded import Cluster
from tests.cast import PASSWORD, Cast, assemble, just_now
from tests.conftest import clone

ClientOf = Callable[[str | None], httpx.AsyncClient]


class ForgettingDatabase(Database):
    """A database all of whose transactions are savepoints in one that is rolled back after the test."""

    def within(self, session: AsyncSession) -> ForgettingDatabase:
        """Return the same database, every transaction of which happens inside this session's connection."""
        self.outer = session
        return self

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Yield a session whose commit is a savepoint's release."""
        connection = await self.outer.connection()
        async with (
            Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session,
            session.begin(),
        ):
            yield session

    reading = writing


@pytest.fixture(scope="session")
def settings(database_url: str) -> Settings:
    """Return settings with secrets of their own, for the worker's database."""
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Settings(
        environment="demo",
        database_url=database_url,
        signing_key=key.decode(),
        cursor_secret="cursor-secret-for-tests-0123456789abcdef",
        refresh_secret="refresh-secret-for-tests-0123456789abcdef",
        console_dir=Path("console/dist"),
    )


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Return PASSWORD hashed, once a run: it costs 50 ms."""

    async def hashed() -> str:
        passwords = Passwords()
        try:
            return await passwords.hash(PASSWORD)
        finally:
            passwords.close()

    return asyncio.run(hashed())


@pytest.fixture
async def app(settings: Settings, session: AsyncSession) -> FastAPI:
    """Return the application, not started (no feed runs), on the forgetting database."""
    app = create_app(settings)
    await app.state.services.database.close()
    database = ForgettingDatabase(settings.database_url.get_secret_value()).within(session)
    app.state.services = replace(app.state.services, database=database)
    return app


@pytest.fixture(scope="session")
def staged(cluster: Cluster, worker_id: str, password_hash: str) -> tuple[str, Cast]:
    """Return the URL of a database in which the cast stands, committed once for all of the worker's HTTP tests."""

    async def assembled(url: str) -> Cast:
        database = Database(url)
        async with database.writing() as session:
            cast = await assemble(session, just_now(), password_hash)
        await database.close()
        return cast

    name = f"stage_{worker_id}"
    asyncio.run(clone(cluster, name))
    return cluster.url(name), asyncio.run(assembled(cluster.url(name)))


@pytest.fixture(scope="session")
def database_url(staged: tuple[str, Cast]) -> str:
    """Return the URL of the worker's database with the cast in it. Tests leave it as they found it."""
    return staged[0]


@pytest.fixture
def cast(staged: tuple[str, Cast]) -> Cast:
    """Return the cast, which the test may change for itself."""
    return copy.deepcopy(staged[1])


@pytest.fixture
async def tokens(app: FastAPI, session: AsyncSession, cast: Cast) -> dict[str, str]:
    """Return an access token for every account of the cast; the disabled one's session was opened before."""
    held, found = app.state.services, {}
    for name, account_id in cast.accounts.items():
        opened = await open_session(session, account_id, at=cast.now, request_id="test")
        issued = issue_access_token(held.tokens, account_id=account_id, session_id=opened.session_id, now=held.clock())
        found[name] = issued.token
    return found


@pytest.fixture
async def client_of(app: FastAPI, tokens: dict[str, str]) -> AsyncIterator[ClientOf]:
    """Yield a function from a name in the cast (None: nobody) to an HTTP client that is signed in as them."""
    clients: dict[str | None, httpx.AsyncClient] = {}

    def client(name: str | None) -> httpx.AsyncClient:
        if name not in clients:
            headers = {"authorization": f"Bearer {tokens[name]}"} if name in tokens else {}
            clients[name] = httpx.AsyncClient(
                transport=httpx.ASGITransport(app, raise_app_exceptions=False),
                base_url="http://tendwell.test",
                headers=headers,
            )
        return clients[name]

    yield client
    for made in clients.values():
        await made.aclose()
