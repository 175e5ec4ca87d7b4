"""A worker one piece of whose work fails: what it says of that, and that everything else goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from integrations.postgres.client import connect
from integrations.postgres.embedded import Cluster
from tests.cast import PASSWORD
from tests.databases import Troupe, clone, drop
from tests.live.client import Caller
from tests.live.processes import Installation, Process, free_port, installation
from tests.live.readings import post, readings

BROKEN = "no_day_is_ever_summed_up"
PATIENCE_SECONDS = 60
ROUNDS, NUMBERED = "tendwell_work_rounds_total", "tendwell_relay_numbered_total"
DONE_AT = "tendwell_work_done_timestamp_seconds"


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
    """Record a day that is over, and return who did it."""
    signed_in = await http.post(
        f"{api.url}/v1/sessions", json={"email": "sam_himself@example.test", "password": PASSWORD}
    )
    sam = Caller(signed_in.json()["access_token"])
    body = readings()
    body["readings"][0]["effective_at"] = (datetime.now(UTC) - timedelta(days=7)).isoformat()  # type: ignore[index]
    address = f"{api.url}/v1/patients/{everybody.cast.patients['sam_at_home']}/observations"
    assert (await http.post(address, json=body, headers=sam.headers)).status_code == 201
    return sam


async def mend_summaries(url: str) -> None:
    owner = await connect(url)
    await owner.execute(f"alter table observation_day drop constraint {BROKEN}")
    await owner.close()


class Figures:
    """A worker's figures, asked for over HTTP."""

    def __init__(self, http: httpx.AsyncClient, port: int) -> None:
        self._http, self._url = http, f"http://127.0.0.1:{port}/metrics"

    async def figure(self, name: str, **labels: str) -> float | None:
        """Return the figure, or None where there is none."""
        families = text_string_to_metric_families((await self._http.get(self._url)).raise_for_status().text)
        samples = [sample for family in families for sample in family.samples]
        return next((s.value for s in samples if (s.name, s.labels) == (name, labels)), None)

    async def reaches(self, at_least: float, name: str, **labels: str) -> None:
        """Return when the figure is as high. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                with suppress(httpx.TransportError):  # it has not begun yet
                    if (await self.figure(name, **labels) or 0) >= at_least:
                        return
                await asyncio.sleep(0.1)


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


async def test_events_are_numbered_and_all_other_work_is_done_while_one_piece_fails_until_it_is_mended(
    installed: Installation, everybody: Troupe
) -> None:
    api, sam_at_home = installed.start_api(), everybody.cast.patients["sam_at_home"]
    async with httpx.AsyncClient(timeout=30) as http:
        sam = await post_of_last_week(http, api, everybody)
        await break_summaries(installed.database_url)
        worker = installed.start_worker(WORKER_METRICS=f"127.0.0.1:{(port := free_port())}")
        figures = Figures(http, port)
        for failures in (1, 2, 3):
            await figures.reaches(failures, ROUNDS, work="summaries", ended="failed")
            numbered = await figures.figure(NUMBERED) or 0
            await post(http, api, sam, sam_at_home)
            await figures.reaches(numbered + 1, NUMBERED)
            assert await figures.figure("tendwell_relay_leads") == 1
        assert (await http.get(f"{api.url}/health/ready")).status_code == 200
        for work in ("letters", "sealing", "tidying", "months"):
            await figures.reaches(1, DONE_AT, work=work)
        assert await figures.figure(DONE_AT, work="summaries") == 0, "there, and never done"
        assert worker.popen.poll() is None
        await mend_summaries(installed.database_url)
        await figures.reaches(1, DONE_AT, work="summaries")
