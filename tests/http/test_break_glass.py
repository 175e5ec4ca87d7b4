"""Breaking the glass: one record, to read, for a stated reason, for hours; nothing is shown that is not recorded."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import repeat
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import Services
from domain.clock import london_date
from domain.ids import new_id
from tests.cast import DELEGATE_TEXT, Cast
from tests.http.conftest import ClientOf
from tests.http.letters import Letters, Received

BEA, PIA, SAUL, SAM = "bea_clinician_elsewhere", "pia_clinician_broke_glass", "saul_privacy_officer", "sam_himself"
ASKED: dict[str, Any] = {
    "nhs_number": "999 000 0026",
    "born_on": "1940-02-29",
    "reason_code": "emergency",
    "reason": "Brought in by ambulance, confused",
    "hours": 4,
}


def sam(cast: Cast) -> str:
    return f"/v1/patients/{cast.patients['sam_at_home']}"


def rose(cast: Cast) -> str:
    return f"/v1/patients/{cast.patients['rose_resident']}"


async def count(session: AsyncSession, table: str) -> int:
    found: int = (await session.execute(text(f"select count(*) from {table}"))).scalar_one()
    return found


async def test_authz_019_the_record_is_open_from_then_on_until_it_runs_out(
    session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    bea = client_of(BEA)
    assert (await bea.get(sam(cast))).status_code == 404
    opened = await bea.post("/v1/break-glass", json=ASKED)
    assert (opened.status_code, opened.json()["patient_id"]) == (201, str(cast.patients["sam_at_home"]))
    assert (await bea.get(sam(cast))).json()["bases"] == ["break_glass"]
    assert (await bea.get(f"{sam(cast)}/observations")).status_code == 200
    await session.execute(
        text(
            "update break_glass set opened_at = opened_at - interval '5 hours',"
            " until_at = until_at - interval '5 hours'"
        )
    )
    closed = await bea.get(sam(cast))
    assert (closed.status_code, closed.json()["detail"]) == (
        403,
        "The record that you opened in an emergency is closed again.",
    )
    assert (await bea.get(f"{sam(cast)}/observations")).status_code == 403
    # Whoever did not open it, and whoever asks for somebody else, learns nothing.
    assert (await bea.get(rose(cast))).status_code == (await bea.get(f"/v1/patients/{new_id()}")).status_code == 404
    assert (await client_of("dora_clinician_left_care_team").get(sam(cast))).status_code == 404
    assert (await bea.post("/v1/break-glass", json=ASKED)).status_code == 201


async def test_who_is_no_clinician_any_more_is_told_nothing_of_what_they_once_opened(
    session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    remy = "remy_clinician_glass_ended"
    assert (await client_of(remy).get(rose(cast))).status_code == 403
    await session.execute(
        text("update membership set ended_at = now() where account_id = :remy"), {"remy": cast.accounts[remy]}
    )
    assert (await client_of(remy).get(rose(cast))).status_code == 404


async def test_authz_020_it_neither_writes_nor_lists(cast: Cast, client_of: ClientOf) -> None:
    pia = client_of(PIA)
    assert (await pia.get(rose(cast))).status_code == 200
    for path, body in (
        ("/goals", {"description": "To sleep"}),
        ("/consents", {"purpose": "research", "text_version": 1}),
        ("/delegates", {"relationship": "friend", "scopes": ["read"], "text_version": DELEGATE_TEXT}),
    ):
        assert (await pia.post(rose(cast) + path, json=body)).status_code == 403, path
    for path in ("/v1/patients", "/v1/board", f"/v1/care-homes/{cast.organisations['care_home']}/residents"):
        assert (await pia.get(path)).json()["items"] == [], path


async def test_the_grant_its_audit_and_its_alert_are_there_before_anything_is_told(
    session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    await client_of(BEA).post(
        "/v1/break-glass", json=ASKED, headers={"x-request-id": "0190f3a2-7c1e-7c1e-9c1e-0a0000000001"}
    )
    trail = (
        await session.execute(
            text(
                "select patient_id, basis, role, purpose, reason"
                " from audit_event where request_id = '0190f3a2-7c1e-7c1e-9c1e-0a0000000001'"
            )
        )
    ).one()
    reason = f"emergency: {ASKED['reason']}"
    assert tuple(trail) == (cast.patients["sam_at_home"], "break_glass", "clinician", "BTG", reason)
    alert = (await session.execute(text("select * from event_outbox where kind = 'privacy_alert.raised'"))).all()[-1]
    assert (alert.patient_id, len(alert.subject_ids)) == (None, 1)
    told = (await session.execute(text("select patient_id from event_outbox where kind = 'break_glass.opened'"))).all()
    assert told[-1].patient_id == cast.patients["sam_at_home"]


async def test_without_its_audit_row_nothing_is_opened_and_nothing_is_read(
    session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    before = [await count(session, table) for table in ("break_glass", "privacy_alert")]
    await session.execute(text("alter table audit_event add constraint nothing_more check (action = '') not valid"))
    refused = await client_of(BEA).post("/v1/break-glass", json=ASKED)
    assert refused.status_code == 500
    assert str(cast.patients["sam_at_home"]) not in refused.text
    assert [await count(session, table) for table in ("break_glass", "privacy_alert")] == before
    # Nor does one that is open already show anything.
    assert (await client_of(PIA).get(rose(cast))).status_code == 500


async def test_a_wrong_pair_looks_like_nobody_leaves_a_trail_and_is_counted(
    session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    bea = client_of(BEA)
    same = {"x-request-id": "0190f3a2-7c1e-7c1e-9c1e-0a0000000002"}
    wrong_day = await bea.post("/v1/break-glass", json=ASKED | {"born_on": "1940-02-28"}, headers=same)
    nobody = await bea.post("/v1/break-glass", json=ASKED | {"nhs_number": "9990000050"}, headers=same)
    assert (wrong_day.status_code, wrong_day.content) == (nobody.status_code, nobody.content)
    assert wrong_day.status_code == 404
    tried = await session.execute(text("select patient_id from audit_event where action = 'break_glass.refused'"))
    assert set(tried.scalars()) == {cast.patients["sam_at_home"], None}
    for _ in range(3):
        assert (await bea.post("/v1/break-glass", json=ASKED | {"born_on": "1940-02-27"})).status_code == 404
    slowed = await bea.post("/v1/break-glass", json=ASKED)
    assert slowed.status_code == 429
    assert 3000 < int(slowed.headers["retry-after"]) <= 3600
    assert (await bea.get(sam(cast))).status_code == 404


@pytest.mark.parametrize("change", [{"reason": "urgent"}, {"hours": 5}, {"hours": 0}, {"reason_code": "curiosity"}])
async def test_a_reason_in_words_and_at_most_four_hours(
    cast: Cast, client_of: ClientOf, change: dict[str, Any]
) -> None:
    assert (await client_of(BEA).post("/v1/break-glass", json=ASKED | change)).status_code == 422


async def test_it_is_not_prolonged_and_ends_when_the_clinician_says_so(cast: Cast, client_of: ClientOf) -> None:
    bea = client_of(BEA)
    first = (await bea.post("/v1/break-glass", json=ASKED | {"hours": 1})).json()
    again = await bea.post("/v1/break-glass", json=ASKED)
    assert again.status_code == 409
    assert [each["id"] for each in (await bea.get("/v1/break-glass")).json()["items"]] == [first["id"]]
    assert (await bea.delete(f"/v1/break-glass/{first['id']}")).status_code == 204
    assert (await bea.get(sam(cast))).status_code == 403
    assert (await bea.delete(f"/v1/break-glass/{first['id']}")).status_code == 404
    assert (await bea.post("/v1/break-glass", json=ASKED)).status_code == 201


async def test_a_privacy_officer_sees_who_when_and_why_but_whose_record_only_on_asking(
    session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    saul, alert = client_of(SAUL), cast.others["alert_of_pia"]
    listed = await saul.get("/v1/privacy-alerts")
    assert not [name for name, patient in cast.patients.items() if str(patient) in listed.text]
    shown = next(each for each in listed.json()["items"] if each["id"] == str(alert))
    assert (shown["clinician"], shown["state"]) == ("pia clinician broke glass", "open")
    one = await saul.get(
        f"/v1/privacy-alerts/{alert}", headers={"x-request-id": "0190f3a2-7c1e-7c1e-9c1e-0a0000000003"}
    )
    assert one.json()["patient_id"] == str(cast.patients["rose_resident"])
    told = [one.json()[name] for name in ("given_name", "family_name", "nhs_number")]
    assert told == ["Rose", "Resident", "9990000018"]
    assert "1940-02-29" not in one.text
    trail = await session.execute(
        text("select patient_id, basis from audit_event where request_id = '0190f3a2-7c1e-7c1e-9c1e-0a0000000003'")
    )
    assert {tuple(row) for row in trail} == {(cast.patients["rose_resident"], "privacy_review")}
    assert (await saul.get(rose(cast))).status_code == 404


async def test_an_alert_is_answered_once_and_an_escalated_one_comes_back(cast: Cast, client_of: ClientOf) -> None:
    saul, path = client_of(SAUL), f"/v1/privacy-alerts/{cast.others['alert_of_pia']}/review"
    for state, status in (("escalated", 204), ("escalated", 409), ("upheld", 204), ("reviewed", 409)):
        answer = await saul.post(path, json={"state": state, "note": "Asked the ward"})
        assert answer.status_code == status, state
    assert (await saul.get("/v1/privacy-alerts?state=upheld")).json()["items"][0]["note"] == "Asked the ward"


async def test_the_person_sees_that_their_record_was_opened_and_why(cast: Cast, client_of: ClientOf) -> None:
    await client_of(BEA).post("/v1/break-glass", json=ASKED)
    await client_of(BEA).get(f"{sam(cast)}/observations")
    told = (await client_of(SAM).get("/v1/me/access-log")).text
    assert ASKED["reason"] in told
    assert "bea clinician elsewhere" in told


async def test_when_how_long_and_why_it_was_opened_is_told_by_itself_newest_first(
    cast: Cast, client_of: ClientOf
) -> None:
    path, rose_herself = f"{rose(cast)}/emergency-accesses", client_of("rose_herself")
    first = (await rose_herself.get(path, params={"limit": 1})).json()
    rest = (await rose_herself.get(path, params={"cursor": first["next_cursor"]})).json()
    told = {each["clinician"]: each for each in [*first["items"], *rest["items"]]}
    assert list(told) == ["remy clinician glass ended", "quin clinician glass run out", "pia clinician broke glass"]
    assert {name.split()[0]: each["is_open"] for name, each in told.items()} == {
        "remy": False,
        "quin": False,
        "pia": True,
    }
    assert [name.split()[0] for name, each in told.items() if each["ended_at"] is not None] == ["remy"]
    pia = told["pia clinician broke glass"]
    assert (pia["reason_code"], pia["reason"]) == ("emergency", "Found unconscious at the bus stop")
    assert pia["opened_at"] < pia["until_at"]
    assert (await client_of(SAM).get(path)).status_code == 404
    # Whoever looks at the list stands in it, as with all who looked.
    log = (await client_of("asha_clinician_of_practice").get(path), await rose_herself.get("/v1/me/access-log"))
    assert "read the list of who looked at your record" in log[1].text


async def test_of_many_who_ask_at_one_moment_one_opens_even_when_the_next_came_before_it(
    app: FastAPI, session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    """A request's instant is taken as it comes; which of two goes first is decided later, by a lock."""
    held: Services = app.state.services
    tables = ("break_glass", "privacy_alert")
    before = [await count(session, table) for table in tables]
    now, statuses = held.clock(), []
    for earlier_by in (0, 1, 2):
        at = now - timedelta(milliseconds=10 * earlier_by)
        app.state.services = replace(held, clock=repeat(at).__next__)
        statuses.append((await client_of(BEA).post("/v1/break-glass", json=ASKED)).status_code)
    assert statuses == [201, 409, 409]
    assert [await count(session, table) for table in tables] == [number + 1 for number in before]


