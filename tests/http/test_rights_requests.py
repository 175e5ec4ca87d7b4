"""What people ask of their record is answered by their practice, with the law; accounts close for good."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.exports.gathering import advance_exports
from domain.clock import utc_now
from domain.people.queries import shared_places_of
from domain.rights.law import GROUNDS, Kind
from tests.cast import DELEGATE_TEXT, Cast
from tests.http.access_matrix import ASHA, BEA, CARL, GUS, PIA, ROSE, SAUL, TESS, UMA
from tests.http.commissioning import IRIS, SUMMARY, cut_off, joined, pathway
from tests.http.conftest import ClientOf, gathering_beside
from tests.http.letters import Letters
from tests.pathway_cast import add_people

__all__ = ["cut_off", "joined", "pathway"]  # fixtures

OWN, ALL = "/v1/me/rights-requests", "/v1/rights-requests"


async def asked(client: httpx.AsyncClient, kind: str, about: str = "All of it") -> str:
    answer = await client.post(OWN, json={"kind": kind, "about": about})
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


async def answered(client: httpx.AsyncClient, request_id: str, **body: Any) -> httpx.Response:
    return await client.post(f"{ALL}/{request_id}/answer", json={"answer": "See below", **body})


async def test_the_practice_sees_what_was_asked_and_the_patient_the_answer_with_the_law_in_words(
    client_of: ClientOf,
) -> None:
    made = await asked(client_of(ROSE), "erasure")
    (seen,) = (await client_of(ASHA).get(ALL)).json()["items"]
    assert (seen["id"], seen["kind"], seen["about"], seen["decision"]) == (made, "erasure", "All of it", None)
    assert (await client_of(BEA).get(ALL)).json()["items"] == []
    assert (await answered(client_of(ASHA), made, decision="refused", ground="care_record_is_kept")).status_code == 204
    (told,) = (await client_of(ROSE).get(OWN)).json()["items"]
    assert (told["decision"], told["answer"]) == ("refused", "See below")
    assert told["ground"] == {
        "code": "care_record_is_kept",
        "words": GROUNDS["care_record_is_kept"].words,
        "source": GROUNDS["care_record_is_kept"].source,
    }
    assert (await client_of(ASHA).get(ALL)).json()["items"] == []
    assert len((await client_of(ASHA).get(f"{ALL}?answered=true")).json()["items"]) == 1
    again = await answered(client_of(ASHA), made, decision="granted")
    assert again.status_code == 409


@pytest.mark.parametrize(
    "kind, body",
    [
        ("erasure", {"decision": "granted"}),
        ("erasure", {"decision": "partly"}),
        ("correction", {"decision": "refused"}),
        ("correction", {"decision": "refused", "ground": "because"}),
        ("correction", {"decision": "granted", "ground": "legal_claims"}),
        ("close_account", {"decision": "partly", "ground": "legal_claims"}),
    ],
)
async def test_less_than_was_asked_needs_a_ground_in_law_and_no_record_is_erased_on_request(
    client_of: ClientOf, kind: str, body: dict[str, str]
) -> None:
    made = await asked(client_of(ROSE), kind)
    assert (await answered(client_of(ASHA), made, **body)).status_code == 422
    assert (await client_of(ROSE).get(OWN)).json()["items"][0]["decision"] is None


# UK GDPR articles 16, 17(3) and 18(2): what each may be answered with.
LAWFUL = {
    Kind.correction: {"record_is_accurate", "legal_claims"},
    Kind.erasure: {"care_record_is_kept", "who_looked_is_kept", "legal_claims"},
    Kind.restriction: {"treatment_needs_it", "legal_claims", "rights_of_others"},
    Kind.close_account: {"legal_claims"},
}


@pytest.mark.parametrize("kind", Kind)
async def test_a_ground_answers_what_the_law_has_it_for_and_nothing_else(client_of: ClientOf, kind: Kind) -> None:
    made = await asked(client_of(ROSE), kind.value)
    for ground in set(GROUNDS) - LAWFUL[kind]:
        refused = await answered(client_of(ASHA), made, decision="refused", ground=ground)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "ground_of_another_kind"), ground
    for ground in LAWFUL[kind]:
        again = await asked(client_of(ROSE), kind.value)
        assert (await answered(client_of(ASHA), again, decision="refused", ground=ground)).status_code == 204, ground


async def test_what_a_refused_correction_is_told_is_so(
    app: FastAPI, client_of: ClientOf, cast: Cast, session: AsyncSession
) -> None:
    """What was asked stays among the requests and in a copy, and stands at the head of the record for the practice."""
    about = "My weight in March was 61 kg"
    made = await asked(client_of(ROSE), "correction", about)
    assert (await answered(client_of(ASHA), made, decision="refused", ground="record_is_accurate")).status_code == 204
    (told,) = (await client_of(ROSE).get(OWN)).json()["items"]
    assert "at the head of your record" in told["ground"]["words"]
    assert "added" not in told["ground"]["words"]
    assert about in (await client_of(ASHA).get(f"{ALL}?answered=true")).text
    rose = f"/v1/patients/{cast.patients['rose_resident']}"
    assert about in (await client_of(ASHA).get(rose)).text
    for part in ("/observations", "/goals"):
        assert about not in (await client_of(ASHA).get(rose + part)).text
    export = (await client_of(ROSE).post("/v1/me/exports")).json()["id"]
    while await advance_exports(gathering_beside(app, utc_now)):
        pass
    kept = text("select items from own_export_part where export_id = :id and section = 'requests'")
    assert about in str(await session.scalar(kept, {"id": export}))


async def test_whoever_reads_a_record_by_their_work_sees_that_something_in_it_is_disputed(
    client_of: ClientOf, cast: Cast
) -> None:
    """UK GDPR articles 16 and 18(1)(a). What the person wrote was to their practice; who acts for them is not told."""
    rose = f"/v1/patients/{cast.patients['rose_resident']}"

    async def seen_by(who: str) -> Any:
        told = (await client_of(who).get(rose)).json()["disputes"]
        return told and [(each["decision"], each["statement"]) for each in told]

    granted, refused, waits = [await asked(client_of(ROSE), "correction", f"Wrong {n}") for n in range(3)]
    await asked(client_of(ROSE), "erasure", "All of it")
    assert (await answered(client_of(ASHA), granted, decision="granted")).status_code == 204
    assert await seen_by(CARL) == [(None, None), (None, None)]
    not_done = {"decision": "partly", "ground": "record_is_accurate"}
    assert (await answered(client_of(ASHA), refused, **not_done)).status_code == 204
    for who in (ASHA, ROSE):
        assert await seen_by(who) == [(None, None), ("partly", "Wrong 1")]
    for who in (CARL, GUS, PIA):
        assert await seen_by(who) == [(None, None), ("partly", None)]
    assert await seen_by(UMA) is None
    told = (await client_of(ASHA).get(rose)).json()["disputes"]
    assert [each["id"] for each in told] == [waits, refused]


async def taken_back(client: httpx.AsyncClient, request_id: str) -> int:
    return (await client.post(f"{OWN}/{request_id}/withdrawal")).status_code


async def test_what_a_person_takes_back_stands_at_the_head_of_their_record_no_more_and_is_kept(
    client_of: ClientOf, cast: Cast
) -> None:
    """UK GDPR article 16: that it is disputed stands for as long as the person wishes, and is theirs alone to end."""
    rose = f"/v1/patients/{cast.patients['rose_resident']}"

    async def disputed() -> list[str]:
        return [each["id"] for each in (await client_of(ASHA).get(rose)).json()["disputes"]]

    refused, waits = [await asked(client_of(ROSE), "correction", f"Wrong {n}") for n in range(2)]
    not_done = {"decision": "refused", "ground": "record_is_accurate"}
    assert (await answered(client_of(ASHA), refused, **not_done)).status_code == 204
    assert await disputed() == [waits, refused]
    for other in (ASHA, SAUL, UMA, CARL):
        assert await taken_back(client_of(other), refused) == 404
    assert [await taken_back(client_of(ROSE), each) for each in (refused, waits)] == [204, 204]
    assert await disputed() == []
    assert await taken_back(client_of(ROSE), refused) == 409
    # An open one needs no answer any more; nothing of either is lost.
    assert (await client_of(ASHA).get(ALL)).json()["items"] == []
    assert (await answered(client_of(ASHA), waits, decision="granted")).status_code == 409
    kept = {each["id"]: each for each in (await client_of(ROSE).get(OWN)).json()["items"]}
    assert [kept[each]["withdrawn_at"] is None for each in (refused, waits)] == [False, False]
    assert kept[refused]["answer"] == "See below"
    log = (await client_of(ROSE).get("/v1/me/access-log")).json()["items"]
    assert [each["times"] for each in log if each["action"] == "rights_request.withdraw"] == [2]


@pytest.mark.parametrize("kind, decision", [("correction", "granted"), ("restriction", None), ("erasure", "refused")])
async def test_what_is_done_or_is_no_correction_is_not_taken_back(
    client_of: ClientOf, kind: str, decision: str | None
) -> None:
    made = await asked(client_of(ROSE), kind)
    if decision is not None:
        ground = {} if decision == "granted" else {"ground": "care_record_is_kept"}
        assert (await answered(client_of(ASHA), made, decision=decision, **ground)).status_code == 204
    assert await taken_back(client_of(ROSE), made) == 409
    (told,) = (await client_of(ROSE).get(OWN)).json()["items"]
    assert told["withdrawn_at"] is None


@pytest.mark.parametrize("kind", Kind)
async def test_everything_can_be_asked_and_is_to_be_answered_within_a_month(client_of: ClientOf, kind: Kind) -> None:
    await asked(client_of(ROSE), kind.value)
    (told,) = (await client_of(ROSE).get(OWN)).json()["items"]
    assert told["answer_due_on"] > told["asked_at"]


@pytest.mark.parametrize(
    "kind, answer, who",
    [
        ("correction", {"decision": "granted"}, ASHA),
        ("correction", {"decision": "refused", "ground": "record_is_accurate"}, SAUL),
        ("erasure", {"decision": "refused", "ground": "care_record_is_kept"}, ASHA),
        ("restriction", {"decision": "granted"}, SAUL),
    ],
)
async def test_who_asked_is_told_once_by_letter_that_there_is_an_answer_and_nothing_of_it(
    app: FastAPI, client_of: ClientOf, kind: str, answer: dict[str, str], who: str
) -> None:
    made = await asked(client_of(ROSE), kind, "My weight in March")
    assert await Letters(app).all() == []
    assert (await answered(client_of(who), made, **answer)).status_code == 204
    assert (await answered(client_of(who), made, **answer)).status_code == 409
    letter = await Letters(app).only()
    assert letter.to == f"{ROSE}@example.test"
    assert "/console/my-record/copies\n" in letter.text
    said = set(re.findall(r"[a-z]+", (letter.subject + letter.text).lower()))
    assert not {kind, *answer.values(), "rose", "asha", "saul", "weight", "march", "see", "below"} & said


async def test_a_letter_that_cannot_be_queued_answers_nothing(client_of: ClientOf, session: AsyncSession) -> None:
    made = await asked(client_of(ROSE), "restriction")
    await session.execute(text("revoke insert on letter from tendwell_identity"))
    assert (await answered(client_of(ASHA), made, decision="granted")).status_code >= 500
    await session.execute(text("grant insert on letter to tendwell_identity"))
    assert (await client_of(ROSE).get(OWN)).json()["items"][0]["decision"] is None


async def test_who_had_their_account_closed_is_told_so_where_they_were_reached_before(
    app: FastAPI, client_of: ClientOf
) -> None:
    made = await asked(client_of(ROSE), "close_account")
    assert (await answered(client_of(ASHA), made, decision="granted")).status_code == 204
    letter = await Letters(app).only()
    assert (letter.to, "closed" in letter.subject, "/console" in letter.text) == (f"{ROSE}@example.test", True, False)


async def test_who_had_their_account_closed_before_their_answer_came_gets_no_letter(
    app: FastAPI, client_of: ClientOf
) -> None:
    made, closing = await asked(client_of(ROSE), "correction"), await asked(client_of(ROSE), "close_account")
    assert (await answered(client_of(ASHA), closing, decision="granted")).status_code == 204
    await Letters(app).only()
    assert (await answered(client_of(ASHA), made, decision="granted")).status_code == 204
    assert await Letters(app).all() == []


async def test_a_closed_account_says_no_more_whose_it_was_and_nobody_signs_in_with_it_while_the_record_stays(
    client_of: ClientOf, cast: Cast, session: AsyncSession
) -> None:
    made = await asked(client_of(ROSE), "close_account", "I have moved to another app")
    assert (await answered(client_of(ASHA), made, decision="granted")).status_code == 204
    assert (await client_of(ROSE).get("/v1/me")).status_code == 401
    row = (
        await session.execute(
            text("select email, display_name, password_hash, disabled_at from account where id = :id"),
            {"id": cast.accounts[ROSE]},
        )
    ).one()
    assert "rose" not in f"{row.email} {row.display_name}"
    assert row.password_hash == "!"
    assert row.disabled_at is not None
    rose = cast.patients["rose_resident"]
    assert (await client_of(ASHA).get(f"/v1/patients/{rose}")).status_code == 200
    log = (await client_of(ASHA).get(f"/v1/patients/{rose}/access-log")).json()["items"]
    assert {item["who"] for item in log if item["action"] == "rights_request.ask"} == {"A closed account"}


async def test_a_restriction_leaves_whom_the_person_lets_act_for_them_and_an_emergency(
    client_of: ClientOf, cast: Cast
) -> None:
    """Article 18(2): what rests on the person's consent, and what protects their vital interests."""
    rose = f"/v1/patients/{cast.patients['rose_resident']}"
    made = await asked(client_of(ROSE), "restriction")
    assert (await answered(client_of(ASHA), made, decision="granted")).status_code == 204
    for stays in (ASHA, ROSE, UMA, PIA):
        assert (await client_of(stays).get(rose)).status_code == 200, stays
    # Whom they chose, they end themselves, like before.
    no_more = {"purpose": "delegate", "text_version": DELEGATE_TEXT}
    assert (await client_of(ROSE).post(f"{rose}/consents/withdrawal", json=no_more)).status_code == 201
    assert (await client_of(UMA).get(rose)).status_code == 404


