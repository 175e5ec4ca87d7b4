"""Alerts over HTTP: raised by an answer, seen by the team, and told to the person without the team's notes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.cast import Cast
from tests.http.conftest import ClientOf
from tests.http.test_questionnaires import WORRYING, alerts_of, answer, given_answers, told

ASHA, BEA, CARL, GUS, IRIS, PIA, ROSE, SAM, UMA = (
    "asha_clinician_of_practice",
    "bea_clinician_elsewhere",
    "carl_clinician_on_care_team",
    "gus_care_home_staff",
    "iris_commissioner",
    "pia_clinician_broke_glass",
    "rose_herself",
    "sam_himself",
    "uma_delegate",
)


async def raised(cast: Cast, client_of: ClientOf, minutes_ago: int = 5) -> dict[str, Any]:
    await answer(client_of(ROSE), cast, given_answers(cast, WORRYING, minutes_ago=minutes_ago))
    found: dict[str, Any] = (await client_of(ASHA).get(alerts_of(cast))).json()["items"][0]
    return found


async def test_an_alert_s_way_from_raised_to_resolved(cast: Cast, client_of: ClientOf, session: AsyncSession) -> None:
    asha = client_of(ASHA)
    alert = await raised(cast, client_of)
    path = f"{alerts_of(cast)}/{alert['id']}"
    assert (alert["status"], alert["acknowledged_at"], alert["outcome"]) == ("raised", None, None)
    early = await asha.post(f"{path}/resolution", json={"outcome": "spoke_with_them"})
    assert early.status_code == 409
    seen = (await asha.post(f"{path}/acknowledgement", json={"note": "Calling her"})).json()
    assert (seen["status"], seen["acknowledged_by"]) == ("acknowledged", str(cast.accounts[ASHA]))
    assert (await asha.post(f"{path}/acknowledgement", json={"note": "Calling her"})).json() == seen
    assert (await client_of(CARL).post(f"{path}/acknowledgement", json={})).status_code == 409
    over = (
        await client_of(CARL).post(f"{path}/resolution", json={"outcome": "referred", "note": "Crisis team"})
    ).json()
    assert (over["status"], over["outcome"], over["resolved_by"]) == ("resolved", "referred", str(cast.accounts[CARL]))
    assert [(each["step"], each["note"]) for each in over["history"]] == [
        ("raised", None),
        ("acknowledged", "Calling her"),
        ("resolved", "Crisis team"),
    ]
    assert (await asha.get(path)).json() == over
    assert (await asha.post(f"{path}/acknowledgement", json={})).status_code == 409
    kinds = "select kind from event_outbox where kind like 'alert.%' order by id"
    assert await told(session, kinds) == ["alert.raised", "alert.acknowledged", "alert.resolved"]


async def test_what_comes_after_somebody_has_seen_an_alert_raises_it_again(cast: Cast, client_of: ClientOf) -> None:
    asha = client_of(ASHA)
    first = await raised(cast, client_of, minutes_ago=9)
    path = f"{alerts_of(cast)}/{first['id']}"
    await asha.post(f"{path}/acknowledgement", json={})
    again = await raised(cast, client_of, minutes_ago=5)
    assert (again["id"], again["status"], again["acknowledged_at"]) == (first["id"], "raised", None)
    assert len(again["evidence"]) == 2
    assert [each["step"] for each in again["history"]] == ["raised", "acknowledged", "evidence_added"]
    await asha.post(f"{path}/acknowledgement", json={})
    await asha.post(f"{path}/resolution", json={"outcome": "spoke_with_them"})
    another = await raised(cast, client_of, minutes_ago=2)
    assert (another["id"] != first["id"], another["status"]) == (True, "raised")


async def test_who_answers_an_alert_that_has_moved_on_is_told_so(cast: Cast, client_of: ClientOf) -> None:
    asha = client_of(ASHA)
    path = f"{alerts_of(cast)}/{(await raised(cast, client_of))['id']}"
    tag = (await asha.get(path)).headers["etag"]
    await raised(cast, client_of, minutes_ago=2)
    stale = await asha.post(f"{path}/acknowledgement", json={}, headers={"If-Match": tag})
    assert stale.status_code == 412
    fresh = (await asha.get(path)).headers["etag"]
    assert (await asha.post(f"{path}/acknowledgement", json={}, headers={"If-Match": fresh})).status_code == 200


@pytest.mark.parametrize("who", [ROSE, UMA])
async def test_the_person_is_told_that_the_team_was_told_and_not_its_notes(
    cast: Cast, client_of: ClientOf, who: str
) -> None:
    asha = client_of(ASHA)
    path = f"{alerts_of(cast)}/{(await raised(cast, client_of))['id']}"
    await asha.post(f"{path}/acknowledgement", json={"note": "Secret note"})
    await asha.post(f"{path}/resolution", json={"outcome": "could_not_be_reached", "note": "Secret note"})
    for answered in (await client_of(who).get(path), await client_of(who).get(alerts_of(cast))):
        assert answered.status_code == 200
        assert "Secret" not in answered.text
        assert "could_not_be_reached" not in answered.text
    shown = (await client_of(who).get(path)).json()
    assert (shown["status"], shown["acknowledged_at"] is None) == ("resolved", False)
    for staff in (GUS, CARL, PIA):
        assert "Secret note" in (await client_of(staff).get(path)).text


@pytest.mark.parametrize(("who", "status"), [(GUS, 403), (ROSE, 403), (UMA, 403), (PIA, 403), (SAM, 404), (BEA, 404)])
async def test_only_clinicians_who_care_for_the_person_answer_an_alert(
    cast: Cast, client_of: ClientOf, who: str, status: int
) -> None:
    path = f"{alerts_of(cast)}/{(await raised(cast, client_of))['id']}"
    assert (await client_of(who).post(f"{path}/acknowledgement", json={})).status_code == status
    assert (await client_of(who).post(f"{path}/resolution", json={"outcome": "referred"})).status_code == status


async def test_open_alerts_are_listed_for_whoever_cares_for_people_those_that_nobody_has_first(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    asha, sams = client_of(ASHA), f"/v1/patients/{cast.patients['sam_at_home']}/questionnaire-responses"
    hers = await raised(cast, client_of)
    await client_of(SAM).post(sams, json=given_answers(cast, WORRYING))
    await asha.post(f"{alerts_of(cast)}/{hers['id']}/acknowledgement", json={})
    listed = (await asha.get("/v1/alerts")).json()["items"]
    names = [(each["patient"]["given_name"], each["status"]) for each in listed]
    assert names == [("Sam", "raised"), ("Rose", "acknowledged")]
    first = (await asha.get("/v1/alerts", params={"limit": 1})).json()
    rest = (await asha.get("/v1/alerts", params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert first["items"] + rest["items"] == listed
    assert rest["next_cursor"] is None
    assert [each["id"] for each in (await client_of(GUS).get("/v1/alerts")).json()["items"]] == [hers["id"]]
    for nobody in (ROSE, SAM, UMA, PIA, BEA, IRIS):
        assert (await client_of(nobody).get("/v1/alerts")).json()["items"] == [], nobody
    looked = "select patient_id::text from audit_event where action = 'alert.list_open' and account_id = '{}'"
    shown = await told(session, looked.format(cast.accounts[ASHA]))
    assert set(shown) == {each["patient"]["id"] for each in listed}
    assert len(shown) == 4  # of both at once, and then of each
    await asha.post(f"{alerts_of(cast)}/{hers['id']}/resolution", json={"outcome": "spoke_with_them"})
    assert [each["patient"]["given_name"] for each in (await asha.get("/v1/alerts")).json()["items"]] == ["Sam"]


async def test_the_longest_waiting_stands_first_among_those_that_nobody_has(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    await raised(cast, client_of)
    sams = f"/v1/patients/{cast.patients['sam_at_home']}/questionnaire-responses"
    await client_of(SAM).post(sams, json=given_answers(cast, WORRYING))
    for waited, who in ((timedelta(hours=1), "Rose"), (-timedelta(hours=2), "Sam")):
        change = "update alert set raised_at = raised_at - cast(:waited as interval) where patient_id = :id"
        await session.execute(text(change), {"waited": waited, "id": cast.patients["rose_resident"]})
        listed = (await client_of(ASHA).get("/v1/alerts")).json()["items"]
        assert listed[0]["patient"]["given_name"] == who
