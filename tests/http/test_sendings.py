"""What a phone did without a network is kept thing by thing: none lost by another's fault, none twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.recording import Recording
from domain.plans import completion_commands
from integrations.postgres.errors import DatabaseUnavailable
from tests.cast import Cast
from tests.http.conftest import ClientOf
from tests.http.scene import SCALE

ASHA, ROSE, UMA = "asha_clinician_of_practice", "rose_herself", "uma_delegate"
CHANGES = "/v1/me/changes"


def reading(cast: Cast, name: str = "r-1", **but: Any) -> dict[str, Any]:
    at = (cast.now - timedelta(hours=1)).isoformat()
    return {
        "item": name,
        "reading": {"client_id": name, "sign": "heart_rate", "value": 71, "unit": "/min", "effective_at": at} | but,
    }


def entry(cast: Cast, name: str = "d-1", **but: Any) -> dict[str, Any]:
    body = {"client_id": name, "effective_at": cast.now.isoformat(), "note": "Slept badly"}
    return {"item": name, "diary_entry": body | but}


def goal(name: str = "g-1", **but: Any) -> dict[str, Any]:
    return {"item": name, "goal": {"client_id": name, "description": "Walk to the shop"} | but}


async def sent(client: httpx.AsyncClient, *items: object) -> list[dict[str, Any]]:
    answer = await client.post(CHANGES, json={"items": list(items)})
    assert answer.status_code == 200, answer.text
    told: list[dict[str, Any]] = answer.json()["items"]
    assert [each["index"] for each in told] == list(range(len(items)))
    counted = [answer.json()[name] for name in ("kept", "conflict", "refused", "later")]
    assert sum(counted) == len(items)
    return told


def outcomes(told: list[dict[str, Any]]) -> list[str]:
    return [each["outcome"] for each in told]


def rose_s(cast: Cast, path: str) -> str:
    return f"/v1/patients/{cast.patients['rose_resident']}/{path}"


async def test_each_thing_is_kept_and_sent_again_is_kept_once(cast: Cast, client_of: ClientOf) -> None:
    rose = client_of(ROSE)
    earlier = (cast.now - timedelta(hours=2)).isoformat()
    items = [reading(cast), goal(), entry(cast), reading(cast, "r-2", effective_at=earlier)]
    first, again = await sent(rose, *items), await sent(rose, *items)
    assert outcomes(first) == outcomes(again) == ["kept"] * 4
    assert [each["id"] for each in first] == [each["id"] for each in again]
    for path, number in (("observations", 2), ("goals", 1), ("diary", 1)):
        found = (await rose.get(rose_s(cast, path))).json()["items"]
        assert len(found) == number, path


async def test_what_cannot_be_kept_is_named_with_its_place_and_loses_nothing_else(
    cast: Cast, client_of: ClientOf
) -> None:
    rose = client_of(ROSE)
    told = await sent(
        rose,
        reading(cast),
        reading(cast, "r-2", unit="bpm"),
        {"item": "x", "reading": {"client_id": "r-3"}},
        {"item": "two", **{k: v for k, v in (reading(cast) | entry(cast)).items() if k != "item"}},
        {"item": "none"},
        "nothing at all",
        entry(cast, "d-1", effective_at=(cast.now + timedelta(days=2)).isoformat()),
        goal("g-1", client_id=None),
        {"item": "far", "goal_status": {"goal_id": str(uuid4()), "lifecycle_status": "active"}},
        entry(cast, "d-2"),
    )
    assert outcomes(told) == ["kept", *["refused"] * 8, "kept"]
    assert told[1]["errors"][0]["pointer"] == "/reading/unit"
    assert {each["pointer"] for each in told[2]["errors"]} >= {"/reading/sign", "/reading/effective_at"}
    assert [each["errors"][0]["code"] for each in told[3:5]] == ["one_of_these"] * 2
    assert told[5]["item"] is None
    assert told[6]["errors"][0]["pointer"] == "/diary_entry/effective_at"
    assert told[7]["errors"][0]["code"] == "client_id_missing"
    assert told[8]["problem"] == "/problems/not-found"
    assert [each["item"] for each in told[:5]] == ["r-1", "r-2", "x", "two", "none"]


async def test_an_unusual_reading_is_to_be_confirmed_by_a_person(cast: Cast, client_of: ClientOf) -> None:
    [told] = await sent(client_of(ROSE), reading(cast, value=231))
    assert (told["outcome"], told["confirm"]) == ("refused", True)
    [kept] = await sent(client_of(ROSE), reading(cast, value=231, confirmed=True))
    assert kept["outcome"] == "kept"


async def test_what_the_record_says_otherwise_is_a_conflict_and_is_not_overwritten(
    cast: Cast, client_of: ClientOf
) -> None:
    rose, asha = client_of(ROSE), client_of(ASHA)
    await sent(rose, reading(cast), goal(), entry(cast))
    [listed] = (await rose.get(rose_s(cast, "goals"))).json()["items"]
    path = rose_s(cast, f"goals/{listed['id']}")
    words = {"description": "To the park", "why": None, "target": None, "scale": None, "note": "By telephone"}
    tag = (await asha.get(path)).headers["etag"]
    assert (await asha.put(path, json=words, headers={"if-match": tag})).status_code == 200
    told = await sent(
        rose,
        reading(cast, value=99),
        goal(description="Something else"),
        entry(cast, note="Slept well"),
        {
            "item": "w",
            "goal_wording": {
                "goal_id": listed["id"], "seen_version": listed["version"],
                "description": "To the sea", "why": None, "target": None, "scale": None,
            },
        },
        {
            "item": "s",
            "goal_status": {
                "goal_id": listed["id"], "seen_version": listed["version"], "lifecycle_status": "on-hold",
            },
        },
    )  # fmt: skip
    assert outcomes(told) == ["conflict"] * 5
    assert [each["problem"] for each in told[3:]] == ["/problems/changed-since"] * 2
    shown = (await rose.get(path)).json()
    assert (shown["description"], shown["lifecycle_status"]) == ("To the park", "active")
    now = {"goal_id": listed["id"], "seen_version": shown["version"], "lifecycle_status": "on-hold"}
    assert outcomes(await sent(rose, {"item": "s", "goal_status": now})) == ["kept"]


async def test_a_plan_is_kept_to_and_a_goal_is_rated_without_a_network(cast: Cast, client_of: ClientOf) -> None:
    rose, today = client_of(ROSE), cast.now.date().isoformat()
    made = (await rose.post(rose_s(cast, "goals"), json={"description": "See friends", "scale": SCALE})).json()
    body = {"title": "Walk", "agreed_on": today, "review_on": today}
    steps = [{"title": "Walk", "schedule": {"rrule": "FREQ=DAILY"}}]
    plan = (await client_of(ASHA).post(rose_s(cast, "action-plans"), json=body | {"actions": steps})).json()
    done = {
        "plan_id": plan["id"],
        "action_id": plan["actions"][0]["id"],
        "client_id": "c-1",
        "done_at": cast.now.isoformat(),
    }
    items = [
        {"item": "1", "completion": done},
        {"item": "2", "goal_rating": {"goal_id": made["id"], "client_id": "x-1", "level": 1}},
    ]
    first, again = await sent(rose, *items), await sent(rose, *items)
    assert outcomes(first) == outcomes(again) == ["kept", "kept"]
    other = [
        {"item": "1", "completion": done | {"skipped": "It rained"}},
        {"item": "2", "goal_rating": {"goal_id": made["id"], "client_id": "x-1", "level": 2}},
    ]
    assert outcomes(await sent(rose, *other)) == ["conflict", "conflict"]


async def test_a_dose_noted_offline_under_a_version_that_was_replaced_meanwhile_is_kept(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    rose, asha, today = client_of(ROSE), client_of(ASHA), cast.now.date()
    steps = [{"title": "Take your tablet", "schedule": {"rrule": "FREQ=DAILY"}}]
    days = {"agreed_on": (today - timedelta(days=2)).isoformat(), "review_on": (today + timedelta(days=30)).isoformat()}
    body = {"title": "Tablets", **days}
    first = (await asha.post(rose_s(cast, "action-plans"), json=body | {"actions": steps})).json()
    newer = body | {"actions": steps, "supersedes_id": first["id"]}
    assert (await asha.post(rose_s(cast, "action-plans"), json=newer)).status_code == 201
    at = datetime.now(UTC)
    await session.execute(text("update action_plan_end set ended_at = :at"), {"at": at - timedelta(hours=2)})
    action = first["actions"][0]["id"]
    dose = {"plan_id": first["id"], "action_id": action, "done_at": (at - timedelta(hours=1)).isoformat()}
    told = await sent(
        rose,
        {"item": "1", "completion": dose | {"client_id": "c-1", "as_of": (at - timedelta(hours=3)).isoformat()}},
        {"item": "2", "completion": dose | {"client_id": "c-2", "as_of": (at - timedelta(minutes=90)).isoformat()}},
        {"item": "3", "completion": dose | {"client_id": "c-3"}},
    )
    assert outcomes(told) == ["kept", "conflict", "conflict"]
    assert {each["problem"] for each in told[1:]} == {"/problems/illegal-transition"}
    kept = await session.execute(text("select client_id, action_id from action_completion"))
    assert [(row.client_id, str(row.action_id)) for row in kept] == [("c-1", action)]


async def test_a_step_that_was_recorded_too_often_of_one_day_is_a_conflict_and_holds_nothing_else_back(
    cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completion_commands, "MOST_OF_A_DAY", 2)
    today = cast.now.date().isoformat()
    body = {"title": "Walk", "agreed_on": today, "review_on": today}
    steps = [{"title": "Walk", "schedule": {"rrule": "FREQ=DAILY"}}]
    plan = (await client_of(ASHA).post(rose_s(cast, "action-plans"), json=body | {"actions": steps})).json()
    action_id, at = plan["actions"][0]["id"], cast.now.isoformat()
    done = [{"client_id": f"c-{n}", "done_at": at} for n in range(4)]
    items = [
        {"item": f"{n}", "completion": each | {"plan_id": plan["id"], "action_id": action_id}}
        for n, each in enumerate(done[:3])
    ]
    told = await sent(client_of(ROSE), *items, entry(cast))
    assert outcomes(told) == ["kept", "kept", "conflict", "kept"]
    assert "recorded 2 times on that day" in told[2]["detail"]
    path = rose_s(cast, f"action-plans/{plan['id']}/actions/{action_id}/completions")
    again, more = [await client_of(ROSE).post(path, json=each) for each in (done[0], done[3])]
    assert (again.status_code, more.status_code, more.json()["type"]) == (201, 409, "/problems/conflict")


async def test_while_the_database_is_away_the_rest_is_for_later_and_what_was_kept_is_said_to_be(
    cast: Cast, client_of: ClientOf
) -> None:
    rose = client_of(ROSE)
    with patch.object(Recording, "recorded", side_effect=DatabaseUnavailable):
        told = await sent(rose, goal(), reading(cast), {"item": "none"}, entry(cast))
    assert outcomes(told) == ["kept", "later", "refused", "later"]
    assert told[1]["problem"] == "/problems/unavailable"
    assert outcomes(await sent(rose, goal(), reading(cast), entry(cast))) == ["kept"] * 3


@pytest.mark.parametrize("body", [{}, {"items": []}, {"items": [goal()] * 201}, {"items": {}}, []])
async def test_what_is_no_list_of_things_is_refused_whole(client_of: ClientOf, body: object) -> None:
    answer = await client_of(ROSE).post(CHANGES, json=body)
    assert answer.status_code == 422, answer.text


async def test_who_acts_for_somebody_sends_nothing_as_if_it_were_their_own(cast: Cast, client_of: ClientOf) -> None:
    answer = await client_of(UMA).post(CHANGES, json={"items": [reading(cast)]})
    assert answer.status_code == 404
