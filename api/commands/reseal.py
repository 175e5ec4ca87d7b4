"""`python -m api reseal`: seal with the newest TENDWELL_ENCRYPTION_KEY all that a former one has sealed.

To be run once every process has both (new first, former behind it). Works page by page beside a running service; to be
begun again when it was interrupted. When it says so, the former secret may go.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from api.exit_codes import FAILED, OK
from api.resealing import SEALED, Resealed, reseal
from api.settings import KeySettings, read_key_settings
from domain.clock import utc_now
from domain.keys.sealing import Sealing
from integrations.postgres.client import Database
from integrations.postgres.limits import Limits
from integrations.postgres.roles import Role


def main(arguments: list[str]) -> int:
    """Return 0 when all that is stored opens with the newest secret, and 1 when something opens with none."""
    argparse.ArgumentParser(prog="python -m api reseal", description=__doc__).parse_args(arguments)
    told = asyncio.run(_reseal(read_key_settings()))
    for each in told:
        closed = f", {each.closed} OPEN WITH NO SECRET" if each.closed else ""
        print(f"{each.column.table}: {each.rows} looked at, {each.resealed} sealed anew{closed}")
    if any(each.closed for each in told):
        print("Give the secret that these were sealed with as well, behind the others.", file=sys.stderr)
        return FAILED
    print("All that is stored opens with the newest secret: those before it may go.")
    return OK


async def _reseal(settings: KeySettings) -> list[Resealed]:
    url, limits = settings.database_url.get_secret_value(), Limits(application_name="tendwell reseal")
    database = Database(url, limits, pooled=False, role=Role.identity)
    sealing = Sealing.of(settings.encryption_key.get_secret_value())
    try:
        return [await reseal(database, column, sealing, utc_now) for column in SEALED]
    finally:
        await database.close()
