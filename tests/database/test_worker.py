"""The worker refuses what would make its numbers untrue."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import SecretStr

from api.run.first_secrets import new_secret
from api.settings import Settings
from api.worker import run
from integrations.postgres.errors import UnsupportedServer


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
