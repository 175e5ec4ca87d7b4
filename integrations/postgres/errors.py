"""Which database errors pass by themselves, and the one exception the rest of Tendwell meets for them.

Knows SQLSTATE codes; refuses to know statements or their values, which never reach a message here.
"""

from __future__ import annotations

import re

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

RETRY_AFTER_SECONDS = 1

# Classes and codes of appendix A of the PostgreSQL manual after which the same request may well succeed.
_PASSING_CLASSES = frozenset(
    {
        "08",  # connection exception
        "53",  # insufficient resources, too many connections among them
    }
)
_PASSING_CODES = frozenset(
    {
        "25P03",  # idle in transaction too long
        "40001",  # serialization failure
        "40P01",  # deadlock
        "55P03",  # lock not available
        "57014",  # statement timeout
        "57P01",  # administrator shutdown
        "57P02",  # crash shutdown
        "57P03",  # cannot connect now: starting, stopping or recovering
        "57P05",  # idle session timeout
    }
)
# Of these, what another transaction is to blame for.
_CONTENTION = frozenset({"40001", "40P01", "55P03", "57014"})
# Invalid parameter value, insufficient privilege.
_NO_RIGHT = "42501"
_WITHOUT_ROLE = frozenset({"22023", _NO_RIGHT})
# Invalid authorization, invalid password, no such database.
_NOT_LET_IN = frozenset({"28000", "28P01", "3D000"})
# How the driver calls a connection that the server has ended while the line is still up: what was said on it answers
# nothing that was asked. Its other words of this kind (no codec for a type, a statement still in use) are of defects;
# two statements at once on one connection are an InterfaceError.
_ENDED = re.compile(r"another operation \(\d+\) is in progress|\bprotocol\b.* state\b|protocol error|^not connected$")


class DatabaseUnavailable(Exception):
    """The database cannot do this now; a retry in `retry_after_seconds` may succeed.

    A write that met this may or may not have been committed (the connection can break during the commit),
    so a retry must be idempotent.
    """

    retry_after_seconds = RETRY_AFTER_SECONDS

    def __init__(self, detail: str = "The database cannot do this now.") -> None:
        super().__init__(detail)


class Contended(DatabaseUnavailable):
    """Another transaction was in the way: the server itself is there, and nothing was committed."""


class UnsupportedServer(Exception):
    """The server is not a PostgreSQL that Tendwell can work with; no retry will help."""


class NotAdmitted(DatabaseUnavailable, UnsupportedServer):
    """A connection that was looked at and is not used: at a start a reason to end, for a request as good as none.

    Its message is for those who run the service, not for its clients.
    """


class WithoutRole(DatabaseUnavailable):
    """The database lacks the roles of this version, or this login may not take them on: it is to be migrated."""


class NotLetIn(DatabaseUnavailable):
    """The server lets this login not in: there is none yet, or its password or the database's name is another."""


class CannotReach(UnsupportedServer):
    """There is no database at the address given, or not for this user; no retry will help."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"The database {where} cannot be used: {reason}. It and its user must exist already.")


class NotAllowed(UnsupportedServer):
    """The login may not do what it was asked for; the message says which login may."""


class LockedOut(DatabaseUnavailable):
    """A migration did not get its lock: who holds it is in the message, and what was applied before stands."""


class ServiceAtWork(UnsupportedServer):
    """Nodes or workers are connected that could not go on after a migration: neither it nor what follows was applied.

    What came before it stands where they came meanwhile; the message says which.
    """


class TookTooLong(UnsupportedServer):
    """A migration held others up for too long, and was undone; trying again will not help."""


def is_not_allowed(error: BaseException) -> bool:
    """Return True if PostgreSQL refused something to the login or role: it lacks the right."""
    return getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None) == _NO_RIGHT


def is_retryable(error: BaseException) -> bool:
    """Return True if the error is of a kind that passes: contention, overload, a restart, a lost connection."""
    if isinstance(error, DatabaseUnavailable | PoolTimeout | OSError):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or is_ended(error.orig) or _passes(getattr(error.orig, "sqlstate", None))
    if is_ended(error):
        return True
    if isinstance(error, asyncpg.InterfaceError):
        return True
    return isinstance(error, asyncpg.PostgresError) and _passes(error.sqlstate)


def is_ended(error: BaseException | None) -> bool:
    """Return True for the driver's word that the server has ended a connection, also where SQLAlchemy says it."""
    own = error if error is None or isinstance(error, asyncpg.InternalClientError) else error.__cause__
    return isinstance(own, asyncpg.InternalClientError) and _ENDED.search(str(own)) is not None


def is_contention(error: BaseException) -> bool:
    """Return True if the server ended the statement for another transaction's sake, or because it waited too long."""
    return getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None) in _CONTENTION


def is_not_let_in(error: asyncpg.PostgresError) -> bool:
    """Return True if a connection was refused for who asked for it, or for what database."""
    return error.sqlstate in _NOT_LET_IN


def is_without_role(error: asyncpg.PostgresError, role: str) -> bool:
    """Return True if a connection was refused because its role is not there, or not this login's to take on."""
    # The words around the name may be in any language. Another name is a database's, which is something else.
    return error.sqlstate in _WITHOUT_ROLE and re.search(rf"\b{re.escape(role)}\b", str(error)) is not None


def _passes(sqlstate: str | None) -> bool:
    return sqlstate is not None and (sqlstate in _PASSING_CODES or sqlstate[:2] in _PASSING_CLASSES)
