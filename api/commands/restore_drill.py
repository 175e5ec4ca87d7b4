"""`python -m api restore-drill DUMP`: restore a backup into a server of its own, and say whether all is there.

Nothing that runs is touched: the server is a fresh one in a temporary folder, and goes afterwards. Held against what
`backup` wrote beside the dump, table by table; then the audit trail is verified, and the event log begun anew, as it
is by the first worker after a restore.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from api.commands.verify_audit import verified
from api.exit_codes import FAILED, OK, REFUSED
from api.manifest import Manifest, NotAManifest
from api.run.supervisor import POSTGRES_GRACE_SECONDS
from domain.audit.verification import Tampered, Verified
from domain.events.commands import settle_epoch
from integrations.linux.children import stop
from integrations.postgres.backup import BackupFailed, restore, stored_content
from integrations.postgres.client import Database
from integrations.postgres.embedded import DATABASE, Cluster, EmbeddedServerFailed, open_cluster
from integrations.postgres.migrate import migrate

# A row that waited for its seal when the backup was made waits in it still.
_HOWEVER_LONG = timedelta(days=36_500)


class Incomplete(Exception):
    """What was restored is not what was backed up; the message says where."""


def main(arguments: list[str]) -> int:
    """Return 0 when all is there, 1 when something is not (what is printed), 2 for files that cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m api restore-drill", description=__doc__)
    parser.add_argument("dump", type=Path)
    dump: Path = parser.parse_args(arguments).dump
    began = time.monotonic()
    try:
        said = Manifest.read(dump)
        with _server_of_its_own() as cluster:
            trail = asyncio.run(_tried(cluster, dump, said))
    except (NotAManifest, EmbeddedServerFailed, OSError) as error:
        print(error, file=sys.stderr)
        return REFUSED
    except (BackupFailed, Incomplete, Tampered) as error:
        print(f"NOT ALL IS THERE. {error}", file=sys.stderr)
        return FAILED
    content = said.content
    print(
        f"All is there: {content.rows:,} rows of {len(content.tables)} tables and {len(content.sequences)} sequences as"
        f" of {said.made_at:%Y-%m-%d %H:%M:%S} UTC; audit trail verified to row {trail.last}; a new epoch of the event"
        f" log begins. Restored and held against it in {time.monotonic() - began:.1f} s."
    )
    return OK


@contextmanager
def _server_of_its_own() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="tendwell-drill-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        cluster = open_cluster(home, durable=False)
        server = cluster.start(home / "postgres.log")
        try:
            cluster.wait_until_ready(server)
            yield cluster
        finally:
            stop(server, signal.SIGQUIT, grace_seconds=POSTGRES_GRACE_SECONDS)


async def _tried(cluster: Cluster, dump: Path, said: Manifest) -> Verified:
    """Return what the audit trail's verification found. Raises BackupFailed, Incomplete, Tampered."""
    await cluster.ensure_database("roles")
    await migrate(cluster.url("roles"))  # roles are the server's: no dump has them
    await cluster.ensure_database()
    url = cluster.url(DATABASE)
    await restore(url, dump)
    if different := said.content.differences(await stored_content(url)):
        raise Incomplete(f"Not as it was backed up: {', '.join(different)}.")
    trail = await verified(url, (), None, _HOWEVER_LONG)
    database = Database(url, pooled=False)
    try:
        async with database.writing() as session:
            if not await settle_epoch(session):
                raise Incomplete("The event log goes on as if nothing had happened: live clients would see no gap.")
    finally:
        await database.close()
    return trail
