"""Registering patients, care homes, care teams: what is refused, and how it is said."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import london_date
from tests.cast import Cast
from tests.http.conftest import ClientOf

ASHA = "asha_clinician_of_practice"


def una(cast: Cast, **but: object) -> dict[str, object]:
    return {
        "given_name": "Una",
        "family_name": "New",
        "born_on": "1950-05-05",
        "practice_id": str(cast.organisations["practice"]),
        **but,
    }


async def link(client: httpx.AsyncClient, patient_id: object, body: dict[str, str]) -> httpx.Response:
    path = f"/v1/patients/{patient_id}"
    tag = (await client.get(path)).headers["etag"]
    return await client.put(f"{path}/account", json=body, headers={"if-match": tag})


async def test_a_patient_needs_no_nhs_number(cast: Cast, client_of: ClientOf) -> None:
    made = await client_of(ASHA).post("/v1/patients", json=una(cast))
    assert made.status_code == 201
    body = (await client_of(ASHA).get(f"/v1/patients/{made.json()['id']}")).json()
    assert (body["nhs_number"], body["bases"]) == (None, ["practice"])
    assert (body["care_home"], body["room"]) == (None, None)


async def test_where_a_resident_lives_is_told_by_name_wherever_they_are_shown(cast: Cast, client_of: ClientOf) -> None:
    gus, home = client_of("gus_care_home_staff"), str(cast.organisations["care_home"])
    shown = [(await gus.get(f"/v1/patients/{cast.patients['rose_resident']}")).json()]
    for listed in ("/v1/patients", f"/v1/care-homes/{home}/residents"):
        shown += (await gus.get(listed)).json()["items"]
    shown += [row["patient"] for row in (await gus.get("/v1/board")).json()["items"]]
    told = [(person["care_home"]["id"], person["care_home"]["name"], person["room"]) for person in shown]
    assert told == [(home, "Invented care_home", "2")] * 4


async def test_an_nhs_number_is_written_as_on_the_card_and_registered_once(cast: Cast, client_of: ClientOf) -> None:
    first = await client_of(ASHA).post("/v1/patients", json=una(cast, nhs_number="999 000 0034"))
    assert first.status_code == 201
    second = await client_of(ASHA).post("/v1/patients", json=una(cast, nhs_number="9990000034"))
    assert second.status_code == 409
    assert "9990000034" not in second.text


async def test_who_is_told_that_a_number_is_known_leaves_a_trail_and_learns_nothing_else(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    there = una(cast, practice_id=str(cast.organisations["other_practice"]), nhs_number="9990000018")
    answer = await client_of("bea_clinician_elsewhere").post("/v1/patients", json=there)
    assert answer.status_code == 409
    told = answer.json()
    assert (told["type"], told["detail"]) == (
        "/problems/already-exists",
        "A patient with this NHS number is already registered.",
    )
    assert set(told) == {"type", "title", "status", "detail", "request_id"}
    tried = text("select account_id, patient_id from audit_event where action = 'patient.register_refused'")
    assert [tuple(row) for row in await session.execute(tried)] == [
        (cast.accounts["bea_clinician_elsewhere"], cast.patients["rose_resident"])
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nhs_number", "9990000035"),
        ("nhs_number", "٩٩٩٠٠٠٠٠٣٤"),
        ("nhs_number", "1111111111"),
        ("born_on", "2150-01-01"),
        ("born_on", "1800-01-01"),
        ("born_on", "1950-02-30"),
        ("given_name", "   "),
        ("given_name", "Una\u0000"),
        ("role", "administrator"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(cast: Cast, client_of: ClientOf, field: str, value: str) -> None:
    answer = await client_of(ASHA).post("/v1/patients", json=una(cast, **{field: value}))
    assert answer.status_code in (400, 422)
    if answer.status_code == 422:
        assert f"/{field}" in {error["pointer"] for error in answer.json()["errors"]}
    assert value.strip() == "" or value not in answer.text


async def test_a_resident_must_leave_one_home_before_entering_another(cast: Cast, client_of: ClientOf) -> None:
    rose, today = cast.patients["rose_resident"], london_date(cast.now)
    move = {"care_home_id": str(cast.organisations["former_home"]), "from_on": today.isoformat()}
    assert (await client_of(ASHA).post(f"/v1/patients/{rose}/residences", json=move)).status_code == 409
    left = {"until_on": today.isoformat()}
    residence = cast.others["residence_of_rose"]
    assert (await client_of(ASHA).post(f"/v1/residences/{residence}/end", json=left)).status_code == 204
    assert (await client_of(ASHA).post(f"/v1/residences/{residence}/end", json=left)).status_code == 409
    assert (await client_of(ASHA).post(f"/v1/patients/{rose}/residences", json=move)).status_code == 201
    assert (await client_of("hope_staff_of_former_home").get(f"/v1/patients/{rose}")).status_code == 200
    assert (await client_of("gus_care_home_staff").get(f"/v1/patients/{rose}")).status_code == 404


async def test_a_stay_is_planned_at_most_three_months_ahead(cast: Cast, client_of: ClientOf) -> None:
    sam, far = cast.patients["sam_at_home"], london_date(cast.now) + timedelta(days=93)
    move = {"care_home_id": str(cast.organisations["care_home"]), "from_on": far.isoformat()}
    answer = await client_of(ASHA).post(f"/v1/patients/{sam}/residences", json=move)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/from_on")


async def test_only_a_care_home_can_be_lived_in(cast: Cast, client_of: ClientOf) -> None:
    sam, today = cast.patients["sam_at_home"], london_date(cast.now)
    move = {"care_home_id": str(cast.organisations["practice"]), "from_on": today.isoformat()}
    answer = await client_of(ASHA).post(f"/v1/patients/{sam}/residences", json=move)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "not_a_care_home")


async def test_pages_of_patients_are_complete_and_their_cursors_personal(cast: Cast, client_of: ClientOf) -> None:
    asha = client_of(ASHA)
    for number in range(5):
        assert (await asha.post("/v1/patients", json=una(cast, family_name=f"New{number}"))).status_code == 201
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await asha.get("/v1/patients", params=query)).json()
        seen += [patient["id"] for patient in page["items"]]
        cursor = page["next_cursor"] or None
        if cursor is None:
            break
        stolen = await client_of("bea_clinician_elsewhere").get("/v1/patients", params={"cursor": cursor})
        assert stolen.status_code == 400
    assert len(seen) == len(set(seen)) == 8


async def test_who_is_on_a_care_team_is_told_by_name(cast: Cast, client_of: ClientOf) -> None:
    team = (await client_of("carl_clinician_on_care_team").get(f"/v1/care-teams/{cast.others['team']}")).json()
    named = {each["account_id"]: each["name"] for each in team["members"]}
    carl = str(cast.accounts["carl_clinician_on_care_team"])
    assert named[carl] == "carl clinician on care team"
    assert list(named) == team["member_ids"]
    assert str(cast.accounts["dora_clinician_left_care_team"]) not in named


async def test_whoever_is_shown_who_is_on_a_team_s_list_leaves_an_audit_event_for_each_patient(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    asha, sam, rose = client_of(ASHA), cast.patients["sam_at_home"], cast.patients["rose_resident"]
    will = cast.patients["will_not_sharing"]
    for team in ("team", "former_team"):
        listed = await asha.post(f"/v1/care-teams/{cast.others[team]}/patients", json={"patient_id": str(sam)})
        assert listed.status_code == 204
    shown = (await asha.get("/v1/care-teams", headers={"x-request-id": "0190f3a2-7c1e-7c1e-9c1e-0a0000000008"})).json()[
        "items"
    ]
    assert [len(team["patient_ids"]) for team in shown] == [3, 1]
    page = await asha.get(
        "/v1/care-teams", params={"limit": "1"}, headers={"x-request-id": "0190f3a2-7c1e-7c1e-9c1e-0a0000000009"}
    )
    assert [len(team["patient_ids"]) for team in page.json()["items"]] == [3]
    for request_id in ("0190f3a2-7c1e-7c1e-9c1e-0a0000000008", "0190f3a2-7c1e-7c1e-9c1e-0a0000000009"):
        audited = await session.execute(
            text("select patient_id from audit_event where action = 'care_team.list' and request_id = :id"),
            {"id": request_id},
        )
        assert sorted(audited.scalars()) == sorted([rose, sam, will])


async def test_a_role_must_fit_the_organisation_and_which_do_is_told(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    admin, path = client_of("admin"), f"/v1/accounts/{cast.accounts['nobody_at_all']}/memberships"
    kinds = {each["role"]: each["kinds"] for each in (await admin.get("/v1/roles")).json()["items"]}
    places = {each["kind"]: each["id"] for each in (await admin.get("/v1/organisations")).json()["items"]}
    for role, fitting in kinds.items():
        for kind, place in places.items():
            before = await session.begin_nested()
            answer = await admin.post(path, json={"organisation_id": place, "role": role})
            await before.rollback()
            refused = [fault["code"] for fault in answer.json().get("errors", [])] == ["role_not_at_kind"]
            assert refused is (kind not in fitting), (role, kind)
    assert {"care_home", "commissioner", "practice"} <= set(places)


async def test_a_role_is_held_once(cast: Cast, client_of: ClientOf) -> None:
    role = {"organisation_id": str(cast.organisations["practice"]), "role": "clinician"}
    answer = await client_of("admin").post(f"/v1/accounts/{cast.accounts[ASHA]}/memberships", json=role)
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("clinician", "practice"),
        ("care_home_staff", "care_home"),
        ("administrator", "practice"),
        ("commissioner", "commissioner"),
    ],
)
async def test_nobody_gives_themselves_a_role(cast: Cast, client_of: ClientOf, role: str, place: str) -> None:
    own = f"/v1/accounts/{cast.accounts['admin']}/memberships"
    answer = await client_of("admin").post(own, json={"organisation_id": str(cast.organisations[place]), "role": role})
    assert answer.status_code == 403
    assert "ask another administrator" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("name", "role", "place"),
    [
        ("iris_commissioner", "administrator", "commissioner"),
        ("iris_commissioner", "clinician", "practice"),
        (ASHA, "commissioner", "commissioner"),
    ],
)
async def test_who_reads_outcomes_does_not_make_them(
    cast: Cast, client_of: ClientOf, name: str, role: str, place: str
) -> None:
    memberships = f"/v1/accounts/{cast.accounts[name]}/memberships"
    wanted = {"organisation_id": str(cast.organisations[place]), "role": role}
    answer = await client_of("admin").post(memberships, json=wanted)
    assert answer.status_code == 409
    assert "another account" in answer.json()["detail"]


async def test_an_expired_membership_can_be_renewed(cast: Cast, client_of: ClientOf) -> None:
    earl = "earl_clinician_membership_expired"
    sam = f"/v1/patients/{cast.patients['sam_at_home']}"
    assert (await client_of(earl).get(sam)).status_code == 404
    role = {"organisation_id": str(cast.organisations["practice"]), "role": "clinician"}
    renewed = await client_of("admin").post(f"/v1/accounts/{cast.accounts[earl]}/memberships", json=role)
    assert renewed.status_code == 201
    assert (await client_of(earl).get(sam)).status_code == 200


async def test_a_clinician_cannot_make_their_own_account_the_patient_s(cast: Cast, client_of: ClientOf) -> None:
    una_id = (await client_of(ASHA).post("/v1/patients", json=una(cast))).json()["id"]
    own = {"account_id": str(cast.accounts[ASHA])}
    answer = await link(client_of(ASHA), una_id, own)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_account")


async def test_an_account_that_is_linked_opens_its_record_and_no_other(cast: Cast, client_of: ClientOf) -> None:
    una_id = (await client_of(ASHA).post("/v1/patients", json=una(cast))).json()["id"]
    nobody = client_of("nobody_at_all")
    assert (await nobody.get(f"/v1/patients/{una_id}")).status_code == 404
    linked = await link(client_of(ASHA), una_id, {"account_id": str(cast.accounts["nobody_at_all"])})
    assert linked.status_code == 204
    assert (await nobody.get(f"/v1/patients/{una_id}")).status_code == 200
    assert (await nobody.get(f"/v1/patients/{cast.patients['sam_at_home']}")).status_code == 404


async def test_an_account_once_linked_is_replaced_by_no_other_and_belongs_to_one_patient(
    cast: Cast, client_of: ClientOf
) -> None:
    sam = cast.patients["sam_at_home"]
    other = {"account_id": str(cast.accounts["nobody_at_all"])}
    assert (await link(client_of(ASHA), sam, other)).status_code == 409
    again = {"account_id": str(cast.accounts["sam_himself"])}
    assert (await link(client_of(ASHA), sam, again)).status_code == 204
    una_id = (await client_of(ASHA).post("/v1/patients", json=una(cast))).json()["id"]
    assert (await link(client_of(ASHA), una_id, again)).status_code == 409
    assert (await client_of("sam_himself").get(f"/v1/patients/{sam}")).status_code == 200


async def test_what_another_administers_and_what_is_not_there_are_refused_alike(
    cast: Cast, client_of: ClientOf
) -> None:
    jack, same = client_of("jack_administrator_of_practice"), {"x-request-id": "0190f3a2-7c1e-7c1e-9c1e-0a000000000a"}
    foreign = cast.others["membership_of_iris_commissioner"]
    hidden = await jack.delete(f"/v1/memberships/{foreign}", headers=same)
    absent = await jack.delete(f"/v1/memberships/{cast.accounts['admin']}", headers=same)
    assert (hidden.status_code, hidden.content) == (404, absent.content)


async def test_a_row_of_a_board_has_another_edition_once_it_shows_something_else_and_not_for_what_it_does_not_show(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    carl, asha, sam = client_of("carl_clinician_on_care_team"), client_of(ASHA), cast.patients["sam_at_home"]
    listed, at_home = f"/v1/care-teams/{cast.others['team']}/patients", f"/v1/patients/{sam}"

    async def editions() -> list[str]:
        return list((await carl.get("/v1/board/edition")).json()["rows"])

    before = await editions()
    await asha.post(listed, json={"patient_id": str(sam)})
    with_sam = await editions()
    (of_sam,) = set(with_sam) - set(before)
    assert set(before) < set(with_sam)
    beat = {"client_id": "b", "sign": "heart_rate", "value": 71, "unit": "/min", "effective_at": cast.now.isoformat()}
    assert (await carl.post(f"{at_home}/observations", json={"readings": [beat]})).json()["stored"] == 1
    await session.execute(text("update patient set version = version + 1 where id = :id"), {"id": sam})
    assert await editions() == with_sam
    move = {"care_home_id": str(cast.organisations["care_home"]), "room": "9", "from_on": str(london_date(cast.now))}
    assert (await asha.post(f"{at_home}/residences", json=move)).status_code == 201
    moved = await editions()
    assert (set(before) < set(moved), of_sam in moved, len(moved)) == (True, False, len(with_sam))
    await session.execute(text("update patient set family_name = 'Moved' where id = :id"), {"id": sam})
    renamed = await editions()
    assert (set(renamed) & set(moved), len(renamed)) == (set(before), len(moved))
    assert (await asha.delete(f"{listed}/{sam}")).status_code == 204
    assert await editions() == before
    told = await session.execute(
        text("select 1 from audit_event where account_id = :id and action = 'board.read'"),
        {"id": cast.accounts["carl_clinician_on_care_team"]},
    )
    assert told.all() == []


async def test_what_is_asked_of_a_board_is_of_no_more_than_is_shown_of_it_and_is_what_its_rows_say(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    await session.execute(
        text(
            "insert into patient (id, given_name, family_name, born_on, practice_id, created_by, created_at)"
            " select gen_random_uuid(), 'A', 'B', '1950-01-01', :practice, :by, now() from generate_series(1, 500)"
        ),
        {"practice": cast.organisations["practice"], "by": cast.accounts[ASHA]},
    )
    asha = client_of(ASHA)
    page = (await asha.get("/v1/board", params={"limit": 100})).json()["items"]
    shown = [row["edition"] for row in page]
    last = page[-1]["patient"]["id"]
    assert (await asha.get("/v1/board/edition", params={"up_to": last})).json()["rows"] == shown
    whole = (await asha.get("/v1/board/edition")).json()["rows"]
    assert (whole[:100], len(whole), len(set(whole))) == (shown, 500, 500)
    for wrong in ("", "1", last.replace("-", ""), f"{{{last}}}"):
        assert (await asha.get("/v1/board/edition", params={"up_to": wrong})).status_code == 422, wrong