async def test_a_care_home_s_system_is_told_nothing_of_a_restricted_record_and_the_practice_s_is(
    client_of: ClientOf, cast: Cast, session: AsyncSession
) -> None:
    patient = cast.patients["rose_resident"]
    home, practice = cast.organisations["care_home"], cast.organisations["practice"]
    before = await shared_places_of(session, {patient}, utc_now())
    assert (before[patient].practice_id, before[patient].care_home_id) == (practice, home)
    made = await asked(client_of(ROSE), "restriction")
    assert (await answered(client_of(SAUL), made, decision="granted")).status_code == 204
    after = await shared_places_of(session, {patient}, utc_now())
    assert (after[patient].practice_id, after[patient].care_home_id) == (practice, None)


async def test_a_restricted_record_is_in_no_figure_of_the_outcomes(
    client_of: ClientOf, cast: Cast, session: AsyncSession, pathway: str, joined: date
) -> None:
    """Eight are shown, seven are not: with one restricted there are seven."""
    rose = cast.patients["rose_resident"]
    for person in (rose, *await add_people(session, cast, 7)):
        known_from = (joined - timedelta(days=800)).isoformat()
        body = {"patient_id": str(person), "enrolled_on": joined.isoformat(), "known_from": known_from}
        enrolled = await client_of(ASHA).post(f"/v1/pathways/{pathway}/enrolments", json=body)
        assert enrolled.status_code == 201, enrolled.text
    # From her own home: one of one care home would be suppressed for that reason.
    await session.execute(text("update enrolment set care_home_id = null where patient_id = :rose"), {"rose": rose})
    figures = {"pathway_id": pathway, "baseline_days": "90"}
    before = await session.begin_nested()  # what is told once is told alike for a while, so it is taken back
    shown = (await client_of(IRIS).get(SUMMARY, params=figures)).json()["results"][0]["people"]
    await before.rollback()
    assert (shown["value"], shown["reason"]) == (10, None)  # eight, rounded to fives
    made = await asked(client_of(ROSE), "restriction")
    assert (await answered(client_of(ASHA), made, decision="granted")).status_code == 204
    hidden = (await client_of(IRIS).get(SUMMARY, params=figures)).json()["results"][0]["people"]
    assert (hidden["value"], hidden["reason"]) == (None, "small_number")