@pytest.mark.parametrize("scopes", [["record"], ["message"], ["record", "message"]])
async def test_a_clinician_who_acts_for_somebody_without_reading_may_open_their_record_in_an_emergency(
    session: AsyncSession, cast: Cast, client_of: ClientOf, scopes: list[str]
) -> None:
    bea = client_of(BEA)
    terms = {"relationship": "friend", "scopes": scopes, "text_version": DELEGATE_TEXT}
    offered = (await client_of(SAM).post(f"{sam(cast)}/delegates", json=terms)).json()
    assert (await bea.post("/v1/me/delegations", json={"code": offered["code"]})).status_code == 201
    assert (await bea.get(sam(cast))).status_code == 403
    opened = await bea.post("/v1/break-glass", json=ASKED)
    assert opened.status_code == 201, opened.text
    assert (await bea.post("/v1/break-glass", json=ASKED)).status_code == 409
    read = await bea.get(f"{sam(cast)}/observations", headers={"x-request-id": (asked := str(uuid4()))})
    assert read.status_code == 200
    trail = text("select distinct basis, purpose from audit_event where request_id = :asked")
    assert {tuple(row) for row in await session.execute(trail, {"asked": asked})} == {("break_glass", "BTG")}
    assert (await bea.delete(f"/v1/break-glass/{opened.json()['id']}")).status_code == 204
    assert (await bea.get(sam(cast))).status_code == 403
    assert (await bea.get(f"{sam(cast)}/observations")).status_code == 403


