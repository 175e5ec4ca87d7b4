"""The route that is called directly answers whatever is sent to it as one of FastAPI's own does."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import APIRouter, Depends, FastAPI, Header
from fastapi import Response as Answer
from httpx import ASGITransport, AsyncClient, Response

from api.direct_routing import DirectRoute
from api.edge import install_edge
from api.entity_tags import Tagged
from api.routes.board import get_board
from api.routes.observations import (
    get_latest_observations,
    get_observation_series,
    list_observations,
    post_observations,
)
from api.schemas.observations import ReadingsIn, VerdictsOut
from api.strict_routing import StrictRoute
from tests.cast import Cast
from tests.http.observations.stage import ROSE, pulse

PATH = "/patients/{patient_id}/observations"
READS: dict[str, Callable[..., Any]] = {
    "/board": get_board,
    PATH: list_observations,
    f"{PATH}/latest": get_latest_observations,
    f"{PATH}/series": get_observation_series,
}
# What differs from one answer to the next, whichever route gives it.
_OF_ONE_ANSWER = re.compile(
    r'("(?:observation_id|request_id|instance|received_at|next_cursor|until)":)"[^"]*"|("age_seconds":)[0-9]+'
)


@pytest.fixture
async def both(app: FastAPI, tokens: Mapping[str, str]) -> AsyncIterator[AsyncClient]:
    """Yield a client of an application that has the same route in both ways."""
    beside = FastAPI(docs_url=None, openapi_url=None, redoc_url=None)
    beside.state.services, beside.state.feed = app.state.services, app.state.feed
    for prefix, kind in (("/strict", StrictRoute), ("/direct", DirectRoute)):
        router = APIRouter(prefix=prefix, route_class=kind)
        router.add_api_route(
            PATH, post_observations, methods=["POST"], status_code=201, response_model=VerdictsOut, name=prefix[1:]
        )
        for path, read in READS.items():
            router.add_api_route(path, read, name=f"{prefix[1:]} {read.__name__}")
        beside.include_router(router)
    install_edge(beside)
    headers = {"authorization": f"Bearer {tokens[ROSE]}"}
    transport = ASGITransport(beside, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://tendwell.test", headers=headers) as client:
        yield client


def requests(cast: Cast) -> dict[str, dict[str, Any]]:
    """Return what is sent, by what it is; `{}` stands for a reading's id of its own."""
    good = pulse(cast, "{}", 5)
    sound = {"json": {"readings": [good]}}
    return {
        "one reading": sound,
        "a refused one beside it": {"json": {"readings": [good, good | {"client_id": "{}-2", "value": 900}]}},
        "all refused": {"json": {"readings": [good | {"value": 900}]}},
        "not a reading": {"json": {"readings": [7]}},
        "with the phone's clock": {"json": sound["json"] | {"sent_at": good["effective_at"]}},
        "a clock that says nothing": {"json": sound["json"] | {"sent_at": "1990-01-01T00:00:00Z"}},
        "none": {"json": {"readings": []}},
        "an unknown member": {"json": sound["json"] | {"reading": 1}},
        "a list": {"json": [1]},
        "null": {"content": "null", "headers": {"content-type": "application/json"}},
        "no JSON": {"content": "{", "headers": {"content-type": "application/json"}},
        "a key twice": {"content": '{"a":1,"a":1}', "headers": {"content-type": "application/json"}},
        "nothing": {},
        "text": {"content": "{}", "headers": {"content-type": "text/plain"}},
        "an unknown parameter": sound | {"params": {"x": "1"}},
        "a broken token": sound | {"headers": {"authorization": "Bearer x"}},
        "no token": sound | {"headers": {"authorization": ""}},
        "another scheme": sound | {"headers": {"authorization": "Basic YTpi"}},
        "no id": sound | {"patient": "7"},
        "no id and no reading": {"json": {"readings": []}, "patient": "7"},
        "somebody unknown": sound | {"patient": str(UUID(int=7))},
        "another method": sound | {"method": "PUT"},
        "a look at the head": {"method": "HEAD"},
    }


def told(answer: Response) -> tuple[int, dict[str, str], str]:
    """Return the answer without what is of one answer alone."""
    headers = {name: value for name, value in answer.headers.items() if name not in {"x-request-id", "content-length"}}
    text = _OF_ONE_ANSWER.sub(r"\1\2", answer.text).replace("direct", "strict")
    return answer.status_code, headers, text


