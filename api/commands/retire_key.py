"""`python -m api retire-key KID`: have a signing key verify nothing more. Every process refuses it within a minute.

Access tokens that it signed are refused then; apps fetch the next one with their refresh token. Its private half is
deleted. Refuses to retire the only key that signs: rotate first.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from api.exit_codes import OK, REFUSED
from api.settings import read_database_url
from domain.clock import utc_now
from domain.errors import Conflict, NotFound
from domain.keys.commands import retire_key
from integrations.postgres.client import Database
from integrations.postgres.roles import Role


def main(arguments: list[str]) -> int:
    """Return 0 when the key was retired, 2 when there is no such key or no other one signs."""
    parser = argparse.ArgumentParser(prog="python -m api retire-key", description=__doc__)
    parser.add_argument("kid", metavar="KID", help="as rotate-keys prints it and /.well-known/jwks.json shows it")
    given = parser.parse_args(arguments)
    try:
        asyncio.run(_retire(read_database_url(), given.kid))
    except (NotFound, Conflict) as refused:
        print(refused.detail, file=sys.stderr)
        return REFUSED
    print("The key is retired. Every process refuses what it signed within a minute.")
    return OK


async def _retire(url: str, kid: str) -> None:
    database = Database(url, pooled=False, role=Role.identity)
    try:
        async with database.writing() as session:
            await retire_key(session, kid, at=utc_now())
    finally:
        await database.close()
