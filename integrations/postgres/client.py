"""Transactions and doorbells on one PostgreSQL server.

`Database` hands out sessions inside a transaction and knows nothing of what is done with them. Each may be in a role
that PostgreSQL holds to its rights: which one, `roles.py` knows. It says `DatabaseUnavailable` for everything that
passes by itself; every other database error goes through unchanged.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import asyncpg
import orjson
from sqlalchemy import event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.ext.asyncio import AsyncSession as SQLAlchemySession
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool
from sqlmodel.ext.asyncio.session import AsyncSession

from integrations.postgres.errors import (
    Contended,
    DatabaseUnavailable,
    NotAdmitted,
    NotLetIn,
    UnsupportedServer,
    WithoutRole,
    is_contention,
    is_ended,
    is_not_let_in,
    is_retryable,
    is_without_role,
)
from integrations.postgres.limits import Limits
from integrations.postgres.turns import TURN_SETTINGS, Taken, Turns

OLDEST_SUPPORTED_VERSION = 16
# The name of a state is kept by the transaction that holds it; the command that shows it to another takes no
# parameters, so PostgreSQL itself puts the name there.
_HOLD = text("select set_config('tendwell.state', pg_export_snapshot(), true)")
_SHOW_IT = text("select format('set transaction snapshot %L', current_setting('tendwell.state'))")
_FOR_AS_LONG_AS_IT_TAKES = text("select set_config('idle_in_transaction_session_timeout', '0', true)")
CONNECT_TIMEOUT_SECONDS = 5
POOL_TIMEOUT_SECONDS = 2
LISTENER_CHECK_SECONDS = 15
LISTENER_RETRY_SECONDS = 1

# Looks at a new connection, and raises when no transaction may be begun on it.
Admission = Callable[[asyncpg.Connection], Awaitable[None]]


class Session(AsyncSession):
    """A SQLModel session in which `execute` is as welcome as `exec`: set-based statements return rows, not models."""

    execute = SQLAlchemySession.execute  # SQLModel's own warns at every call


@dataclass(frozen=True, slots=True)
class State:
    """What a database held at one instant, as long as the transaction that holds it lasts."""

    held_by: AsyncSession


class Database:
    """One PostgreSQL database: transactions from a bounded pool, and NOTIFY heard on a connection of its own."""

    def __init__(
        self,
        url: str,
        limits: Limits = Limits(),
        *,
        pooled: bool = True,
        role: str | None = None,
        admission: Admission | None = None,
    ) -> None:
        """Nothing is connected before the first transaction. Raises ValueError for a URL of another kind.

        `role`: which of the roles that the login may take on every connection takes on; None: the login itself.
        `admission` looks at every new connection; what it raises, the transaction that needed one raises.
        """
        self.url = driver_url(url)
        self.limits = limits
        connecting = partial(_admitted, self.url, limits, role, admission)
        self.engine = _engine(connecting, limits, pooled=pooled)
        # BEGIN READ ONLY is one statement, so this costs no round trip. The engines share one pool.
        self._read_only = self.engine.execution_options(postgresql_readonly=True)
        # A state is held for minutes, by one connection more: in a pool of one no page could be read meanwhile.
        self._beside = _engine(connecting, limits, pooled=False).execution_options(postgresql_readonly=True)
        self._as_it_stood = self.engine.execution_options(isolation_level="REPEATABLE READ")
        self._by_themselves = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._turns = Turns(partial(connecting, settings=TURN_SETTINGS), kept=limits.pool_size if pooled else 0)

    @asynccontextmanager
    async def writing(self, *, as_of: State | None = None) -> AsyncIterator[AsyncSession]:
        """Yield a session in a transaction that commits when the block ends, and rolls back when it raises.

        `as_of`: a state that `standing` holds, which is all that the transaction sees besides what it writes itself.
        Raises DatabaseUnavailable when the database cannot do it now.
        """
        async with _transaction(self.engine if as_of is None else self._as_it_stood) as session:
            if as_of is not None:
                command = await as_of.held_by.scalar(_SHOW_IT)
                await (await session.connection()).exec_driver_sql(command)
            yield session

    @asynccontextmanager
    async def standing(self) -> AsyncIterator[State]:
        """Yield the state that the database is in now: other transactions can see it while the block lasts.

        Held by a transaction that writes nothing and waits for as long as it takes, so it keeps no feed back; only old
        versions of rows are not tidied up meanwhile. Its connection is none of the pool's, and is closed with the
        block. Raises DatabaseUnavailable.
        """
        async with _transaction(self._beside) as session:
            await session.execute(_FOR_AS_LONG_AS_IT_TAKES)
            await session.execute(_HOLD)
            yield State(session)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Yield a session in a transaction that PostgreSQL itself keeps from writing.

        Raises DatabaseUnavailable when the database cannot do it now.
        """
        async with _transaction(self._read_only) as session:
            yield session

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[AsyncSession]:
        """Yield a session each of whose statements stands by itself: no transaction is begun and ended around it.

        Raises DatabaseUnavailable when the database cannot do it now.
        """
        with _telling_what_passes():
            async with Session(self._by_themselves, expire_on_commit=False) as session:
                await _connected(session)
                yield session

    def turn(self) -> AbstractAsyncContextManager[Taken]:
        """Return a transaction that commits like that of `writing`, for statements alone.

        On connections beside the pool's, of which as few are in use as whoever asks takes turns. Raises
        DatabaseUnavailable when the database cannot do it now.
        """
        return self._turns.transaction()

    def reading_turn(self) -> AbstractAsyncContextManager[Taken]:
        """Return the same, kept from writing by PostgreSQL itself."""
        return self._turns.reading()

    def turn_alone(self) -> AbstractAsyncContextManager[Taken]:
        """Return the same for statements each of which stands by itself."""
        return self._turns.alone()

    async def listen(self, channel: str) -> AsyncGenerator[None]:
        """Yield at every NOTIFY on the channel, and after every (re)connection, when some may have been missed.

        Only a doorbell: several rings may be told as one, and the payload is not passed on. Ends when closed.
        """
        while True:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
                async with aclosing(_rings(self.url, self.limits, channel)) as rings:
                    async for _ in rings:
                        yield
            require_wanted()
            await asyncio.sleep(LISTENER_RETRY_SECONDS)

    async def require_supported_server(self) -> None:
        """Raise UnsupportedServer if the server is too old, DatabaseUnavailable if none answers."""
        async with self.reading() as session:
            connection = await session.connection()
            number = int((await connection.exec_driver_sql("show server_version_num")).scalar_one())
        if number // 10_000 < OLDEST_SUPPORTED_VERSION:
            raise UnsupportedServer(
                f"Tendwell needs PostgreSQL {OLDEST_SUPPORTED_VERSION} or newer; this server is {number // 10_000}."
            )

    @property
    def in_use(self) -> int:
        """Return how many of the pool's connections are in use just now. Whoever takes turns bounds those beside it."""
        pool = self.engine.pool
        return pool.checkedout() if isinstance(pool, AsyncAdaptedQueuePool) else 0

    @property
    def turns_in_use(self) -> int:
        """Return how many turns are under way, each on a connection beside the pool."""
        return self._turns.in_use

    async def close(self) -> None:
        """Close the pool. Sessions still open end with an error."""
        self._turns.close()
        await self.engine.dispose()


