"""What a node counts about itself: true, of nobody, and without end by nobody's wish."""

from __future__ import annotations

import math
import re
from dataclasses import fields

import httpx
import pytest
import yaml
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from api.live.inbox import Told
from api.live.subscriptions import Subscriptions
from api.metrics import NodeMetrics, WorkerMetrics
from domain.ids import new_id
from integrations.postgres.roles import Databases
from tests.architecture.source import ROOT
from tests.cast import Cast
from tests.http.access_matrix import ASHA, GUS, ROSE
from tests.http.conftest import ClientOf
from tests.http.observations.stage import post, pulse

METRICS = "/health/metrics"
METRICS_TOLD = (ROOT / "docs" / "operations.md").read_text().split("## Metrics")[1].split("\n## ")[0]
RULES = [
    rule
    for group in yaml.safe_load((ROOT / "deploy" / "prometheus-rules.yaml").read_text())["groups"]
    for rule in group["rules"]
]
ALERTS_TOLD = dict(re.findall(r"^\| `(Tendwell\w+)` \| (.+) \|$", METRICS_TOLD, re.MULTILINE))
OF_PROMQL = {
    *("sum", "by", "le", "rate", "increase", "max", "max_over_time", "absent", "time"),
    *("or", "unless", "offset", "histogram_quantile"),
}
# What Prometheus itself says of whom it asks.
OF_PROMETHEUS = {"up": {"job", "instance"}}

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


def labels_by_figure(exposition: str) -> dict[str, set[str]]:
    """Return of each figure that is told the labels that it has."""
    found = {name: set(labels) for name, labels in OF_PROMETHEUS.items()}
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            found.setdefault(sample.name, {"job", "instance"}).update(sample.labels)
    return found


def everything_told(node: str) -> dict[str, set[str]]:
    """Return the same of a node and of a worker, each figure having been counted at least once."""
    metrics, worker = NodeMetrics(), WorkerMetrics()
    metrics.request_ended("POST", "/v1/me", 200, 0.1)
    metrics.readings_judged([("refused", "out_of_range")])
    for note in (worker.worked, worker.put_off, worker.failed, worker.is_to_do):
        note("tidying")
    told_of = labels_by_figure(node) | labels_by_figure(metrics.exposition().decode())
    return told_of | labels_by_figure(generate_latest(worker._registry).decode())


def spoken_of(expression: str) -> tuple[set[str], set[str]]:
    """Return the figures and the labels that an expression names."""
    bare = re.sub(r'"[^"]*"', "", expression)
    labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", "".join(re.findall(r"\{[^}]*\}", bare))))
    labels |= {each.strip() for group in re.findall(r"by \(([^)]*)\)", bare) for each in group.split(",")}
    outside = re.sub(r"\{[^}]*\}|\[[^\]]*\]|by \([^)]*\)", " ", bare)
    return set(re.findall(r"\b[a-z_]\w*\b", outside)) - OF_PROMQL - {"d", "e6", "1d"}, labels - {"le"}


async def test_an_alert_speaks_of_nothing_that_is_not_told(nobody: httpx.AsyncClient) -> None:
    figures = everything_told((await told(nobody)).text)
    for rule in RULES:
        names, labels = spoken_of(rule["expr"])
        assert names, rule["alert"]
        assert names <= figures.keys(), (rule["alert"], names - figures.keys())
        assert labels <= set().union(*(figures[name] for name in names)), (rule["alert"], labels)


def test_the_values_that_alerts_look_for_are_ours(app: FastAPI) -> None:
    text = "".join(rule["expr"] for rule in RULES)
    declared = {str(context.path) for context in iter_route_contexts(app.routes)}
    assert set(re.findall(r'route="([^"]+)"', text)) <= declared
    assert set(re.findall(r'ended="([^"]+)"', text)) <= {"done", "put_off", "failed"}
    assert set(re.findall(r'role!?="([^"]+)"', text)) <= {field.name for field in fields(Databases)}
    assert set(re.findall(r'verdict="([^"]+)"', text)) <= {"stored", "duplicate", "refused"}


def test_every_alert_has_its_line_that_says_what_to_do_and_there_is_no_other() -> None:
    assert [rule["alert"] for rule in RULES] == list(ALERTS_TOLD)
    assert all(rule["annotations"]["runbook"] == "docs/operations.md#alerts" for rule in RULES)
    assert all(rule["labels"]["severity"] in {"page", "ticket"} for rule in RULES)
    assert "### Alerts" in METRICS_TOLD
