"""Patients see everyone who looked: all of it, in plain words, and nobody else's (security.md §7 no. 21)."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from fhir.resources.R4B.bundle import Bundle
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import london_date
from domain.rights.access_words import ACTIONS
from tests.cast import DELEGATE_TEXT, Cast
from tests.http.access_matrix import ASHA, CARL, EVERYBODY, GUS, MATRIX, NOT_SIGNED_IN, ROSE
from tests.http.conftest import ClientOf
from tests.http.scene import set_scene
from tests.http.test_access_matrix import filled, values_of

# What every reading route writes into the log of whom it shows.
READS = {
    "get_patient": "patient.read",
    "list_patients": "patient.list",
    "list_residents": "patient.list",
    "get_board": "board.read",
    "list_care_teams": "care_team.list",
    "list_observations": "observation.list",
    "get_latest_observations": "observation.latest",
    "get_observation_series": "observation.series",
    "get_observation": "observation.read",
    "list_goals": "goal.list",
    "get_goal": "goal.read",
    "list_action_plans": "action_plan.list",
    "get_action_plan": "action_plan.read",
    "list_enrolments": "enrolment.list",
    "get_access_log": "access_log.read",
}
OWN = "/v1/me/access-log"


async def walked(client: httpx.AsyncClient, path: str, **params: Any) -> list[dict[str, Any]]:
    """Return every item of every page."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await client.get(path, params={**params, **cursor})
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if answer.json()["next_cursor"] is None:
            return items
        cursor = {"cursor": answer.json()["next_cursor"]}


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_random_people_read_stands_in_the_log_exactly_as_often_as_they_were_shown_it(
    seed: int, client_of: ClientOf, cast: Cast
) -> None:
    chance, values = random.Random(seed), values_of(cast, await set_scene(client_of, cast))
    rose = str(cast.patients["rose_resident"])
    before = _counted(await walked(client_of(ROSE), OWN))
    # The walk before was a look as well, of one page.
    expected: Counter[tuple[str, str]] = Counter({(ROSE.replace("_", " "), "access_log.read"): 1})
    for _ in range(60):
        operation, member = chance.choice(sorted(READS)), chance.choice(EVERYBODY)
        if member == "nobody_signed_in":
            continue
        path = filled(MATRIX[operation].path, values)
        answer = await client_of(member).get(path)
        assert answer.status_code == MATRIX[operation].expected(member), (operation, member)
        if answer.status_code == 200 and rose in answer.text + path:
            expected[member.replace("_", " "), READS[operation]] += 1
    assert not {member.replace("_", " ") for member in NOT_SIGNED_IN} & {who for who, _ in expected}
    assert _counted(await walked(client_of(ROSE), OWN)) - before == expected
    assert len(expected) > 5, "hardly anybody looked: this shows nothing"


