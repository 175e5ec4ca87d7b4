"""Action plans over HTTP: versions that never change, schedules in London's time, completions recorded once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.clock import london_date
from tests.cast import Cast
from tests.http.conftest import ClientOf

ASHA, BEA, GUS, ROSE, SAM = (
    "asha_clinician_of_practice",
    "bea_clinician_elsewhere",
    "gus_care_home_staff",
    "rose_herself",
    "sam_himself",
)


def plans_of(cast: Cast, patient: str = "rose_resident") -> str:
    return f"/v1/patients/{cast.patients[patient]}/action-plans"


def in_days(cast: Cast, days: int) -> str:
    return (london_date(cast.now) + timedelta(days=days)).isoformat()


def action(**schedule: Any) -> dict[str, Any]:
    return {
        "title": "Weigh yourself",
        "instructions": "Before breakfast",
        "schedule": {"rrule": "FREQ=DAILY", **schedule},
    }


def plan(cast: Cast, **but: Any) -> dict[str, Any]:
    """Return a plan agreed yesterday with one daily action."""
    return {
        "title": "Keep the heart going",
        "agreed_on": in_days(cast, -1),
        "review_on": in_days(cast, 30),
        "actions": [action()],
        **but,
    }


async def published(client_of: ClientOf, cast: Cast, **but: Any) -> dict[str, Any]:
    answer = await client_of(ASHA).post(plans_of(cast), json=plan(cast, **but))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_plan_is_shown_as_it_was_agreed(cast: Cast, client_of: ClientOf) -> None:
    goal = (
        await client_of(ROSE).post(f"/v1/patients/{cast.patients['rose_resident']}/goals", json={"description": "Walk"})
    ).json()
    twice = action(rrule="FREQ=WEEKLY;BYDAY=FR,MO", starts_on=in_days(cast, 0), times=["20:30", "08:00"])
    but_tomorrow = action(rrule="FREQ=DAILY;COUNT=5", except_on=[in_days(cast, 1)])
    made = await published(client_of, cast, goal_ids=[goal["id"]], actions=[twice, but_tomorrow])
    assert (made["status"], made["version"], made["goal_ids"]) == ("active", 1, [goal["id"]])
    assert (made["review_overdue"], made["superseded_by_id"], made["ended_at"]) == (False, None, None)
    assert [one["schedule"] for one in made["actions"]] == [
        {
            "rrule": "FREQ=WEEKLY;BYDAY=MO,FR",
            "starts_on": in_days(cast, 0),
            "times": ["08:00", "20:30"],
            "except_on": [],
        },
        {
            "rrule": "FREQ=DAILY;COUNT=5",
            "starts_on": in_days(cast, -1),
            "times": [],
            "except_on": [in_days(cast, 1)],
        },
    ]
    shown = (await client_of(ROSE).get(f"{plans_of(cast)}/{made['id']}")).json()
    assert [one["schedule"] for one in shown["actions"]] == [one["schedule"] for one in made["actions"]]
    [listed] = (await client_of(GUS).get(plans_of(cast))).json()["items"]
    assert listed["id"] == made["id"]
    assert [one["title"] for one in listed["actions"]] == ["Weigh yourself", "Weigh yourself"]


async def test_an_action_says_which_of_the_plan_s_goals_it_serves(cast: Cast, client_of: ClientOf) -> None:
    rose, goals = client_of(ROSE), f"/v1/patients/{cast.patients['rose_resident']}/goals"
    walk, swim, alone = [(await rose.post(goals, json={"description": name})).json()["id"] for name in "WSA"]
    both = {**action(), "goal_ids": [swim, walk]}
    made = await published(client_of, cast, goal_ids=[walk, swim], actions=[action(), both])
    assert [one["goal_ids"] for one in made["actions"]] == [[], sorted([walk, swim])]
    [listed] = (await client_of(GUS).get(plans_of(cast))).json()["items"]
    assert [one["goal_ids"] for one in listed["actions"]] == [[], sorted([walk, swim])]
    for named, pointer in (([alone], "/actions/0/goal_ids/0"), ([walk, walk], "/actions/0/goal_ids/1")):
        body = plan(cast, goal_ids=[walk, swim], actions=[{**action(), "goal_ids": named}])
        refused = await client_of(ASHA).post(plans_of(cast), json=body)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_change_is_a_new_version_and_the_old_one_says_by_which(cast: Cast, client_of: ClientOf) -> None:
    first = await published(client_of, cast)
    second = await published(client_of, cast, title="Better still", supersedes_id=first["id"])
    assert (second["version"], second["supersedes_id"]) == (2, first["id"])
    old = (await client_of(ROSE).get(f"{plans_of(cast)}/{first['id']}")).json()
    assert (old["status"], old["superseded_by_id"], old["title"]) == ("ended", second["id"], first["title"])
    again = await client_of(ASHA).post(plans_of(cast), json=plan(cast, supersedes_id=first["id"]))
    assert again.status_code == 409
    unknown = await client_of(ASHA).post(plans_of(cast), json=plan(cast, supersedes_id=str(uuid4())))
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/supersedes_id")


async def test_who_may_publish_change_and_end(cast: Cast, client_of: ClientOf) -> None:
    made = await published(client_of, cast)
    path = plans_of(cast)
    assert (await client_of(GUS).post(path, json=plan(cast))).status_code == 403
    assert (await client_of(BEA).post(path, json=plan(cast))).status_code == 404
    assert (await client_of(ROSE).post(path, json=plan(cast, supersedes_id=made["id"]))).status_code == 403
    end = f"{path}/{made['id']}/end"
    assert (await client_of(GUS).post(end, json={"reason": "Enough"})).status_code == 403
    ended = await client_of(ROSE).post(end, json={"reason": "It is too much"})
    assert (ended.status_code, ended.json()["status"], ended.json()["end_reason"]) == (200, "ended", "It is too much")
    assert (await client_of(ASHA).post(end, json={"reason": "Again"})).status_code == 409
    assert (await client_of(ASHA).post(end, json={"reason": " "})).status_code == 422


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"title": " "}, "/title"),
        ({"title": "x" * 201}, "/title"),
        ({"agreed_on": "2199-01-01"}, "/agreed_on"),
        ({"review_on": "2020-01-01"}, "/review_on"),
        ({"goal_ids": [str(uuid4())]}, "/goal_ids/0"),
        ({"goal_ids": ["x"]}, "/goal_ids/0"),
        ({"goal_ids": [str(uuid4())] * 21}, "/goal_ids"),
        ({"actions": []}, "/actions"),
        ({"actions": [action()] * 51}, "/actions"),
        ({"actions": [{"title": "Walk"}]}, "/actions/0/schedule"),
        ({"actions": [action(rrule="FREQ=HOURLY")]}, "/actions/0/schedule/rrule"),
        ({"actions": [action(), action(rrule="")]}, "/actions/1/schedule/rrule"),
        ({"actions": [action(rrule="FREQ=DAILY;UNTIL=20200101")]}, "/actions/0/schedule/rrule"),
        ({"actions": [action(times=["8:00"])]}, "/actions/0/schedule/times/0"),
        ({"actions": [action(times=["24:00"])]}, "/actions/0/schedule/times/0"),
        ({"actions": [action(times=["08:00", "08:00"])]}, "/actions/0/schedule/times"),
        ({"actions": [action(times=["08:00"] * 25)]}, "/actions/0/schedule/times"),
        ({"actions": [action(except_on=["2020-01-01"])]}, "/actions/0/schedule/except_on"),
        ({"actions": [action(except_on=["tomorrow"])]}, "/actions/0/schedule/except_on/0"),
        ({"actions": [action(starts_on="2020-01-01")]}, "/actions/0/schedule/starts_on"),
        ({"status": "active"}, "/status"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(
    cast: Cast, client_of: ClientOf, change: dict[str, Any], pointer: str
) -> None:
    answer = await client_of(ASHA).post(plans_of(cast), json=plan(cast, **change))
    assert answer.status_code == 422, answer.text
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    assert (await client_of(ASHA).get(plans_of(cast))).json()["items"] == []


async def test_an_action_done_is_counted_once_however_often_it_is_sent(cast: Cast, client_of: ClientOf) -> None:
    made = await published(client_of, cast)
    path = f"{plans_of(cast)}/{made['id']}"
    done = {"client_id": str(uuid4()), "done_at": cast.now.isoformat(), "note": "Lost half a pound"}
    first = await client_of(ROSE).post(f"{path}/actions/{made['actions'][0]['id']}/completions", json=done)
    again = await client_of(GUS).post(f"{path}/actions/{made['actions'][0]['id']}/completions", json=done)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first.json()["recorded_by"], first.json()["recorded_as"]) == (str(cast.accounts[ROSE]), "patient")
    shown = (await client_of(ROSE).get(path)).json()
    assert shown["recent_completions"] == [first.json()]
    adherence = shown["actions"][0]["adherence"]
    assert (adherence["due"], adherence["done"], adherence["missed"]) == (1, 1, 0)
    other = {**done, "skipped": "I was ill"}
    disagrees = await client_of(ROSE).post(f"{path}/actions/{made['actions'][0]['id']}/completions", json=other)
    assert disagrees.status_code == 409
    assert "ill" not in disagrees.text


async def test_an_action_can_be_skipped_for_a_reason(cast: Cast, client_of: ClientOf) -> None:
    made = await published(client_of, cast)
    path = f"{plans_of(cast)}/{made['id']}"
    skipped = {"client_id": "s-1", "done_at": cast.now.isoformat(), "skipped": "The scales are broken"}
    answer = await client_of(GUS).post(f"{path}/actions/{made['actions'][0]['id']}/completions", json=skipped)
    assert (answer.status_code, answer.json()["recorded_as"]) == (201, "care_home_staff")
    adherence = (await client_of(ROSE).get(path)).json()["actions"][0]["adherence"]
    assert (adherence["due"], adherence["done"], adherence["skipped"]) == (1, 0, 1)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"done_at": "2026-01-01T08:00:00"}, "/done_at"),
        ({"done_at": "2199-01-01T08:00:00Z"}, "/done_at"),
        ({"done_at": "2020-01-01T08:00:00Z"}, "/done_at"),
        ({"done_at": 1_700_000_000}, "/done_at"),
        ({"client_id": ""}, "/client_id"),
        ({"client_id": "x" * 65}, "/client_id"),
        ({"note": "\u0000"}, "/note"),
        ({"skipped": ""}, "/skipped"),
        ({"skipped": True}, "/skipped"),
        ({"recorded_by": str(uuid4())}, "/recorded_by"),
    ],
)
async def test_a_completion_that_cannot_be_is_refused_by_field(
    cast: Cast, client_of: ClientOf, change: dict[str, Any], pointer: str
) -> None:
    made = await published(client_of, cast)
    path = f"{plans_of(cast)}/{made['id']}/actions/{made['actions'][0]['id']}/completions"
    body = {"client_id": "c-1", "done_at": cast.now.isoformat(), **change}
    answer = await client_of(ROSE).post(path, json=body)
    assert answer.status_code in {400, 422}, answer.text
    if answer.status_code == 422:
        assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    shown = (await client_of(ROSE).get(f"{plans_of(cast)}/{made['id']}")).json()
    assert shown["recent_completions"] == []


async def test_what_was_done_before_the_plan_ended_is_taken_after_it(cast: Cast, client_of: ClientOf) -> None:
    made = await published(client_of, cast)
    path = f"{plans_of(cast)}/{made['id']}"
    await client_of(ASHA).post(f"{path}/end", json={"reason": "Moved on"})
    done = {"client_id": "late", "done_at": (cast.now - timedelta(minutes=1)).isoformat()}
    answer = await client_of(ROSE).post(f"{path}/actions/{made['actions'][0]['id']}/completions", json=done)
    assert answer.status_code == 201


async def test_there_is_no_plan_or_action_where_there_is_none(cast: Cast, client_of: ClientOf) -> None:
    first, second = await published(client_of, cast), await published(client_of, cast)
    done = {"client_id": "c-1", "done_at": cast.now.isoformat()}
    swapped = f"{plans_of(cast)}/{first['id']}/actions/{second['actions'][0]['id']}/completions"
    assert (await client_of(ROSE).post(swapped, json=done)).status_code == 404
    elsewhere = f"{plans_of(cast, 'sam_at_home')}/{first['id']}"
    assert (await client_of(ASHA).get(elsewhere)).status_code == 404
    assert (await client_of(SAM).get(f"{plans_of(cast)}/{first['id']}")).status_code == 404
    assert (await client_of(ASHA).get(f"{plans_of(cast)}/{uuid4()}")).status_code == 404


async def test_a_review_that_is_past_is_said_to_be_overdue(cast: Cast, client_of: ClientOf) -> None:
    made = await published(client_of, cast, agreed_on=in_days(cast, -30), review_on=in_days(cast, -1))
    today = await published(client_of, cast, review_on=in_days(cast, 0))
    assert (made["review_overdue"], today["review_overdue"]) == (True, False)


async def test_pages_show_every_version_once_newest_first(cast: Cast, client_of: ClientOf) -> None:
    made = [(await published(client_of, cast, title=f"Plan {n}"))["id"] for n in range(3)]
    first = (await client_of(ROSE).get(f"{plans_of(cast)}?limit=2")).json()
    rest = (await client_of(ROSE).get(f"{plans_of(cast)}?limit=2&cursor={first['next_cursor']}")).json()
    assert [one["id"] for one in [*first["items"], *rest["items"]]] == list(reversed(made))
    assert rest["next_cursor"] is None
