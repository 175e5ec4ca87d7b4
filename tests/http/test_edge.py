"""What every request passes and every answer carries, whatever route it is for."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from api.edge import EdgeValues, install_edge
from api.problems import PROBLEM_TYPES
from tests.http.edge_app import OBSERVATIONS, PATIENT, SECRET, application

JSON = {"content-type": "application/json"}
READING = '{"sign":"glucose","value":5.4,"effective_at":"2026-01-01T00:00:00Z"}'
BODY = f'{{"readings":[{READING}]}}'


def _client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tendwell.test")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with _client(application()) as made:
        yield made


def _assert_problem(answer: httpx.Response, status: int, slug: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    told = answer.json()
    assert (told["status"], told["type"]) == (status, f"/problems/{slug}")
    assert told["request_id"] == answer.headers["x-request-id"]


# Bodies


async def test_a_number_reaches_the_route_with_the_digits_that_were_sent(client: httpx.AsyncClient) -> None:
    answer = await client.post(OBSERVATIONS, content=BODY.replace("5.4", "37.950"), headers=JSON)
    assert answer.status_code == 201
    assert answer.json()["values"] == [37.95]


@pytest.mark.parametrize(
    "kind",
    ["application/json", "Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"'],
)
async def test_json_in_utf_8_is_read(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post(
        OBSERVATIONS, content=BODY, headers={"content-type": kind, "content-encoding": "identity"}
    )
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/fhir+json"},
        {"content-type": "application/jsonp"},
        {"content-type": "application/json, text/plain"},
        {"content-type": "application/json; charset=utf-8; charset=latin-1"},
        {"content-type": "multipart/form-data"},
        {"content-type": "application/x-www-form-urlencoded"},
        {**JSON, "content-encoding": "gzip"},
        {**JSON, "content-encoding": "br"},
    ],
)
async def test_any_other_kind_of_body_is_refused_before_it_is_read(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    _assert_problem(await client.post(OBSERVATIONS, content=BODY, headers=headers), 415, "unsupported-media-type")


@pytest.mark.parametrize("text", ["", "{", "NaN", BODY + "x", BODY.replace("5.4", "NaN"), "\ufeff" + BODY])
async def test_what_is_not_strict_json_is_refused(client: httpx.AsyncClient, text: str) -> None:
    _assert_problem(await client.post(OBSERVATIONS, content=text, headers=JSON), 400, "malformed-json")


async def test_faults_point_into_the_body_and_never_repeat_it(client: httpx.AsyncClient) -> None:
    text = BODY.replace("5.4", f'"{SECRET}"').replace("2026-01-01T00:00:00Z", SECRET).replace("glucose", SECRET)
    answer = await client.post(OBSERVATIONS, content=text.replace('{"read', f'{{"{SECRET}":1,"read'), headers=JSON)
    _assert_problem(answer, 422, "invalid")
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [
        ("/readings/0/sign", "wrong_form"),
        ("/readings/0/value", "wrong_type"),
        ("/readings/0/effective_at", "invalid_time"),
        ("", "unknown_field"),
    ]
    assert SECRET not in answer.text


async def test_null_is_json_but_no_body_of_ours(client: httpx.AsyncClient) -> None:
    _assert_problem(await client.post(OBSERVATIONS, content="null", headers=JSON), 422, "invalid")


async def test_a_body_just_below_the_limit_is_read_and_one_above_is_refused() -> None:
    async with _client(application(EdgeValues(max_body_bytes=1000))) as client:
        assert (await client.post(OBSERVATIONS, content=BODY.ljust(1000), headers=JSON)).status_code == 201
        _assert_problem(await client.post(OBSERVATIONS, content=BODY.ljust(1001), headers=JSON), 413, "body-too-large")


async def test_a_body_without_a_declared_length_is_measured_as_it_comes() -> None:
    async def parts(count: int) -> AsyncIterator[bytes]:
        yield BODY.encode()
        for _ in range(count):
            yield b" " * 100

    async with _client(application(EdgeValues(max_body_bytes=1000))) as client:
        assert (await client.post(OBSERVATIONS, content=parts(5), headers=JSON)).status_code == 201
        _assert_problem(await client.post(OBSERVATIONS, content=parts(50), headers=JSON), 413, "body-too-large")


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
async def test_a_body_where_none_belongs_is_refused_not_ignored(client: httpx.AsyncClient, method: str) -> None:
    address = f"/v1/patients/{PATIENT}/end" if method == "POST" else OBSERVATIONS
    answer = await client.request(method, address, content="{}", headers=JSON)
    if method == "DELETE":
        _assert_problem(answer, 405, "method-not-allowed")
    else:
        _assert_problem(answer, 400, "unexpected-body")


async def test_a_body_may_be_left_out_only_where_it_is_optional(client: httpx.AsyncClient) -> None:
    address = f"/v1/patients/{PATIENT}/optional"
    assert (await client.post(address)).json() is False
    assert (await client.post(address, content=READING, headers=JSON)).json() is True
    _assert_problem(await client.post(address, content=READING, headers={}), 415, "unsupported-media-type")


async def test_a_route_may_read_its_body_itself_within_the_same_limits() -> None:
    async with _client(application(EdgeValues(max_body_bytes=1000))) as client:
        address = f"/v1/patients/{PATIENT}/raw"
        assert (await client.post(address, content="a,b\n", headers={"content-type": "text/csv"})).json() == 4
        _assert_problem(await client.post(address, content="x" * 1001), 413, "body-too-large")


# Addresses


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("limt=10", "query/limt", "unknown_parameter"),
        ("limit=1&limit=1000", "query/limit", "repeated_parameter"),
        ("limit=%00", "query/limit", "text_not_allowed"),
        ("limit=%ff", "query/limit", "text_not_allowed"),
        ("limit=x", "query/limit", "wrong_type"),
        ("%3Cb%3E=1", "query", "unknown_parameter"),
        ("=1", "query", "unknown_parameter"),
        ("&;=", "query", "unknown_parameter"),
    ],
)
async def test_a_query_that_is_not_declared_is_refused(
    client: httpx.AsyncClient, query: str, pointer: str, code: str
) -> None:
    answer = await client.get(f"{OBSERVATIONS}?{query}")
    _assert_problem(answer, 422, "invalid")
    fault = answer.json()["errors"][0]
    assert (fault["pointer"], fault["code"]) == (pointer, code)


async def test_a_declared_query_is_taken(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{OBSERVATIONS}?limit=7")).json()["limit"] == 7
    assert (await client.get(f"{OBSERVATIONS}?")).json()["limit"] == 50


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/v1/patients",
        f"{OBSERVATIONS}/",
        "/v1/observations/%2e%2e%2fadmin",
        "/v1/%00",
        "//v1",
        "/v1/%252e%252e%252f",
    ],
)
async def test_an_unknown_address_is_a_problem_and_never_a_redirect(client: httpx.AsyncClient, path: str) -> None:
    _assert_problem(await client.get(path, headers={"host": "evil.example"}), 404, "unknown-address")


async def test_a_method_that_is_not_taken_is_told_all_that_are(client: httpx.AsyncClient) -> None:
    answer = await client.put(OBSERVATIONS)
    _assert_problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "path_id", ["+1", "1.0", "1_000", "2147483648", "9" * 4000, "%20" + PATIENT, PATIENT + "%0a", "{" + PATIENT + "}"]
)
async def test_an_id_in_a_path_has_one_spelling_and_any_other_text_names_nothing(
    client: httpx.AsyncClient, path_id: str
) -> None:
    _assert_problem(await client.get(f"/v1/patients/{path_id}/observations"), 404, "not-found")


# Answers


async def test_an_unexpected_error_is_told_by_its_request_id_and_logged_without_its_message(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    answer = await client.get(f"/v1/patients/{PATIENT}/crash")
    _assert_problem(answer, 500, "internal")
    assert SECRET not in answer.text
    assert SECRET not in caplog.text
    error, request = (json.loads(record.message) for record in caplog.records if record.name == "tendwell.access")
    assert error["error"][0] == "builtins.RuntimeError"
    assert "edge_app.py" in error["error"][1]
    assert error["request_id"] == request["request_id"] == answer.json()["request_id"]


async def test_a_request_is_logged_by_its_route_and_never_by_its_address(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await client.get(f"{OBSERVATIONS}?limit=3", headers={"x-request-id": "0190f3a2-7c1e-7c1e-9c1e-0a0000000006"})
    await client.get("/v1/Doris/Example")
    found, unknown = (json.loads(record.message) for record in caplog.records if record.name == "tendwell.access")
    milliseconds = found.pop("milliseconds")
    assert found == {
        "event": "request",
        "method": "GET",
        "route": "/v1/patients/{patient_id}/observations",
        "status": 200,
        "request_id": "0190f3a2-7c1e-7c1e-9c1e-0a0000000006",
    }
    assert 0 <= milliseconds < 10_000
    assert (unknown["route"], unknown["status"]) == ("", 404)
    ours = [record.message for record in caplog.records if record.name.startswith("tendwell")]
    assert not any(PATIENT in line or "limit" in line or "Doris" in line for line in ours)


@pytest.mark.parametrize(("what", "status"), [("unavailable", 503), ("attempts", 429)])
async def test_who_may_come_back_is_told_when(client: httpx.AsyncClient, what: str, status: int) -> None:
    answer = await client.get(f"/v1/patients/{PATIENT}/{what}")
    assert (answer.status_code, answer.headers["retry-after"].isdigit()) == (status, True)


async def test_who_is_not_signed_in_is_told_how(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/v1/patients/{PATIENT}/nobody")
    _assert_problem(answer, 401, "not-authenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", [OBSERVATIONS, "/nothing", f"/v1/patients/{PATIENT}/crash", "/problems"])
async def test_every_answer_forbids_keeping_and_guessing(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


async def test_every_problem_type_leads_to_its_meaning(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/problems")).json()["items"]
    assert {each["type"] for each in listed} == {kind.uri for kind in PROBLEM_TYPES.values()}
    for each in listed:
        assert (await client.get(each["type"])).json() == each
    _assert_problem(await client.get("/problems/nonsense"), 404, "not-found")


# Names of requests


@pytest.mark.parametrize(
    "name",
    [
        "0190f3a2-7c1e-7c1e-9c1e-0190f3a27c1e",
        "0190F3A2-7C1E-4C1E-9C1E-0190F3A27C1E",
        "4bf92f3577b34da6a3ce929d0e0e4736",
    ],
)
async def test_a_uuid_or_a_trace_s_id_is_kept_as_the_request_s(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(OBSERVATIONS, headers={"x-request-id": name, "x-correlation-id": name})
    assert answer.headers["x-request-id"] == answer.headers["x-correlation-id"] == name


# A person's number, a name, an address: whatever says something would stand in the log and in the trail.
@pytest.mark.parametrize("name", ["9990000018", "999-000-0018", "Doris.Example", "SW1A-1AA", "a1b2c3d4", "A.b_c-" * 10])
async def test_whatever_else_says_something_is_no_request_s_name(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(OBSERVATIONS, headers={"x-request-id": name})
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}", answer.headers["x-request-id"])
    assert name not in str(answer.headers)


@pytest.mark.parametrize("name", ["", "short", "x" * 65, "a b c d e f", "éééééééé", '{"a":"b"}', "../../etc/passwd"])
async def test_any_other_request_id_is_replaced(client: httpx.AsyncClient, name: str) -> None:
    raw = name.encode()
    answer = await client.get(OBSERVATIONS, headers={b"x-request-id": raw, b"x-correlation-id": raw})
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}", answer.headers["x-request-id"])
    assert "x-correlation-id" not in answer.headers


async def test_two_request_ids_are_none(client: httpx.AsyncClient) -> None:
    answer = await client.get(
        OBSERVATIONS,
        headers=[
            ("x-request-id", "0190f3a2-7c1e-7c1e-9c1e-0a0000000006"),
            ("x-request-id", "0190f3a2-7c1e-7c1e-9c1e-0a0000000007"),
        ],
    )
    assert answer.headers["x-request-id"] not in {
        "0190f3a2-7c1e-7c1e-9c1e-0a0000000006",
        "0190f3a2-7c1e-7c1e-9c1e-0a0000000007",
    }


# Other web pages


async def test_no_web_page_of_another_origin_may_read_unless_it_is_allowed(client: httpx.AsyncClient) -> None:
    for origin in ("null", "https://evil.example", "http://tendwell.test"):
        answer = await client.get(OBSERVATIONS, headers={"origin": origin})
        assert answer.status_code == 200
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_an_allowed_origin_may_read_and_null_never_may() -> None:
    async with _client(application(EdgeValues(allowed_origins=("https://app.example",)))) as client:
        allowed = await client.get(OBSERVATIONS, headers={"origin": "https://app.example"})
        assert allowed.headers["access-control-allow-origin"] == "https://app.example"
        assert "access-control-allow-credentials" not in allowed.headers
        for origin in ("null", "https://app.example.evil", "http://app.example"):
            assert (
                "access-control-allow-origin"
                not in (await client.get(OBSERVATIONS, headers={"origin": origin})).headers
            )
        asked = {"origin": "null", "access-control-request-method": "POST"}
        _assert_problem(await client.options(OBSERVATIONS, headers=asked), 400, "origin-not-allowed")
        asked = {"origin": "https://app.example", "access-control-request-method": "POST"}
        assert (await client.options(OBSERVATIONS, headers=asked)).status_code == 200
        crashed = await client.get(f"/v1/patients/{PATIENT}/crash", headers={"origin": "https://app.example"})
        assert (crashed.status_code, crashed.headers["access-control-allow-origin"]) == (500, "https://app.example")


@pytest.mark.parametrize(
    "origin", ["*", "null", "https://*.example", "app.example", "https://app.example/", "https://App.example", ""]
)
def test_an_origin_that_is_not_exactly_one_cannot_be_allowed(origin: str) -> None:
    with pytest.raises(ValueError, match="allowed origin"):
        EdgeValues(allowed_origins=(origin,))


def test_an_application_with_a_lenient_route_does_not_start() -> None:
    app, lenient = FastAPI(), APIRouter()

    @lenient.get("/lenient")
    async def route() -> None: ...

    app.include_router(lenient, prefix="/v1")
    with pytest.raises(TypeError, match="/v1/lenient is not strict"):
        install_edge(app)
