"""A server of the relay's own: transaction ids are the whole server's, and another test's open one holds it back."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.linux.children import stop
from integrations.postgres.embedded import Cluster, open_cluster
from integrations.postgres.migrate import migrate
from tests.conftest import TEMPLATE


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Yield a server that nobody else works on, with the migrated template."""
    with tempfile.TemporaryDirectory(prefix="tendwell-relay-") as folder:
        Path(folder).chmod(0o711)
        cluster = open_cluster(Path(folder), durable=False)
        server = cluster.start(Path(folder) / "log")
        try:
            cluster.wait_until_ready(server)
            asyncio.run(cluster.ensure_database(TEMPLATE))
            asyncio.run(migrate(cluster.url(TEMPLATE)))
            yield cluster
        finally:
            stop(server, signal.SIGQUIT, grace_seconds=5)
            cluster.stop_leftovers()
