"""`python -m api backup FOLDER`: write a dump of the database, and beside it what a restored one is to be held against.

Of the database that TENDWELL_OWNER_DATABASE_URL names, as whoever owns its tables; without any such variable of what
`make run` keeps on this machine, whether that runs or not. Secrets are in no dump: keep them elsewhere.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.exit_codes import FAILED, OK, REFUSED
from api.manifest import Manifest
from api.run.one_at_a_time import only_run
from api.run.refusals import WillNotStart
from api.run.supervisor import POSTGRES_GRACE_SECONDS, data_folder
from api.settings import PREFIX, read_owner_url
from domain.clock import utc_now
from integrations.linux.children import stop
from integrations.postgres.backup import BackupFailed, back_up
from integrations.postgres.embedded import EmbeddedServerFailed, open_cluster

_NAMES = ("OWNER_DATABASE_URL", "DATABASE_URL")
_PER_MEGABYTE = 1024 * 1024


def main(arguments: list[str]) -> int:
    """Return 0 when the backup is there whole, 1 when it could not be made, 2 when there is nothing to make one of."""
    parser = argparse.ArgumentParser(prog="python -m api backup", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("backups"), help="where to (backups)")
    folder: Path = parser.parse_args(arguments).folder
    began = time.monotonic()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _database() as url:
            file, made = asyncio.run(_made(url, folder))
    except WillNotStart as refusal:
        print(refusal, file=sys.stderr)
        return REFUSED
    except (BackupFailed, EmbeddedServerFailed, OSError) as error:
        print(f"No backup was made: {error}", file=sys.stderr)
        return FAILED
    size, seconds = file.stat().st_size / _PER_MEGABYTE, time.monotonic() - began
    print(f"{file}: {made.content.rows:,} rows of {len(made.content.tables)} tables, {size:.1f} MB, {seconds:.1f} s.")
    return OK


async def _made(url: str, folder: Path) -> tuple[Path, Manifest]:
    """Return the backup. Until it is there whole it has another name, and it is gone when it does not come to be."""
    at = utc_now()
    file = folder / f"tendwell-{at:%Y%m%dT%H%M%SZ}.dump"
    unfinished = file.with_suffix(".unfinished")
    try:
        made = Manifest(at, await back_up(url, unfinished))
        made.write(file)
        unfinished.rename(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return file, made


@contextmanager
def _database() -> Iterator[str]:
    """Yield the URL of whoever owns the tables. Raises WillNotStart when there is nothing to back up."""
    if any(os.environ.get(f"{PREFIX}{name}{file}") for name in _NAMES for file in ("", "_FILE")):
        yield read_owner_url()
        return
    folder = data_folder(os.environ)
    if not (folder / "postgres").exists():
        raise WillNotStart(f"There is no database in {folder}: set TENDWELL_OWNER_DATABASE_URL, or `make run` first.")
    cluster = open_cluster(folder)
    if cluster.leftovers():
        yield cluster.url()
        return
    with only_run(folder):
        server = cluster.start(folder / "backup.log")
        try:
            cluster.wait_until_ready(server)
            yield cluster.url()
        finally:
            stop(server, signal.SIGINT, grace_seconds=POSTGRES_GRACE_SECONDS)