async def test_whatever_is_sent_is_answered_alike(both: AsyncClient, cast: Cast) -> None:
    statuses = set()
    for place, (name, request) in enumerate(requests(cast).items()):
        answers = {}
        for way, minute in (("strict", 2 * place), ("direct", 2 * place + 1)):
            sent = json.loads(json.dumps(request).replace('"{}', f'"{way}-{place}'))
            for reading in sent.get("json", {}).get("readings", ()) if isinstance(sent.get("json"), dict) else ():
                if isinstance(reading, dict):
                    reading["effective_at"] = pulse(cast, minutes_ago=30 + minute)["effective_at"]
            patient, method = sent.pop("patient", cast.patients["rose_resident"]), sent.pop("method", "POST")
            answers[way] = told(await both.request(method, f"/{way}/patients/{patient}/observations", **sent))
        assert answers["direct"] == answers["strict"], name
        statuses.add(answers["direct"][0])
    assert statuses >= {201, 207, 400, 401, 404, 405, 415, 422}


def asked_of_reads() -> list[dict[str, Any]]:
    """Return what is asked of each read: of which, how, and of whom if not of Rose."""
    sound: dict[str, dict[str, str]] = {
        "/board": {"limit": "3"},
        PATH: {"limit": "1", "sign": "heart_rate"},
        f"{PATH}/latest": {},
        f"{PATH}/series": {
            "sign": "heart_rate",
            "from": "2026-01-01T00:00:00Z",
            "until": "2026-02-01T00:00:00+01:00",
            "buckets": "7",
        },
    }
    more = (("limit", "0"), ("limit", "x"), ("cursor", "x"), ("sign", "x"), ("from", "x"), ("x", "1"), ("buckets", "0"))
    each: list[dict[str, Any]] = []
    for path, query in sound.items():
        each.append({"path": path, "params": query})
        each += [{"path": path, "params": query | {name: value}} for name, value in more]
        each += [{"path": path, "params": {k: v for k, v in query.items() if k != left_out}} for left_out in query]
        each.append({"path": path, "params": [*query.items(), *list(query.items())[:1]]})
        each += [{"path": path, "params": query, "patient": of} for of in ("7", str(UUID(int=7)))]
        each += [{"path": path, "params": query, "headers": {"authorization": of}} for of in ("", "Bearer x")]
        each += [{"path": path, "params": query, "method": method} for method in ("HEAD", "PUT")]
        each.append({"path": path, "params": query, "json": {}})
        each.append({"path": path, "params": {"limit": "0", "sign": "x", "buckets": "x"}, "patient": "7"})
    return each


async def test_whatever_is_asked_of_a_read_is_answered_alike(both: AsyncClient, cast: Cast) -> None:
    rose = cast.patients["rose_resident"]
    sent = {"readings": [pulse(cast, f"r-{minute}", minute) for minute in (5, 6)]}
    assert (await both.post(f"/strict/patients/{rose}/observations", json=sent)).status_code == 201
    statuses, told_onward = set(), False
    for request in asked_of_reads():
        asked = dict(request)
        path, method = asked.pop("path"), asked.pop("method", "GET")
        path = path.format(patient_id=asked.pop("patient", rose))
        answers = {way: told(await both.request(method, f"/{way}{path}", **asked)) for way in ("strict", "direct")}
        onward = answers["direct"][1].pop("link", None)  # which FastAPI tells beside its own answers alone
        assert answers["direct"] == answers["strict"], request
        if method == "GET":
            assert (onward is not None) == bool(re.search('"next_cursor":[,}]', answers["direct"][2])), request
            told_onward |= onward is not None
        statuses.add(answers["direct"][0])
    assert statuses >= {200, 400, 401, 404, 405, 422}
    assert told_onward


async def of_a_header(patient_id: UUID, body: ReadingsIn, etag: Annotated[str, Header()] = "") -> VerdictsOut:
    raise NotImplementedError


async def of_a_response(patient_id: UUID, body: ReadingsIn, response: Answer) -> VerdictsOut:
    raise NotImplementedError


async def of_what_asks_for_a_header(patient_id: UUID, tagged: Tagged) -> VerdictsOut:
    raise NotImplementedError


def a_word() -> str:
    raise NotImplementedError


async def of_a_plain_function(patient_id: UUID, told: Annotated[str, Depends(a_word)]) -> VerdictsOut:
    raise NotImplementedError


async def of_two_bodies(patient_id: UUID, body: ReadingsIn, other: ReadingsIn) -> VerdictsOut:
    raise NotImplementedError


@pytest.mark.parametrize(
    "endpoint", [of_a_header, of_a_response, of_what_asks_for_a_header, of_a_plain_function, of_two_bodies]
)
def test_a_route_of_other_parameters_is_refused_at_the_start(endpoint: Any) -> None:
    with pytest.raises(TypeError, match="only a StrictRoute knows"):
        DirectRoute(PATH, endpoint, methods=["POST"])
    StrictRoute(PATH, endpoint, methods=["POST"])