def _counted(items: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    counted: Counter[tuple[str, str]] = Counter()
    for item in items:
        counted[item["who"], item["action"]] += item["times"]
    return counted


async def test_each_entry_says_who_in_what_role_where_what_and_why(client_of: ClientOf, cast: Cast) -> None:
    rose = cast.patients["rose_resident"]
    await client_of(GUS).get(f"/v1/patients/{rose}/observations?sign=blood_pressure")
    await client_of(GUS).get(f"/v1/patients/{rose}/observations?sign=blood_pressure")
    newest, *_ = await walked(client_of(ROSE), OWN)
    assert newest["times"] == 2
    told = {name: newest[name] for name in ("who", "role", "organisation", "what", "why", "purpose", "yourself")}
    assert told == {
        "who": "gus care home staff",
        "role": "Care-home staff",
        "organisation": "Invented care_home",
        "what": "read your blood pressure readings",
        "why": "They work in the care home where you lived then",
        "purpose": "TREAT",
        "yourself": False,
    }


async def test_the_practice_reads_it_about_the_patient_and_that_is_an_entry_of_its_own(
    client_of: ClientOf, cast: Cast
) -> None:
    rose = cast.patients["rose_resident"]
    await client_of(CARL).get(f"/v1/patients/{rose}")
    newest, *_ = await walked(client_of(ASHA), f"/v1/patients/{rose}/access-log")
    assert (newest["what"], newest["why"]) == (
        "read the patient's name and details",
        "They belong to a care team that had the patient on its list",
    )
    theirs, *_ = await walked(client_of(ROSE), OWN)
    assert (theirs["who"], theirs["action"]) == ("asha clinician of practice", "access_log.read")


async def test_one_s_own_reads_can_be_left_out_and_the_time_be_narrowed(client_of: ClientOf, cast: Cast) -> None:
    rose = cast.patients["rose_resident"]
    await client_of(ROSE).get(f"/v1/patients/{rose}")
    await client_of(CARL).get(f"/v1/patients/{rose}")
    mine = client_of(ROSE)
    assert any(item["yourself"] for item in await walked(mine, OWN))
    assert not any(item["yourself"] for item in await walked(mine, OWN, own="false"))
    assert await walked(mine, OWN, until=(cast.now - timedelta(days=2)).isoformat()) == []
    after_the_cast_was_made = {"from": (cast.now + timedelta(milliseconds=1)).isoformat()}
    looked = await walked(mine, OWN, **after_the_cast_was_made, own="false")
    assert {item["who"] for item in looked} == {"carl clinician on care team"}
    wrong = await mine.get(OWN, params={"from": cast.now.isoformat(), "until": cast.now.isoformat()})
    assert wrong.status_code == 422


async def test_pages_of_one_item_tell_all_and_another_s_cursor_is_refused(client_of: ClientOf, cast: Cast) -> None:
    whole = _counted(await walked(client_of(ROSE), OWN, own="false"))
    assert _counted(await walked(client_of(ROSE), OWN, own="false", limit=1)) == whole
    cursor = (await client_of(ROSE).get(OWN, params={"limit": 1})).json()["next_cursor"]
    stolen = await client_of("sam_himself").get(OWN, params={"limit": 1, "cursor": cursor})
    assert stolen.status_code == 400


async def test_every_action_on_record_after_the_scene_has_words(
    client_of: ClientOf, cast: Cast, session: AsyncSession
) -> None:
    await set_scene(client_of, cast)
    actions = set((await session.execute(text("select distinct action from audit_event"))).scalars())
    assert actions
    assert actions <= set(ACTIONS)


async def test_the_export_is_a_bundle_of_audit_events_that_holds_every_entry(client_of: ClientOf, cast: Cast) -> None:
    rose = cast.patients["rose_resident"]
    await set_scene(client_of, cast)
    for member in (GUS, CARL, ROSE):
        await client_of(member).get(f"/v1/patients/{rose}")
    entries = sum(item["times"] for item in await walked(client_of(ROSE), OWN, own="false"))
    path, found = f"{OWN}?format=fhir&own=false&limit=7", []
    while path:
        answer = await client_of(ROSE).get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/fhir+json")
        Bundle.model_validate_json(answer.text)
        found += [entry["resource"] for entry in answer.json().get("entry", [])]
        path = next((link["url"] for link in answer.json()["link"] if link["relation"] == "next"), "")
    assert len({event["id"] for event in found}) == len(found) == entries
    for event in found:
        AuditEvent.model_validate(event)
        assert event["entity"][0]["what"]["reference"] == f"Patient/{rose}"
        assert event["meta"]["profile"][0].startswith("https://profiles.ihe.net/ITI/BALP/")
    assert {event["action"] for event in found} >= {"C", "R"}


async def test_who_asks_for_fhir_by_accept_gets_it(client_of: ClientOf) -> None:
    answer = await client_of(ROSE).get(OWN, headers={"accept": "application/fhir+json"})
    assert answer.json()["resourceType"] == "Bundle"


async def test_why_a_delegate_could_is_told_by_the_right_that_they_had_then_also_when_it_is_over(
    client_of: ClientOf, cast: Cast
) -> None:
    nobody, rose = client_of("nobody_at_all"), f"/v1/patients/{cast.patients['rose_resident']}"
    chosen = {"relationship": "friend", "scopes": ["read"], "text_version": DELEGATE_TEXT}
    appointed = {
        "relationship": "attorney",
        "scopes": ["read"],
        "ground": "lasting_power_of_attorney",
        "evidence": "Registered instrument seen",
        "review_on": (london_date(cast.now) + timedelta(days=90)).isoformat(),
    }
    for offered in (
        await client_of(ROSE).post(f"{rose}/delegates", json=chosen),
        await client_of(ASHA).post(f"{rose}/delegates/by-law", json=appointed),
    ):
        assert (await nobody.post("/v1/me/delegations", json={"code": offered.json()["code"]})).status_code == 201
        assert (await nobody.get(rose)).status_code == 200
    (held,) = (await nobody.get("/v1/me/delegations")).json()["items"]
    assert (await nobody.delete(f"/v1/me/delegations/{held['id']}")).status_code == 204
    by_name = [each for each in await walked(client_of(ROSE), OWN) if each["who"] == "nobody at all"]
    why = {each["why"] for each in by_name if each["action"] == "patient.read"}
    assert why == {
        "They act for you: you gave them permission",
        "They act for you by law: by a lasting power of attorney",
    }
    (left,) = [each["why"] for each in by_name if each["action"] == "delegation.leave"]
    assert "by law" in left
    theirs = await walked(client_of(ASHA), f"{rose}/access-log")
    assert any(each["why"] == "They act for the patient: the patient gave them permission" for each in theirs)
