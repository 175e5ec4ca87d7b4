"""Traces by switch: what they show of a request, that they name nobody, and that nobody waits for a collector."""

from __future__ import annotations

import asyncio
import copy
import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from uuid import UUID, uuid4

import httpx
import pytest
from opentelemetry.sdk.trace import Span as HeldSpan

from integrations.opentelemetry.client import MOST_AT_ONCE, MOST_WAITING, Tracer
from integrations.postgres.embedded import Cluster
from tests.cast import PASSWORD, Cast
from tests.databases import Troupe, clone, drop
from tests.live.client import Caller, watching
from tests.live.collector import Collector, Told, collecting
from tests.live.processes import ROOT, STOP_SECONDS, Installation, Process, free_port, installation, secrets
from tests.live.readings import post, readings

POST_ROUTE = "/v1/patients/{patient_id}/observations"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
# What spans are made and sent with; OpenTelemetry's API alone makes none, and FastAPI imports it.
OF_TRACING = (
    "opentelemetry.sdk",
    "opentelemetry.exporter",
    "opentelemetry.proto",
    "google.protobuf",
    "requests",
    "urllib3",
)


@dataclass
class Traced:
    """An installation whose processes tell a collector."""

    collector: Collector
    installed: Installation
    api: Process
    cast: Cast

    async def caller(self, http: httpx.AsyncClient, name: str) -> Caller:
        answer = await http.post(
            f"{self.api.url}/v1/sessions", json={"email": f"{name}@example.test", "password": PASSWORD}
        )
        assert answer.status_code == 201, answer.text
        return Caller(answer.json()["access_token"])


@pytest.fixture(scope="module")
def traced(
    cluster: Cluster, worker_id: str, everybody: Troupe, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Traced]:
    name = f"traced_{worker_id}"
    url = asyncio.run(clone(cluster, name, everybody.template))
    with (
        collecting() as collector,
        installation(url, tmp_path_factory.mktemp("traced"), TRACES=collector.url) as installed,
    ):
        installed.start_worker()
        yield Traced(collector, installed, installed.start_api(), copy.deepcopy(everybody.cast))
    asyncio.run(drop(cluster, name))


def is_of(service: str, name: str, span: Told) -> bool:
    return (span.service, span.name) == (service, name)


def is_request(span: Told, request_id: str) -> bool:
    return span.about.get("tendwell.request_id") == request_id


async def posted(traced: Traced, http: httpx.AsyncClient, caller: Caller, patient: UUID, **headers: str) -> Told:
    """Return the span of a request that stored a reading."""
    request_id = str(uuid4())
    answer = await http.post(
        f"{traced.api.url}/v1/patients/{patient}/observations",
        json=readings(),
        headers=caller.headers | {"x-request-id": request_id} | headers,
    )
    assert answer.status_code == 201, answer.text
    return await asyncio.to_thread(traced.collector.found, lambda span: is_request(span, request_id))


async def test_a_trace_of_a_post_shows_its_route_its_waits_and_its_transaction(
    traced: Traced, http: httpx.AsyncClient
) -> None:
    sam = await traced.caller(http, "sam_himself")
    request = await posted(traced, http, sam, traced.cast.patients["sam_at_home"])
    assert request.name == f"POST {POST_ROUTE}"
    assert request.about["http.route"] == POST_ROUTE
    assert (request.about["http.request.method"], request.about["http.response.status_code"]) == ("POST", 201)
    assert request.within == ""
    parts = {span.name: span for span in traced.collector.trace_of(request)}
    assert set(parts) == {
        request.name,
        "callers.wait",
        "callers.turn",
        "recording.wait",
        "recording.turn",
        "transaction",
    }
    assert parts["recording.wait"].within == request.span
    assert parts["recording.turn"].within == parts["recording.wait"].span
    assert parts["transaction"].within == parts["recording.turn"].span
    assert parts["transaction"].about["tendwell.role"] == "runtime"
    for span in parts.values():
        assert request.begun_at <= span.begun_at <= span.ended_at <= request.ended_at


