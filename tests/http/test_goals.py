"""Goals over HTTP: in the patient's words, moved on by those whose step it is, progress with its evidence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.clock import london_date
from tests.cast import Cast, just_now
from tests.http.conftest import ClientOf

ASHA, BEA, GUS, ROSE, SAM = (
    "asha_clinician_of_practice",
    "bea_clinician_elsewhere",
    "gus_care_home_staff",
    "rose_herself",
    "sam_himself",
)


def goals_of(cast: Cast, patient: str = "rose_resident") -> str:
    return f"/v1/patients/{cast.patients[patient]}/goals"


def in_days(cast: Cast, days: int) -> str:
    return (london_date(cast.now) + timedelta(days=days)).isoformat()


def lower_pressure(cast: Cast, **but: Any) -> dict[str, Any]:
    """Return a goal to bring the blood pressure down, begun two weeks ago."""
    target = {
        "sign": "blood_pressure",
        "part": "systolic",
        "comparator": "<",
        "value": 135,
        "unit": "mm[Hg]",
        "due_on": in_days(cast, 90),
    }
    body = {"description": "No more dizzy spells", "why": "To walk by myself", "start_on": in_days(cast, -13)}
    return {**body, "target": {**target, **but}}


async def measure(client: httpx.AsyncClient, cast: Cast, *pressures: int) -> list[str]:
    """Record one systolic pressure a day, the last one a minute ago; return the observations' ids."""
    days = len(pressures)
    readings = [
        {
            "client_id": f"bp-{place}",
            "sign": "blood_pressure",
            "effective_at": (cast.now - timedelta(days=days - 1 - place, minutes=1)).isoformat(),
            "systolic": pressure,
            "diastolic": 80,
            "unit": "mm[Hg]",
        }
        for place, pressure in enumerate(pressures)
    ]
    path = f"/v1/patients/{cast.patients['rose_resident']}/observations"
    answer = await client.post(path, json={"readings": readings})
    assert answer.status_code == 201, answer.text
    return [verdict["observation_id"] for verdict in answer.json()["verdicts"]]


async def test_a_goal_s_way_from_proposal_to_completion(cast: Cast, client_of: ClientOf) -> None:
    asha, rose, path = client_of(ASHA), client_of(ROSE), goals_of(cast)
    made = await asha.post(path, json=lower_pressure(cast))
    assert made.status_code == 201
    goal = made.json()
    assert (goal["lifecycle_status"], goal["achievement_status"], goal["progress"]) == ("proposed", None, None)
    status = f"{path}/{goal['id']}/status"
    for body in (
        {"lifecycle_status": "accepted"},
        {"lifecycle_status": "active"},
        {"achievement_status": "improving", "note": "Fewer spells\nthis week"},
        {"lifecycle_status": "completed", "achievement_status": "achieved"},
    ):
        answer = await rose.post(status, json=body)
        assert answer.status_code == 200, answer.text
    shown = (await rose.get(f"{path}/{goal['id']}")).json()
    assert shown == answer.json()
    assert [step["to_lifecycle_status"] for step in shown["history"]] == [
        "proposed",
        "accepted",
        "active",
        "active",
        "completed",
    ]
    assert shown["history"][0]["from_lifecycle_status"] is None
    assert shown["history"][3]["note"] == "Fewer spells\nthis week"
    assert (shown["history"][0]["taken_as"], shown["history"][1]["taken_as"]) == ("clinician", "patient")


async def test_progress_is_told_with_its_evidence(cast: Cast, client_of: ClientOf) -> None:
    rose = client_of(ROSE)
    ids = await measure(client_of(GUS), cast, *[155] * 6, *[145] * 7)
    made = (await rose.post(goals_of(cast), json={**lower_pressure(cast), "start_on": in_days(cast, -12)})).json()
    progress = made["progress"]
    assert (progress["data"], progress["count"], progress["suggestion"]) == ("enough", 13, "improving")
    assert 0 < progress["percent"] < 100
    assert progress["latest"]["observation_id"] == ids[-1]
    assert (progress["latest"]["value"], progress["latest"]["stale"]) == (145, False)
    assert progress["recent"]["observation_ids"] == ids[-7:]
    assert progress["baseline"]["observation_ids"][0] == ids[0]
    listed = (await rose.get(goals_of(cast))).json()["items"]
    assert listed[0]["progress"]["percent"] == progress["percent"]