async def connect(
    url: str, limits: Limits = Limits(), *, role: str | None = None, settings: dict[str, str] | None = None, **more: Any
) -> asyncpg.Connection:
    """Return one plain connection with our server settings; asyncpg reads every parameter the URL may carry."""
    taken_on = (settings or {}) | ({} if role is None else {"role": str(role)})
    return await asyncpg.connect(
        driver_url(url),
        server_settings=limits.server_settings() | taken_on,
        timeout=CONNECT_TIMEOUT_SECONDS,
        command_timeout=limits.answer_timeout_seconds,
        **more,
    )


def require_wanted() -> None:
    """Raise CancelledError when this task was told to end: a driver that is told so in a statement may say its own.

    For whoever goes on after any error, without end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def driver_url(url: str) -> str:
    """Return the URL as asyncpg wants it, from any of postgres://, postgresql:// and postgresql+asyncpg://.

    Raises ValueError, without repeating the URL (it may hold a password), for any other scheme.
    """
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in {"postgres", "postgresql", "postgresql+asyncpg"}:
        raise ValueError("The database URL must start with postgresql://")
    return f"postgresql://{rest}"


async def _admitted(
    url: str, limits: Limits, role: str | None, admission: Admission | None, **more: Any
) -> asyncpg.Connection:
    try:
        connection = await connect(url, limits, role=role, **more)
    except asyncpg.PostgresError as error:
        if role is not None and is_without_role(error, role):
            raise WithoutRole from error
        if role is not None and is_not_let_in(error):
            raise NotLetIn(f"The server does not let this login in: {error}.") from error
        raise
    if admission is not None:
        try:
            await admission(connection)
        except BaseException:
            connection.terminate()
            raise
    return connection


def _engine(connecting: Callable[..., Awaitable[asyncpg.Connection]], limits: Limits, *, pooled: bool) -> AsyncEngine:
    pool: Mapping[str, Any] = (
        {
            "pool_size": limits.pool_size,
            "max_overflow": limits.pool_overflow,
            "pool_timeout": POOL_TIMEOUT_SECONDS,
        }
        if pooled
        else {"poolclass": NullPool}
    )
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connecting,
        hide_parameters=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        **pool,
    )
    event.listen(engine.sync_engine, "checkout", _discard_closed)
    event.listen(engine.sync_engine, "handle_error", _discard_silent)
    return engine


def _discard_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """Have the pool replace a connection that the server has closed.

    The event loop has seen the close already, so this asks nobody; SQLAlchemy's pre-ping costs three round trips
    on asyncpg (BEGIN, an empty query, ROLLBACK) before every transaction.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _discard_silent(context: ExceptionContext) -> Exception | None:
    """Have a connection that does not answer be given up, and with it all that idle in the pool; say what passes.

    A network that drops what it is given closes nothing: the connection looks open for as long as TCP tries, a quarter
    of an hour, and whatever waited for an answer on it would wait for ever. The others were connected the same way.
    """
    if is_ended(context.original_exception):
        context.is_disconnect = True  # this one alone: what ended it may have ended no other
    if not isinstance(context.original_exception, TimeoutError):
        return None
    context.is_disconnect = context.invalidate_pool_on_disconnect = True
    return DatabaseUnavailable()