async def test_who_shares_a_transaction_is_led_to_the_turn_that_took_them(
    traced: Traced, http: httpx.AsyncClient
) -> None:
    sam = await traced.caller(http, "sam_himself")
    patient = traced.cast.patients["sam_at_home"]
    requests = await asyncio.gather(*(posted(traced, http, sam, patient) for _ in range(20)))
    for request in requests:
        (wait,) = [span for span in traced.collector.trace_of(request) if span.name == "recording.wait"]
        ((trace, turn),) = wait.after
        assert [span.name for span in traced.collector.spans if (span.trace, span.span) == (trace, turn)] == [
            "recording.turn"
        ]


async def test_a_caller_s_own_trace_is_linked_to_and_never_gone_on_with(
    traced: Traced, http: httpx.AsyncClient
) -> None:
    sam, patient = await traced.caller(http, "sam_himself"), traced.cast.patients["sam_at_home"]
    linked = await posted(traced, http, sam, patient, traceparent=f"00-{TRACE}-{SPAN}-01", tracestate="nhs=9434765919")
    assert linked.after == ((TRACE, SPAN),)
    assert (linked.within, linked.trace == TRACE) == ("", False)
    for insane in (f"00-{TRACE}-{SPAN}-01-more", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01", "Doris", ""):
        assert (await posted(traced, http, sam, patient, traceparent=insane)).after == ()


async def test_the_relay_the_worker_s_pieces_and_live_telling_are_told(traced: Traced, http: httpx.AsyncClient) -> None:
    sam, patient = await traced.caller(http, "sam_himself"), traced.cast.patients["sam_at_home"]
    async with watching(http, traced.api, sam, [patient]) as socket:
        await socket.hear_a("welcome")
        await socket.hear_a("snapshot")
        await post(http, traced.api, sam, patient)
        await socket.hear_a("event")
    for service, name in (
        ("tendwell-worker", "relay.step"),
        ("tendwell-worker", "work.sealing"),
        ("tendwell-api", "live.telling"),
        ("tendwell-api", "GET /v1/live"),
    ):
        await asyncio.to_thread(traced.collector.found, partial(is_of, service, name))


async def test_nothing_that_is_told_names_anybody(traced: Traced, http: httpx.AsyncClient) -> None:
    secret = "Doris-Example-9434765919"
    sam = await traced.caller(http, "sam_himself")
    asha = await traced.caller(http, "asha_clinician_of_practice")
    patient, stranger = traced.cast.patients["sam_at_home"], uuid4()
    at = traced.api.url
    await posted(traced, http, sam, patient)
    asked = [
        await http.get(f"{at}/v1/patients/{patient}", headers=asha.headers),
        await http.get(f"{at}/v1/patients/{patient}/observations?sign=heart_rate", headers=asha.headers),
        await http.get(f"{at}/v1/patients/{stranger}", headers=asha.headers),
        await http.get(f"{at}/v1/{secret}?nhs_number={secret}", headers=asha.headers | {"x-note": secret}),
        await http.request(secret.upper(), f"{at}/v1/me", headers=asha.headers),
        await http.post(f"{at}/v1/sessions", json={"email": f"{secret}@example.test", "password": secret}),
        await http.post(f"{at}/v1/patients/{patient}/observations", json={"note": secret}, headers=sam.headers),
        await http.get(f"{at}/v1/me", headers=asha.headers | {"tracestate": f"a={secret}", "baggage": f"b={secret}"}),
    ]
    last = asked[-1].headers["x-request-id"]
    await asyncio.to_thread(traced.collector.found, lambda span: is_request(span, last))
    told = b"\n".join(traced.collector.payloads).lower()
    private = [secret, "9434765919", "doris", "example.test", asha.token, sam.token, "127.0.0.1", str(stranger)]
    private += [str(each) for each in traced.cast.patients.values()] + [
        each.hex for each in traced.cast.patients.values()
    ]
    private += [str(each) for each in traced.cast.accounts.values()]
    private += list(traced.cast.patients) + list(traced.cast.accounts)
    assert not [each for each in private if each.lower().encode() in told]
    assert not [each for each in traced.cast.patients.values() if each.bytes in told]
    assert b"select" not in told
    assert b"/v1/patients/{patient_id}" in told


async def test_a_process_that_is_told_to_end_tells_what_is_left(traced: Traced, http: httpx.AsyncClient) -> None:
    another, request_id = await asyncio.to_thread(traced.installed.start_api), str(uuid4())
    await http.get(f"{another.url}/v1/me", headers={"x-request-id": request_id})
    assert await asyncio.to_thread(traced.installed.stop, another)
    assert [span for span in traced.collector.spans if is_request(span, request_id)]


@pytest.mark.parametrize("is_away", [True, False])
async def test_a_collector_that_is_away_or_never_answers_holds_nobody_up(
    traced: Traced, http: httpx.AsyncClient, is_away: bool
) -> None:
    sam, patient = await traced.caller(http, "sam_himself"), traced.cast.patients["sam_at_home"]
    with collecting() as deaf:
        deaf.is_deaf = True
        url = f"http://127.0.0.1:{free_port()}" if is_away else deaf.url
        api = await asyncio.to_thread(lambda: traced.installed.start_api(TRACES=url))
        async with asyncio.timeout(60):
            for _ in range(50):
                await asyncio.gather(*(post(http, api, sam, patient) for _ in range(10)))
        while not is_away and not deaf.asked:
            await asyncio.sleep(0.05)
        traced.installed.processes.remove(api)
        api.popen.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(api.ends_within, STOP_SECONDS)
    lines = [json.loads(line) for line in api.log.read_text().splitlines()]
    assert not [line for line in lines if line["level"] == "ERROR" or line["logger"].startswith("opentelemetry")]
    if is_away:
        assert [line["logger"] for line in lines if line["level"] == "WARNING"] == ["tendwell.traces"]


def test_what_a_deaf_collector_does_not_take_fills_no_memory() -> None:
    with collecting() as deaf:
        deaf.is_deaf = True
        tracer = Tracer(deaf.url, service="test")
        for _ in range(10 * MOST_WAITING):
            tracer.begun("one of many", {"number": 1}).end()
        # By its type alone: whatever else is there, a proxy of what is gone among it, is not asked what it is.
        assert sum(issubclass(type(each), HeldSpan) for each in gc.get_objects()) <= MOST_WAITING + 2 * MOST_AT_ONCE
        tracer.close()


@pytest.mark.parametrize("share", [0.1, 1.0])
def test_a_share_of_what_begins_is_told_and_each_trace_whole(share: float) -> None:
    with collecting() as collector:
        tracer = Tracer(collector.url, service="test", share=share)
        for _ in range(400):
            with tracer.request(f"00-{TRACE}-{SPAN}-01"):
                tracer.begun("part").end()
        tracer.close()
    traces = [span.trace for span in collector.spans if span.name == "request"]
    assert sorted(traces) == sorted(span.trace for span in collector.spans if span.name == "part")
    assert len(traces) == 400 if share == 1 else 0 < len(traces) < 200


def test_a_span_tells_the_kind_of_an_error_and_nothing_of_its_message() -> None:
    with collecting() as collector:
        tracer = Tracer(collector.url, service="test")
        with pytest.raises(ValueError, match="Doris"), tracer.span("work"):
            raise ValueError("Doris is ill")
        tracer.close()
    ((span,),) = [collector.spans]
    assert span.about == {"error.type": "ValueError"}
    assert b"Doris" not in collector.payloads[0]


LOADED = """
import sys
import api.app, api.commands.serve, api.commands.worker, api.commands.migrate
print([name for name in sys.modules if name.startswith({names!r})])
"""


def test_with_the_switch_off_nothing_of_it_is_loaded() -> None:
    program = LOADED.format(names=OF_TRACING)
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


STARTED = """
import asyncio, sys
from api.app import application

async def main():
    sent = []
    async def receive(): return {"type": "lifespan.shutdown" if sent else "lifespan.startup"}
    async def send(message): sent.append(message)
    await application()({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)
    print([name for name in sys.modules if name.startswith("opentelemetry.sdk")])

asyncio.run(main())
"""


def test_the_framework_begins_no_traces_of_its_own_whatever_the_environment_says() -> None:
    settings = secrets() | {"DATABASE_URL": "postgresql://127.0.0.1:1/x"}
    ours = {f"TENDWELL_{name}": text for name, text in settings.items()}
    theirs = {"FASTAPI_OTEL_AUTO_CONFIGURE": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
    environment = os.environ | ours | theirs
    said = subprocess.run(
        [sys.executable, "-c", STARTED], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"