async def test_a_reading_of_a_phone_whose_clock_is_ahead_is_evidence_at_once(cast: Cast, client_of: ClientOf) -> None:
    rose = client_of(ROSE)
    await measure(client_of(GUS), cast, *[130] * 3)
    ahead = {"sign": "blood_pressure", "systolic": 190, "diastolic": 80, "unit": "mm[Hg]", "client_id": "ahead"}
    at = (just_now() + timedelta(seconds=100)).isoformat()
    path = f"/v1/patients/{cast.patients['rose_resident']}/observations"
    answer = await rose.post(path, json={"readings": [ahead | {"effective_at": at}]})
    assert answer.status_code == 201, answer.text
    progress = (await rose.post(goals_of(cast), json=lower_pressure(cast))).json()["progress"]
    assert (progress["count"], progress["latest"]["value"], progress["latest"]["age_seconds"]) == (4, 190, 0)


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_too_few_readings_are_said_to_be_too_few(cast: Cast, client_of: ClientOf, number: int) -> None:
    if number:
        await measure(client_of(GUS), cast, *[120] * number)
    made = (await client_of(ROSE).post(goals_of(cast), json=lower_pressure(cast))).json()
    progress = made["progress"]
    assert progress["data"] == ("not_enough" if number else "none")
    assert (progress["percent"], progress["suggestion"], progress["share_within"]) == (None, None, None)


async def test_a_goal_may_be_no_more_than_words(cast: Cast, client_of: ClientOf) -> None:
    made = await client_of(ROSE).post(goals_of(cast), json={"description": "Cerdded i’r siop 🚶\na chwerthin"})
    assert made.status_code == 201
    assert made.json()["description"] == "Cerdded i’r siop 🚶\na chwerthin"
    assert (made.json()["target"], made.json()["start_on"]) == (None, in_days(cast, 0))