async def test_whoever_reads_a_record_anyway_is_sent_to_their_list(cast: Cast, client_of: ClientOf) -> None:
    refused = await client_of("asha_clinician_of_practice").post("/v1/break-glass", json=ASKED)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/conflict")
    assert "look in your list" in refused.json()["detail"]


_GIVES = text(
    "insert into membership (id, account_id, organisation_id, role, starts_at)"
    " values (gen_random_uuid(), :account, :place, :role, now() - interval '1 day')"
)
_TAKES = text("update membership set ended_at = now() where role = 'privacy_officer'")


async def officer(session: AsyncSession, cast: Cast, who: str, place: str) -> None:
    ids = {"account": cast.accounts[who], "place": cast.organisations[place]}
    await session.execute(_GIVES, ids | {"role": "privacy_officer"})


async def to_officers(app: FastAPI) -> list[Received]:
    """Return the letters that were not to Sam himself."""
    return [each for each in await Letters(app).all() if each.to != f"{SAM}@example.test"]


async def test_the_person_gets_one_letter_that_tells_neither_who_nor_why(
    app: FastAPI, cast: Cast, client_of: ClientOf
) -> None:
    assert (await client_of(BEA).post("/v1/break-glass", json=ASKED)).status_code == 201
    assert (await client_of(BEA).post("/v1/break-glass", json=ASKED)).status_code == 409
    (letter,) = [each for each in await Letters(app).all() if each.to == f"{SAM}@example.test"]
    assert "/console/my-record/looked\n" in letter.text
    said = set(re.findall(r"[a-z]+", (letter.subject + letter.text).lower()))
    assert not {"sam", "bea", "clinician", "emergency", "ambulance", "confused"} & said
    shown = await client_of(SAM).get(f"{sam(cast)}/emergency-accesses")
    assert "ambulance" in shown.json()["items"][0]["reason"]  # there, for them


