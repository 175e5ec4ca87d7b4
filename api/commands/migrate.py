"""`python -m api migrate`: bring the database to the newest schema. Run it before the processes that need it."""

from __future__ import annotations

import argparse
import asyncio
import time

from api.exit_codes import OK
from api.log_lines import configure_logging, line_of
from api.settings import read_database_url, read_log_format, read_owner_url
from integrations.postgres.beside import BESIDE_RUNNING_NODES
from integrations.postgres.errors import DatabaseUnavailable
from integrations.postgres.migrate import Migrated, migrate
from integrations.postgres.online import Plan


def main(arguments: list[str]) -> int:
    """Return 0 when the schema is the newest; print what was done. Needs the database's URL and no other setting."""
    parser = argparse.ArgumentParser(prog="python -m api migrate", description=__doc__)
    parser.add_argument("--wait", type=int, default=0, metavar="SECONDS", help="wait this long for the server")
    parser.add_argument(
        BESIDE_RUNNING_NODES,
        action="store_true",
        dest="beside",
        help="apply also what nodes and workers that run now cannot work with afterwards: they answer 500",
    )
    given = parser.parse_args(arguments)
    url, service_url, style = read_owner_url(), read_database_url(), read_log_format()
    configure_logging(style)
    plan = Plan(beside_running_nodes=given.beside)
    give_up_at = time.monotonic() + given.wait
    while True:
        try:
            done = asyncio.run(migrate(url, service_url=service_url, plan=plan))
        except DatabaseUnavailable:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(1)
        else:
            print(line_of(in_words(done), "INFO", "tendwell.migrate", style))
            return OK


def in_words(done: Migrated) -> str:
    """Return one line: which revision the schema is at, and what was done for that."""
    steps = []
    if done.was_empty:
        steps.append("all migrations were applied to an empty database")
    elif done.before != done.now:
        steps.append(f"what was missing since {done.before} was applied")
    if done.has_let_in:
        steps.append("the login of TENDWELL_DATABASE_URL was let in")
    return f"The schema is at revision {done.now}: {' and '.join(steps) or 'there was nothing to do'}."