@pytest.mark.parametrize("who", [ASHA, SAUL])
async def test_a_restriction_that_is_granted_holds_from_that_moment_and_the_person_can_lift_it(
    client_of: ClientOf, cast: Cast, who: str
) -> None:
    rose = f"/v1/patients/{cast.patients['rose_resident']}"
    made = await asked(client_of(ROSE), "restriction", "Only my practice, please")
    assert (await client_of(GUS).get(rose)).status_code == (await client_of(CARL).get(rose)).status_code == 200
    assert (await answered(client_of(who), made, decision="granted")).status_code == 204
    assert (await client_of(GUS).get(rose)).status_code == (await client_of(CARL).get(rose)).status_code == 404
    assert (await client_of(ASHA).get(rose)).status_code == (await client_of(ROSE).get(rose)).status_code == 200
    decided = (await client_of(ROSE).get(f"{rose}/consents")).json()["items"]
    in_force = {each["purpose"]: each["provision"] for each in decided if each["ended_at"] is None}
    assert (in_force["care_sharing"], in_force["research"]) == ("deny", "deny")
    again = {"purpose": "care_sharing", "text_version": 2}
    assert (await client_of(ROSE).post(f"{rose}/consents", json=again)).status_code < 300
    assert (await client_of(GUS).get(rose)).status_code == 200