_ALONE = text("update patient set account_id = null where id = :id")
_DISABLED = text("update account set disabled_at = now() where id = :id")
# As an installation may have it from before that was refused: such an account sees no person, not its own either.
_ADMINISTERS = text(
    "insert into membership (id, account_id, organisation_id, role, starts_at)"
    " values (gen_random_uuid(), :who, :place, 'administrator', now() - interval '1 day')"
)


async def decides_for_sam(cast: Cast, client_of: ClientOf) -> None:
    """Have somebody decide for Sam by law; a friend whom he chose does not."""
    terms = {"relationship": "friend", "scopes": ["read"], "text_version": DELEGATE_TEXT}
    chosen = await client_of(SAM).post(f"{sam(cast)}/delegates", json=terms)
    law: dict[str, Any] = {
        "relationship": "attorney",
        "scopes": ["read", "decide"],
        "ground": "lasting_power_of_attorney",
        "evidence": "Registered instrument seen",
        "review_on": (london_date(cast.now) + timedelta(days=90)).isoformat(),
    }
    by_law = await client_of("asha_clinician_of_practice").post(f"{sam(cast)}/delegates/by-law", json=law)
    for who, offer in (("uma_delegate", chosen), ("nobody_at_all", by_law)):
        code = {"code": offer.json()["code"]}
        assert (await client_of(who).post("/v1/me/delegations", json=code)).status_code == 201


