"""Readings and check-ins that a plan asks for, over HTTP: met by what counts in the record, and by nothing else."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.observations.first_queries import first_readings
from tests.cast import Cast
from tests.http.conftest import ClientOf
from tests.http.test_questionnaires import answer, given_answers
from tests.http.test_today import ASHA, ROSE, agree, done, in_days, of_rose, today, weigh

DAILY = {"rrule": "FREQ=DAILY"}
WEIGH = {"title": "Weigh yourself", "schedule": DAILY, "asks_for": {"kind": "reading", "of": "body_weight"}}
CHECK_IN = {"title": "How are you?", "schedule": DAILY, "asks_for": {"kind": "questionnaire", "of": "phq-9"}}
DIARY = {"title": "Note your day", "schedule": DAILY, "asks_for": {"kind": "diary_entry", "of": None}}


async def actions_today(client_of: ClientOf) -> list[dict[str, Any]]:
    return [action for plan in (await today(client_of))["plans"] for action in plan["actions"]]


async def only_due(client_of: ClientOf) -> dict[str, Any]:
    [action] = await actions_today(client_of)
    [due] = action["due"]
    found: dict[str, Any] = due
    return found


async def test_a_weight_that_is_due_is_met_by_the_reading_and_due_again_once_it_is_retracted(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    plan = await agree(client_of, cast, session, actions=[WEIGH])
    assert plan["actions"][0]["asks_for"] == WEIGH["asks_for"]
    assert (await only_due(client_of))["state"] == "not_yet"
    await weigh(client_of, cast, 0)
    [reading] = (await client_of(ROSE).get(of_rose(cast, "observations"))).json()["items"]
    due = await only_due(client_of)
    assert (due["state"], due["record_id"], due["completion_id"]) == ("done", reading["id"], None)
    assert due["answered_at"] == reading["effective_at"]
    [action] = await actions_today(client_of)
    of_plan = (await client_of(ROSE).get(of_rose(cast, f"action-plans/{plan['id']}"))).json()["actions"][0]["adherence"]
    assert {**action["adherence"], "until_at": of_plan["until_at"]} == of_plan
    assert of_plan["done"] == 1
    path = of_rose(cast, f"observations/{reading['id']}/retraction")
    assert (await client_of(ROSE).post(path, json={"reason": "The cat stood on it"})).status_code == 200
    assert (await only_due(client_of))["state"] == "not_yet"


async def test_a_reading_of_another_sign_or_of_yesterday_meets_nothing_of_today(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    await agree(client_of, cast, session, actions=[WEIGH, CHECK_IN | {"schedule": DAILY}])
    await weigh(client_of, cast, 1)
    weighing, check_in = await actions_today(client_of)
    assert [each["due"][0]["state"] for each in (weighing, check_in)] == ["not_yet", "not_yet"]
    assert (weighing["adherence"]["done"], check_in["adherence"]["done"]) == (1, 0)


async def test_a_corrected_reading_meets_what_is_due_when_it_was_taken_by_the_correction(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    await agree(client_of, cast, session, actions=[WEIGH])
    await weigh(client_of, cast, 0)
    first = (await only_due(client_of))["record_id"]
    at = cast.now.isoformat()
    right = {"client_id": "right", "sign": "body_weight", "effective_at": at, "value": 82, "unit": "kg"}
    put_right = {"reading": right, "reason": "Misread"}
    corrected = await client_of(ROSE).post(of_rose(cast, f"observations/{first}/correction"), json=put_right)
    assert corrected.status_code == 201, corrected.text
    due = await only_due(client_of)
    assert (due["state"], due["record_id"]) == ("done", corrected.json()["id"])


async def test_a_check_in_is_met_by_the_answers_and_a_diary_by_an_entry(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    await agree(client_of, cast, session, actions=[CHECK_IN, DIARY])
    given = await answer(client_of(ROSE), cast, given_answers(cast, [1] * 8 + [0], minutes_ago=0))
    entry = {"client_id": "e", "effective_at": cast.now.isoformat(), "note": "Well"}
    kept = await client_of(ROSE).post(of_rose(cast, "diary"), json=entry)
    assert kept.status_code == 201, kept.text
    due = [each["due"][0] for each in await actions_today(client_of)]
    assert [(each["state"], each["record_id"]) for each in due] == [
        ("done", given["id"]),
        ("done", kept.json()["id"]),
    ]


async def test_who_says_that_it_was_done_is_believed_and_the_reading_beside_it_counts_once(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    plan = await agree(client_of, cast, session, actions=[WEIGH])
    completion_id = await done(client_of, cast, plan)
    due = await only_due(client_of)
    assert (due["state"], due["completion_id"], due["record_id"]) == ("done", completion_id, None)
    await weigh(client_of, cast, 0)
    [action] = await actions_today(client_of)
    assert (action["due"][0]["state"], action["adherence"]["done"]) == ("done", 1)


async def test_one_reading_meets_what_two_plans_ask_for(cast: Cast, client_of: ClientOf, session: AsyncSession) -> None:
    await agree(client_of, cast, session, actions=[WEIGH])
    await agree(client_of, cast, session, title="Another", actions=[WEIGH])
    await weigh(client_of, cast, 0)
    assert [each["due"][0]["state"] for each in await actions_today(client_of)] == ["done", "done"]


async def test_a_plan_of_before_asks_for_nothing_and_a_new_version_may(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    plan = await agree(client_of, cast, session)
    await weigh(client_of, cast, 0)
    [action] = await actions_today(client_of)
    assert (action["asks_for"], action["due"][0]["state"]) == (None, "not_yet")
    await agree(client_of, cast, session, actions=[WEIGH], supersedes_id=plan["id"])
    assert (await only_due(client_of))["state"] == "done"
    before = (await client_of(ROSE).get(of_rose(cast, f"action-plans/{plan['id']}"))).json()
    assert before["actions"][0]["asks_for"] is None


@pytest.mark.parametrize(
    "asks_for",
    [
        {"kind": "reading", "of": "happiness"},
        {"kind": "reading"},
        {"kind": "questionnaire", "of": "friends-and-family-test"},
        {"kind": "diary_entry", "of": "phq-9"},
    ],
)
async def test_what_cannot_be_recorded_is_not_asked_for(
    cast: Cast, client_of: ClientOf, asks_for: dict[str, Any]
) -> None:
    plan = {
        "title": "Well",
        "agreed_on": in_days(cast, 0),
        "review_on": in_days(cast, 30),
        "actions": [WEIGH | {"asks_for": asks_for}],
    }
    refused = await client_of(ASHA).post(of_rose(cast, "action-plans"), json=plan)
    assert refused.status_code == 422, refused.text
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/actions/0/asks_for/of"]


async def test_sent_again_it_is_one_plan_and_with_another_wish_a_conflict(cast: Cast, client_of: ClientOf) -> None:
    plan = {
        "title": "Well",
        "agreed_on": in_days(cast, 0),
        "review_on": in_days(cast, 30),
        "actions": [WEIGH],
        "client_id": str(uuid4()),
    }
    path = of_rose(cast, "action-plans")
    first, again = [await client_of(ASHA).post(path, json=plan) for _ in range(2)]
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    other = await client_of(ASHA).post(path, json=plan | {"actions": [WEIGH | {"asks_for": None}]})
    assert other.status_code == 409


async def test_what_is_asked_for_costs_a_statement_however_many_ask_and_none_where_nobody_does(
    cast: Cast, client_of: ClientOf, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def counted(work: Any, patient_id: Any, spans: Any) -> Any:
        asked.append(len(spans))
        return await first_readings(work, patient_id, spans)

    monkeypatch.setattr("domain.plans.asked_queries.first_readings", counted)
    await agree(client_of, cast, session)
    await today(client_of)
    assert asked == []
    await agree(client_of, cast, session, title="One", actions=[WEIGH, WEIGH | {"title": "Again"}])
    await agree(client_of, cast, session, title="Two", actions=[WEIGH])
    await session.execute(text("update action_plan set published_at = published_at - interval '10 days'"))
    asked.clear()
    await today(client_of)
    assert asked == [7]
