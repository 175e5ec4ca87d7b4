"""Statements of what is done a thousand times a second: made ready once, and run on whatever transaction there is.

An ORM's session compiles, adapts and wraps at every execution, which costs four times what the statement itself does.
The few queries and commands on the way of a reading are therefore written for either: a session, or a bare turn at a
connection that knows nothing but statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import ClauseElement, Dialect, Executable
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

_DIALECT: Dialect = PGDialect_asyncpg()  # type: ignore[no-untyped-call]


class Statement:
    """SQL with its parameters by name. Whoever makes one, makes it when a module is loaded."""

    def __init__(self, clause: Executable) -> None:
        """`clause` is whole: it takes values for its parameters, and nothing is put into its text at execution."""
        assert isinstance(clause, ClauseElement)
        compiled = clause.compile(dialect=_DIALECT)
        self.clause = clause
        self.sql = str(compiled)
        self._names: tuple[str, ...] = tuple(compiled.positiontup or ())  # type: ignore[attr-defined]
        self._known = dict(compiled.params)  # with what stands in the clause itself

    def arguments(self, values: Mapping[str, object]) -> list[object]:
        """Return the parameters in PostgreSQL's order. Raises KeyError for one that nobody gave."""
        return [values[name] if name in values else self._given(name) for name in self._names]

    def _given(self, name: str) -> object:
        if self._known.get(name) is None:
            raise KeyError(name)
        return self._known[name]


class Turn(Protocol):
    """A transaction, or a connection, that runs statements and does nothing else."""

    async def rows(self, statement: Statement, values: Mapping[str, object]) -> Sequence[Any]:
        """Return the rows of a statement: values in order, or by their columns' names."""


Work = AsyncSession | Turn


async def rows_of(work: Work, statement: Statement, values: Mapping[str, object]) -> Sequence[Any]:
    """Return the rows of a statement, in whichever transaction the work is done."""
    if isinstance(work, AsyncSession):
        return (await work.execute(statement.clause, dict(values))).all()
    return await work.rows(statement, values)


async def run(work: Work, statement: Statement, values: Mapping[str, object]) -> None:
    """Run a statement that returns no rows."""
    if isinstance(work, AsyncSession):
        await work.execute(statement.clause, dict(values))
    else:
        await work.rows(statement, values)
