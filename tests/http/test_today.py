"""A person's own day over HTTP: what is due, where their goals stand, and what cannot be told, each said as it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import LONDON, london_date
from tests.cast import Cast
from tests.http.conftest import ClientOf
from tests.http.test_questionnaires import WORRYING, alerts_of, answer, given_answers
from tests.http.test_zones import weigh as weighed
from tests.http.test_zones import zones

TODAY = "/v1/me/today"
ASHA, ROSE, UMA = "asha_clinician_of_practice", "rose_herself", "uma_delegate"
NOT_TOLD = ["messages", "consultations"]


def of_rose(cast: Cast, noun: str) -> str:
    return f"/v1/patients/{cast.patients['rose_resident']}/{noun}"


def in_days(cast: Cast, days: int) -> str:
    return (london_date(cast.now) + timedelta(days=days)).isoformat()


async def today(client_of: ClientOf, who: str = ROSE) -> dict[str, Any]:
    answer = await client_of(who).get(TODAY)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def agree(client_of: ClientOf, cast: Cast, session: AsyncSession, **but: Any) -> dict[str, Any]:
    """Return a plan of Rose's that was published two days ago: something to do once on each day, whenever."""
    new = {
        "title": "Keep the heart going",
        "agreed_on": in_days(cast, -7),
        "review_on": in_days(cast, 30),
        "actions": [{"title": "Weigh yourself", "schedule": {"rrule": "FREQ=DAILY"}}],
        **but,
    }
    answer = await client_of(ASHA).post(of_rose(cast, "action-plans"), json=new)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    earlier = text("update action_plan set published_at = published_at - interval '2 days' where id = :id")
    await session.execute(earlier, {"id": found["id"]})
    return found


