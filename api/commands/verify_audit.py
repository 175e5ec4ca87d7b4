"""`python -m api verify-audit`: whether the audit trail is what was written, row by row, and if not where it breaks.

Without --checkpoint it finds what was changed inside the database; a rewritten whole, or a cut end, shows only against
a checkpoint that was kept outside. --public-keys is a file of keys kept outside as well: otherwise the database's own
are believed.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from api.exit_codes import FAILED, OK, REFUSED
from api.settings import read_database_url
from domain.audit.checkpoint import NotACheckpoint, SignedNote, read_notes
from domain.audit.verification import Tampered, Trust, Verified, verify_trail
from domain.clock import utc_now
from domain.keys.key_pair import Purpose
from domain.keys.queries import stored_keys
from domain.rights.retention import AUDIT
from integrations.postgres.client import Database
from integrations.postgres.limits import Limits
from integrations.postgres.roles import Role

UNSEALED_SECONDS = 60
_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----\n?", re.DOTALL)


def main(arguments: list[str]) -> int:
    """Return 0 when all is as it was written, 1 when it is not (what and where is printed), 2 for unreadable files."""
    parser = argparse.ArgumentParser(prog="python -m api verify-audit", description=__doc__)
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--public-keys", type=Path, metavar="FILE")
    parser.add_argument(
        "--unsealed", type=int, default=UNSEALED_SECONDS, metavar="SECONDS", help="how long is too long"
    )
    parser.add_argument(
        "--known-time",
        type=int,
        action="append",
        default=[],
        metavar="POSITION",
        help="a row whose time is wrong for a reason that you know, as a clock that was; may be given again",
    )
    given = parser.parse_args(arguments)
    try:
        notes = [note for path in given.checkpoint for note in read_notes(path.read_text())]
        keys = None if given.public_keys is None else _PEM.findall(given.public_keys.read_text())
    except (OSError, NotACheckpoint, UnicodeDecodeError) as error:
        print(f"Cannot be read: {error}", file=sys.stderr)
        return REFUSED
    began = time.monotonic()
    try:
        found = asyncio.run(
            verified(read_database_url(), notes, keys, timedelta(seconds=given.unsealed), given.known_time)
        )
    except Tampered as error:
        where = "" if error.position is None else f" At position {error.position}."
        print(f"NOT AS IT WAS WRITTEN.{where} {error.what}", file=sys.stderr)
        return FAILED
    print(_told(found, time.monotonic() - began, len(notes)))
    return OK


async def verified(
    url: str,
    notes: Sequence[SignedNote],
    keys: Sequence[str] | None,
    unsealed_for: timedelta,
    known_times: Sequence[int] = (),
) -> Verified:
    """Return what was found in order, held against these checkpoints and keys (None: the database's own).

    Raises Tampered.
    """
    limits = Limits(statement_timeout_ms=0, application_name="tendwell verify-audit")  # every row takes what it takes
    database = Database(url, limits, pooled=False, role=Role.worker)
    try:
        if keys is None:
            async with database.reading() as session:
                keys = [key.public_pem for key in await stored_keys(session, Purpose.audit_checkpoint)]
        kept_for = AUDIT.kept_for or timedelta.max
        trust = Trust(keys, notes, known_times, now=utc_now(), unsealed_for=unsealed_for, kept_for=kept_for)
        return await verify_trail(database.reading, trust)
    finally:
        await database.close()


def _told(found: Verified, seconds: float, outside: int) -> str:
    rows = found.last - found.first + 1
    begins = "" if found.first == 1 else f" The rows before {found.first} were removed by policy."
    if found.unheld:
        begins += f" Checkpoints from outside that stand before, and can be held against nothing: {found.unheld}."
    warning = "" if outside else " No checkpoint from outside was given: a rewritten or cut trail would not show."
    return (
        f"All is as it was written: rows {found.first} to {found.last}, {found.checkpoints} checkpoints,"
        f" the last at {found.vouched_for}.{begins}{warning}\n{rows / max(seconds, 0.001):,.0f} rows a second."
    )
