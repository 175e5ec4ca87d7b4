"""What a node counts about itself: true, of nobody, and without end by nobody's wish."""

from __future__ import annotations

import math
import re

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from api.live.inbox import Told
from api.live.subscriptions import Subscriptions
from domain.ids import new_id
from tests.architecture.source import ROOT
from tests.cast import Cast
from tests.http.access_matrix import ASHA, GUS, ROSE
from tests.http.conftest import ClientOf
from tests.http.observations.stage import post, pulse

METRICS = "/health/metrics"
METRICS_TOLD = (ROOT / "docs" / "operations.md").read_text().split("## Metrics")[1].split("\n## ")[0]

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def told(client: httpx.AsyncClient) -> httpx.Response:
    answer = await client.get(METRICS)
    assert answer.status_code == 200
    return answer


def read(text: str) -> Figures:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def of(figures: Figures, name: str, **labels: str) -> float:
    return figures.get((name, frozenset(labels.items())), 0.0)


@pytest.fixture
async def nobody(client_of: ClientOf) -> httpx.AsyncClient:
    return client_of(None)


async def test_readings_are_counted_by_what_became_of_them(
    client_of: ClientOf, nobody: httpx.AsyncClient, cast: Cast
) -> None:
    before = read((await told(nobody)).text)
    path = f"/v1/patients/{cast.patients['rose_resident']}/observations"
    good, absurd = pulse(cast, "m-1", minutes_ago=1), pulse(cast, "m-2", minutes_ago=2, value=9_000)
    await post(client_of(GUS), path, good, absurd)
    await post(client_of(GUS), path, good)
    after = read((await told(nobody)).text)
    figures = {key: value - before.get(key, 0.0) for key, value in after.items()}
    assert of(figures, "tendwell_readings_total", verdict="stored", code="") == 1
    assert of(figures, "tendwell_readings_total", verdict="duplicate", code="") == 1
    assert of(figures, "tendwell_readings_total", verdict="refused", code="out_of_range") == 1
    route = {"method": "POST", "route": "/v1/patients/{patient_id}/observations"}
    assert of(figures, "tendwell_requests_total", status="207", **route) == 1
    assert of(figures, "tendwell_requests_total", status="201", **route) == 1
    assert of(figures, "tendwell_request_seconds_count", **route) == 2


async def test_nothing_that_was_sent_is_told(client_of: ClientOf, nobody: httpx.AsyncClient, cast: Cast) -> None:
    for who in (ASHA, ROSE):
        await client_of(who).get(f"/v1/patients/{cast.patients['rose_resident']}?who=Rose")
        await client_of(who).get("/v1/nowhere/Rose")
        await client_of(who).request("ROSE", "/v1/board", headers={"User-Agent": "Rose", "X-Request-ID": "Rose"})
    text = (await told(nobody)).text
    ids = [*cast.patients.values(), *cast.accounts.values(), *cast.organisations.values()]
    assert not [each for each in ids if str(each) in text]
    assert "rose" not in text.lower()


async def test_nobody_makes_series_without_end(nobody: httpx.AsyncClient) -> None:
    async def ask(n: int) -> None:
        await nobody.get(f"/v1/nowhere/{n}")
        await nobody.request(f"M{n}", f"/v1/patients/{n}")
        await nobody.get(f"/v1/patients/{n}")

    await ask(0)
    await told(nobody)
    before = set(read((await told(nobody)).text))
    for n in range(1, 30):
        await ask(n)
    assert set(read((await told(nobody)).text)) == before


async def test_connections_in_use_are_told_for_each_role(app: FastAPI, nobody: httpx.AsyncClient) -> None:
    figures = read((await told(nobody)).text)
    roles = {dict(labels)["role"] for name, labels in figures if name == "tendwell_database_connections"}
    assert roles == {"aggregate", "feed", "identity", "link", "runtime"}
    assert of(figures, "tendwell_feed_blind_seconds") == math.inf, "no feed runs here"


def test_watchers_and_the_fullest_inbox_are_counted() -> None:
    subscriptions, rose = Subscriptions(), new_id()
    watches = [subscriptions.open(new_id(), new_id(), follows_list=False) for _ in range(3)]
    assert (subscriptions.watches, subscriptions.waiting) == (3, 0)
    for number in range(2):
        watches[1].inbox.tell(Told(number, rose, "{}"))
    assert (subscriptions.watches, subscriptions.waiting) == (3, 2)
    for watch in watches:
        subscriptions.close(watch)
    assert (subscriptions.watches, subscriptions.waiting) == (0, 0)


async def test_every_figure_is_documented_and_none_that_is_not_there(nobody: httpx.AsyncClient) -> None:
    worker = (ROOT / "api" / "metrics.py").read_text()
    ours = set(re.findall(r'"(tendwell_[a-z_]+)"', worker))
    ours |= set(re.findall(r'"(tendwell_[a-z_]+)"', (ROOT / "api" / "app.py").read_text()))
    told_of = {
        re.sub(r"_(total|bucket|count|sum)$", "", name) for name in re.findall(r"`?(tendwell_[a-z_]+)", METRICS_TOLD)
    }
    assert told_of == ours
