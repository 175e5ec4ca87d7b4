"""The roles that the parts of Tendwell take on in PostgreSQL, and for whom a transaction acts.

The second net: an application guard that is forgotten, or a statement that somebody smuggles in, still meets a role
that owns nothing and rows that are not there. Which rows and rights those are stands in the migrations. It refuses to
know what is read or written.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import asyncpg
from sqlalchemy import Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import TIMESTAMP
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.arrays import as_array
from domain.statements import Statement, Turn, Work, run
from integrations.postgres.client import Admission, Database, State
from integrations.postgres.errors import NotAdmitted, UnsupportedServer
from integrations.postgres.limits import Limits

_IDS, _INSTANT = ARRAY(Uuid()), TIMESTAMP(timezone=True)
_ENTER = Statement(
    text("select enter(:account, :at, :about)").bindparams(
        bindparam("account", type_=Uuid()), bindparam("at", type_=_INSTANT), bindparam("about", type_=_IDS)
    )
)
_ENTER_FOR = Statement(
    text("select enter_for(cast(:accounts as uuid[]), cast(:patients as uuid[]), :at)").bindparams(
        bindparam("accounts", type_=Text()), bindparam("patients", type_=Text()), bindparam("at", type_=_INSTANT)
    )
)
_ENTER_TOGETHER = Statement(
    text("select enter_together(cast(:accounts as uuid[]), cast(:patients as uuid[]), :at)").bindparams(
        bindparam("accounts", type_=Text()), bindparam("patients", type_=Text()), bindparam("at", type_=_INSTANT)
    )
)
_COUNT_FOR = text("select set_config('tendwell.account', :account, true)")
_SMALL = 0.5  # signing in, the feed and reports take turns in fewer connections than readings do


class Role(StrEnum):
    """What a connection may be, besides the owner who migrates."""

    runtime = "tendwell_runtime"
    identity = "tendwell_identity"
    feed = "tendwell_feed"
    aggregate = "tendwell_aggregate"
    linking = "tendwell_linking"
    worker = "tendwell_worker"


@dataclass(frozen=True, slots=True)
class Databases:
    """One database in each of the roles that an API process takes on."""

    runtime: Database
    identity: Database
    feed: Database
    aggregate: Database
    link: Database

    @classmethod
    def at(cls, url: str, limits: Limits, *, strictly: bool = False, also: Admission | None = None) -> Databases:
        """Return the database at a URL whose login may take the roles on. Connects to nothing yet.

        `strictly`: see `in_role`. `also` is asked about each connection over accounts and sessions, without which
        nobody is answered; what it found once it need not look at again.
        """
        small = limits.sharing(_SMALL)
        return cls(
            runtime=in_role(url, limits, Role.runtime, strictly=strictly),
            identity=in_role(url, small, Role.identity, strictly=strictly, also=also),
            feed=in_role(url, small, Role.feed, strictly=strictly),
            aggregate=in_role(url, small, Role.aggregate, strictly=strictly),
            link=in_role(url, small, Role.linking, strictly=strictly),
        )

    @asynccontextmanager
    async def writing(
        self, actor: Actor, about: Collection[UUID] | None = None, *, as_of: State | None = None
    ) -> AsyncIterator[AsyncSession]:
        """Yield a transaction in which there are the records of those patients alone whom the actor may see.

        `about` narrows them further; `as_of` shows them in a state that `standing` holds. Raises DatabaseUnavailable,
        as all here do.
        """
        async with self.runtime.writing(as_of=as_of) as session:
            await _enter(session, actor, about)
            yield session

    @asynccontextmanager
    async def reading(self, actor: Actor, about: Collection[UUID] | None = None) -> AsyncIterator[AsyncSession]:
        """Yield the same, kept from writing by PostgreSQL itself."""
        async with self.runtime.reading() as session:
            await _enter(session, actor, about)
            yield session

    @asynccontextmanager
    async def acting(self, actor: Actor, about: Collection[UUID] | None = None) -> AsyncIterator[Turn]:
        """Yield the same as `writing` as a turn: for statements alone, at a quarter of what a session costs.

        Whoever takes such turns bounds how many there are at once.
        """
        async with self.runtime.turn() as turn:
            await _enter(turn, actor, about)
            yield turn

    @asynccontextmanager
    async def telling(self, pairs: Iterable[tuple[UUID, UUID]], at: datetime) -> AsyncIterator[Turn]:
        """Yield a read-only turn for many: of each patient whom an account paired with them may see."""
        async with self.runtime.reading_turn() as turn:
            await turn.rows(_ENTER_FOR, _sides(pairs) | {"at": at})
            yield turn

    @asynccontextmanager
    async def writing_together(self, pairs: Iterable[tuple[UUID, UUID]], at: datetime) -> AsyncIterator[Turn]:
        """Yield a transaction for many: each account may add in its own name to the record of the patient beside it.

        Only where they may both read and write that record.
        """
        async with self.runtime.turn() as turn:
            await turn.rows(_ENTER_TOGETHER, _sides(pairs) | {"at": at})
            yield turn

    @asynccontextmanager
    async def counting(self, actor: Actor) -> AsyncIterator[AsyncSession]:
        """Yield a transaction in which everybody is counted and nobody is there by name: for outcomes alone."""
        async with self.aggregate.writing() as session:
            await session.execute(_COUNT_FOR, {"account": str(actor.account_id)})
            yield session

    @asynccontextmanager
    async def linking(
        self, actor: Actor | None = None, about: Collection[UUID] | None = None, *, as_of: State | None = None
    ) -> AsyncIterator[AsyncSession]:
        """Yield a transaction over accounts and, once it acts for somebody, over the records that they may see.

        For the few deeds that concern both: giving a patient an account of their own, and closing it.
        """
        async with self.link.writing(as_of=as_of) as session:
            if actor is not None:
                await _enter(session, actor, about)
            yield session

    def standing(self) -> AbstractAsyncContextManager[State]:
        """Return the state that the database is in now, for as long as the block lasts."""
        return self.runtime.standing()

    def identifying(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Return a transaction over accounts and sessions, in which there are no records."""
        return self.identity.writing()

    def looking_up(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Return the same, kept from writing by PostgreSQL itself."""
        return self.identity.reading()

    def glancing(self) -> AbstractAsyncContextManager[Turn]:
        """Return a turn for one statement over accounts that stands by itself: that saves two round trips."""
        return self.identity.turn_alone()

    def each(self) -> frozenset[Database]:
        """Return the database in every role."""
        return frozenset({self.runtime, self.identity, self.feed, self.aggregate, self.link})

    async def close(self) -> None:
        """Close all pools."""
        for database in self.each():
            await database.close()


def in_role(url: str, limits: Limits, role: Role, *, strictly: bool, also: Admission | None = None) -> Database:
    """Return the database at a URL in this role, on connections each of which was found to be held to the rules.

    A connection in a role that could pass by row security raises NotAdmitted; `strictly`, as in production: also
    where its login could, and where the server may forget what it has committed, for an acknowledged reading must stay.
    `also` looks at each connection after that.
    """

    async def admission(connection: asyncpg.Connection) -> None:
        await require_fit(connection, strictly=strictly)
        if also is not None:
            await also(connection)

    return Database(url, limits, role=role, admission=admission)


async def why_unusable(databases: Iterable[Database]) -> BaseException | None:
    """Return why a database cannot be used yet: it is away, or not migrated; None when all can.

    Raises UnsupportedServer where waiting will not help.
    """
    for database in databases:
        try:
            async with database.reading():
                pass
        except UnsupportedServer:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is met again by whoever needs the database
            return error
    return None


def _sides(pairs: Iterable[tuple[UUID, UUID]]) -> dict[str, object]:
    asked = list(pairs)
    accounts, patients = ([pair[side] for pair in asked] for side in (0, 1))
    return {"accounts": as_array(accounts), "patients": as_array(patients)}


async def _enter(work: Work, actor: Actor, about: Collection[UUID] | None) -> None:
    asked = {"account": actor.account_id, "at": actor.at, "about": None if about is None else list(about)}
    await run(work, _ENTER, asked)


# What would make the rules void: a superuser, a role that bypasses them, the tables' owner, a right on a table that has
# none, or a function with the owner's rights that a caller's temporary table can mislead.
_FITNESS = """
    select
        (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) as is_above,
        (select rolsuper or rolbypassrls from pg_roles where rolname = session_user) as login_is_above,
        exists (select from pg_tables where schemaname = current_schema() and tableowner = current_user) as owns,
        exists (select from pg_tables where schemaname = current_schema() and tableowner = session_user) as login_owns,
        exists (select from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
            and not c.relrowsecurity and c.relname <> 'alembic_version'
            and (has_any_column_privilege(c.oid, 'select, insert, update')
                or has_table_privilege(c.oid, 'delete, truncate'))) as is_open,
        exists (select from pg_proc p where p.prosecdef and p.pronamespace = current_schema()::regnamespace
            and not coalesce(p.proconfig, '{}') @> array[format('search_path=%s, pg_temp', current_schema())])
            as is_hijackable,
        current_setting('synchronous_commit') = 'off' or current_setting('fsync') = 'off' as forgets
"""


async def require_fit(connection: asyncpg.Connection, *, strictly: bool) -> None:
    """Raise NotAdmitted for a connection that would show too much; `strictly`: or whose server may forget."""
    found = await connection.fetchrow(_FITNESS)
    if found["is_above"] or found["owns"] or found["is_open"] or found["is_hijackable"]:
        raise NotAdmitted("Row security does not hold here: run `python -m api migrate` with this version.")
    if strictly and (found["login_is_above"] or found["login_owns"]):
        raise NotAdmitted(
            "The login of TENDWELL_DATABASE_URL is a superuser, passes by row security or owns the tables. Give the "
            "API and the worker a login of their own, and the owner's to `migrate` alone (docs/operations.md)."
        )
    if strictly and found["forgets"]:
        raise NotAdmitted("Tendwell needs a server whose synchronous_commit and fsync are on: it may forget readings.")
