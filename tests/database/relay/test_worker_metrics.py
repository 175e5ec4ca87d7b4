"""What a worker tells of its work, where its settings say."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr, ValidationError
from sqlalchemy import text

from api import worker
from api.metrics import WorkerMetrics
from api.relay import run_relay
from api.run.first_secrets import new_secret
from api.sealing import AuditSealing
from api.settings import Settings, SettingsRefused
from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.clock import utc_now
from domain.events.commands import append_event, settle_epoch
from domain.ids import new_id
from domain.keys.sealing import Sealing
from integrations.postgres.client import Database
from integrations.postgres.errors import DatabaseUnavailable
from tests.database.relaying import eventually

DONE_AT = "tendwell_work_done_timestamp_seconds"


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
        begun.append(await scraped.figure(DONE_AT, work="testing"))
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
    assert begun == [0, 0, 0], "there from the start, and at no time before it was done: not at a start either"
    assert await scraped.figure(DONE_AT, work="testing") > 1.7e9


async def test_a_piece_of_work_that_fails_is_tried_again_and_counted_while_the_others_go_on(
    scraped: Scraped, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "FIRST_FAILURE_PAUSE_SECONDS", 0.001)
    failing_still = True

    async def failing() -> None:
        if failing_still:
            raise ValueError("of somebody's")

    async def going_on() -> None:
        pass

    async def rounds(work: str, ended: str) -> float:
        return await scraped.figure("tendwell_work_rounds_total", work=work, ended=ended)

    async def have_both_come_round() -> bool:
        return await rounds("failing", "failed") >= 3 and await rounds("going_on", "done") >= 3

    async def is_done() -> bool:
        return await rounds("failing", "done") > 0

    async with asyncio.TaskGroup() as group:
        both = [
            group.create_task(worker._repeat(worker.Piece("failing", failing, 0.0), scraped.metrics)),
            group.create_task(worker._repeat(worker.Piece("going_on", going_on, 0.001), scraped.metrics)),
        ]
        await eventually(have_both_come_round)
        assert await scraped.figure(DONE_AT, work="failing") == 0
        failing_still = False
        await eventually(is_done)
        for task in both:
            task.cancel()
    assert await scraped.figure(DONE_AT, work="failing") > 1.7e9
    told = [json.loads(line.getMessage()) for line in caplog.records if line.levelname == "ERROR"]
    assert [(line["work"], line["failures"]) for line in told[:2]] == [("failing", 1), ("failing", 2)]
    assert "ValueError" in told[0]["error"][0]
    assert "of somebody's" not in caplog.text


def test_work_that_fails_waits_twice_as_long_each_time_and_five_minutes_at_the_most() -> None:
    assert [worker.failure_pause(failures) for failures in (1, 2, 3, 9, 10, 100_000)] == [1, 2, 4, 256, 300, 300]


async def test_work_that_was_told_to_end_while_it_failed_ends(scraped: Scraped) -> None:
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(3_600)
        except asyncio.CancelledError:
            raise RuntimeError("as a driver may say its own") from None

    repeating = asyncio.create_task(worker._repeat(worker.Piece("testing", work, 3_600.0), scraped.metrics))
    await begun.wait()
    repeating.cancel()
    async with asyncio.timeout(10):
        await asyncio.wait([repeating])
    assert repeating.cancelled()


async def test_a_relay_that_fails_says_so_goes_on_trying_and_does_not_look_as_if_all_were_well(
    committing_database: Database,
    scraped: Scraped,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(*_: object, **_named: object) -> int:
        raise ValueError("of somebody's")

    async def leads() -> bool:
        return await scraped.figure("tendwell_relay_leads") == 1

    async def has_failed_again() -> bool:
        return await scraped.figure("tendwell_work_rounds_total", work="relay", ended="failed") >= 3

    relay = asyncio.create_task(run_relay(committing_database, metrics=scraped.metrics))
    try:
        with monkeypatch.context() as defect:
            defect.setattr("api.relay.number_events", broken)
            await eventually(has_failed_again)
            assert not await leads()
            assert await scraped.figure("tendwell_feed_lag_seconds") == math.inf
        await eventually(leads)
    finally:
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)
    told = [json.loads(line.getMessage()) for line in caplog.records if line.levelname == "ERROR"]
    pauses = [line["again_in_seconds"] for line in told if line["work"] == "relay"]
    assert pauses[0] < pauses[1] < pauses[2]
    assert "of somebody's" not in caplog.text


async def test_how_long_the_audit_trail_was_not_sealed_is_told_as_each_round_found_it(
    committing_database: Database, scraped: Scraped
) -> None:
    sealing = AuditSealing(committing_database, utc_now, Sealing.of(new_secret()), "https://tendwell.example")
    actor = Actor(new_id(), utc_now() - timedelta(hours=1), request_id="late")
    async with committing_database.writing() as session:
        await record_audit(session, actor, "session.open")
    for least, most in ((3600, 3660), (0, 60)):
        await worker.seal(sealing, scraped.metrics)
        assert least <= await scraped.figure("tendwell_audit_seal_lag_seconds") <= most


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
