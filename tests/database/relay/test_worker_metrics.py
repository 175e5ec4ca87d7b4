"""What a worker tells of its work, where its settings say."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr, ValidationError
from sqlalchemy import text

from api import worker
from api.metrics import WorkerMetrics
from api.relay import run_relay
from api.run.first_secrets import new_secret
from api.settings import Settings, SettingsRefused
from domain.events.commands import append_event, settle_epoch
from domain.ids import new_id
from integrations.postgres.client import Database
from integrations.postgres.errors import DatabaseUnavailable
from tests.database.relaying import eventually


class Scraped:
    """A worker's figures, asked for over HTTP."""

    def __init__(self, metrics: WorkerMetrics, port: int) -> None:
        self.metrics, self.url = metrics, f"http://127.0.0.1:{port}/metrics"

    async def figure(self, name: str, **labels: str) -> float:
        async with httpx.AsyncClient() as client:
            answer = await client.get(self.url)
        families = text_string_to_metric_families(answer.raise_for_status().text)
        samples = [sample for family in families for sample in family.samples]
        return next((s.value for s in samples if (s.name, s.labels) == (name, labels)), 0.0)


@pytest.fixture
def scraped(free_port: int) -> Iterator[Scraped]:
    metrics = WorkerMetrics()
    end = metrics.serve("127.0.0.1", free_port)
    yield Scraped(metrics, free_port)
    end()


async def test_the_relay_s_numbering_is_counted_and_who_leads_is_told(
    committing_database: Database, scraped: Scraped
) -> None:
    async with committing_database.writing() as session:
        await settle_epoch(session)
        await append_event(session, "test.happened", patient_id=new_id())

    async def leads() -> bool:
        return await scraped.figure("tendwell_relay_leads") == 1

    async def follows() -> bool:
        return not await leads()

    relay = asyncio.create_task(run_relay(committing_database, metrics=scraped.metrics))
    try:
        await eventually(leads)
        assert await scraped.figure("tendwell_relay_numbered_total") == 1
        async with committing_database.writing() as another:
            await another.execute(text("select from event_relay for update"))
            await eventually(follows)
        await eventually(leads)
    finally:
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)


async def test_a_relay_whose_database_is_away_does_not_look_as_if_all_were_well(
    committing_database: Database, scraped: Scraped, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **_named: object) -> bool:
        raise DatabaseUnavailable

    async def leads() -> bool:
        return await scraped.figure("tendwell_relay_leads") == 1

    async def is_lost() -> bool:
        return not await leads() and await scraped.figure("tendwell_feed_lag_seconds") == math.inf

    relay = asyncio.create_task(run_relay(committing_database, metrics=scraped.metrics))
    try:
        await eventually(leads)
        with monkeypatch.context() as broken:
            broken.setattr("api.relay.number_events", away)
            broken.setattr("api.relay.settle_epoch", away)
            await eventually(is_lost)
        await eventually(leads)
        assert await scraped.figure("tendwell_feed_lag_seconds") < 60
    finally:
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)


async def test_each_round_of_work_is_counted_by_how_it_ended(scraped: Scraped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "RETRY_SECONDS", 0.0)
    endings: list[Exception | None] = [DatabaseUnavailable(), DatabaseUnavailable(), None]
    begun = []

    async def work() -> None:
        begun.append(await scraped.figure("tendwell_work_done_timestamp_seconds", work="testing"))
        if endings and (ending := endings.pop(0)) is not None:
            raise ending

    repeating = asyncio.create_task(worker._repeat(worker.Piece("testing", work, 3_600.0), scraped.metrics))
    try:

        async def is_done() -> bool:
            return await scraped.figure("tendwell_work_rounds_total", work="testing", ended="done") == 1

        await eventually(is_done)
    finally:
        repeating.cancel()
        await asyncio.gather(repeating, return_exceptions=True)
    assert await scraped.figure("tendwell_work_rounds_total", work="testing", ended="put_off") == 2
    assert begun[0] > 1.7e9, "work that is never done must not look as if it were not there"
    assert await scraped.figure("tendwell_work_done_timestamp_seconds", work="testing") > begun[0]


def settings(url: str, address: str) -> Settings:
    return Settings(
        environment="demo",
        database_url=SecretStr(url),
        encryption_key=SecretStr(new_secret()),
        refresh_secret=SecretStr(new_secret()),
        cursor_secret=SecretStr(new_secret()),
        worker_metrics=address,
    )


async def test_a_worker_that_cannot_tell_its_figures_where_it_should_says_so(
    database_url: str, scraped: Scraped
) -> None:
    taken = scraped.url.removeprefix("http://").removesuffix("/metrics")
    with pytest.raises(SettingsRefused, match="TENDWELL_WORKER_METRICS"):
        await worker.run(settings(database_url, taken))


@pytest.mark.parametrize("address", ["", "9464", "host:", "host:port", "http://host:1", "a b:1", "host:123456"])
def test_an_address_that_is_none_is_refused(database_url: str, address: str) -> None:
    with pytest.raises(ValidationError, match="HOST:PORT"):
        settings(database_url, address)
