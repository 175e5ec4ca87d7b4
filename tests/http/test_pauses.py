"""Plans rest for a holiday or an illness; what was recorded in error is taken back; days are the person's own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.clock import london_date
from tests.cast import Cast
from tests.http.conftest import ClientOf

ASHA, BEA, CARL, GUS, ROSE, VIC = (
    "asha_clinician_of_practice",
    "bea_clinician_elsewhere",
    "carl_clinician_on_care_team",
    "gus_care_home_staff",
    "rose_herself",
    "vic_delegate_who_records",
)


def of_rose(cast: Cast) -> str:
    return f"/v1/patients/{cast.patients['rose_resident']}"


def day(cast: Cast, days: int) -> str:
    return (london_date(cast.now) + timedelta(days=days)).isoformat()


async def plan(client_of: ClientOf, cast: Cast, **but: Any) -> dict[str, Any]:
    new = {
        "title": "Keep the heart going",
        "agreed_on": day(cast, -6),
        "review_on": day(cast, 30),
        "actions": [{"title": "Weigh yourself", "schedule": {"rrule": "FREQ=DAILY"}}],
        **but,
    }
    answer = await client_of(ASHA).post(f"{of_rose(cast)}/action-plans", json=new)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def shown(client_of: ClientOf, cast: Cast, plan_id: str) -> dict[str, Any]:
    answer = await client_of(ROSE).get(f"{of_rose(cast)}/action-plans/{plan_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def pause(client_of: ClientOf, cast: Cast, by: str = ROSE, **what: Any) -> dict[str, Any]:
    asked = {"kind": "holiday", "from_on": day(cast, 0), **what}
    answer = await client_of(by).post(f"{of_rose(cast)}/pauses", json=asked)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_nothing_is_due_while_all_plans_rest_and_what_is_done_is_recorded(
    cast: Cast, client_of: ClientOf
) -> None:
    made = await plan(client_of, cast)
    assert (made["paused"], made["pauses"]) == (False, [])
    resting = await pause(client_of, cast, kind="in_hospital", reason="A new hip", until_on=day(cast, 9))
    found = await shown(client_of, cast, made["id"])
    assert (found["paused"], [each["id"] for each in found["pauses"]]) == (True, [resting["id"]])
    assert found["actions"][0]["adherence"]["paused_days"] == 1
    done = {"client_id": "1", "done_at": cast.now.isoformat()}
    steps = f"{of_rose(cast)}/action-plans/{made['id']}/actions/{made['actions'][0]['id']}/completions"
    assert (await client_of(ROSE).post(steps, json=done)).status_code == 201
    found = await shown(client_of, cast, made["id"])
    assert (found["actions"][0]["adherence"]["done"], len(found["recent_completions"])) == (0, 1)
    [listed] = (await client_of(GUS).get(f"{of_rose(cast)}/pauses")).json()["items"]
    assert listed == resting
    [of_list] = (await client_of(GUS).get(f"{of_rose(cast)}/action-plans")).json()["items"]
    assert of_list["paused"] is True


async def test_a_pause_of_one_plan_rests_its_later_versions_and_no_other(cast: Cast, client_of: ClientOf) -> None:
    first, other = await plan(client_of, cast), await plan(client_of, cast, title="Walk")
    await pause(client_of, cast, plan_id=first["id"])
    second = await plan(client_of, cast, supersedes_id=first["id"])
    third = await plan(client_of, cast, supersedes_id=second["id"])
    assert [(await shown(client_of, cast, each["id"]))["paused"] for each in (third, other)] == [True, False]
    again = await client_of(ROSE).post(
        f"{of_rose(cast)}/pauses", json={"kind": "unwell", "from_on": day(cast, 0), "plan_id": first["id"]}
    )
    assert again.status_code == 409


async def test_a_pause_is_ended_from_today_on_and_the_days_before_stay_paused(cast: Cast, client_of: ClientOf) -> None:
    made = await plan(client_of, cast)
    resting = await pause(client_of, cast, from_on=day(cast, -3), until_on=day(cast, 3))
    end = f"{of_rose(cast)}/pauses/{resting['id']}/end"
    ended = await client_of(CARL).post(end)
    assert (ended.status_code, ended.json()["due_again_on"]) == (200, day(cast, 0))
    assert (await client_of(ROSE).post(end)).json() == ended.json()
    assert (await shown(client_of, cast, made["id"]))["paused"] is False
    to_come = await pause(client_of, cast, from_on=day(cast, 5), until_on=day(cast, 8))
    dropped = await client_of(ROSE).post(f"{of_rose(cast)}/pauses/{to_come['id']}/end")
    assert dropped.json()["due_again_on"] == day(cast, 5)
    over = await pause(client_of, cast, from_on=day(cast, -9), until_on=day(cast, -8))
    assert (await client_of(ROSE).post(f"{of_rose(cast)}/pauses/{over['id']}/end")).status_code == 409


@pytest.mark.parametrize(
    ("what", "pointer"),
    [
        ({"from_on": -32}, "/from_on"),
        ({"from_on": 367}, "/from_on"),
        ({"from_on": 2, "until_on": 1}, "/until_on"),
        ({"from_on": 0, "until_on": 367}, "/until_on"),
        ({"from_on": 0, "kind": "other"}, "/reason"),
        ({"from_on": 0, "kind": "lazy"}, "/kind"),
        ({"from_on": 0, "plan_id": str(uuid4())}, "/plan_id"),
    ],
)
async def test_what_is_no_pause_is_refused_by_field(
    cast: Cast, client_of: ClientOf, what: dict[str, Any], pointer: str
) -> None:
    asked = {"kind": "holiday"} | {
        name: day(cast, value) if isinstance(value, int) else value for name, value in what.items()
    }
    answer = await client_of(ROSE).post(f"{of_rose(cast)}/pauses", json=asked)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_pause_sent_again_is_kept_once(cast: Cast, client_of: ClientOf) -> None:
    first = await pause(client_of, cast, client_id="phone-1")
    assert await pause(client_of, cast, client_id="phone-1") == first
    other = {"kind": "unwell", "from_on": day(cast, 0), "client_id": "phone-1"}
    assert (await client_of(ROSE).post(f"{of_rose(cast)}/pauses", json=other)).status_code == 409


async def test_a_completion_taken_back_is_kept_and_not_counted(cast: Cast, client_of: ClientOf) -> None:
    made = await plan(client_of, cast)
    steps = f"{of_rose(cast)}/action-plans/{made['id']}/actions/{made['actions'][0]['id']}/completions"
    sent = {"client_id": "1", "done_at": cast.now.isoformat()}
    done = (await client_of(ROSE).post(steps, json=sent)).json()
    assert (done["status"], done["retraction_reason"]) == ("recorded", None)
    assert (await shown(client_of, cast, made["id"]))["actions"][0]["adherence"]["done"] == 1
    back = f"{steps}/{done['id']}/retraction"
    taken = await client_of(ROSE).post(back, json={"reason": "Pressed by mistake"})
    assert (taken.status_code, taken.json()["status"]) == (200, "entered-in-error")
    assert taken.json()["retraction_reason"] == "Pressed by mistake"
    assert (await client_of(ROSE).post(back, json={"reason": "Pressed by mistake"})).json() == taken.json()
    assert (await client_of(ROSE).post(back, json={"reason": "Another"})).status_code == 409
    assert (await client_of(ROSE).post(steps, json=sent)).json() == taken.json()
    found = await shown(client_of, cast, made["id"])
    assert (found["actions"][0]["adherence"]["done"], found["recent_completions"]) == (0, [])
    assert (await client_of(ROSE).post(steps, json=sent | {"client_id": "2"})).status_code == 201
    assert (await shown(client_of, cast, made["id"]))["actions"][0]["adherence"]["done"] == 1


async def test_who_may_take_a_completion_back(cast: Cast, client_of: ClientOf) -> None:
    made = await plan(client_of, cast)
    steps = f"{of_rose(cast)}/action-plans/{made['id']}/actions/{made['actions'][0]['id']}/completions"
    sent = {"client_id": "1", "done_at": cast.now.isoformat()}
    done = (await client_of(VIC).post(steps, json=sent)).json()
    back, why = f"{steps}/{done['id']}/retraction", {"reason": "Wrong day"}
    assert (await client_of(ROSE).post(back, json=why)).status_code == 403
    assert (await client_of(BEA).post(back, json=why)).status_code == 404
    assert (await client_of(VIC).post(f"{steps}/{uuid4()}/retraction", json=why)).status_code == 404
    assert (await client_of(VIC).post(back, json=why)).status_code == 200
    assert (await client_of(VIC).post(back, json=why)).status_code == 200


async def test_a_person_s_days_are_reckoned_where_they_are_from_the_next_day_on(
    cast: Cast, client_of: ClientOf
) -> None:
    made, path = await plan(client_of, cast), f"{of_rose(cast)}/time-zone"
    told = await client_of(ROSE).get(path)
    assert (told.json()["time_zone"], told.json()["today"], told.json()["choices"]) == (
        "Europe/London",
        day(cast, 0),
        [],
    )
    seen, away = {"If-Match": told.headers["ETag"]}, {"time_zone": "Pacific/Kiritimati"}
    chosen = await client_of(ROSE).put(path, json=away, headers=seen)
    assert chosen.status_code == 200, chosen.text
    [choice] = chosen.json()["choices"]
    assert (choice["time_zone"], choice["set_as"]) == ("Pacific/Kiritimati", "self")
    assert date.fromisoformat(choice["from_on"]) > london_date(cast.now)
    assert (chosen.json()["time_zone"], chosen.json()["today"]) == ("Europe/London", day(cast, 0))
    assert (await client_of(ROSE).put(path, json=away, headers=seen)).status_code == 200  # a repeat after a lost answer
    assert (await client_of(ASHA).put(path, json={"time_zone": "UTC"}, headers=seen)).status_code == 412
    assert (await client_of(ASHA).put(path, json={"time_zone": "UTC"})).status_code == 428
    assert (await client_of(GUS).put(path, json={"time_zone": "UTC"}, headers=seen)).status_code == 403
    unknown = await client_of(ROSE).put(path, json={"time_zone": "Mars/Olympus"}, headers=seen)
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/time_zone")
    assert (await shown(client_of, cast, made["id"]))["time_zone"] == "Europe/London"
