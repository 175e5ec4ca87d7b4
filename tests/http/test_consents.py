"""What a person decides about the use of their record, and that it holds from the next request on."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from tests.cast import DELEGATE_TEXT, Cast
from tests.http.conftest import ClientOf

ROSE, ASHA, CARL, GUS, UMA = (
    "rose_herself",
    "asha_clinician_of_practice",
    "carl_clinician_on_care_team",
    "gus_care_home_staff",
    "uma_delegate",
)
SHARING = {"purpose": "care_sharing", "text_version": 1}


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
    words = next(text for text in texts if text["purpose"] == "care_sharing" and text["version"] == 1)
    assert {each["text_sha256"] for each in found if each["purpose"] == "care_sharing"} == {words["sha256"]}
    assert "may not notice" in words["on_withdrawal"]


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
