"""Too fast is told by the standard headers, and where a request says it comes from does not help it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.app import create_app
from api.budgets import Budgets, Rates
from api.settings import Settings
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.http.access_matrix import ASHA, ROSE
from tests.http.conftest import ClientOf
from tests.http.observations.stage import pulse
from tests.live.processes import installation


@pytest.fixture
def limited(app: FastAPI) -> FastAPI:
    """The application with small budgets."""
    budgets = Budgets(Rates(reads=3, writes=2, readings=5, exports=1))
    app.state.services = replace(app.state.services, budgets=budgets)
    return app


async def test_what_is_left_is_told_and_who_asks_too_fast_is_told_when_to_come_back(
    limited: FastAPI, client_of: ClientOf
) -> None:
    rose = client_of(ROSE)
    answers = [await rose.get("/v1/me") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"read";q=3;w=60'}
    assert [answer.headers["ratelimit"] for answer in answers] == [
        '"read";r=2;t=20',
        '"read";r=1;t=40',
        '"read";r=0;t=60',
        '"read";r=0;t=60',
    ]
    assert 1 <= int(answers[3].headers["retry-after"]) <= 20
    assert answers[3].json()["type"] == "/problems/too-many-requests"
    assert (await client_of(ASHA).get("/v1/me")).status_code == 200


async def test_a_report_tells_the_tighter_budget_of_reports_beside_that_of_reading(
    limited: FastAPI, client_of: ClientOf
) -> None:
    rose = client_of(ROSE)
    answers = [await rose.get(f"/v1/outcomes/summary?pathway_id={uuid4()}") for _ in range(2)]
    assert [answer.headers["ratelimit-policy"] for answer in answers] == [
        '"export";q=1;w=60, "read";q=3;w=60',
        '"export";q=1;w=60',
    ]
    assert answers[1].status_code == 429


async def test_readings_are_counted_not_the_requests_that_bring_them(
    limited: FastAPI, cast: Cast, client_of: ClientOf
) -> None:
    path = f"/v1/patients/{cast.patients['rose_resident']}/observations"
    statuses = []
    for number in range(4):
        at = (cast.now - timedelta(minutes=number + 1)).isoformat()
        batch = [{**_pulse(cast), "client_id": f"{number}-{n}", "effective_at": at, "source": f"{n}"} for n in range(2)]
        answer = await client_of(ROSE).post(path, json={"readings": batch})
        statuses.append(answer.status_code)
    assert statuses == [201, 201, 429, 429]


def _pulse(cast: Cast) -> dict[str, Any]:
    reading: dict[str, Any] = dict(pulse(cast))
    return reading


@pytest.mark.parametrize("trusted", ["127.0.0.1", "192.0.2.7"])
async def test_http_026_where_a_request_says_it_comes_from_does_not_evade_a_limit(
    trusted: str, committing_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("rates")
    with installation(committing_database.url, folder, RATE_ADDRESS="5", TRUSTED_PROXIES=trusted) as installed:
        served = installed.start_api()
        async with httpx.AsyncClient(base_url=served.url) as client:
            # A trusted proxy appends whom it saw; what stands before that, the client wrote.
            own = ", 198.51.100.1" if trusted == "127.0.0.1" else ""
            told = [await _refreshed(client, f"1.2.3.{number}{own}") for number in range(8)]
            assert [answer.status_code for answer in told] == [401] * 5 + [429] * 3
            bad = {"authorization": "Bearer a.b.c", "x-forwarded-for": f"1.2.3.9{own}"}
            assert (await client.get("/v1/me", headers=bad)).status_code == 429
            assert (await client.get("/health/live")).status_code == 200
            other = await _refreshed(client, "198.51.100.2")
            assert other.status_code == (401 if trusted == "127.0.0.1" else 429)


async def _refreshed(client: httpx.AsyncClient, forwarded_for: str) -> httpx.Response:
    headers = {"x-forwarded-for": forwarded_for}
    return await client.post("/v1/sessions/refresh", json={"refresh_token": "none"}, headers=headers)


NO_TOKENS = ["x", "Basic QWxhZGRpbjpvcGVu", "Bearer", "Bearer ", "", "Bearer made.up.token", "bearer x y"]
ASKS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("POST", "/v1/sessions/passkey-options", {}),
    ("POST", "/v1/password-resets", {"email": "nobody-such@example.test"}),
    ("POST", "/v1/sessions/refresh", {"refresh_token": "not-a-token"}),
    ("GET", "/v1/sessions/methods", None),
    ("GET", "/v1/sessions/methods?unknown=1", None),
    ("GET", "/v1/me", None),
    ("GET", "/v1/me?unknown=1", None),
    ("GET", "/v1/no-such-address", None),
    ("PATCH", "/v1/me", None),
]


@pytest.fixture
def five_a_minute(settings: Settings, app: FastAPI) -> FastAPI:
    """The application with a budget for addresses, on the test's own database."""
    made = create_app(settings.model_copy(update={"rate_address": 5}))
    made.state.services = replace(app.state.services, budgets=made.state.services.budgets)
    return made


async def test_whatever_is_shown_instead_of_a_good_token_an_address_has_its_budget_and_no_more(
    five_a_minute: FastAPI, cast: Cast, session: AsyncSession, tokens: Mapping[str, str]
) -> None:
    for number, (shown, (method, path, body)) in enumerate(itertools.product(NO_TOKENS, ASKS)):
        where = f"2001:db8:0:{number:x}::1"
        transport = httpx.ASGITransport(five_a_minute, raise_app_exceptions=False, client=(where, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://tendwell.test") as client:
            headers = {"authorization": shown}
            answers = [await client.request(method, path, json=body, headers=headers) for _ in range(6)]
            assert 429 not in {answer.status_code for answer in answers[:5]}, (shown, path)
            assert [answer.headers["ratelimit"].partition(";t")[0] for answer in answers[:5]] == [
                f'"address";r={left}' for left in (4, 3, 2, 1, 0)
            ]
            assert answers[5].status_code == 429, (shown, path)
            assert answers[5].json()["type"] == "/problems/too-many-requests"
            if shown == "Bearer made.up.token":  # who is known is none of those
                mine = {"authorization": f"Bearer {tokens[ROSE]}"}
                assert (await client.get("/v1/me", headers=mine)).status_code == 200
    written = await session.scalar(text("select count(*) from passkey_challenge"))
    assert written == 5 * len(NO_TOKENS), "what is refused has written nothing"
