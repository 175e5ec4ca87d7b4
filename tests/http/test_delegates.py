"""Acting for somebody: handed over by a code, within its scopes, until it is ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import london_date
from tests.cast import DELEGATE_TEXT, Cast
from tests.http.conftest import ClientOf

ROSE, UMA, VIC, ASHA, NOBODY = (
    "rose_herself",
    "uma_delegate",
    "vic_delegate_who_records",
    "asha_clinician_of_practice",
    "nobody_at_all",
)
BEA = "bea_clinician_elsewhere"
CARL = "carl_clinician_on_care_team"
GUS, PIA = "gus_care_home_staff", "pia_clinician_broke_glass"
# Who has accepted, and whether they act for her now, or will.
ONCE_DELEGATES = {
    UMA: True,
    VIC: True,
    "wanda_delegate_revoked": False,
    "xeno_delegate_run_out": False,
    "yara_delegate_from_tomorrow": True,
    NOBODY: False,
    ROSE: False,
}
FRIEND: dict[str, Any] = {"relationship": "friend", "scopes": ["read"], "text_version": DELEGATE_TEXT}


def rose(cast: Cast) -> str:
    return f"/v1/patients/{cast.patients['rose_resident']}"


def reading(cast: Cast, client_id: str) -> dict[str, Any]:
    at = (cast.now - timedelta(minutes=2)).isoformat()
    one = {"client_id": client_id, "sign": "heart_rate", "value": 66, "unit": "/min", "effective_at": at}
    return {"readings": [one]}


async def code_of(client_of: ClientOf, cast: Cast, **terms: Any) -> str:
    answer = await client_of(ROSE).post(f"{rose(cast)}/delegates", json=FRIEND | terms)
    assert answer.status_code == 201, answer.json()
    code: str = answer.json()["code"]
    return code


async def test_who_recorded_for_a_person_is_named_to_who_may_know_who_acts_for_them(
    cast: Cast, client_of: ClientOf
) -> None:
    for minutes_ago, who in enumerate((VIC, ASHA), start=2):
        (one,) = reading(cast, who)["readings"]
        at = (cast.now - timedelta(minutes=minutes_ago)).isoformat()
        sent = await client_of(who).post(f"{rose(cast)}/observations", json={"readings": [one | {"effective_at": at}]})
        assert sent.status_code == 201, sent.json()
    shown: dict[str, list[dict[str, str]]] = {}
    for who in (ROSE, ASHA, CARL, GUS, UMA, PIA):
        page = (await client_of(who).get(f"{rose(cast)}/observations")).json()
        assert {each["recorded_as"] for each in page["items"]} == {"delegate", "care_team"}
        shown[who] = page["recorders"]
    vic = [{"account_id": str(cast.accounts[VIC]), "name": "vic delegate who records"}]
    # Not to the home's staff, nor to whom Rose chose to act for her, nor to who opened it in an emergency.
    assert shown == dict.fromkeys((ROSE, ASHA, CARL), vic) | {who: [] for who in (GUS, UMA, PIA)}
    await client_of(ROSE).post(
        f"{rose(cast)}/delegates/{cast.others[f'delegation_of_{VIC}']}/end", json={"reason": "no_longer_wanted"}
    )
    assert (await client_of(ROSE).get(f"{rose(cast)}/observations")).json()["recorders"] == vic


async def test_a_code_makes_one_delegate_once_however_it_is_typed(cast: Cast, client_of: ClientOf) -> None:
    code = await code_of(client_of, cast)
    assert (await client_of(NOBODY).get(rose(cast))).status_code == 404
    typed = f" {code.lower()} "
    accepted = await client_of(NOBODY).post("/v1/me/delegations", json={"code": typed})
    assert (accepted.status_code, accepted.json()["given_name"]) == (201, "Rose")
    assert (await client_of(NOBODY).get(rose(cast))).json()["bases"] == ["delegate"]
    assert (await client_of("sam_himself").post("/v1/me/delegations", json={"code": code})).status_code == 404


async def test_a_wrong_a_spent_an_expired_and_a_taken_back_code_look_the_same(
    session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    spent, expired, back = [await code_of(client_of, cast) for _ in range(3)]
    await client_of(NOBODY).post("/v1/me/delegations", json={"code": spent})
    offers = (await client_of(ROSE).get(f"{rose(cast)}/delegates")).json()["items"]
    open_ones = [each["id"] for each in offers if each["state"] == "offered"]
    await client_of(ROSE).post(f"{rose(cast)}/delegates/{open_ones[0]}/end", json={"reason": "no_longer_wanted"})
    await session.execute(
        text("update delegation set code_expires_at = now() - interval '1 second' where id = :id"),
        {"id": open_ones[1]},
    )
    told = set()
    for code in ("00000-00000-00000-00000", spent, expired, back):
        answer = await client_of("sam_himself").post(
            "/v1/me/delegations", json={"code": code}, headers={"x-request-id": "0190f3a2-7c1e-7c1e-9c1e-0a0000000002"}
        )
        told.add((answer.status_code, answer.text))
    assert [status for status, _ in told] == [404]


async def test_only_the_hash_of_a_code_is_kept(session: AsyncSession, cast: Cast, client_of: ClientOf) -> None:
    code = await code_of(client_of, cast)
    kept = (await session.execute(text("select delegation::text from delegation"))).scalars().all()
    letters = code.replace("-", "")
    assert kept
    assert not [row for row in kept if letters in row or code in row or letters.encode().hex() in row]


async def test_nobody_accepts_their_own_code(cast: Cast, client_of: ClientOf) -> None:
    answer = await client_of(ROSE).post("/v1/me/delegations", json={"code": await code_of(client_of, cast)})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "own_code")


async def test_authz_007_a_delegation_that_is_ended_is_over_for_a_token_still_good(
    cast: Cast, client_of: ClientOf
) -> None:
    uma = cast.others["delegation_of_uma_delegate"]
    assert (await client_of(UMA).get(f"{rose(cast)}/observations")).status_code == 200
    ended = await client_of(ROSE).post(f"{rose(cast)}/delegates/{uma}/end", json={"reason": "no_longer_wanted"})
    assert ended.status_code == 204
    assert (await client_of(UMA).get(f"{rose(cast)}/observations")).status_code == 404
    # No trace that tells the delegate of it, or why: the delegation is not there.
    assert (await client_of(UMA).get("/v1/me/delegations")).json() == {"items": []}


async def test_authz_008_who_records_for_somebody_reads_nothing_of_others(cast: Cast, client_of: ClientOf) -> None:
    vic = client_of(VIC)
    assert (await vic.post(f"{rose(cast)}/observations", json=reading(cast, "vic-1"))).status_code == 201
    for path in ("", "/observations", "/observations/latest", "/goals", "/action-plans", "/access-log", "/delegates"):
        assert (await vic.get(f"{rose(cast)}{path}")).status_code == 403, path
    assert (await vic.get("/v1/patients")).json()["items"] == []
    assert (await vic.get("/v1/board")).json()["items"] == []


async def test_whom_one_acts_for_at_home_is_not_on_the_board_of_ones_work(
    session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    bea, gus, tess = client_of(BEA), client_of("gus_care_home_staff"), str(cast.patients["tess_of_other_practice"])
    her_rose = str(cast.patients["rose_resident"])
    held = [await accepted_by(client, await code_of(client_of, cast)) for client in (bea, gus)]
    listed = {item["id"]: item["bases"] for item in (await bea.get("/v1/patients")).json()["items"]}
    assert listed == {tess: ["practice"], her_rose: ["delegate"]}
    assert await on_board(bea) == [tess]
    # Who lives in the home where one works stands there on that ground, whomever one acts for besides.
    assert await on_board(gus) == [her_rose]
    assert await on_board(client_of(ROSE)) == await on_board(client_of(UMA)) == []
    read = await session.execute(
        text("select account_id, basis from audit_event where action = 'board.read' and patient_id = :rose"),
        {"rose": cast.patients["rose_resident"]},
    )
    assert {tuple(row) for row in read} == {(cast.accounts["gus_care_home_staff"], "care_home")}
    for client, delegation in zip((bea, gus), held, strict=True):
        assert (await client.delete(f"/v1/me/delegations/{delegation}")).status_code == 204


async def test_whom_one_acts_for_at_home_is_not_a_resident_of_ones_work(
    session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    bea, gus = client_of(BEA), client_of("gus_care_home_staff")
    held = [await accepted_by(client, await code_of(client_of, cast)) for client in (bea, gus)]
    assert await residents(bea, cast) == await residents(client_of(ROSE), cast) == {}
    assert await residents(client_of(UMA), cast) == await residents(client_of(VIC), cast) == {}
    # Whom one also cares for by one's work stands there on that ground alone.
    her_rose = str(cast.patients["rose_resident"])
    at_work = [(gus, "care_home"), (client_of(CARL), "care_team")]
    for client, basis in at_work:
        assert (await residents(client, cast))[her_rose] == [basis]
    read = await session.execute(
        text("select basis from audit_event where action = 'patient.list' and patient_id = :rose order by id"),
        {"rose": cast.patients["rose_resident"]},
    )
    assert read.scalars().all() == [basis for _, basis in at_work]
    for client, delegation in zip((bea, gus), held, strict=True):
        assert (await client.delete(f"/v1/me/delegations/{delegation}")).status_code == 204


async def test_ones_own_account_says_whether_one_acts_for_anybody_and_not_for_whom(
    cast: Cast, client_of: ClientOf
) -> None:
    acting = {name: (await client_of(name).get("/v1/me")).json()["acts_for_others"] for name in ONCE_DELEGATES}
    assert acting == ONCE_DELEGATES
    bea = client_of(BEA)
    delegation = await accepted_by(bea, await code_of(client_of, cast))
    assert (await bea.get("/v1/me")).json()["acts_for_others"] is True
    await bea.delete(f"/v1/me/delegations/{delegation}")
    assert (await bea.get("/v1/me")).json()["acts_for_others"] is False


async def accepted_by(client: AsyncClient, code: str) -> str:
    answer = await client.post("/v1/me/delegations", json={"code": code})
    assert answer.status_code == 201, answer.json()
    delegation: str = answer.json()["id"]
    return delegation


async def on_board(client: AsyncClient) -> list[str]:
    return [row["patient"]["id"] for row in (await client.get("/v1/board")).json()["items"]]


async def residents(client: AsyncClient, cast: Cast) -> dict[str, list[str]]:
    home = f"/v1/care-homes/{cast.organisations['care_home']}/residents"
    return {each["id"]: each["bases"] for each in (await client.get(home)).json()["items"]}


async def test_what_a_delegate_records_says_so_and_they_put_right_only_their_own(
    session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    uma, asha = client_of(UMA), client_of(ASHA)
    mine = (await uma.post(f"{rose(cast)}/observations", json=reading(cast, "uma-1"))).json()["verdicts"][0]
    path = f"{rose(cast)}/observations"
    assert (await uma.get(f"{path}/{mine['observation_id']}")).json()["recorded_as"] == "delegate"
    reason = {"reason": "Somebody else's"}
    assert (await uma.post(f"{path}/{mine['observation_id']}/retraction", json=reason)).status_code == 200
    others = reading(cast, "asha-1")
    others["readings"][0]["sign"], others["readings"][0]["value"] = "respiratory_rate", 14
    hers = (await asha.post(path, json=others)).json()["verdicts"][0]
    assert (await uma.post(f"{path}/{hers['observation_id']}/retraction", json=reason)).status_code == 403
    bases = await session.execute(
        text("select distinct basis, role from audit_event where account_id = :uma and patient_id is not null"),
        {"uma": cast.accounts[UMA]},
    )
    assert {tuple(row) for row in bases} == {("delegate", None)}


async def test_a_delegate_who_is_staff_too_is_audited_on_the_basis_that_allows_each_deed(
    session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    code, carl = await code_of(client_of, cast), client_of("carl_clinician_on_care_team")
    assert (await carl.post("/v1/me/delegations", json={"code": code})).status_code == 201
    assert (await carl.get(rose(cast), headers={"x-request-id": "0190f3a2-7c1e-7c1e-9c1e-0a0000000004"})).json()[
        "bases"
    ] == [
        "care_team",
        "delegate",
    ]
    posted = await carl.post(
        f"{rose(cast)}/observations",
        json=reading(cast, "carl-1"),
        headers={"x-request-id": "0190f3a2-7c1e-7c1e-9c1e-0a0000000005"},
    )
    assert posted.status_code == 201
    trail = await session.execute(
        text("select request_id, basis, role from audit_event where request_id ~ '0a000000000[45]$'")
    )
    assert {tuple(row) for row in trail} == {
        ("0190f3a2-7c1e-7c1e-9c1e-0a0000000004", "delegate", None),
        ("0190f3a2-7c1e-7c1e-9c1e-0a0000000005", "care_team", "clinician"),
    }


async def test_the_person_gives_nobody_the_right_to_decide_for_them(cast: Cast, client_of: ClientOf) -> None:
    answer = await client_of(ROSE).post(f"{rose(cast)}/delegates", json=FRIEND | {"scopes": ["decide"]})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "scope_by_law_only")


async def test_only_the_latest_text_is_consented_to(cast: Cast, client_of: ClientOf) -> None:
    answer = await client_of(ROSE).post(f"{rose(cast)}/delegates", json=FRIEND | {"text_version": 99})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/text_version")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"ground": "parental_responsibility"}, "/ground"),  # Rose is an adult
        ({"ground": "consent"}, "/ground"),  # hers to give
        ({"ground": "best_interests", "scopes": ["decide"]}, "/scopes"),
        ({"review_on": "{too_late}"}, "/review_on"),
    ],
)
async def test_a_delegate_by_law_needs_a_ground_that_holds_and_a_review(
    cast: Cast, client_of: ClientOf, change: dict[str, Any], pointer: str
) -> None:
    today = london_date(cast.now)
    if change.get("review_on"):
        change = {"review_on": (today + timedelta(days=400)).isoformat()}
    body = {
        "relationship": "attorney",
        "scopes": ["read"],
        "ground": "lasting_power_of_attorney",
        "evidence": "Registered instrument seen",
        "review_on": (today + timedelta(days=90)).isoformat(),
    }
    answer = await client_of(ASHA).post(f"{rose(cast)}/delegates/by-law", json=body | change)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await client_of(ASHA).post(f"{rose(cast)}/delegates/by-law", json=body)).status_code == 201


async def test_whom_the_law_appoints_may_decide_and_see_who_looked(cast: Cast, client_of: ClientOf) -> None:
    body = {
        "relationship": "attorney",
        "scopes": ["read", "decide"],
        "ground": "lasting_power_of_attorney",
        "evidence": "Registered instrument seen",
        "review_on": (london_date(cast.now) + timedelta(days=90)).isoformat(),
    }
    made = await client_of(ASHA).post(f"{rose(cast)}/delegates/by-law", json=body)
    nobody = client_of(NOBODY)
    await nobody.post("/v1/me/delegations", json={"code": made.json()["code"]})
    decided = await nobody.post(f"{rose(cast)}/consents/withdrawal", json={"purpose": "research", "text_version": 1})
    assert (decided.status_code, decided.json()["authority"]) == (201, "delegate_by_law")
    assert (await nobody.get(f"{rose(cast)}/access-log")).status_code == 200
    assert (await client_of(UMA).get(f"{rose(cast)}/access-log")).status_code == 403