async def _rings(url: str, limits: Limits, channel: str) -> AsyncGenerator[None]:
    """Yield once listening and at every ring, until the connection is lost."""
    connection = await connect(url, limits)
    try:
        rung = asyncio.Event()
        rung.set()
        await connection.add_listener(channel, lambda *_: rung.set())
        connection.add_termination_listener(lambda _: rung.set())
        while not connection.is_closed():
            if rung.is_set():
                rung.clear()
                yield
            else:  # silence may be a dead link: ask
                await connection.execute("select 1", timeout=CONNECT_TIMEOUT_SECONDS)
            # Not `wait_for`, which in Python 3.11 forgets a cancellation that comes with what it waits for.
            with suppress(TimeoutError):
                async with asyncio.timeout(LISTENER_CHECK_SECONDS):
                    await rung.wait()
    finally:
        connection.terminate()


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    with _telling_what_passes():
        async with Session(engine, expire_on_commit=False) as session, session.begin():
            await _connected(session)
            yield session


@contextmanager
def _telling_what_passes() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, asyncpg.InternalClientError) as error:
        if is_contention(error):
            raise Contended from error
        if is_retryable(error):
            raise DatabaseUnavailable from error
        raise


async def _connected(session: AsyncSession) -> None:
    """Take the connection now, so that what the caller's own code raises is never mistaken for a lost database."""
    try:
        await session.connection()
    except (NotAdmitted, NotLetIn, WithoutRole):
        raise
    except Exception as error:
        if is_retryable(error):
            raise DatabaseUnavailable from error
        raise