async def test_an_account_that_holds_a_role_is_not_closed_on_request(
    client_of: ClientOf, cast: Cast, session: AsyncSession
) -> None:
    made = await asked(client_of(ROSE), "close_account")
    await session.execute(
        text(
            "insert into membership (id, account_id, organisation_id, role, starts_at)"
            " values (gen_random_uuid(), :account, :place, 'care_home_staff', now())"
        ),
        {"account": cast.accounts[ROSE], "place": cast.organisations["care_home"]},
    )
    assert (await answered(client_of(ASHA), made, decision="granted")).status_code == 409
    assert (await client_of(ROSE).get("/v1/me")).status_code == 200


async def test_nobody_asks_without_end(client_of: ClientOf) -> None:
    for _ in range(20):
        await asked(client_of(ROSE), "correction")
    refused = await client_of(ROSE).post(OWN, json={"kind": "correction", "about": "More"})
    assert refused.status_code == 409


async def test_a_privacy_officer_of_the_practice_sees_who_asked_what_and_answers_with_the_law(
    client_of: ClientOf, session: AsyncSession, cast: Cast
) -> None:
    made = await asked(client_of(ROSE), "restriction", "My letters of March")
    await asked(client_of(TESS), "correction")  # of another practice
    (seen,) = (await client_of(SAUL).get(ALL)).json()["items"]
    assert (seen["id"], seen["about"], seen["patient_name"]) == (made, "My letters of March", "Rose Resident")
    assert (await answered(client_of(SAUL), made, decision="partly")).status_code == 422
    assert (await answered(client_of(SAUL), made, decision="partly", ground="treatment_needs_it")).status_code == 204
    (told,) = (await client_of(ROSE).get(OWN)).json()["items"]
    assert (told["decision"], told["ground"]["code"]) == ("partly", "treatment_needs_it")
    log = (await client_of(ROSE).get("/v1/me/access-log")).json()["items"]
    why = "They are responsible for privacy, and so for requests about your record"
    assert {item["action"] for item in log if item["why"] == why} == {"rights_request.list", "rights_request.decide"}
    trail = await session.execute(
        text(
            "select distinct basis, role, organisation_id, purpose from audit_event"
            " where account_id = :saul and patient_id is not null"
        ),
        {"saul": cast.accounts[SAUL]},
    )
    place = cast.organisations["practice"]
    assert {tuple(row) for row in trail} == {("rights_review", "privacy_officer", place, "HOPERAT")}
    assert (await client_of(SAUL).get(f"/v1/patients/{cast.patients['rose_resident']}")).status_code == 404


