"""Posting readings: a verdict for each, and the status that sums them up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from httpx import AsyncClient
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.cast import Cast
from tests.http.conftest import ClientOf
from tests.http.observations.stage import BEA, ROSE, SAM, codes, post, pulse, stored_rows


async def test_a_reading_is_answered_201_with_its_observation(
    rose: AsyncClient, url: str, cast: Cast, session: AsyncSession
) -> None:
    answer = await post(rose, url, pulse(cast))
    assert answer.status_code == 201
    (verdict,) = answer.json()["verdicts"]
    assert verdict == {
        "index": 0,
        "client_id": "c-1",
        "verdict": "stored",
        "observation_id": verdict["observation_id"],
        "code": None,
        "field": None,
        "detail": None,
        "can_retry": None,
        "hint": None,
    }
    assert (answer.json()["stored"], answer.json()["duplicate"], answer.json()["refused"]) == (1, 0, 0)
    assert await stored_rows(session) == 1


async def test_a_repeat_is_answered_201_with_the_same_observation(rose: AsyncClient, url: str, cast: Cast) -> None:
    first, again = await post(rose, url, pulse(cast)), await post(rose, url, pulse(cast))
    assert again.status_code == 201
    assert codes(again) == ["duplicate"]
    assert again.json()["verdicts"][0]["observation_id"] == first.json()["verdicts"][0]["observation_id"]


async def test_one_bad_of_many_is_answered_207_and_stops_no_other(
    rose: AsyncClient, url: str, cast: Cast, session: AsyncSession
) -> None:
    readings = [pulse(cast, f"c-{n}", n + 1) for n in range(100)]
    readings[42]["value"] = 7200
    answer = await post(rose, url, *readings)
    assert answer.status_code == 207
    assert (answer.json()["stored"], answer.json()["refused"]) == (99, 1)
    verdict = answer.json()["verdicts"][42]
    assert (verdict["code"], verdict["field"], verdict["can_retry"]) == ("out_of_range", "/readings/42/value", False)
    assert await stored_rows(session) == 99


async def test_when_none_is_accepted_the_answer_is_a_422_problem_with_the_verdicts(
    rose: AsyncClient, url: str, cast: Cast, session: AsyncSession
) -> None:
    answer = await post(rose, url, pulse(cast, unit=None), pulse(cast, "c-2", value=210))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["type"], problem["refused"]) == ("/problems/invalid", 2)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
        ("/readings/0/unit", "unit_missing"),
        ("/readings/1/value", "needs_confirmation"),
    ]
    assert problem["verdicts"][1]["can_retry"] is True
    assert await stored_rows(session) == 0


async def test_when_every_one_disagrees_with_what_is_recorded_the_answer_is_a_409_problem(
    rose: AsyncClient, url: str, cast: Cast, session: AsyncSession
) -> None:
    await post(rose, url, pulse(cast))
    answer = await post(rose, url, pulse(cast, value=73))
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/conflict"
    assert codes(answer) == ["conflict"]
    assert await stored_rows(session) == 1


async def test_a_refused_reading_put_right_is_taken_under_the_same_client_id(
    rose: AsyncClient, url: str, cast: Cast
) -> None:
    assert (await post(rose, url, pulse(cast, value=210))).status_code == 422
    assert (await post(rose, url, pulse(cast, value=210, confirmed=True))).status_code == 201


async def test_two_people_may_use_the_same_client_id(client_of: ClientOf, url: str, cast: Cast) -> None:
    sams = f"/v1/patients/{cast.patients['sam_at_home']}/observations"
    first = await post(client_of(ROSE), url, pulse(cast))
    second = await post(client_of(SAM), sams, pulse(cast))
    assert (first.status_code, second.status_code) == (201, 201)
    assert codes(second) == ["stored"]


async def test_another_patient_s_record_is_not_there(client_of: ClientOf, url: str, cast: Cast) -> None:
    for name in (SAM, BEA):
        assert (await post(client_of(name), url, pulse(cast))).status_code == 404
        assert (await client_of(name).get(url)).status_code == 404


async def test_the_phone_s_clock_is_recorded(rose: AsyncClient, url: str, cast: Cast) -> None:
    its_clock = datetime.now(UTC) - timedelta(minutes=7)
    answer = await post(rose, url, pulse(cast), sent_at=its_clock.isoformat())
    received_at = datetime.fromisoformat(answer.json()["received_at"])
    (item,) = (await rose.get(url)).json()["items"]
    assert item["clock_skew_seconds"] == round((its_clock - received_at).total_seconds()) <= -420


async def test_a_phone_s_clock_that_says_nothing_is_refused(rose: AsyncClient, url: str, cast: Cast) -> None:
    for sent_at in ("2026-01-01T00:00:00", "1999-01-01T00:00:00Z", "now", 5):
        answer = await post(rose, url, pulse(cast), sent_at=sent_at)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/sent_at"), sent_at


async def test_a_body_without_readings_is_refused(rose: AsyncClient, url: str) -> None:
    nothing: list[object] = [[], {}, None, "x"]
    for readings in nothing:
        assert (await rose.post(url, json={"readings": readings})).status_code == 422, readings


async def test_more_than_a_thousand_readings_are_refused(rose: AsyncClient, url: str, cast: Cast) -> None:
    answer = await post(rose, url, *(pulse(cast, f"c-{n}", n + 1) for n in range(1_001)))
    assert answer.status_code == 422
