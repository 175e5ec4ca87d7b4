"""The route that is called directly answers whatever is sent to it as one of FastAPI's own does."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import APIRouter, FastAPI, Header, Query
from httpx import ASGITransport, AsyncClient, Response

from api.deps import CurrentActor, Writing
from api.direct_routing import DirectRoute
from api.edge import install_edge
from api.routes.observations import post_observations
from api.schemas.observations import ReadingsIn, VerdictsOut
from api.strict_routing import StrictRoute
from tests.cast import Cast
from tests.http.observations.stage import ROSE, pulse

PATH = "/patients/{patient_id}/observations"
# What differs from one answer to the next, whichever route gives it.
_OF_ONE_ANSWER = re.compile(r'"(observation_id|request_id|instance|received_at)":"[^"]*"')


@pytest.fixture
async def both(app: FastAPI, tokens: dict[str, str]) -> AsyncIterator[AsyncClient]:
    """Yield a client of an application that has the same route in both ways."""
    beside = FastAPI(docs_url=None, openapi_url=None, redoc_url=None)
    beside.state.services = app.state.services
    for prefix, kind in (("/strict", StrictRoute), ("/direct", DirectRoute)):
        router = APIRouter(prefix=prefix, route_class=kind)
        router.add_api_route(
            PATH, post_observations, methods=["POST"], status_code=201, response_model=VerdictsOut, name=prefix[1:]
        )
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
    text = _OF_ONE_ANSWER.sub("", answer.text).replace("direct", "strict")
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


async def of_a_query(patient_id: UUID, body: ReadingsIn, most: Annotated[int, Query()] = 1) -> VerdictsOut:
    raise NotImplementedError


async def of_a_header(patient_id: UUID, body: ReadingsIn, etag: Annotated[str, Header()] = "") -> VerdictsOut:
    raise NotImplementedError


async def of_a_transaction(patient_id: UUID, body: ReadingsIn, writing: Writing) -> VerdictsOut:
    raise NotImplementedError


async def of_no_body(patient_id: UUID, actor: CurrentActor) -> VerdictsOut:
    raise NotImplementedError


@pytest.mark.parametrize("endpoint", [of_a_query, of_a_header, of_a_transaction, of_no_body])
def test_a_route_of_other_parameters_is_refused_at_the_start(endpoint: Any) -> None:
    with pytest.raises(TypeError, match="only a StrictRoute knows"):
        DirectRoute(PATH, endpoint, methods=["POST"])
    StrictRoute(PATH, endpoint, methods=["POST"])