async def test_whether_an_account_is_closed_is_not_a_privacy_officer_s_to_answer(client_of: ClientOf) -> None:
    made = await asked(client_of(ROSE), "close_account")
    for body in ({"decision": "granted"}, {"decision": "refused", "ground": "legal_claims"}):
        assert (await answered(client_of(SAUL), made, **body)).status_code == 403
    assert (await client_of(ROSE).get(OWN)).json()["items"][0]["decision"] is None


@pytest.mark.parametrize(
    "place, status", [("practice", 204), ("network", 204), ("commissioner", 204), ("other_practice", 404)]
)
async def test_who_answers_for_privacy_at_or_above_the_practice_answers_and_nobody_elsewhere_learns_of_it(
    client_of: ClientOf, cast: Cast, session: AsyncSession, place: str, status: int
) -> None:
    made = await asked(client_of(ROSE), "correction")
    officer = client_of("nobody_at_all")
    assert (await answered(officer, made, decision="granted")).status_code == 404
    await session.execute(
        text(
            "insert into membership (id, account_id, organisation_id, role, starts_at)"
            " values (gen_random_uuid(), :account, :place, 'privacy_officer', now() - interval '1 day')"
        ),
        {"account": cast.accounts["nobody_at_all"], "place": cast.organisations[place]},
    )
    assert len((await officer.get(ALL)).json()["items"]) == (1 if status == 204 else 0)
    assert (await answered(officer, made, decision="granted")).status_code == status


async def test_a_privacy_officer_answers_nothing_that_they_asked_themselves(
    client_of: ClientOf, cast: Cast, session: AsyncSession
) -> None:
    made = await asked(client_of(ROSE), "correction")
    await session.execute(
        text(
            "insert into membership (id, account_id, organisation_id, role, starts_at)"
            " values (gen_random_uuid(), :account, :place, 'privacy_officer', now() - interval '1 day')"
        ),
        {"account": cast.accounts[ROSE], "place": cast.organisations["practice"]},
    )
    assert (await answered(client_of(ROSE), made, decision="granted")).status_code == 409
