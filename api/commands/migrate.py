"""`python -m api migrate`: bring the database to the newest schema. Run it before the processes that need it."""

from __future__ import annotations

import argparse
import asyncio
import time

from api.settings import read_database_url, read_owner_url
from integrations.postgres.errors import DatabaseUnavailable
from integrations.postgres.migrate import migrate


def main(arguments: list[str]) -> int:
    """Return 0 when the schema is the newest. Needs the database's URL and no other setting."""
    parser = argparse.ArgumentParser(prog="python -m api migrate", description=__doc__)
    parser.add_argument("--wait", type=int, default=0, metavar="SECONDS", help="wait this long for the server")
    given = parser.parse_args(arguments)
    url, service_url = read_owner_url(), read_database_url()
    give_up_at = time.monotonic() + given.wait
    while True:
        try:
            asyncio.run(migrate(url, service_url=service_url))
        except DatabaseUnavailable:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(1)
        else:
            return 0
