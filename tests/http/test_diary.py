"""Diaries over HTTP: who writes, who reads, what a repeat does, and what was written in error."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from integrations.postgres.client import Database
from tests.cast import Cast
from tests.http.conftest import ClientOf
from tests.http.observations.test_durable_answers import signed_in

ASHA, GUS, ROSE, UMA, VIC = (
    "asha_clinician_of_practice",
    "gus_care_home_staff",
    "rose_herself",
    "uma_delegate",
    "vic_delegate_who_records",
)


def diary_of(cast: Cast, patient: str = "rose_resident") -> str:
    return f"/v1/patients/{cast.patients[patient]}/diary"


def entry(cast: Cast, minutes_ago: int = 5, **but: Any) -> dict[str, Any]:
    noticed = [{"symptom": "ankle_swelling", "level": 2}]
    at = (cast.now - timedelta(minutes=minutes_ago)).isoformat()
    return {"effective_at": at, "note": "A bad night", "symptoms": noticed, **but}


async def of_session(session: AsyncSession, statement: str) -> list[str]:
    return list((await session.execute(text(statement))).scalars())


async def test_what_was_noticed_is_kept_in_words_and_in_the_offset_it_was_sent_with(
    cast: Cast, client_of: ClientOf
) -> None:
    rose = client_of(ROSE)
    at = (cast.now - timedelta(minutes=5)).replace(microsecond=0, tzinfo=None)
    sent = entry(cast, effective_at=f"{(at + timedelta(hours=5, minutes=45)).isoformat()}+05:45")
    made = await rose.post(diary_of(cast), json=sent)
    assert made.status_code == 201, made.text
    kept = made.json()
    assert kept["effective_at"] == sent["effective_at"]
    assert kept["symptoms"] == [
        {"symptom": "ankle_swelling", "label": "Swollen ankles or feet", "level": 2, "level_label": "Moderate"}
    ]
    assert (kept["recorded_by"], kept["recorded_as"], kept["status"]) == (
        str(cast.accounts[ROSE]),
        "self",
        "current",
    )
    assert (await rose.get(f"{diary_of(cast)}/{kept['id']}")).json() == kept
    assert (await rose.get(diary_of(cast))).json()["items"] == [kept]


@pytest.mark.parametrize(("who", "basis"), [(ROSE, "self"), (VIC, "delegate"), (GUS, "care_home"), (ASHA, "care_team")])
async def test_it_is_kept_who_wrote_and_as_what(cast: Cast, client_of: ClientOf, who: str, basis: str) -> None:
    made = await client_of(who).post(diary_of(cast), json=entry(cast))
    assert (made.status_code, made.json()["recorded_as"]) == (201, basis)


async def test_who_may_add_and_not_read_is_shown_their_own_entry_alone(cast: Cast, client_of: ClientOf) -> None:
    vic = client_of(VIC)
    same = entry(cast, client_id="vic-1")
    made = await vic.post(diary_of(cast), json=same)
    assert (await vic.post(diary_of(cast), json=same)).json() == made.json()
    assert (await vic.get(diary_of(cast))).status_code == 403
    assert (await vic.get(f"{diary_of(cast)}/{made.json()['id']}")).status_code == 403
    back = await vic.post(f"{diary_of(cast)}/{made.json()['id']}/retraction", json={"reason": "Not today"})
    assert (back.status_code, back.json()["status"]) == (200, "entered-in-error")


async def test_an_entry_sent_again_is_kept_once_and_one_that_disagrees_is_refused(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    rose, same = client_of(ROSE), entry(cast, client_id="phone-1")
    same["symptoms"].append({"symptom": "cough", "level": 1})
    first = await rose.post(diary_of(cast), json=same)
    turned = same | {"symptoms": same["symptoms"][::-1]}
    assert (await rose.post(diary_of(cast), json=turned)).json() == first.json()
    others: tuple[dict[str, Any], ...] = ({"note": "Another"}, {"symptoms": []}, {"effective_at": cast.now.isoformat()})
    for other in others:
        assert (await rose.post(diary_of(cast), json=same | other)).status_code == 409
    assert len((await rose.get(diary_of(cast))).json()["items"]) == 1
    assert (await client_of("sam_himself").post(diary_of(cast, "sam_at_home"), json=same)).status_code == 201


async def test_forty_at_once_under_one_client_id_make_one_entry_and_one_event(
    crowd: tuple[FastAPI, Cast], committing_database: Database
) -> None:
    app, cast = crowd
    same = entry(cast, client_id="phone-1")
    async with await signed_in(app, cast.accounts[ROSE]) as rose:
        answers = await asyncio.gather(*(rose.post(diary_of(cast), json=same) for _ in range(40)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    async with committing_database.statements() as session:
        symptoms = await session.scalar(text("select count(*) from diary_symptom"))
        assert symptoms == 1


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"note": None, "symptoms": []}, "/note", "nothing_said"),
        ({"effective_at": "2199-01-01T00:00:00Z"}, "/effective_at", "future_time"),
        ({"symptoms": [{"symptom": "gloom", "level": 1}]}, "/symptoms/0/symptom", "unknown_symptom"),
        ({"symptoms": [{"symptom": "cough", "level": 4}]}, "/symptoms/0/level", None),
        ({"symptoms": [{"symptom": "cough", "level": True}]}, "/symptoms/0/level", None),
        ({"effective_at": "2026-01-01T00:00:00"}, "/effective_at", "naive_time"),
    ],
)
async def test_what_cannot_be_kept_is_refused_with_its_place(
    cast: Cast, client_of: ClientOf, wrong: dict[str, Any], pointer: str, code: str | None
) -> None:
    answer = await client_of(ROSE).post(diary_of(cast), json=entry(cast) | wrong)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert code in {None, fault["code"]}


async def test_what_was_written_in_error_is_left_out_and_kept_with_its_reason(cast: Cast, client_of: ClientOf) -> None:
    rose = client_of(ROSE)
    kept, wrong = [(await rose.post(diary_of(cast), json=entry(cast, ago))).json() for ago in (5, 4)]
    back = f"{diary_of(cast)}/{wrong['id']}/retraction"
    shown = await rose.post(back, json={"reason": "Meant for my sister"})
    assert (shown.json()["status"], shown.json()["amendment_reason"]) == ("entered-in-error", "Meant for my sister")
    assert (await rose.post(back, json={"reason": "Meant for my sister"})).json() == shown.json()
    assert (await rose.post(back, json={"reason": "Another reason"})).status_code == 409
    assert [each["id"] for each in (await rose.get(diary_of(cast))).json()["items"]] == [kept["id"]]
    with_it = (await rose.get(diary_of(cast), params={"history": "true"})).json()["items"]
    assert [each["id"] for each in with_it] == [wrong["id"], kept["id"]]
    assert (await rose.get(f"{diary_of(cast)}/{wrong['id']}")).json()["note"] == "A bad night"


async def test_whoever_did_not_write_it_takes_it_back_only_if_they_are_staff(cast: Cast, client_of: ClientOf) -> None:
    by_vic = (await client_of(VIC).post(diary_of(cast), json=entry(cast))).json()
    back = f"{diary_of(cast)}/{by_vic['id']}/retraction"
    for who, status in ((ROSE, 403), (UMA, 403), (GUS, 200)):
        assert (await client_of(who).post(back, json={"reason": "Not hers"})).status_code == status, who


async def test_a_diary_is_read_by_pages_and_by_span_what_was_noticed_last_first(
    cast: Cast, client_of: ClientOf
) -> None:
    rose, path = client_of(ROSE), diary_of(cast)
    ids = [(await rose.post(path, json=entry(cast, ago))).json()["id"] for ago in (30, 10, 20)]
    newest_first = [ids[1], ids[2], ids[0]]
    first = (await rose.get(path, params={"limit": 2})).json()
    rest = (await rose.get(path, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [each["id"] for each in first["items"] + rest["items"]] == newest_first
    assert rest["next_cursor"] is None
    span = {"from": entry(cast, 20)["effective_at"], "until": entry(cast, 10)["effective_at"]}
    assert [each["id"] for each in (await rose.get(path, params=span)).json()["items"]] == [ids[2]]
    turned = {"from": span["until"], "until": span["from"]}
    assert (await rose.get(path, params=turned)).status_code == 422


async def test_each_deed_with_a_diary_is_told_and_written_down(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    gus, uma = client_of(GUS), client_of(UMA)
    made = (await gus.post(diary_of(cast), json=entry(cast, client_id="g-1"))).json()
    await gus.post(diary_of(cast), json=entry(cast, client_id="g-1"))
    await uma.get(diary_of(cast))
    await uma.get(f"{diary_of(cast)}/{made['id']}")
    await gus.post(f"{diary_of(cast)}/{made['id']}/retraction", json={"reason": "Another resident"})
    deeds = "select action || ' ' || basis || ' ' || coalesce(count::text, '-') from audit_event"
    assert await of_session(session, f"{deeds} where action like 'diary.%' order by id") == [
        "diary.create care_home 1",
        "diary.create care_home 0",
        "diary.list delegate 1",
        "diary.read delegate -",
        "diary.retract care_home 1",
    ]
    told = "select kind || ' ' || subject_ids::text from event_outbox where kind like 'diary.%' order by id"
    assert await of_session(session, told) == [
        f"diary.recorded {{{made['id']}}}",
        f"diary.retracted {{{made['id']}}}",
    ]


async def test_the_catalogue_of_symptoms_is_told_with_the_words_of_each_step(client_of: ClientOf) -> None:
    found = (await client_of(ROSE).get("/v1/symptoms")).json()["items"]
    by_key = {each["key"]: each for each in found}
    assert by_key["breathlessness"]["snomed"] == "267036007"
    assert by_key["confusion"]["snomed"] is None
    assert by_key["breathlessness_compared"]["levels"][0]["label"] == "No more than usual"
    assert by_key["ankle_swelling"]["conditions"] == ["heart_failure"]


def test_the_diary_s_promise_to_clients_says_that_nobody_is_called(app: FastAPI) -> None:
    told = app.openapi()["paths"]["/v1/patients/{patient_id}/diary"]["post"]["description"]
    assert "Nobody is called because of it." in told
