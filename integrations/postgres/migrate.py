"""Brings a database to the newest schema. Knows where the migrations stand, nothing of what they say."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import asyncpg
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.postgres.client import Database
from integrations.postgres.errors import (
    CannotReach,
    DatabaseUnavailable,
    NotAllowed,
    UnsupportedServer,
    is_not_allowed,
)
from integrations.postgres.limits import Limits
from integrations.postgres.online import OLDEST_UPGRADED, Plan, apply
from integrations.postgres.roles import Role

# Any number, as long as every Tendwell that migrates one database asks for the same.
_ONE_AT_A_TIME = 0x7E4D_3E11
_ITS_TURN = text("select pg_try_advisory_lock(:lock)")
_LOOK_SECONDS = 0.2
_WITHOUT_END_MS = 0
DEFAULT_PORT = 5432
_NOT_AS_KNOWN = "42"  # the class of what is not there, or is something else


@dataclass(frozen=True, slots=True)
class Migrated:
    """What was done: from which revision (None: an empty database) to which, and whether the service was let in."""

    before: str | None
    now: str
    has_let_in: bool

    @property
    def was_empty(self) -> bool:
        """Return whether there was nothing in the database."""
        return self.before is None


async def migrate(url: str, *, service_url: str | None = None, plan: Plan = Plan()) -> Migrated:
    """Return what was done: the migrations that are missing are applied, beside a service in use (`online.py`).

    The login of `service_url`, if that is another, is made if it is not there, and may take on the service's roles.

    A second process that asks at the same time waits, then finds nothing to do.

    Raises UnsupportedServer before anything is changed, also for the schema of a newer version, and for one that is too
    old; CannotReach for an address at which no such database is; NotAllowed for a login that may not do all this, or
    not manage our roles; LockedOut and TookTooLong for a migration that would have held others up; ServiceAtWork where
    nodes or workers run that could not go on: before anything is applied, or, where they came meanwhile, before what
    they could not work with (`beside.py`).
    """
    database = await _reached(url)
    try:
        return await _migrated(database, service_url, plan)
    except (DBAPIError, asyncpg.PostgresError) as error:
        if not is_not_allowed(error):
            raise
        raise NotAllowed(await _why_not_allowed(database)) from None
    finally:
        await database.close()


# Roles are the whole server's: another database of it may have them already, made by another login.
_NOT_MANAGED = text(
    "select string_agg(format('%I', rolname), ', ' order by rolname) as roles, format('%I', current_user) as login"
    " from pg_roles where rolname = any(cast(:roles as text[]))"
    " and not pg_has_role(current_user, oid, 'member with admin option')"
)


async def _why_not_allowed(database: Database) -> str:
    async with database.engine.connect() as connection:
        found = (await connection.execute(_NOT_MANAGED, {"roles": list(Role)})).one()
    if found.roles is None:
        return (
            "This login may not migrate: TENDWELL_OWNER_DATABASE_URL must name one that owns the database and may "
            'create roles (docs/operations.md, "A first installation").'
        )
    return (
        f"This server has roles already that the login {found.login} may not manage: put the login that made them into"
        f" TENDWELL_OWNER_DATABASE_URL or, as an administrator of the server: grant {found.roles} to {found.login} with"
        " admin true, inherit false, set true"
    )


async def _migrated(database: Database, service_url: str | None, plan: Plan) -> Migrated:
    async with database.engine.connect() as connection:
        await _take_turn(connection)
        before = await connection.run_sync(_revision)
        await connection.commit()
        if before not in {None, *plan.known()}:
            raise UnsupportedServer(
                f"The schema is at revision {before}, which this version does not know: a newer one has migrated it."
            )
        await _applied(database, connection, before, plan)
        statement = await connection.scalar(_NO_TEMPORARY)
        await connection.exec_driver_sql(str(statement))
        has_let_in = service_url is not None and await _admit(connection, service_url)
        now = str(await connection.run_sync(_revision))
        await connection.commit()
    return Migrated(before, now, has_let_in)


async def _applied(database: Database, connection: AsyncConnection, before: str | None, plan: Plan) -> None:
    try:
        await apply(database, connection, before, plan)
    except DBAPIError as error:
        is_otherwise = str(getattr(error.orig, "sqlstate", "")).startswith(_NOT_AS_KNOWN) and not is_not_allowed(error)
        # A new installation that was cut off there goes on: its schema is as its migrations have it.
        if before is None or before >= OLDEST_UPGRADED or not is_otherwise:
            raise
        raise UnsupportedServer(
            f"The schema was at revision {before}, and is not what that revision makes: databases from before"
            f" {OLDEST_UPGRADED} (2026-11-22) cannot be brought to this version. Begin with an empty one."
        ) from None


async def _take_turn(connection: AsyncConnection) -> None:
    # Asked again and again: who waits for a lock has a snapshot, for whose end an index made concurrently waits.
    while not await connection.scalar(_ITS_TURN, {"lock": _ONE_AT_A_TIME}):
        await connection.commit()
        await asyncio.sleep(_LOOK_SECONDS)
    await connection.commit()


async def _reached(url: str) -> Database:
    try:
        limits = Limits(statement_timeout_ms=_WITHOUT_END_MS, application_name="tendwell migrate")
        database = Database(url, limits, pooled=False)
        await database.require_supported_server()
    except DatabaseUnavailable as error:
        raise DatabaseUnavailable(f"The database {_where(url)} does not answer: is the server running?") from error
    except (DBAPIError, asyncpg.PostgresError, ValueError) as error:
        raise CannotReach(_where(url), str(getattr(error, "orig", None) or error)) from error
    return database


def _where(url: str) -> str:
    """Return a database's address without its user's password."""
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORT
    except ValueError:
        return "at an address that cannot be read"
    host = parts.hostname or "the socket that the address names"
    return f"'{parts.path.lstrip('/')}' at {host}, port {port}"


# Nobody but the owner needs tables of their own, which could be taken for ours. Each time: the right belongs to the
# database, and one that was restored elsewhere has it again.
_NO_TEMPORARY = text("select format('revoke temporary on database %I from public', current_database())")
_KNOWN = text("select exists (select from pg_roles where rolname = :login)")
# A statement that makes a login takes no parameters: the server quotes them.
_MAKE = text("select format('create role %I login noinherit', cast(:login as text))")
_MAKE_WITH = text(
    "select format('create role %I login noinherit password %L', cast(:login as text), cast(:password as text))"
)
_ADMIT = text(
    "select format('grant %I to %I with inherit false, set true', cast(:role as text), cast(:login as text))"
    " where not pg_has_role(:login, :role, 'set')"
)


async def _admit(connection: AsyncConnection, url: str) -> bool:
    """Let the login of this URL be the service: it inherits nothing, and takes a role on for what it does.

    Return whether it was not so before.
    """
    parts = urlsplit(url)
    if parts.username is None:
        return False
    login, password = unquote(parts.username), parts.password
    if not await connection.scalar(_KNOWN, {"login": login}):
        asked = {"login": login} if password is None else {"login": login, "password": unquote(password)}
        made = await connection.scalar(_MAKE if password is None else _MAKE_WITH, asked)
        await connection.exec_driver_sql(str(made))
    has_let_in = False
    for role in Role:
        grant = await connection.scalar(_ADMIT, {"role": role.value, "login": login})
        if grant is not None:
            await connection.exec_driver_sql(str(grant))
            has_let_in = True
    return has_let_in


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