async def done(client_of: ClientOf, cast: Cast, plan: dict[str, Any], **but: Any) -> str:
    path = of_rose(cast, f"action-plans/{plan['id']}/actions/{plan['actions'][0]['id']}/completions")
    body = {"client_id": f"c-{len(but)}", "done_at": datetime.now(LONDON).isoformat(), **but}
    answer = await client_of(ROSE).post(path, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_person_with_nothing_is_told_so_and_what_cannot_be_told_is_not_told_as_nothing(
    cast: Cast, client_of: ClientOf
) -> None:
    found = await today(client_of)
    assert (found["plans"], found["goals"], found["alerts"]) == ([], [], [])
    assert found["not_told"] == NOT_TOLD
    assert found["patient_id"] == str(cast.patients["rose_resident"])
    london = datetime.fromisoformat(found["as_of"]).astimezone(LONDON)
    assert (found["time_zone"], found["day"]) == ("Europe/London", london.date().isoformat())
    assert found["from_at"] <= found["as_of"] < found["until_at"]


async def test_what_is_due_today_is_done_by_what_was_recorded_today_and_by_nothing_else(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    plan = await agree(client_of, cast, session)
    [found] = (await today(client_of))["plans"]
    assert (found["id"], found["title"], found["version"]) == (plan["id"], "Keep the heart going", 1)
    assert (found["rest"], found["review_overdue"]) == (None, False)
    [action] = found["actions"]
    [due] = action["due"]
    assert (action["title"], due["at_time"], due["state"], due["completion_id"]) == (
        "Weigh yourself",
        None,
        "not_yet",
        None,
    )
    completion_id = await done(client_of, cast, plan)
    [action] = (await today(client_of))["plans"][0]["actions"]
    [due] = action["due"]
    assert (due["state"], due["completion_id"], due["skipped"]) == ("done", completion_id, None)
    of_plan = (await client_of(ROSE).get(of_rose(cast, f"action-plans/{plan['id']}"))).json()["actions"][0]["adherence"]
    assert {**action["adherence"], "until_at": of_plan["until_at"]} == of_plan
    retraction = f"action-plans/{plan['id']}/actions/{action['id']}/completions/{completion_id}/retraction"
    await client_of(ROSE).post(of_rose(cast, retraction), json={"reason": "Pressed by mistake"})
    assert (await today(client_of))["plans"][0]["actions"][0]["due"][0]["state"] == "not_yet"


async def test_what_was_skipped_says_why(cast: Cast, client_of: ClientOf, session: AsyncSession) -> None:
    plan = await agree(client_of, cast, session)
    await done(client_of, cast, plan, skipped="The scale is broken")
    [due] = (await today(client_of))["plans"][0]["actions"][0]["due"]
    assert (due["state"], due["skipped"]) == ("skipped", "The scale is broken")


async def test_what_is_not_due_today_and_what_has_ended_is_not_there(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    long_ago = {"rrule": "FREQ=DAILY;COUNT=1", "starts_on": in_days(cast, -5)}
    await agree(client_of, cast, session, actions=[{"title": "Ring us", "schedule": long_ago}])
    ended = await agree(client_of, cast, session)
    await client_of(ASHA).post(of_rose(cast, f"action-plans/{ended['id']}/end"), json={"reason": "Enough"})
    [plan] = (await today(client_of))["plans"]
    assert plan["actions"] == []


async def test_a_plan_that_rests_says_until_when_and_asks_for_nothing(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    plan = await agree(client_of, cast, session)
    for first, last in ((-1, 1), (2, 4)):
        pause = {"kind": "holiday", "from_on": in_days(cast, first), "until_on": in_days(cast, last)}
        assert (await client_of(ROSE).post(of_rose(cast, "pauses"), json=pause)).status_code == 201
    [found] = (await today(client_of))["plans"]
    assert (found["id"], found["actions"], found["rest"]["until_on"]) == (plan["id"], [], in_days(cast, 4))
    assert [(each["kind"], each["plan_id"]) for each in found["rest"]["pauses"]] == [("holiday", None)]


async def test_a_plan_whose_review_is_overdue_says_so(cast: Cast, client_of: ClientOf, session: AsyncSession) -> None:
    await agree(client_of, cast, session, review_on=in_days(cast, -2))
    assert (await today(client_of))["plans"][0]["review_overdue"] is True


async def test_a_goal_without_readings_has_no_figure_and_one_with_old_ones_is_stale(
    cast: Cast, client_of: ClientOf
) -> None:
    rose = client_of(ROSE)
    target = {"sign": "body_weight", "comparator": "<", "value": 80, "unit": "kg", "due_on": in_days(cast, 60)}
    goal = {"description": "Lighter", "start_on": in_days(cast, -90), "target": target}
    made = (await rose.post(of_rose(cast, "goals"), json=goal)).json()
    [found] = (await today(client_of))["goals"]
    assert (found["id"], found["lifecycle_status"], found["version"]) == (made["id"], "active", made["version"])
    progress = found["progress"]
    assert (progress["data"], progress["count"], progress["latest"], progress["percent"]) == ("none", 0, None, None)
    assert (progress["measured_today"], progress["done"]) == (False, None)
    for days_ago in (60, 61, 62):
        await weigh(client_of, cast, days_ago)
    progress = (await today(client_of))["goals"][0]["progress"]
    assert (progress["data"], progress["latest"]["stale"], progress["percent"]) == ("stale", True, None)
    assert progress["latest"]["age_seconds"] >= 60 * 86_400
    await weigh(client_of, cast, 0)
    assert (await today(client_of))["goals"][0]["progress"]["measured_today"] is True


async def weigh(client_of: ClientOf, cast: Cast, days_ago: int) -> None:
    at = (cast.now - timedelta(days=days_ago)).isoformat()
    reading = {"client_id": f"w-{days_ago}", "sign": "body_weight", "effective_at": at, "value": 81, "unit": "kg"}
    answer = await client_of(ROSE).post(of_rose(cast, "observations"), json={"readings": [reading]})
    assert answer.json()["stored"] == 1, answer.text


async def test_a_goal_stands_there_as_the_goal_itself_says(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    target = {"counted": "completions", "comparator": ">=", "value": 5, "unit": "/wk", "due_on": in_days(cast, 60)}
    goal = {"description": "Move", "start_on": in_days(cast, -30), "target": target}
    made = (await client_of(ROSE).post(of_rose(cast, "goals"), json=goal)).json()
    step = {"title": "Walk", "schedule": {"rrule": "FREQ=DAILY"}, "goal_ids": [made["id"]]}
    plan = await agree(client_of, cast, session, goal_ids=[made["id"]], actions=[step])
    await done(client_of, cast, plan)
    whole = (await client_of(ROSE).get(of_rose(cast, f"goals/{made['id']}"))).json()
    [found] = (await today(client_of))["goals"]
    for name in ("data", "count", "latest", "share_within", "percent", "suggestion"):
        assert found["progress"][name] == whole["progress"][name], name
    tally = whole["progress"]["tally"]
    assert found["progress"]["done"] == {
        "done": 1,
        "skipped": 0,
        "latest_at": tally["latest_at"],
        "period": tally["periods"][-1],
    }
    assert found["target"] == whole["target"]


async def test_a_goal_that_waits_for_an_answer_is_there_and_one_that_has_ended_is_not(
    cast: Cast, client_of: ClientOf
) -> None:
    proposed = (await client_of(ASHA).post(of_rose(cast, "goals"), json={"description": "Walk more"})).json()
    own = (await client_of(ROSE).post(of_rose(cast, "goals"), json={"description": "Sleep"})).json()
    await client_of(ROSE).post(of_rose(cast, f"goals/{own['id']}/status"), json={"lifecycle_status": "cancelled"})
    [found] = (await today(client_of))["goals"]
    assert (found["id"], found["lifecycle_status"], found["proposed_as"]) == (proposed["id"], "proposed", "clinician")
    assert found["progress"] is None


async def test_an_open_alert_is_told_to_whom_it_is_about_and_a_resolved_one_no_more(
    cast: Cast, client_of: ClientOf
) -> None:
    await answer(client_of(ROSE), cast, given_answers(cast, WORRYING, minutes_ago=5))
    [found] = (await today(client_of))["alerts"]
    own = (await client_of(ROSE).get(alerts_of(cast))).json()["items"][0]
    assert found == {name: own[name] for name in found}
    assert (found["status"], found["evidence_withdrawn"]) == ("raised", False)
    path = f"{alerts_of(cast)}/{found['id']}"
    await client_of(ASHA).post(f"{path}/acknowledgement", json={"note": "Calling her"})
    assert (await today(client_of))["alerts"] == [{**found, "status": "acknowledged"}]
    await client_of(ASHA).post(f"{path}/resolution", json={"outcome": "spoke_with_them", "note": "Safe"})
    assert (await today(client_of))["alerts"] == []


async def test_only_whoever_is_a_patient_has_a_day_and_it_is_audited_once(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    for who in (ASHA, UMA):
        answer = await client_of(who).get(TODAY)
        assert answer.status_code == 404, who
        assert answer.headers["content-type"] == "application/problem+json"
    await agree(client_of, cast, session)
    before = await audited(session)
    await today(client_of)
    rows = (await audited(session))[len(before) :]
    assert rows == [("today.read", cast.patients["rose_resident"], 1, "self")]


async def audited(session: AsyncSession) -> list[tuple[Any, ...]]:
    found = await session.execute(text("select action, patient_id, count, basis from audit_event order by id"))
    return [tuple(row) for row in found]


async def test_the_zone_of_a_plan_is_told_with_its_reasons_and_not_green_for_want_of_readings(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    plan = await agree(client_of, cast, session, zones=zones())
    for weights in ((), (80.0, 80.5, 81.0, 84.0)):
        if weights:
            await weighed(cast, client_of, *weights)
        whole = (await client_of(ROSE).get(of_rose(cast, f"action-plans/{plan['id']}/zone"))).json()
        [found] = (await today(client_of))["plans"]
        for each in found["zone"]["reasons"]:
            assert (each.pop("age_seconds") is None) == (each["seen"] == [])
        for each in whole["reasons"]:
            del each["age_seconds"]
        assert found["zone"] == {name: whole[name] for name in found["zone"]}
        assert found["zone"]["colour"] == ("amber" if weights else None)
    await agree(client_of, cast, session)
    assert [each["zone"] is None for each in (await today(client_of))["plans"]] == [True, False]


async def test_a_plan_is_to_be_acknowledged_until_the_person_says_that_they_understand_it(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    plan = await agree(client_of, cast, session)
    path = of_rose(cast, f"action-plans/{plan['id']}")
    for said_last in (None, "question", "understood", "question"):
        if said_last is not None:
            at = datetime.now(LONDON).isoformat()
            said = {"client_id": str(uuid4()), "answer": said_last, "said_at": at, "note": "What is a stone?"}
            assert (await client_of(ROSE).post(f"{path}/acknowledgements", json=said)).status_code == 201
        whole = (await client_of(ROSE).get(path)).json()
        [found] = (await today(client_of))["plans"]
        assert found["to_be_acknowledged"] == whole["to_be_acknowledged"] == (said_last != "understood")