@pytest.mark.parametrize(
    "account, reason_code, told",
    [
        ("its own", "emergency", {SAM}),
        ("its own", "safeguarding", {SAM}),
        ("none", "emergency", {"nobody_at_all"}),
        ("none", "safeguarding", set()),
        ("disabled", "emergency", {"nobody_at_all"}),
        ("administers", "emergency", {"nobody_at_all"}),
        ("none, and who decides administers", "emergency", set()),
    ],
)
async def test_of_who_cannot_sign_in_whoever_decides_for_them_by_law_is_told_but_not_of_a_safeguarding_matter(
    app: FastAPI,
    session: AsyncSession,
    cast: Cast,
    client_of: ClientOf,
    account: str,
    reason_code: str,
    told: set[str],
) -> None:
    await decides_for_sam(cast, client_of)
    if account.startswith("none"):
        await session.execute(_ALONE, {"id": cast.patients["sam_at_home"]})
    elif account == "disabled":
        await session.execute(_DISABLED, {"id": cast.accounts[SAM]})
    if account.endswith("administers"):
        who = cast.accounts["nobody_at_all" if account.startswith("none") else SAM]
        await session.execute(_ADMINISTERS, {"who": who, "place": cast.organisations["practice"]})
    assert (await client_of(BEA).post("/v1/break-glass", json=ASKED | {"reason_code": reason_code})).status_code == 201
    letters = [each for each in await Letters(app).all() if "privacy-alerts" not in each.text]
    opened = [each for each in letters if "privacy officer" not in each.text]
    assert sorted(each.to for each in opened) == sorted(f"{who}@example.test" for who in told)
    assert all("/console/acting-for\n" in each.text for each in opened if each.to != f"{SAM}@example.test")


_ENDED_AHEAD = text(
    "update delegation set ended_at = now() + interval '1 minute', ended_by = :who where account_id = :who"
)


