"""Questionnaires over HTTP: what is asked, what is kept, and what happens at once when an answer cannot wait."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from integrations.postgres.client import Database
from tests.cast import Cast
from tests.http.conftest import ClientOf
from tests.http.observations.test_durable_answers import signed_in

ASHA, CARL, GUS, ROSE, UMA, VIC = (
    "asha_clinician_of_practice",
    "carl_clinician_on_care_team",
    "gus_care_home_staff",
    "rose_herself",
    "uma_delegate",
    "vic_delegate_who_records",
)
CALM = [0] * 9
WORRYING = [0] * 8 + [1]


def responses_of(cast: Cast, patient: str = "rose_resident") -> str:
    return f"/v1/patients/{cast.patients[patient]}/questionnaire-responses"


def alerts_of(cast: Cast) -> str:
    return f"/v1/patients/{cast.patients['rose_resident']}/alerts"


def given_answers(
    cast: Cast, scores: Sequence[int | None], key: str = "phq-9", minutes_ago: int = 5, **but: Any
) -> dict[str, Any]:
    at = (cast.now - timedelta(minutes=minutes_ago)).isoformat()
    answers = [{"link_id": f"q{place}", "value": score} for place, score in enumerate(scores, 1) if score is not None]
    return {"questionnaire": key, "version": "1", "authored_at": at, "answers": answers, **but}


async def told(session: AsyncSession, statement: str) -> list[str]:
    return list((await session.execute(text(statement))).scalars())


async def answer(client: httpx.AsyncClient, cast: Cast, body: dict[str, Any]) -> dict[str, Any]:
    made = await client.post(responses_of(cast), json=body)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def test_answers_are_kept_with_their_words_total_band_and_change(cast: Cast, client_of: ClientOf) -> None:
    rose = client_of(ROSE)
    first = await answer(rose, cast, given_answers(cast, [1] * 9, minutes_ago=60))
    assert (first["total"], first["greatest_total"], first["band"]) == (9, 27, "mild")
    assert (first["status"], first["missing"], first["change"]) == ("completed", [], None)
    assert first["answers"][1]["label"] == "Several days"
    assert first["answers"][1]["question"] == "Feeling down, depressed, or hopeless"
    second = await answer(rose, cast, given_answers(cast, [0] * 8 + [0]))
    assert (second["total"], second["previous_total"], second["change"]) == (0, 9, -9)
    listed = (await rose.get(responses_of(cast))).json()["items"]
    assert listed == [second, first]
    assert (await rose.get(f"{responses_of(cast)}/{first['id']}")).json() == first


async def test_what_is_left_out_is_named_and_there_is_no_total(cast: Cast, client_of: ClientOf) -> None:
    found = await answer(client_of(ROSE), cast, given_answers(cast, [3, None, 3, 3, 3, 3, 3], "gad-7"))
    assert (found["total"], found["band"], found["missing"], found["status"]) == (None, None, ["q2"], "stopped")
    after = await answer(client_of(ROSE), cast, given_answers(cast, [1] * 7, "gad-7", minutes_ago=1))
    assert (after["total"], after["previous_total"]) == (7, None)


@pytest.mark.parametrize(
    ("scores", "total"),
    [
        (WORRYING, 1),
        ([None] * 8 + [1], None),
        ([3, 3] + [None] * 6 + [2], None),
        ([3] * 9, 27),
    ],
    ids=["the least total", "nothing else answered", "stopped half-way", "the greatest total"],
)
@pytest.mark.parametrize("who", [ROSE, VIC, GUS, ASHA])
async def test_an_answer_that_cannot_wait_raises_a_red_alert_whatever_the_rest_says_and_whoever_enters_it(
    cast: Cast, client_of: ClientOf, session: AsyncSession, who: str, scores: list[int | None], total: int | None
) -> None:
    found = await answer(client_of(who), cast, given_answers(cast, scores))
    assert found["total"] == total
    assert found["safety"]["watched_now"] is False
    assert "Nobody may be looking at it right now" in found["safety"]["watched"]
    assert [each["number"] for each in found["safety"]["contacts"]] == ["999", "111, then option 2", "116 123"]
    (alert,) = (await client_of(ASHA).get(alerts_of(cast))).json()["items"]
    assert (alert["rule"], alert["rule_version"], alert["level"], alert["status"]) == (
        "phq9-item-9",
        1,
        "red",
        "raised",
    )
    assert [each["subject_id"] for each in alert["evidence"]] == [found["id"]]
    kinds = "select kind from event_outbox where kind like 'alert.%' or kind like 'questionnaire.%' order by id"
    assert await told(session, kinds) == ["questionnaire.answered", "alert.raised"]


async def test_an_answer_that_can_wait_raises_nothing_whatever_the_total(cast: Cast, client_of: ClientOf) -> None:
    found = await answer(client_of(ROSE), cast, given_answers(cast, [3] * 8 + [0]))
    assert (found["total"], found["band"], found["safety"]) == (24, "severe", None)
    assert (await client_of(ASHA).get(alerts_of(cast))).json()["items"] == []


async def test_nothing_is_kept_of_an_answer_whose_alert_cannot_be(
    cast: Cast, client_of: ClientOf, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("no alert")

    monkeypatch.setattr("domain.questionnaires.commands.raise_alert", broken)
    refused = await client_of(ROSE).post(responses_of(cast), json=given_answers(cast, WORRYING))
    assert refused.status_code == 500
    assert await session.scalar(text("select count(*) from questionnaire_response")) == 0


async def test_sent_again_it_is_kept_once_and_the_words_are_shown_again(cast: Cast, client_of: ClientOf) -> None:
    rose, same = client_of(ROSE), given_answers(cast, WORRYING, client_id="phone-1")
    first = await answer(rose, cast, same)
    turned = same | {"answers": same["answers"][::-1]}
    assert await answer(rose, cast, turned) == first
    assert first["safety"] is not None
    other = given_answers(cast, [1] * 8 + [0], client_id="phone-1")
    assert (await rose.post(responses_of(cast), json=other)).status_code == 409
    (alert,) = (await client_of(ASHA).get(alerts_of(cast))).json()["items"]
    assert len(alert["evidence"]) == 1


async def test_forty_such_answers_at_once_make_one_alert_that_rests_on_them_all(
    crowd: tuple[FastAPI, Cast], committing_database: Database
) -> None:
    app, cast = crowd
    async with await signed_in(app, cast.accounts[ROSE]) as rose:
        posts = (
            rose.post(responses_of(cast), json=given_answers(cast, WORRYING, client_id=f"phone-{n}")) for n in range(40)
        )
        assert {each.status_code for each in await asyncio.gather(*posts)} == {201}
    async with committing_database.statements() as session:
        assert await session.scalar(text("select count(*) from alert")) == 1
        assert await session.scalar(text("select count(*) from alert_evidence")) == 40
        numbers = await told(session, "select s.number::text from alert_step s order by s.number")
        assert numbers == [str(number) for number in range(1, 41)]


async def test_who_may_add_and_not_read_is_not_told_the_total_before(cast: Cast, client_of: ClientOf) -> None:
    await answer(client_of(ROSE), cast, given_answers(cast, [1] * 7, "gad-7", minutes_ago=30))
    by_vic = await answer(client_of(VIC), cast, given_answers(cast, [2] * 7, "gad-7", client_id="v"))
    assert (by_vic["total"], by_vic["previous_total"], by_vic["change"]) == (14, None, None)
    again = await answer(client_of(VIC), cast, given_answers(cast, [2] * 7, "gad-7", client_id="v"))
    assert again["previous_total"] is None
    assert (await client_of(VIC).get(responses_of(cast))).status_code == 403


async def test_what_was_entered_in_error_counts_no_more_and_its_alert_says_so_and_stays(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    gus, asha = client_of(GUS), client_of(ASHA)
    wrong = await answer(gus, cast, given_answers(cast, WORRYING, minutes_ago=9))
    back = f"{responses_of(cast)}/{wrong['id']}/retraction"
    shown = (await gus.post(back, json={"reason": "Another resident"})).json()
    assert (shown["status"], shown["amendment_reason"]) == ("entered-in-error", "Another resident")
    assert (await gus.post(back, json={"reason": "Another resident"})).json() == shown
    assert (await gus.post(back, json={"reason": "Otherwise"})).status_code == 409
    assert (await gus.get(responses_of(cast))).json()["items"] == []
    kept = (await gus.get(responses_of(cast), params={"history": "true"})).json()["items"]
    assert [each["id"] for each in kept] == [wrong["id"]]
    (alert,) = (await asha.get(alerts_of(cast))).json()["items"]
    assert (alert["status"], alert["evidence_withdrawn"]) == ("raised", True)
    assert [each["step"] for each in alert["history"]] == ["raised", "evidence_withdrawn"]
    after = await answer(gus, cast, given_answers(cast, CALM))
    assert after["previous_total"] is None
    assert (await client_of(ROSE).post(back, json={"reason": "Mine"})).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"questionnaire": "eq-5d"}, "/questionnaire", "unknown_questionnaire"),
        ({"questionnaire": "friends-and-family-test"}, "/questionnaire", "anonymous"),
        ({"version": "2"}, "/version", "other_version"),
        ({"answers": []}, "/answers", "nothing_said"),
        ({"answers": [{"link_id": "q10", "value": 1}]}, "/answers/0/link_id", "unknown_question"),
        ({"answers": [{"link_id": "q1", "value": True}]}, "/answers/0/value", "not_an_answer"),
        ({"answers": [{"link_id": "q1", "value": 1.5}]}, "/answers/0/value", "not_an_answer"),
        ({"answers": [{"link_id": "q1", "value": 1.0}]}, "/answers/0/value", "not_an_answer"),
        ({"answers": [{"link_id": "q1", "value": 4}]}, "/answers/0/value", "not_an_answer"),
        ({"answers": [{"link_id": "difficulty", "value": "LA6572-7"}]}, "/answers/0/link_id", "not_asked"),
        ({"authored_at": "2199-01-01T00:00:00Z"}, "/authored_at", "future_time"),
    ],
)
async def test_what_does_not_fit_is_refused_with_its_place(
    cast: Cast, client_of: ClientOf, wrong: dict[str, Any], pointer: str, code: str
) -> None:
    refused = await client_of(ROSE).post(responses_of(cast), json=given_answers(cast, CALM) | wrong)
    assert refused.status_code == 422
    assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [(pointer, code)]


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(-9, 9)
    | st.text(st.characters(codec="ascii"), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=6,
)


async def test_whatever_json_is_answered_nothing_breaks(cast: Cast, client_of: ClientOf) -> None:
    rose = client_of(ROSE)
    bodies: list[Any] = []

    @settings(max_examples=60, suppress_health_check=list(HealthCheck), database=None)
    @given(_JSON, st.sampled_from(["q1", "q9", "difficulty", "x"]), _JSON)
    def collect(answers: Any, link_id: str, value: Any) -> None:
        bodies.append(given_answers(cast, CALM) | {"answers": answers})
        bodies.append(given_answers(cast, CALM) | {"answers": [{"link_id": link_id, "value": value}]})

    collect()
    statuses = {(await rose.post(responses_of(cast), json=body)).status_code for body in bodies}
    assert statuses <= {201, 400, 422}
    assert 422 in statuses


async def test_each_deed_with_a_questionnaire_is_written_down(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    made = await answer(client_of(VIC), cast, given_answers(cast, WORRYING, client_id="v"))
    await client_of(UMA).get(responses_of(cast))
    await client_of(UMA).get(f"{responses_of(cast)}/{made['id']}")
    deeds = "select action || ' ' || basis from audit_event where action ~ '^(questionnaire|alert)' order by id"
    assert await told(session, deeds) == [
        "alert.raise delegate",
        "questionnaire.answer delegate",
        "questionnaire.list delegate",
        "questionnaire.read delegate",
    ]


async def test_responses_are_read_by_pages_and_of_one_questionnaire(cast: Cast, client_of: ClientOf) -> None:
    rose, path = client_of(ROSE), responses_of(cast)
    ids = []
    for ago, key, number in ((30, "gad-7", 7), (20, "phq-9", 9), (10, "gad-7", 7)):
        ids.append((await answer(rose, cast, given_answers(cast, [0] * number, key, ago)))["id"])
    first = (await rose.get(path, params={"limit": 2})).json()
    rest = (await rose.get(path, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [each["id"] for each in first["items"] + rest["items"]] == ids[::-1]
    of_one = (await rose.get(path, params={"questionnaire": "gad-7"})).json()["items"]
    assert [each["id"] for each in of_one] == [ids[2], ids[0]]


async def test_an_instrument_is_told_as_fhir_once_and_not_again_to_who_has_it(client_of: ClientOf) -> None:
    rose = client_of(ROSE)
    listed = (await rose.get("/v1/questionnaires")).json()["items"]
    assert [each["key"] for each in listed] == ["phq-9", "gad-7", "mrc-dyspnoea", "friends-and-family-test"]
    assert [each["anonymous"] for each in listed] == [False, False, False, True]
    whole = await rose.get("/v1/questionnaires/phq-9")
    assert whole.headers["content-type"] == "application/fhir+json"
    assert whole.json()["item"][0]["item"][8]["code"][0]["code"] == "44260-8"
    again = await rose.get("/v1/questionnaires/phq-9", headers={"If-None-Match": whole.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await rose.get("/v1/questionnaires/eq-5d")).status_code == 404
