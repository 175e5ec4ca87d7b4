"""A worker one piece of whose work fails: what it says of that."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from integrations.postgres.client import connect
from integrations.postgres.embedded import Cluster
from tests.cast import PASSWORD
from tests.databases import Troupe, clone, drop
from tests.live.client import Caller
from tests.live.processes import Installation, Process, installation
from tests.live.readings import readings

BROKEN = "no_day_is_ever_summed_up"
PATIENCE_SECONDS = 60


@pytest.fixture
def url(cluster: Cluster, worker_id: str, everybody: Troupe) -> Iterator[str]:
    name = f"failing_{worker_id}"
    yield asyncio.run(clone(cluster, name, everybody.template))
    asyncio.run(drop(cluster, name))


@pytest.fixture
def installed(url: str, tmp_path: Path) -> Iterator[Installation]:
    with installation(url, tmp_path) as standing:
        yield standing


async def break_summaries(url: str) -> None:
    owner = await connect(url)
    await owner.execute(f"alter table observation_day add constraint {BROKEN} check (false) not valid")
    await owner.close()


async def post_of_last_week(http: httpx.AsyncClient, api: Process, everybody: Troupe) -> Caller:
    """Record a day that is over, and return who did."""
    signed_in = await http.post(
        f"{api.url}/v1/sessions", json={"email": "sam_himself@example.test", "password": PASSWORD}
    )
    sam = Caller(signed_in.json()["access_token"])
    body = readings()
    body["readings"][0]["effective_at"] = (datetime.now(UTC) - timedelta(days=7)).isoformat()  # type: ignore[index]
    address = f"{api.url}/v1/patients/{everybody.cast.patients['sam_at_home']}/observations"
    assert (await http.post(address, json=body, headers=sam.headers)).status_code == 201
    return sam


async def until_it_is_told(worker: Process, words: str = BROKEN) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not worker.log.exists() or words not in worker.log.read_text():
            await asyncio.sleep(0.1)


async def test_what_failed_is_told_in_json_by_its_kind_and_place_and_without_the_row(
    installed: Installation, everybody: Troupe
) -> None:
    api = installed.start_api()
    async with httpx.AsyncClient(timeout=30) as http:
        await post_of_last_week(http, api, everybody)
    await break_summaries(installed.database_url)
    worker = installed.start_worker()
    await until_it_is_told(worker)
    installed.stop(worker)
    written = worker.log.read_text()
    told = [line for line in map(json.loads, written.splitlines()) if BROKEN in json.dumps(line)]
    assert {line["level"] for line in told} == {"ERROR"}
    assert "summaries.py" in json.dumps(told), "where it arose"
    patient = str(everybody.cast.patients["sam_at_home"])
    assert not [words for words in ("DETAIL", "Failing row", patient, "heart_rate") if words in written]