@pytest.mark.parametrize(
    "left, told",
    [("nothing", {"nobody_at_all"}), ("ended by a clock ahead of this one", set()), ("disabled", set())],
)
async def test_who_does_not_decide_any_more_or_cannot_sign_in_is_not_named_as_to_be_told(
    app: FastAPI, session: AsyncSession, cast: Cast, client_of: ClientOf, left: str, told: set[str]
) -> None:
    await decides_for_sam(cast, client_of)
    await session.execute(_ALONE, {"id": cast.patients["sam_at_home"]})
    who = cast.accounts["nobody_at_all"]
    if left.startswith("ended"):
        await session.execute(_ENDED_AHEAD, {"who": who})
    elif left == "disabled":
        await session.execute(_DISABLED, {"id": who})
    assert (await client_of(BEA).post("/v1/break-glass", json=ASKED)).status_code == 201
    asked = text("select id, opened_at from break_glass where account_id = :bea")
    opened = (await session.execute(asked, {"bea": cast.accounts[BEA]})).one()
    held: Services = app.state.services
    async with held.database.linking(replace(cast.actor(BEA), at=opened.opened_at)) as as_bea:
        named = await as_bea.scalars(text("select account_id from told_of_opening(:id)"), {"id": opened.id})
        assert set(named) == {cast.accounts[one] for one in told}


async def test_nobody_learns_whose_account_it_is_by_naming_an_opening_of_another_or_of_before(
    app: FastAPI, cast: Cast
) -> None:
    held: Services = app.state.services
    asked = text("select count(*) from break_glass b, told_of_opening(b.id)")
    for who in (PIA, BEA):  # Pia opened Rose's record yesterday
        async with held.database.linking(cast.actor(who)) as session:
            assert await session.scalar(asked) == 0


async def test_whoever_answers_for_privacy_at_both_places_gets_a_letter_that_names_nobody(
    app: FastAPI, session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    await officer(session, cast, "nobody_at_all", "other_practice")  # Bea's own place
    await officer(session, cast, "iris_commissioner", "commissioner")  # above both, where somebody is nearer
    assert (await client_of(BEA).post("/v1/break-glass", json=ASKED)).status_code == 201
    sent = await to_officers(app)
    assert {each.to for each in sent} == {f"{who}@example.test" for who in (SAUL, "nobody_at_all")}
    assert len(sent) == 2
    for letter in sent:
        assert "/console/privacy-alerts" in letter.text
        assert not {"sam", "bea", "ambulance", "practice"} & set(re.findall(r"[a-z]+", letter.text.lower()))


async def test_nobody_is_told_of_a_glass_that_was_not_broken(app: FastAPI, client_of: ClientOf) -> None:
    wrong = ASKED | {"born_on": "1940-03-01"}
    assert (await client_of(BEA).post("/v1/break-glass", json=wrong)).status_code == 404
    assert await Letters(app).all() == []


async def test_where_nobody_nearer_answers_for_privacy_who_does_above_is_told_and_never_of_their_own(
    app: FastAPI, session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    await session.execute(_TAKES)
    await officer(session, cast, "nobody_at_all", "network")
    await officer(session, cast, BEA, "other_practice")
    assert (await client_of(BEA).post("/v1/break-glass", json=ASKED)).status_code == 201
    assert [each.to for each in await to_officers(app)] == ["nobody_at_all@example.test"]


async def test_where_nobody_answers_for_privacy_whoever_administers_the_places_is_told_that_nobody_does(
    app: FastAPI, session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    await session.execute(_TAKES)
    assert (await client_of(BEA).post("/v1/break-glass", json=ASKED)).status_code == 201
    sent = await to_officers(app)
    # At Sam's practice itself, and, for Bea's, at the nearest above.
    assert {each.to for each in sent} == {"jack_administrator_of_practice@example.test", "admin@example.test"}
    assert all("/console/accounts" in each.text and "privacy officer" in each.text for each in sent)


async def test_a_letter_that_cannot_be_queued_opens_nothing(
    app: FastAPI, session: AsyncSession, cast: Cast, client_of: ClientOf
) -> None:
    await session.execute(text("revoke insert on letter from tendwell_identity"))
    assert (await client_of(BEA).post("/v1/break-glass", json=ASKED)).status_code >= 500
    await session.execute(text("grant insert on letter to tendwell_identity"))
    assert (await client_of(BEA).get(sam(cast))).status_code == 404
