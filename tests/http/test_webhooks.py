"""Registering webhooks: what is shown once, what is never shown, and which addresses are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.webhooks.commands import MOST_PER_ORGANISATION
from integrations.webhooks.client import Caller
from tests.cast import Cast
from tests.http.access_matrix import ADMIN, JACK
from tests.http.bad_input_asks import CASES
from tests.http.conftest import ClientOf

URL = "https://localhost/hook"


def hook(cast: Cast, **changed: Any) -> dict[str, Any]:
    return {
        "organisation_id": str(cast.organisations["practice"]),
        "url": URL,
        "kinds": ["observation.recorded", "goal.changed"],
        **changed,
    }


async def register(client: httpx.AsyncClient, body: dict[str, Any], key: str | None = None) -> httpx.Response:
    return await client.post("/v1/webhooks", json=body, headers={"Idempotency-Key": key or str(uuid4())})


async def test_the_secret_is_shown_once_and_kept_sealed(cast: Cast, client_of: ClientOf, session: AsyncSession) -> None:
    jack = client_of(JACK)
    made = await register(jack, hook(cast))
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    shown = await jack.get(f"/v1/webhooks/{made.json()['id']}")
    assert secret not in shown.text + (await jack.get("/v1/webhooks")).text
    assert (shown.json()["url"], shown.json()["kinds"]) == (URL, ["goal.changed", "observation.recorded"])
    stored = (await session.execute(text("select w::text from webhook w"))).scalar_one()
    assert secret.removeprefix("whsec_") not in stored


async def test_a_webhook_is_registered_once_however_often_it_is_sent(cast: Cast, client_of: ClientOf) -> None:
    jack, key = client_of(JACK), str(uuid4())
    first, again = [await register(jack, hook(cast), key) for _ in range(2)]
    assert first.json() == again.json()
    assert len((await jack.get("/v1/webhooks")).json()["items"]) == 1
    bare = await jack.post("/v1/webhooks", json=hook(cast))
    assert (bare.status_code, bare.json()["type"]) == (400, "/problems/idempotency-key-missing")


@pytest.mark.parametrize("case", ["SSRF-001", "SSRF-002", "SSRF-004"])
async def test_ssrf_001_002_and_004_an_address_that_leads_inside_is_not_registered(
    case: str, app: FastAPI, cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    async def inside(host: str, port: int) -> list[str]:
        return ["93.184.215.14", "192.168.0.10"]

    app.state.services = replace(app.state.services, caller=Caller(resolve=inside))
    for url in (
        CASES[case]["request"]["url"],
        "https://rebind.example.org/",
        "https://127.0.0.1/",
        "file:///etc/passwd",
    ):
        answer = await register(client_of(JACK), hook(cast, url=url))
        assert answer.status_code in CASES[case]["expect"]["status"]
        assert answer.json()["errors"][0]["pointer"] == "/url"
    assert (await session.execute(text("select count(*) from webhook"))).scalar_one() == 0


async def test_ssrf_005_a_target_that_never_answers_can_be_registered_for_nobody_calls_it_then(
    app: FastAPI, cast: Cast, client_of: ClientOf
) -> None:
    async def outside(host: str, port: int) -> list[str]:
        return ["93.184.215.14"]

    app.state.services = replace(app.state.services, caller=Caller(resolve=outside))
    answer = await register(client_of(JACK), hook(cast, url="https://tarpit.example.org/"))
    assert answer.status_code in CASES["SSRF-005"]["expect"]["status"]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [({"kinds": []}, "/kinds"), ({"kinds": ["access.changed"]}, "/kinds/0"), ({"kinds": ["everything"]}, "/kinds/0")],
)
async def test_only_what_is_on_the_list_is_told(
    cast: Cast, client_of: ClientOf, changed: dict[str, Any], pointer: str
) -> None:
    answer = await register(client_of(JACK), hook(cast, **changed))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_only_a_practice_or_a_care_home_has_patients_to_be_told_of(cast: Cast, client_of: ClientOf) -> None:
    for place, status in (("commissioner", 422), ("network", 422), ("care_home", 201)):
        answer = await register(client_of(ADMIN), hook(cast, organisation_id=str(cast.organisations[place])))
        assert answer.status_code == status, place
    elsewhere = hook(cast, organisation_id=str(cast.organisations["other_practice"]))
    assert (await register(client_of(JACK), elsewhere)).status_code == 404


async def test_an_organisation_has_so_many_webhooks_and_no_more(cast: Cast, client_of: ClientOf) -> None:
    jack = client_of(JACK)
    made = [await register(jack, hook(cast)) for _ in range(MOST_PER_ORGANISATION)]
    assert (await register(jack, hook(cast))).status_code == 409
    assert (await jack.delete(f"/v1/webhooks/{made[0].json()['id']}")).status_code == 204
    assert (await jack.get(f"/v1/webhooks/{made[0].json()['id']}")).status_code == 404
    assert (await register(jack, hook(cast))).status_code == 201


async def test_deliveries_are_listed_without_whom_they_are_about(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    jack = client_of(JACK)
    made = (await register(jack, hook(cast))).json()["id"]
    queued = text(
        "insert into webhook_delivery (id, webhook_id, event_number, kind, patient_id, subject_ids, event_at,"
        " created_at)"
        " values (gen_random_uuid(), :hook, :number, 'goal.changed', :rose, '{}', now(), now())"
    )
    rose = cast.patients["rose_resident"]
    for number in range(3):
        await session.execute(queued, {"hook": made, "number": number, "rose": rose})
    first = await jack.get(f"/v1/webhooks/{made}/deliveries", params={"limit": "2"})
    second = await jack.get(first.headers["link"][1:].split(">")[0])
    assert (len(first.json()["items"]), len(second.json()["items"])) == (2, 1)
    assert str(rose) not in first.text + second.text


async def test_a_webhook_is_put_right_by_who_has_seen_how_it_stands_and_is_then_called_again(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    jack = client_of(JACK)
    at = f"/v1/webhooks/{(await register(jack, hook(cast))).json()['id']}"
    seen = (await jack.get(at)).headers["etag"]
    changed = {"url": f"{URL}/elsewhere", "kinds": ["goal.changed"]}
    assert (await jack.put(at, json=changed)).status_code == 428
    # The worker gave it up after somebody had looked: who has not seen that reads it again.
    await session.execute(text("update webhook set failing_since = now(), disabled_at = now(), version = version + 1"))
    assert (await jack.put(at, json=changed, headers={"If-Match": seen})).status_code == 412
    given_up = await jack.get(at)
    assert given_up.json()["disabled_at"] is not None
    right = await jack.put(at, json=changed, headers={"If-Match": given_up.headers["etag"]})
    assert (right.status_code, right.json()["url"], right.json()["kinds"]) == (200, changed["url"], ["goal.changed"])
    assert right.json()["disabled_at"] is right.json()["failing_since"] is None
    assert right.headers["etag"] == (await jack.get(at)).headers["etag"] != seen


@pytest.mark.parametrize("url", ["https://127.0.0.1:1/", "https://192.168.0.10/", "http://hooks.example.org/"])
async def test_a_webhook_is_not_moved_inside(
    url: str, app: FastAPI, cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    jack = client_of(JACK)
    at = f"/v1/webhooks/{(await register(jack, hook(cast))).json()['id']}"
    app.state.services = replace(app.state.services, caller=Caller())
    tag = {"If-Match": (await jack.get(at)).headers["etag"]}
    answer = await jack.put(at, json={"url": url, "kinds": ["goal.changed"]}, headers=tag)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/url")
    assert (await session.execute(text("select url from webhook"))).scalar_one() == URL
