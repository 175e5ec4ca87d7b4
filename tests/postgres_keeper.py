"""Runs the test suite's PostgreSQL for as long as pytest lives: `python -m tests.postgres_keeper HOME PYTEST_PID`.

A process of its own, because any of the xdist workers may need the server first and any may end first, and because
it also tidies up when pytest is killed.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
from pathlib import Path

from integrations.linux.children import stop
from integrations.postgres.embedded import open_cluster

READY = "ready"
FAILED = "failed"
_SECONDS_BETWEEN_LOOKS = 1


def keep(home: Path, pytest_pid: int) -> None:
    """Serve until pytest is gone or the server has died; then leave nothing behind."""
    pytest = os.pidfd_open(pytest_pid)
    cluster = open_cluster(home, durable=False)
    server = cluster.start(home / "log")
    try:
        cluster.wait_until_ready(server)
        (home / READY).touch()
        while server.poll() is None and not select.select([pytest], [], [], _SECONDS_BETWEEN_LOOKS)[0]:
            pass
    finally:
        # SIGQUIT is PostgreSQL's immediate shutdown: the data is thrown away with the folder.
        stop(server, signal.SIGQUIT, grace_seconds=5)
        shutil.rmtree(cluster.data, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    for ordinary_end in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ordinary_end, signal.SIG_IGN)  # a Ctrl-C is for pytest; we end when it has ended
    keep(Path(sys.argv[1]), int(sys.argv[2]))
