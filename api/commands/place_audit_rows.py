"""`python -m api place-audit-rows`: put rows of the audit trail that stand in no month into theirs, however many.

Needs the tables' owner. The worker does it by itself where they are few: whoever reads the trail waits meanwhile, and
so does the live feed.
"""

from __future__ import annotations

import argparse
import asyncio

from api.exit_codes import OK
from api.owner import asked_as_owner
from api.settings import read_owner_url
from domain.audit.month_commands import place_month
from integrations.postgres.client import Database
from integrations.postgres.limits import Limits


def main(arguments: list[str]) -> int:
    """Return 0 when no row is left without a month. Raises NotAllowed, and Contended where the trail is in use."""
    argparse.ArgumentParser(prog="python -m api place-audit-rows", description=__doc__).parse_args(arguments)
    with asked_as_owner("make months of the trail"):
        asyncio.run(_place(read_owner_url()))
    print("No row of the audit trail stands without a month.")
    return OK


async def _place(url: str) -> None:
    database = Database(url, Limits(statement_timeout_ms=0, application_name="tendwell place"), pooled=False)
    try:
        while True:
            async with database.writing() as session:
                placed = await place_month(session)
            if placed is None:
                return
            print(f"{placed.month:%Y-%m}: {placed.rows} rows", flush=True)
    finally:
        await database.close()
