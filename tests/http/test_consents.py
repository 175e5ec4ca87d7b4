"""What a person decides about the use of their record, and that it holds from the next request on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import london_date
from tests.cast import DELEGATE_TEXT, Cast
from tests.http.conftest import ClientOf
from tests.http.letters import Letters

ROSE, ASHA, CARL, GUS, UMA = (
    "rose_herself",
    "asha_clinician_of_practice",
    "carl_clinician_on_care_team",
    "gus_care_home_staff",
    "uma_delegate",
)
WILL, NOBODY = "will_himself", "nobody_at_all"
SHARING = {"purpose": "care_sharing", "text_version": 2}
RESTRICTION_NOTE = "Asked for in writing, as a restriction of the record."


def rose(cast: Cast) -> str:
    return f"/v1/patients/{cast.patients['rose_resident']}"


async def test_who_stops_sharing_is_seen_by_their_practice_and_by_nobody_beyond_until_they_share_again(
    cast: Cast, client_of: ClientOf
) -> None:
    async def seen_by() -> set[str]:
        names = (ROSE, ASHA, CARL, GUS, UMA)
        return {name for name in names if (await client_of(name).get(rose(cast))).status_code == 200}

    assert await seen_by() == {ROSE, ASHA, CARL, GUS, UMA}
    withdrawn = await client_of(ROSE).post(f"{rose(cast)}/consents/withdrawal", json=SHARING)
    assert (withdrawn.status_code, withdrawn.json()["provision"]) == (201, "deny")
    assert await seen_by() == {ROSE, ASHA, UMA}
    boards = [str(cast.patients["rose_resident"]) in (await client_of(n).get("/v1/board")).text for n in (ASHA, GUS)]
    assert boards == [True, False]
    await client_of(ROSE).post(f"{rose(cast)}/consents", json=SHARING)
    assert await seen_by() == {ROSE, ASHA, CARL, GUS, UMA}


async def test_the_history_keeps_every_decision_with_its_words_and_one_is_in_force(
    cast: Cast, client_of: ClientOf
) -> None:
    for path in ("/consents/withdrawal", "/consents", "/consents", "/consents/withdrawal"):
        assert (await client_of(ROSE).post(rose(cast) + path, json=SHARING)).status_code == 201
    found = (await client_of(ROSE).get(f"{rose(cast)}/consents")).json()["items"]
    told = [(each["provision"], each["status"]) for each in found if each["purpose"] == "care_sharing"]
    # To decide again what holds already changes nothing.
    assert told == [("deny", "active"), ("permit", "inactive"), ("deny", "inactive")]
    texts = (await client_of(ROSE).get("/v1/consent-texts")).json()["items"]
    words = next(text for text in texts if text["purpose"] == "care_sharing" and text["version"] == 2)
    assert {each["text_sha256"] for each in found if each["purpose"] == "care_sharing"} == {words["sha256"]}
    assert "will not know from it how you have been" in words["on_withdrawal"]


async def test_a_practice_records_what_somebody_said_with_a_note_of_how(cast: Cast, client_of: ClientOf) -> None:
    bare = await client_of(ASHA).post(f"{rose(cast)}/consents/withdrawal", json=SHARING)
    assert (bare.status_code, bare.json()["errors"][0]["pointer"]) == (422, "/note")
    noted = await client_of(ASHA).post(
        f"{rose(cast)}/consents/withdrawal", json=SHARING | {"note": "By telephone this morning"}
    )
    assert (noted.json()["authority"], noted.json()["performed_as"]) == ("practice_on_behalf", "practice")


async def test_who_withdraws_from_delegates_ends_those_they_chose_and_their_codes(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    friend = {"relationship": "friend", "scopes": ["read"], "text_version": DELEGATE_TEXT}
    code = (await client_of(ROSE).post(f"{rose(cast)}/delegates", json=friend)).json()["code"]
    withdrawn = await client_of(ROSE).post(
        f"{rose(cast)}/consents/withdrawal", json={"purpose": "delegate", "text_version": DELEGATE_TEXT}
    )
    assert withdrawn.status_code == 201
    assert (await client_of(UMA).get(rose(cast))).status_code == 404
    assert (await client_of("nobody_at_all").post("/v1/me/delegations", json={"code": code})).status_code == 404
    # To invite somebody again is to consent again.
    assert (await client_of(ROSE).post(f"{rose(cast)}/delegates", json=friend)).status_code == 201
    found = (await client_of(ROSE).get(f"{rose(cast)}/consents")).json()["items"]
    assert next(each["provision"] for each in found if each["purpose"] == "delegate") == "permit"


NOTED = SHARING | {"note": "I think it is better shared"}


def will(cast: Cast) -> str:
    return f"/v1/patients/{cast.patients['will_not_sharing']}"


async def without_account(session: AsyncSession, cast: Cast, patient: str) -> None:
    gone = text("update patient set account_id = null where id = :id")
    await session.execute(gone, {"id": cast.patients[patient]})


async def by_law(client_of: ClientOf, cast: Cast, patient: str, delegate: str, **law: Any) -> httpx.AsyncClient:
    """Return the client of somebody who decides for a patient by law."""
    body = {
        "relationship": "attorney",
        "scopes": ["read", "decide"],
        "ground": "lasting_power_of_attorney",
        "evidence": "Registered instrument seen",
        "review_on": (london_date(cast.now) + timedelta(days=90)).isoformat(),
    }
    made = await client_of(ASHA).post(f"{patient}/delegates/by-law", json=body | law)
    assert made.status_code == 201, made.json()
    accepted = await client_of(delegate).post("/v1/me/delegations", json={"code": made.json()["code"]})
    assert accepted.status_code == 201, accepted.json()
    return client_of(delegate)


async def test_what_somebody_refused_themselves_only_they_give(cast: Cast, client_of: ClientOf) -> None:
    refused = await client_of(ASHA).post(f"{will(cast)}/consents", json=NOTED)
    assert (refused.status_code, "only they can give it" in refused.json()["detail"]) == (409, True)
    # Nor by way of a refusal that the practice notes over theirs: theirs stays.
    again = await client_of(ASHA).post(f"{will(cast)}/consents/withdrawal", json=NOTED)
    assert again.json()["performed_as"] == "self"
    assert (await client_of(ASHA).post(f"{will(cast)}/consents", json=NOTED)).status_code == 409
    assert (await client_of(GUS).get(will(cast))).status_code == 404
    assert (await client_of(WILL).post(f"{will(cast)}/consents", json=SHARING)).status_code == 201
    assert (await client_of(GUS).get(will(cast))).status_code == 200


async def test_what_the_practice_noted_it_may_note_anew_and_the_person_makes_it_their_own_by_saying_so(
    cast: Cast, client_of: ClientOf
) -> None:
    for path in ("/consents/withdrawal", "/consents", "/consents/withdrawal"):
        assert (await client_of(ASHA).post(rose(cast) + path, json=NOTED)).status_code == 201
    own = await client_of(ROSE).post(f"{rose(cast)}/consents/withdrawal", json=SHARING)
    assert own.json()["authority"] == "person"
    assert (await client_of(ASHA).post(f"{rose(cast)}/consents", json=NOTED)).status_code == 409


async def test_a_restriction_is_lifted_by_nobody_else_and_without_an_account_only_once_the_person_was_told(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    """UK GDPR article 18(3)."""
    noted = await client_of(ASHA).post(f"{rose(cast)}/consents/withdrawal", json=NOTED)
    assert noted.json()["performed_as"] == "practice"
    asked = await client_of(ROSE).post("/v1/me/rights-requests", json={"kind": "restriction", "about": "All of it"})
    answer = f"/v1/rights-requests/{asked.json()['id']}/answer"
    assert (await client_of(ASHA).post(answer, json={"decision": "granted", "answer": "Done"})).status_code == 204
    assert (await client_of(ASHA).post(f"{rose(cast)}/consents", json=NOTED)).status_code == 409
    # To refuse once more does not make it a lesser refusal.
    again = await client_of(ASHA).post(f"{rose(cast)}/consents/withdrawal", json=NOTED)
    assert again.json()["note"] == RESTRICTION_NOTE
    await without_account(session, cast, "rose_resident")
    today = london_date(cast.now)
    for told in (None, (today + timedelta(days=2)).isoformat()):
        unsaid = await client_of(ASHA).post(f"{rose(cast)}/consents", json=NOTED | {"informed_on": told})
        assert (unsaid.status_code, unsaid.json()["errors"][0]["code"]) == (422, "informing_missing")
    assert (await client_of(GUS).get(rose(cast))).status_code == 404
    lifted = await client_of(ASHA).post(f"{rose(cast)}/consents", json=NOTED | {"informed_on": today.isoformat()})
    assert lifted.status_code == 201
    assert "that the restriction ends" in lifted.json()["note"]
    assert (await client_of(GUS).get(rose(cast))).status_code == 200


async def test_words_that_a_restriction_is_noted_with_make_none_of_what_anybody_types(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    await without_account(session, cast, "will_not_sharing")
    await session.execute(
        text("update consent set ended_at = now() where patient_id = :id"), {"id": cast.patients["will_not_sharing"]}
    )
    typed = NOTED | {"note": RESTRICTION_NOTE}
    noted = await client_of(ASHA).post(f"{will(cast)}/consents/withdrawal", json=typed)
    assert (noted.status_code, noted.json()["note"]) == (201, RESTRICTION_NOTE)
    # What a practice noted it may note anew, and need not first inform of an end of what never was a restriction.
    assert (await client_of(ASHA).post(f"{will(cast)}/consents", json=NOTED)).status_code == 201


async def test_for_somebody_without_an_account_their_practice_notes_a_changed_mind_unless_the_law_has_another_decide(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    await without_account(session, cast, "will_not_sharing")
    attorney = await by_law(client_of, cast, will(cast), NOBODY)
    refused = await client_of(ASHA).post(f"{will(cast)}/consents", json=NOTED)
    assert (refused.status_code, "by law" in refused.json()["detail"]) == (409, True)
    assert (await attorney.post(f"{will(cast)}/consents", json=SHARING)).status_code == 201
    assert (await attorney.post(f"{will(cast)}/consents/withdrawal", json=SHARING)).status_code == 201
    (held,) = (await attorney.get("/v1/me/delegations")).json()["items"]
    assert (await attorney.delete(f"/v1/me/delegations/{held['id']}")).status_code == 204
    assert (await client_of(ASHA).post(f"{will(cast)}/consents", json=NOTED)).status_code == 201


@pytest.mark.parametrize("with_account, status", [(True, 409), (False, 201)])
async def test_a_parent_does_not_undo_what_a_child_with_an_account_refused(
    cast: Cast, client_of: ClientOf, session: AsyncSession, with_account: bool, status: int
) -> None:
    born = text("update patient set born_on = :born_on where id = :id")
    young = london_date(cast.now) - timedelta(days=14 * 365)
    await session.execute(born, {"id": cast.patients["will_not_sharing"], "born_on": young})
    if not with_account:
        await without_account(session, cast, "will_not_sharing")
    ground = {"relationship": "parent", "ground": "parental_responsibility"}
    parent = await by_law(client_of, cast, will(cast), NOBODY, **ground)
    # Nor by refusing in the child's place first.
    assert (await parent.post(f"{will(cast)}/consents/withdrawal", json=SHARING)).json()["performed_as"] == "self"
    assert (await parent.post(f"{will(cast)}/consents", json=SHARING)).status_code == status


async def test_who_did_not_decide_themselves_is_told_by_letter_which_says_nothing_of_it(
    app: FastAPI, cast: Cast, client_of: ClientOf
) -> None:
    await client_of(ROSE).post(f"{rose(cast)}/consents/withdrawal", json=SHARING)
    await client_of(ASHA).post(f"{rose(cast)}/consents/withdrawal", json=NOTED)  # holds already
    assert await Letters(app).all() == []
    await client_of(ASHA).post(
        f"{rose(cast)}/consents/withdrawal", json=NOTED | {"purpose": "research", "text_version": 1}
    )
    letter = await Letters(app).only()
    assert letter.to == f"{ROSE}@example.test"
    assert "/console/my-record/choices" in letter.text
    assert not {"rose", "asha", "research", "better"} & set(letter.text.lower().split())
