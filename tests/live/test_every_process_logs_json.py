"""With TENDWELL_LOG_FORMAT=json every line of every process is one JSON object, and none names anybody."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from integrations.postgres.embedded import Cluster
from tests.cast import PASSWORD
from tests.databases import Troupe, clone, drop
from tests.live.client import Caller
from tests.live.processes import ROOT, installation, secrets
from tests.live.readings import post


@pytest.fixture
def url(cluster: Cluster, worker_id: str, everybody: Troupe) -> Iterator[str]:
    name = f"logging_{worker_id}"
    yield asyncio.run(clone(cluster, name, everybody.template))
    asyncio.run(drop(cluster, name))


def lines_of(text: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        assert line.keys() >= {"at", "level", "logger"}, line
    return lines


def ran(command: str, url: str, **settings: str) -> str:
    """Return what a command of ours has written, to both."""
    values = secrets() | {"DATABASE_URL": url, "LOG_FORMAT": "json"} | settings
    environment = {"PATH": os.environ["PATH"]} | {f"TENDWELL_{name}": text for name, text in values.items()}
    done = subprocess.run(
        [sys.executable, "-m", "api", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_a_migration_says_what_was_done_in_one_line_of_json(url: str) -> None:
    (line,) = lines_of(ran("migrate", url))
    assert (line["level"], line["logger"]) == ("INFO", "tendwell.migrate")
    assert "there was nothing to do" in line["message"]


@pytest.mark.parametrize("command", ["migrate", "serve", "worker"])
def test_a_process_that_does_not_start_says_so_in_one_line_of_json(command: str, url: str) -> None:
    (line,) = lines_of(ran(command, url.replace("postgresql://", "mysql://")))
    assert (line["level"], line["logger"]) == ("ERROR", "tendwell.start")
    assert "TENDWELL_DATABASE_URL" in line["message"]


def test_a_node_and_a_worker_write_json_and_name_nobody(url: str, everybody: Troupe, tmp_path: Path) -> None:
    cast = everybody.cast

    async def use() -> str:
        async with httpx.AsyncClient(timeout=30) as http:
            signed_in = await http.post(
                f"{api.url}/v1/sessions", json={"email": "sam_himself@example.test", "password": PASSWORD}
            )
            sam = Caller(signed_in.json()["access_token"])
            await post(http, api, sam, cast.patients["sam_at_home"], 3)
            export = await http.post(f"{api.url}/v1/me/exports", headers=sam.headers)
            assert export.status_code == 202
            await http.get(f"{api.url}/v1/patients/{cast.patients['rose_resident']}", headers=sam.headers)
            return str(export.headers["x-request-id"])

    with installation(url, tmp_path, MAIL_DIR=str(tmp_path)) as installed:
        worker, api = installed.start_worker(), installed.start_api()
        request_id = asyncio.run(use())
        installed.stop(worker)
        installed.stop(api)
    written = {name: log.read_text() for name, log in (("node", api.log), ("worker", worker.log))}
    assert [line for line in lines_of(written["node"]) if line.get("request_id") == request_id]
    assert lines_of(written["node"] + written["worker"])
    private = [
        *map(str, cast.patients.values()),
        *map(str, cast.accounts.values()),
        "example.test",
        "Resident",
        PASSWORD,
    ]
    assert not [each for text in written.values() for each in private if each in text]
