"""A database of the test's own with a trail in it, sealed and signed as the worker does it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from api.sealing import AuditSealing
from domain.clock import utc_now
from integrations.postgres.client import Database, connect
from integrations.postgres.embedded import SUPERUSER, Cluster
from tests.database.audit.stage import SECRETS, Trail


@pytest.fixture
async def trail(committing_database: Database, cluster: Cluster, tmp_path: Path) -> AsyncIterator[Trail]:
    """Yield a trail of 40 rows, sealed, with a checkpoint in the database and in a folder outside."""
    sealing = AuditSealing(committing_database, utc_now, SECRETS, "https://tendwell.example", tmp_path)
    name = urlsplit(committing_database.url).path.lstrip("/")
    superuser = await connect(cluster.url(name, user=SUPERUSER))
    found = Trail(committing_database, sealing, superuser)
    await found.write(40)
    await found.seal()
    await found.seal()  # the making of the key is a row as well
    yield found
    await superuser.close()
