"""Who edits says what they saw (If-Match), and who has an answer already is told so (If-None-Match)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.cast import Cast
from tests.http.access_matrix import ADMIN, ASHA, CARL, MATRIX, ROSE
from tests.http.bad_input_asks import CASES
from tests.http.conftest import ClientOf
from tests.http.scene import set_scene
from tests.http.test_access_matrix import asked, filled, operations, values_of

TAG = re.compile(r'"[0-9]+\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{16}"')
# What may read otherwise without being another kind of thing.
OF_FREE_WORDS = {"name", "given_name", "description", "reason"}
# How a plan is kept to is told of the very instant at which it is asked.
OF_THIS_INSTANT = {"get_action_plan"}


def takes(app: FastAPI, header: str) -> set[str]:
    """Return the operations that declare a header."""
    found = set()
    for path in app.openapi()["paths"].values():
        for operation in path.values():
            if any(p["name"] == header for p in operation.get("parameters", ())):
                found.add(operation["operationId"])
    return found


def test_whatever_is_put_asks_for_what_was_seen_and_whatever_is_put_can_be_read(app: FastAPI) -> None:
    routes = operations(app)
    puts = {name for name, route in routes.items() if "PUT" in (route.methods or ())}
    assert puts
    assert puts <= takes(app, "If-Match")
    read = {route.path for name, route in routes.items() if name in takes(app, "If-None-Match")}
    assert {routes[name].path.removesuffix("/account") for name in puts} <= read


async def test_who_has_an_answer_already_is_told_so_and_is_audited_all_the_same(
    app: FastAPI, session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    values = values_of(cast, await set_scene(client_of, cast))
    for operation in sorted(takes(app, "If-None-Match")):
        row = MATRIX[operation]
        client = client_of(next(who for who in (ASHA, ADMIN) if row.expected(who) == 200))
        first = await asked(client, "GET", row, values)
        tag = first.headers["etag"]
        assert TAG.fullmatch(tag), operation
        for method, known in (("GET", tag), ("HEAD", tag), ("GET", f'W/{tag}, "x"'), ("GET", "*")):
            request_id = str(uuid4())
            again = await asked(client, method, row, values, {"if-none-match": known, "x-request-id": request_id})
            assert again.status_code == (200 if operation in OF_THIS_INSTANT and known != "*" else 304), operation
            assert again.headers["cache-control"] == "no-store"
            if again.status_code == 304:
                assert again.content == b""
                assert TAG.fullmatch(again.headers["etag"])
            if "rose_resident" in row.path:
                counted = text("select count(*) from audit_event where request_id = :id and patient_id is not null")
                assert (await session.execute(counted, {"id": request_id})).scalar_one() > 0, operation
        other = await asked(client, "GET", row, values, {"if-none-match": '"1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAA"'})
        assert other.status_code == 200


async def _versions(session: AsyncSession) -> list[Any]:
    named = (
        "select 'patient', id, version, given_name from patient union all select 'goal', id, version, description"
        " from goal union all select 'team', id, version, name from care_team union all"
        " select 'organisation', id, version, name from organisation union all"
        " select 'account', id, version, display_name from account"
        " union all select 'passkey', id, version, name from passkey order by 1, 2"
    )
    return [tuple(row) for row in await session.execute(text(named))]


async def test_http_034_an_edit_that_does_not_say_what_was_seen_is_refused_and_changes_nothing(
    app: FastAPI, session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    values, routes = values_of(cast, await set_scene(client_of, cast)), operations(app)
    before = await _versions(session)
    for operation in sorted(name for name, route in routes.items() if "PUT" in (route.methods or ())):
        row = MATRIX[operation]
        client = client_of(next(who for who in (ASHA, ADMIN) if row.expected(who) < 300))
        for headers in ({}, {"if-match": "*"}):
            answer = await client.put(filled(row.path, values), json=filled(row.body, values), headers=headers)
            assert answer.status_code in CASES["HTTP-034"]["expect"]["status"], operation
            assert answer.json()["type"] == "/problems/if-match-missing"
            assert "ETag" in answer.json()["detail"]
    assert await _versions(session) == before


async def test_http_035_an_edit_of_what_has_changed_since_is_refused_and_changes_nothing(
    app: FastAPI, session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    values, routes = values_of(cast, await set_scene(client_of, cast)), operations(app)
    # Linking the account that is linked already changes nothing, whatever was seen.
    edits = {name for name, route in routes.items() if "PUT" in (route.methods or ())} - {"link_patient_account"}
    for operation in sorted(edits):
        row = MATRIX[operation]
        client = client_of(next(who for who in (ASHA, ADMIN) if row.expected(who) < 300))
        tag, others = filled(row.headers["If-Match"], values), await _tags_of_others(client_of, cast)
        changed = await asked(client, "PUT", row, values)
        assert changed.status_code == 200, (operation, changed.text)
        newer = changed.headers["etag"]
        assert newer != tag
        before = await _versions(session)
        body = filled(row.body, values) | dict.fromkeys(row.body.keys() & OF_FREE_WORDS, "Else")
        body |= dict.fromkeys(row.body.keys() & {"display_name"}, "Else")
        body |= dict.fromkeys(row.body.keys() & {"time_zone"}, "Asia/Tokyo")
        body |= {each: [] for each in row.body.keys() & {"chosen"}}
        for stale in (tag, f"W/{newer}", newer[:-2], newer.replace(".", ","), '"1"', "1", '"old"', "old", *others):
            answer = await client.put(filled(row.path, values), json=body, headers={"if-match": stale})
            assert answer.status_code in CASES["HTTP-035"]["expect"]["status"], (operation, stale)
            assert answer.json()["type"] == "/problems/changed-since"
        assert await _versions(session) == before
        again = await client.put(filled(row.path, values), json=body, headers={"if-match": f"{tag}, {newer}"})
        assert again.status_code == 200
        assert again.headers["etag"] != newer


async def _tags_of_others(client_of: ClientOf, cast: Cast) -> list[str]:
    """Return good tags of other things: a form that is open on the wrong person has such a one."""
    paths = (f"/v1/patients/{cast.patients['sam_at_home']}", f"/v1/organisations/{cast.organisations['network']}")
    return [(await client_of(ASHA).get(path)).headers["etag"] for path in paths]


async def test_a_repeat_after_a_lost_answer_is_accepted_although_its_tag_has_passed(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    admin, path = client_of(ADMIN), f"/v1/organisations/{cast.organisations['practice']}"
    seen = {"if-match": (await admin.get(path)).headers["etag"]}
    first = await admin.put(path, json={"name": "Invented surgery"}, headers=seen)
    again = await admin.put(path, json={"name": "Invented surgery"}, headers=seen)
    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.content, first.headers["etag"]) == (again.content, again.headers["etag"])


async def test_a_tag_tells_nothing_and_is_different_for_whoever_sees_something_else(
    cast: Cast, client_of: ClientOf
) -> None:
    path = f"/v1/patients/{cast.patients['rose_resident']}"
    hers, his = [(await client_of(who).get(path)).headers["etag"] for who in (ASHA, CARL)]
    assert hers.split(".")[:2] == his.split(".")[:2]
    assert hers != his  # he sees her on another basis
    assert (await client_of(CARL).get(path, headers={"if-none-match": hers})).status_code == 200


# A patient's particulars


ROSA = {"given_name": "Rosa", "family_name": "Resident", "born_on": "1941-03-01", "nhs_number": "9990000042"}


async def _put(client: httpx.AsyncClient, path: str, body: object, **headers: str) -> httpx.Response:
    tag = (await client.get(path)).headers["etag"]
    return await client.put(path, json=body, headers={"if-match": tag, **headers})


async def test_who_a_patient_is_can_be_put_right_and_what_stood_there_before_is_kept(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    asha, path = client_of(ASHA), f"/v1/patients/{cast.patients['rose_resident']}"
    answer = await _put(asha, path, ROSA)
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in ROSA} == ROSA
    assert (await asha.get(path)).json() == answer.json()
    assert (await _put(asha, path, ROSA | {"nhs_number": None})).status_code == 200
    former = (await asha.get(f"{path}/former")).json()["items"]
    told = [(item["given_name"], item["nhs_number"], item["born_on"]) for item in former]
    assert told == [("Rosa", "9990000042", "1941-03-01"), ("Rose", "9990000018", "1940-02-29")]
    assert {item["replaced_by"] for item in former} == {str(cast.accounts[ASHA])}
    first = (await asha.get(f"{path}/former", params={"limit": "1"})).json()
    second = (await asha.get(f"{path}/former", params={"limit": "1", "cursor": first["next_cursor"]})).json()
    assert [*first["items"], *second["items"]] == former
    audited = await session.execute(
        text("select action from audit_event where patient_id = :rose and action like 'patient.c%' order by id"),
        {"rose": cast.patients["rose_resident"]},
    )
    assert audited.scalars().all() == ["patient.change_nhs_number", "patient.correct"] * 2


async def test_another_s_nhs_number_is_refused_told_to_nobody_and_leaves_a_trail(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    asha, path = client_of(ASHA), f"/v1/patients/{cast.patients['rose_resident']}"
    before = await _versions(session)
    answer = await _put(asha, path, ROSA | {"nhs_number": "9990000026"})  # Sam's
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/already-exists")
    assert "9990000026" not in answer.text
    assert str(cast.patients["sam_at_home"]) not in answer.text
    assert await _versions(session) == before
    tried = text("select patient_id from audit_event where action = 'patient.register_refused'")
    assert (await session.execute(tried)).scalars().all() == [cast.patients["sam_at_home"]]


@pytest.mark.parametrize("born_on", ["1800-01-01", "2150-01-01", "2024-01-01"])
async def test_a_birth_date_that_cannot_be_is_refused(cast: Cast, client_of: ClientOf, born_on: str) -> None:
    stay = {"care_home_id": str(cast.organisations["care_home"]), "from_on": "2023-12-31"}
    asha, path = client_of(ASHA), f"/v1/patients/{cast.patients['sam_at_home']}"
    assert (await asha.post(f"{path}/residences", json=stay)).status_code == 201
    answer = await _put(asha, path, ROSA | {"born_on": born_on})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/born_on")


async def test_nothing_of_a_correction_may_be_left_out(cast: Cast, client_of: ClientOf) -> None:
    asha, path = client_of(ASHA), f"/v1/patients/{cast.patients['rose_resident']}"
    for name in ROSA:
        answer = await _put(asha, path, {key: value for key, value in ROSA.items() if key != name})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{name}")


# A goal's words, and steps that honour a tag


async def _goal(client: httpx.AsyncClient, cast: Cast) -> str:
    path = f"/v1/patients/{cast.patients['rose_resident']}/goals"
    return f"{path}/{(await client.post(path, json={'description': 'To walk to the shop'})).json()['id']}"


WORDS = {"description": "To walk to the shop and back", "why": None, "target": None, "scale": None}


async def test_the_words_of_a_goal_are_changed_and_the_old_ones_kept(cast: Cast, client_of: ClientOf) -> None:
    rose = client_of(ROSE)
    path = await _goal(rose, cast)
    answer = await _put(rose, path, WORDS | {"why": "Fresh bread"})
    assert answer.status_code == 200
    assert (answer.json()["description"], answer.json()["why"]) == (WORDS["description"], "Fresh bread")
    assert [(f["version"], f["description"], f["replaced_as"]) for f in answer.json()["former"]] == [
        (1, "To walk to the shop", "patient")
    ]
    assert len(answer.json()["history"]) == 1  # its statuses have not moved


async def test_a_clinician_who_words_a_patient_s_goal_says_how_that_was_agreed(cast: Cast, client_of: ClientOf) -> None:
    asha, path = client_of(ASHA), await _goal(client_of(ROSE), cast)
    answer = await _put(asha, path, WORDS)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "note_missing")
    answer = await _put(asha, path, WORDS | {"note": "Asked her on the telephone"})
    assert answer.json()["former"][0]["note"] == "Asked her on the telephone"
    own = await _goal(asha, cast)  # only proposed so far: still the clinician's suggestion
    assert (await _put(asha, own, WORDS)).status_code == 200


async def test_a_goal_that_has_ended_keeps_its_words(cast: Cast, client_of: ClientOf) -> None:
    rose = client_of(ROSE)
    path = await _goal(rose, cast)
    assert (await rose.post(f"{path}/status", json={"lifecycle_status": "cancelled"})).status_code == 200
    assert (await _put(rose, path, WORDS)).status_code == 409


async def test_new_readings_make_another_answer_and_yet_refuse_no_new_words(cast: Cast, client_of: ClientOf) -> None:
    rose, at = client_of(ROSE), cast.now.date()
    target = {"sign": "heart_rate", "comparator": "<", "value": 80, "unit": "/min", "due_on": f"{at.year + 1}-01-01"}
    path = f"/v1/patients/{cast.patients['rose_resident']}/goals"
    made = (await rose.post(path, json={"description": "A calm heart", "target": target})).json()
    tag = (await rose.get(f"{path}/{made['id']}")).headers["etag"]
    again = await rose.get(f"{path}/{made['id']}", headers={"if-none-match": tag})
    assert (again.status_code, again.headers["etag"] != tag) == (200, True)  # its progress is of this instant
    reworded = await rose.put(f"{path}/{made['id']}", json=WORDS, headers={"if-match": tag})
    assert (reworded.status_code, reworded.json()["target"], reworded.json()["former"][0]["target"]["value"]) == (
        200,
        None,
        80,
    )


async def test_a_step_that_names_what_was_seen_is_refused_when_that_has_passed(cast: Cast, client_of: ClientOf) -> None:
    rose = client_of(ROSE)
    path = await _goal(rose, cast)
    seen = {"if-match": (await rose.get(path)).headers["etag"]}
    paused = await rose.post(f"{path}/status", json={"lifecycle_status": "on-hold"}, headers=seen)
    assert paused.status_code == 200
    ended = {"lifecycle_status": "cancelled"}
    assert (await rose.post(f"{path}/status", json=ended, headers=seen)).status_code == 412
    newer = {"if-match": paused.headers["etag"]}
    assert (await rose.post(f"{path}/status", json=ended, headers=newer)).status_code == 200


async def test_plans_observations_and_accounts_honour_a_tag_too(cast: Cast, client_of: ClientOf) -> None:
    values = values_of(cast, await set_scene(client_of, cast))
    for operation, read, who in (
        ("end_action_plan", "get_action_plan", ASHA),
        ("retract_observation", "get_observation", ASHA),
        ("correct_observation", "get_observation", ASHA),
        ("disable_account", "get_account", ADMIN),
    ):
        client = client_of(who)
        tag = (await asked(client, "GET", MATRIX[read], values)).headers["etag"]
        stale = tag.replace('"1.', '"2.')
        refused = await asked(client, "POST", MATRIX[operation], values, {"if-match": stale})
        assert refused.status_code == 412, operation
    done = await asked(client, "POST", MATRIX[operation], values, {"if-match": tag})
    assert done.status_code == 204


async def test_a_birth_date_is_not_moved_past_what_the_record_holds_until_that_is_put_right(
    cast: Cast, client_of: ClientOf
) -> None:
    asha, path = client_of(ASHA), f"/v1/patients/{cast.patients['sam_at_home']}"
    # Early in the morning in Sydney: in London it is still the day before.
    day = cast.now.date() - timedelta(days=400)
    born = {name: (day + timedelta(days=after)).isoformat() for name, after in (("then", 0), ("later", 1))}
    reading = {"client_id": "early-1", "sign": "heart_rate", "value": 120, "unit": "/min", "confirmed": True}
    taken = await asha.post(
        f"{path}/observations", json={"readings": [reading | {"effective_at": f"{day}T08:00:00+11:00"}]}
    )
    assert taken.status_code == 201, taken.text
    (stored,) = taken.json()["verdicts"]
    particulars = {"given_name": "Sam", "family_name": "Home", "nhs_number": "9990000026"}
    refused = await _put(asha, path, particulars | {"born_on": born["later"]})
    (fault,) = refused.json()["errors"]
    assert (refused.status_code, fault["pointer"], fault["code"]) == (422, "/born_on", "before_birth")
    assert "readings" in fault["message"]
    assert (await asha.get(path)).json()["born_on"] == "1940-02-29"
    assert (await _put(asha, path, particulars | {"born_on": born["then"]})).status_code == 200
    retracted = await asha.post(
        f"{path}/observations/{stored['observation_id']}/retraction", json={"reason": "Another child's"}
    )
    assert retracted.status_code == 200, retracted.text
    assert (await _put(asha, path, particulars | {"born_on": born["later"]})).status_code == 200


@pytest.mark.parametrize(
    "statement, what",
    [
        (
            (
                "insert into contact (id, patient_id, organisation_id, kind, started_at, started_on, offset_minutes,"
                " source, recorded_by, recorded_at) values (gen_random_uuid(), :patient, :place, 'gp_telephone',"
                " '2020-05-05 12:00+00', '2020-05-05', 0, 'x', :asha, now())"
            ),
            "visits",
        ),
        (
            (
                "insert into enrolment (id, pathway_id, patient_id, practice_id, enrolled_on, known_from, recorded_by,"
                " recorded_at) values (gen_random_uuid(), :pathway, :patient, :place, '2020-05-05', '2020-05-05',"
                " :asha, now())"
            ),
            "a pathway",
        ),
    ],
)
async def test_nor_past_visits_and_pathways_and_a_name_can_be_put_right_all_the_same(
    cast: Cast, client_of: ClientOf, session: AsyncSession, statement: str, what: str
) -> None:
    scene = await set_scene(client_of, cast)
    known = {
        "patient": cast.patients["sam_at_home"],
        "place": cast.organisations["practice"],
        "asha": cast.accounts[ASHA],
        "pathway": scene["pathway"],
    }
    await session.execute(text(statement), {name: each for name, each in known.items() if f":{name}" in statement})
    asha, path = client_of(ASHA), f"/v1/patients/{cast.patients['sam_at_home']}"
    particulars = {"given_name": "Sam", "family_name": "Home", "nhs_number": "9990000026"}
    refused = await _put(asha, path, particulars | {"born_on": "2020-05-06"})
    assert refused.status_code == 422
    assert what in refused.json()["errors"][0]["message"]
    await session.execute(text("update patient set born_on = '2020-05-06' where id = :patient"), known)
    assert (await _put(asha, path, particulars | {"born_on": "2020-05-06"})).status_code == 200
