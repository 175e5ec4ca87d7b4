"""The worker refuses what would make its numbers untrue, and goes by the database's clock."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from api.run.first_secrets import new_secret
from api.settings import Settings
from api.worker import run
from integrations.postgres.embedded import Cluster
from integrations.postgres.errors import UnsupportedServer
from tests.cast import PASSWORD
from tests.databases import Troupe, clone, drop
from tests.faults.time_and_room import standing_sessions, tidied_weeks_ahead
from tests.live.processes import installation

PATIENCE_SECONDS = 60


async def test_in_production_a_worker_refuses_a_login_that_could_pass_by_the_rules(database_url: str) -> None:
    settings = Settings(
        environment="production",
        public_url="https://tendwell.example",
        database_url=SecretStr(database_url),
        encryption_key=SecretStr(new_secret()),
        refresh_secret=SecretStr(new_secret()),
        cursor_secret=SecretStr(new_secret()),
        smtp_url=SecretStr("smtps://mail.example"),
    )
    with pytest.raises(UnsupportedServer, match="a login of their own"):
        async with asyncio.timeout(20):
            await run(settings)


async def test_a_worker_whose_clock_is_weeks_ahead_ends_nobody_s_session(
    cluster: Cluster, worker_id: str, everybody: Troupe, tmp_path: Path
) -> None:
    name = f"clock_ahead_{worker_id}"
    url = await clone(cluster, name, everybody.template)
    with installation(url, tmp_path) as installed:
        api = await asyncio.to_thread(installed.start_api)
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as http:
            signed_in = {"email": "sam_himself@example.test", "password": PASSWORD}
            assert (await http.post(f"{api.url}/v1/sessions", json=signed_in)).status_code == 201
        standing = await standing_sessions(url)
        assert standing
        await tidied_weeks_ahead(installed, PATIENCE_SECONDS)
        assert await standing_sessions(url) == standing
    await drop(cluster, name)