async def test_words_are_kept_exactly_as_they_were_sent(cast: Cast, client_of: ClientOf) -> None:
    decomposed = "  Cafe\u0301 with Jose\u0301  "
    made = await client_of(ROSE).post(goals_of(cast), json={"description": decomposed})
    assert made.json()["description"] == decomposed


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", ""),
        ("description", "   \n"),
        ("description", "x" * 501),
        ("description", "bell\u0007"),
        ("description", "\u202egnihton"),
        ("description", 5),
        ("why", " "),
        ("why", "y\u0000"),
        ("start_on", "2026-02-30"),
        ("start_on", "1990-01-01"),
        ("start_on", "2199-01-01"),
        ("client_id", "with space"),
        ("achievement_status", "achieved"),
        ("target", "below 135"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(cast: Cast, client_of: ClientOf, field: str, value: Any) -> None:
    answer = await client_of(ROSE).post(goals_of(cast), json={"description": "Walk", field: value})
    assert answer.status_code in {400, 422}, answer.text
    if answer.status_code == 422:
        assert f"/{field}" in {error["pointer"] for error in answer.json()["errors"]}
    assert (await client_of(ROSE).get(goals_of(cast))).json()["items"] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sign", "hope"),
        ("sign", "consciousness_acvpu"),
        ("part", "mean"),
        ("part", None),
        ("comparator", "="),
        ("value", "135"),
        ("value", True),
        ("value", 1_000),
        ("unit", "kPa"),
        ("due_on", "2020-01-01"),
        ("due_on", "tomorrow"),
    ],
)
async def test_a_target_that_cannot_be_measured_is_refused_by_field(
    cast: Cast, client_of: ClientOf, field: str, value: Any
) -> None:
    answer = await client_of(ROSE).post(goals_of(cast), json=lower_pressure(cast, **{field: value}))
    assert answer.status_code == 422, answer.text
    assert f"/target/{field}" in {error["pointer"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("raw", ["NaN", "Infinity", "1e400", "-0.0e999999"])
async def test_a_target_is_a_number(cast: Cast, client_of: ClientOf, raw: str) -> None:
    body = httpx.Request("POST", "http://x", json=lower_pressure(cast)).content.decode().replace("135", raw)
    answer = await client_of(ROSE).post(goals_of(cast), content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}, answer.text


async def test_an_illegal_step_is_a_conflict_that_names_both_states(cast: Cast, client_of: ClientOf) -> None:
    made = (await client_of(ROSE).post(goals_of(cast), json={"description": "Walk"})).json()
    status = f"{goals_of(cast)}/{made['id']}/status"
    answer = await client_of(ROSE).post(status, json={"lifecycle_status": "proposed"})
    assert (answer.status_code, answer.json()["detail"]) == (409, "A goal that is active cannot become proposed.")
    assert (await client_of(ROSE).post(status, json={})).status_code == 422
    assert (await client_of(ROSE).post(status, json={"lifecycle_status": "draft"})).status_code == 422
    assert (await client_of(GUS).post(status, json={"lifecycle_status": "on-hold"})).status_code == 403
    assert (await client_of(BEA).post(status, json={"lifecycle_status": "on-hold"})).status_code == 404


async def test_a_clinician_who_answers_for_the_patient_says_how_it_was_decided(cast: Cast, client_of: ClientOf) -> None:
    made = (await client_of(GUS).post(goals_of(cast), json={"description": "Eat with the others"})).json()
    assert made["proposed_as"] == "care_home_staff"
    status = f"{goals_of(cast)}/{made['id']}/status"
    answer = await client_of(ASHA).post(status, json={"lifecycle_status": "accepted"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/note")
    noted = {"lifecycle_status": "accepted", "note": "Agreed with Rose and her daughter"}
    assert (await client_of(ASHA).post(status, json=noted)).status_code == 200
    again = await client_of(ASHA).post(status, json=noted)
    assert (again.status_code, len(again.json()["history"])) == (200, 2)


async def test_pages_show_every_goal_once_newest_first(cast: Cast, client_of: ClientOf) -> None:
    rose, path = client_of(ROSE), goals_of(cast)
    made = [(await rose.post(path, json={"description": f"Goal {n}"})).json()["id"] for n in range(5)]
    seen, cursor = [], ""
    while True:
        page = (await rose.get(f"{path}?limit=2{cursor}")).json()
        seen += [goal["id"] for goal in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == list(reversed(made))
    stolen = await client_of(GUS).get(f"{path}?limit=2{cursor}")
    assert stolen.status_code in {400, 422}


async def test_a_goal_sent_again_is_the_same_goal(cast: Cast, client_of: ClientOf) -> None:
    rose, body = client_of(ROSE), {"description": "Walk", "client_id": str(uuid4())}
    first, second = await rose.post(goals_of(cast), json=body), await rose.post(goals_of(cast), json=body)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    different = await rose.post(goals_of(cast), json={**body, "description": "Run"})
    assert different.status_code == 409
    assert "Run" not in different.text


async def test_there_is_no_goal_where_there_is_none(cast: Cast, client_of: ClientOf) -> None:
    made = (await client_of(ROSE).post(goals_of(cast), json={"description": "Walk"})).json()["id"]
    for path in (f"{goals_of(cast)}/{uuid4()}", f"{goals_of(cast, 'sam_at_home')}/{made}"):
        assert (await client_of(ASHA).get(path)).status_code == 404
    assert (await client_of(ASHA).get(f"{goals_of(cast)}/not-an-id")).status_code == 404
    assert (await client_of(SAM).get(f"{goals_of(cast)}/{made}")).status_code == 404
