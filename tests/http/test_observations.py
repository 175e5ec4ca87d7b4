"""Observations over HTTP: verdicts and their statuses, bad input, pages, latest, series, corrections, the catalogue."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.app import create_app
from api.authentication import issue_access_token
from api.settings import Settings
from domain.accounts.session_commands import open_session
from integrations.postgres.client import Database, Limits
from tests.cast import Cast, assemble, just_now
from tests.http.conftest import ClientOf

ROSE, GUS, ASHA, SAM, BEA = (
    "rose_herself",
    "gus_care_home_staff",
    "asha_clinician_of_practice",
    "sam_himself",
    "bea_clinician_elsewhere",
)
Json = dict[str, Any]


@pytest.fixture
def url(cast: Cast) -> str:
    return f"/v1/patients/{cast.patients['rose_resident']}/observations"


@pytest.fixture
def rose(client_of: ClientOf) -> AsyncClient:
    return client_of(ROSE)


def ago(cast: Cast, **duration: float) -> str:
    return (cast.now - timedelta(**duration)).isoformat()


def pulse(cast: Cast, client_id: str = "c-1", minutes_ago: float = 5, **more: Any) -> Json:
    reading = {"client_id": client_id, "sign": "heart_rate", "value": 72, "unit": "/min"}
    return reading | {"effective_at": ago(cast, minutes=minutes_ago)} | more


async def post(client: AsyncClient, url: str, *readings: Any, **more: Any) -> Response:
    return await client.post(url, json={"readings": list(readings), **more})


async def stored_rows(session: AsyncSession) -> int:
    return int((await session.execute(text("select count(*) from observation"))).scalar_one())


def codes(answer: Response) -> list[str]:
    return [verdict["code"] or verdict["verdict"] for verdict in answer.json()["verdicts"]]


# Statuses


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


# Bad input: each case alone, so that nothing may be stored

BAD: dict[str, tuple[Json, str]] = {
    "CLIN-001 glucose in mg/dL labelled mmol/L": (
        {"sign": "blood_glucose", "value": 100, "unit": "mmol/L"}, "out_of_range",
    ),
    "CLIN-002 glucose in mmol/L labelled mg/dL": (
        {"sign": "blood_glucose", "value": 5.4, "unit": "mg/dL"}, "out_of_range",
    ),
    "CLIN-005 saturation above 100 %": ({"sign": "oxygen_saturation", "value": 101, "unit": "%"}, "out_of_range"),
    "CLIN-007 systolic below diastolic": (
        {"sign": "blood_pressure", "value": None, "systolic": 60, "diastolic": 120, "unit": "mm[Hg]"},
        "systolic_not_above_diastolic",
    ),
    "CLIN-008 unit in wrong case": ({"sign": "blood_glucose", "value": 5.4, "unit": "MMOL/l"}, "unit_unknown"),
    "CLIN-010 questionnaire score": ({"sign": "phq9", "value": 28, "unit": "{score}"}, "sign_unknown"),
    "CLIN-011 a field of another resource": ({"nhs_number": "9434765910"}, "unknown_field"),
    "CLIN-013 no value": ({"sign": "news2_total", "value": None, "unit": "{ScoreOf}"}, "sign_derived"),
    "AUTHZ-005 server-owned id": ({"id": 987654321}, "unknown_field"),
    "JSON-005 nan as text": ({"value": "nan"}, "invalid"),
    "JSON-008 boolean as measurement": ({"value": True}, "invalid"),
    "JSON-031 unknown field": ({"role": "admin"}, "unknown_field"),
    "TIME-001 naive in the spring gap": ({"effective_at": "2026-03-29T01:30:00"}, "naive_time"),
    "TIME-002 naive in the autumn fold": ({"effective_at": "2026-10-25T01:30:00"}, "naive_time"),
    "TIME-004 year 1": ({"effective_at": "0001-01-01T00:00:00Z"}, "invalid_time"),
    "TIME-005 year 9999": ({"effective_at": "9999-12-31T23:59:59Z"}, "invalid_time"),
    "TIME-007 underflow": ({"effective_at": "0001-01-01T00:00:00+14:00"}, "invalid_time"),
    "TIME-010 before birth": ({"effective_at": "1940-02-28T00:00:00Z"}, "before_birth"),
    "TIME-011 seconds since 1970": ({"effective_at": 1735689600}, "invalid"),
    "TIME-013 seconds since 1970 as text": ({"effective_at": "1735689600"}, "invalid_time"),
    "TIME-014 minus one": ({"effective_at": -1}, "invalid"),
    "TIME-016 30 February": ({"effective_at": "2026-02-30T00:00:00Z"}, "invalid_time"),
    "TIME-017 leap second": ({"effective_at": "2016-12-31T23:59:60Z"}, "invalid_time"),
    "TIME-019 offset +25:00": ({"effective_at": "2026-01-01T00:00:00+25:00"}, "invalid_time"),
    "TIME-020 now": ({"effective_at": "now"}, "invalid_time"),
    "no client id": ({"client_id": None}, "invalid"),
    "client id of 65": ({"client_id": "x" * 65}, "invalid"),
    "client id with a line break": ({"client_id": "a\nb"}, "invalid"),
    "source with a space": ({"source": "my phone"}, "invalid"),
    "no unit": ({"unit": None}, "unit_missing"),
    "fractional pain": ({"sign": "pain_score", "value": 5.5, "unit": "{score}"}, "not_whole"),
    "confirmed as text": ({"confirmed": "true"}, "invalid"),
    "own unconsciousness": (
        {"sign": "consciousness_acvpu", "value": None, "unit": None, "code": "U"}, "code_not_permitted",
    ),
    "answer in lower case": ({"sign": "consciousness_acvpu", "value": None, "unit": None, "code": "a"}, "invalid"),
    "LO for a pulse": ({"comparator": "<"}, "comparator_unexpected"),
}  # fmt: skip


async def test_bad_input_is_refused_with_a_stable_code_and_nothing_is_stored_or_repeated(
    rose: AsyncClient, url: str, cast: Cast, session: AsyncSession
) -> None:
    for name, (change, code) in BAD.items():
        answer = await post(rose, url, pulse(cast) | change)
        assert (answer.status_code, codes(answer)) == (422, [code]), name
        assert answer.headers["content-type"] == "application/problem+json", name
        assert await stored_rows(session) == 0, name
        sent = [value for value in change.values() if isinstance(value, str) and len(value) > 8]
        assert not any(value in answer.text for value in sent), name


async def test_a_reading_from_the_future_is_refused_and_one_within_two_minutes_is_kept_with_its_skew(
    rose: AsyncClient, url: str, cast: Cast
) -> None:
    now = datetime.now(UTC)
    soon = pulse(cast, "soon", effective_at=(now + timedelta(seconds=60)).isoformat())
    later = pulse(cast, "later", effective_at=(now + timedelta(minutes=10)).isoformat())
    answer = await post(rose, url, soon, later)
    assert codes(answer) == ["stored", "future_time"]
    (item,) = (await rose.get(url)).json()["items"]
    assert 0 < item["clock_skew_seconds"] <= 60


def raw_reading(cast: Cast, value: str) -> str:
    """Return a body as text, because a dict cannot hold what is sent here."""
    at = ago(cast, minutes=5)
    return (
        f'{{"readings": [{{"client_id": "c", "sign": "inspired_oxygen", "unit": "L/min", "effective_at": "{at}",'
        f' "value": {value}}}]}}'
    )


async def test_numbers_that_are_not_are_refused_before_anything_reads_them(
    rose: AsyncClient, url: str, cast: Cast, session: AsyncSession
) -> None:
    for raw in ("NaN", "Infinity", "-Infinity", "1e400", "1e-400"):
        body = raw_reading(cast, raw)
        answer = await rose.post(url, content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, await stored_rows(session)) == (400, 0), raw


@pytest.mark.parametrize(("raw", "kept"), [("-0", 0), ("-0.0", 0), ("2e0", 2), ("2.50", 2.5)])
async def test_a_number_is_kept_as_written_and_minus_zero_is_zero(
    rose: AsyncClient, url: str, cast: Cast, raw: str, kept: float
) -> None:
    body = raw_reading(cast, raw)
    assert (await rose.post(url, content=body, headers={"content-type": "application/json"})).status_code == 201
    shown = await rose.get(url)
    assert shown.json()["items"][0]["value"] == kept
    assert '"value":-0' not in shown.text.replace(" ", "")


async def test_items_that_are_no_readings_at_all_get_verdicts_like_any_other(
    rose: AsyncClient, url: str, cast: Cast
) -> None:
    answer = await post(rose, url, 1, None, [], {}, {"client_id": "known"}, {"": {"": ""}}, pulse(cast))
    assert answer.status_code == 207
    assert codes(answer)[:6] == ["invalid"] * 6
    assert [verdict["client_id"] for verdict in answer.json()["verdicts"]] == [*[None] * 4, "known", None, "c-1"]


async def test_the_offset_of_a_british_summer_is_kept(rose: AsyncClient, url: str, cast: Cast) -> None:
    bst = (cast.now - timedelta(hours=3)).astimezone(timezone(timedelta(hours=1))).isoformat()
    await post(rose, url, pulse(cast, effective_at=bst))
    (item,) = (await rose.get(url)).json()["items"]
    assert item["effective_at"] == bst
    assert item["effective_at"].endswith("+01:00")


async def test_the_value_that_was_sent_stands_beside_the_one_we_keep(rose: AsyncClient, url: str, cast: Cast) -> None:
    sent = pulse(cast, sign="body_temperature", value=98.6, unit="[degF]", source="ear-7")
    observation_id = (await post(rose, url, sent)).json()["verdicts"][0]["observation_id"]
    found = (await rose.get(f"{url}/{observation_id}")).json()
    assert found == {
        "id": observation_id,
        "patient_id": str(cast.patients["rose_resident"]),
        "sign": "body_temperature",
        "loinc": "8310-5",
        "value": 37,
        "systolic": None,
        "diastolic": None,
        "code": None,
        "comparator": None,
        "unit": "Cel",
        "original": {"value": 98.6, "unit": "[degF]"},
        "effective_at": found["effective_at"],
        "received_at": found["received_at"],
        "recorded_by": str(cast.accounts[ROSE]),
        "recorded_as": "self",
        "source": "ear-7",
        "client_id": "c-1",
        "status": "final",
        "supersedes": None,
        "superseded_by": None,
        "reason": None,
        "confirmed": False,
        "clock_skew_seconds": None,
    }


# Reading back


async def test_pages_walk_through_everything_and_their_cursors_are_good_for_nothing_else(
    client_of: ClientOf, url: str, cast: Cast
) -> None:
    rose = client_of(ROSE)
    await post(rose, url, *(pulse(cast, f"c-{n}", n // 2 + 1, source=f"s-{n % 2}") for n in range(9)))
    seen: list[str] = []
    cursor = None
    while True:
        asked = {"limit": "2", "sign": "heart_rate"} | ({"cursor": cursor} if cursor else {})
        answer = await rose.get(url, params=asked)
        assert answer.status_code == 200
        seen += [item["client_id"] for item in answer.json()["items"]]
        if answer.json()["next_cursor"] is None:
            break
        cursor = answer.json()["next_cursor"]
    assert len(seen) == len(set(seen)) == 9
    for client, asked in (
        (client_of(ASHA), {"limit": "2", "sign": "heart_rate", "cursor": cursor}),
        (rose, {"limit": "2", "cursor": cursor}),
        (rose, {"limit": "2", "sign": "heart_rate", "cursor": f"{cursor}x"}),
    ):
        assert (await client.get(url, params=asked)).status_code == 400


async def test_a_list_is_filtered_by_sign_and_span(rose: AsyncClient, url: str, cast: Cast) -> None:
    await post(
        rose, url, pulse(cast, "a", 10), pulse(cast, "b", 20), pulse(cast, "c", 30, sign="respiratory_rate", value=16)
    )
    asked = {"sign": "heart_rate", "from": ago(cast, minutes=20), "until": ago(cast, minutes=10)}
    assert [item["client_id"] for item in (await rose.get(url, params=asked)).json()["items"]] == ["b"]


WRONG_LISTS: list[dict[str, str]] = [
    {"limit": "0"},
    {"limit": "-1"},
    {"limit": "9223372036854775808"},
    {"offset": "-1"},
    {"sort": "password_hash"},
    {"sign": "mood"},
    {"from": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
    {"from": "yesterday"},
    {"from": "2026-01-01T00:00:00"},
    {"from_at": "2026-01-01T00:00:00Z"},
]


async def test_a_list_asked_for_wrongly_is_refused(rose: AsyncClient, url: str) -> None:
    for asked in WRONG_LISTS:
        answer = await rose.get(url, params=asked)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), asked


async def test_the_latest_of_each_sign_has_its_age(rose: AsyncClient, url: str, cast: Cast) -> None:
    await post(
        rose, url, pulse(cast, "a", 10), pulse(cast, "b", 5), pulse(cast, "c", 26 * 60, sign="steps", unit="{steps}")
    )
    items = (await rose.get(f"{url}/latest")).json()["items"]
    assert [(item["sign"], item["observation"]["client_id"], item["stale"]) for item in items] == [
        ("heart_rate", "b", False),
        ("steps", "c", True),
    ]
    elapsed = datetime.now(UTC) - cast.now
    assert 300 <= items[0]["age_seconds"] <= 300 + elapsed.total_seconds()


async def test_a_series_has_buckets_from_and_until(rose: AsyncClient, url: str, cast: Cast) -> None:
    await post(rose, url, pulse(cast, "a", 50, value=60), pulse(cast, "b", 10, value=70), pulse(cast, "c", 9, value=75))
    asked = {"sign": "heart_rate", "from": ago(cast, hours=1), "until": ago(cast, hours=0), "buckets": "2"}
    found = (await rose.get(f"{url}/series", params=asked)).json()
    assert (found["bucket_seconds"], found["unit"], found["parts"]) == (1800, "/min", None)
    assert datetime.fromisoformat(found["from"]) == cast.now - timedelta(hours=1)
    assert [(p["n"], p["min"], p["max"], p["mean"]) for p in found["points"]] == [(1, 60, 60, 60), (2, 70, 75, 72.5)]


async def test_a_series_of_pressures_has_parts(rose: AsyncClient, url: str, cast: Cast) -> None:
    reading = {"sign": "blood_pressure", "unit": "mm[Hg]", "systolic": 128, "diastolic": 82}
    await post(rose, url, {"client_id": "bp", "effective_at": ago(cast, minutes=5)} | reading)
    found = (await rose.get(f"{url}/series", params={"sign": "blood_pressure"})).json()
    assert found["points"] is None
    assert {part: [p["mean"] for p in points] for part, points in found["parts"].items()} == {
        "systolic": [128],
        "diastolic": [82],
    }


WRONG_SERIES: list[dict[str, str]] = [
    {},
    {"sign": "mood"},
    {"sign": "consciousness_acvpu"},
    {"sign": "inspired_oxygen"},
    {"sign": "heart_rate", "buckets": "0"},
    {"sign": "heart_rate", "buckets": "1001"},
    {"sign": "heart_rate", "from": "2026-02-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"},
]


async def test_a_series_asked_for_wrongly_is_refused(rose: AsyncClient, url: str) -> None:
    for asked in WRONG_SERIES:
        assert (await rose.get(f"{url}/series", params=asked)).status_code == 422, asked


EMPTY_SERIES: list[dict[str, str]] = [
    {"sign": "heart_rate", "from": "1900-01-01T00:00:00Z", "until": "2199-12-31T23:59:59Z", "buckets": "1"},
    {"sign": "heart_rate", "from": "1900-01-01T00:00:00Z", "until": "1900-01-01T00:00:01Z", "buckets": "1000"},
    {"sign": "inspired_oxygen", "unit": "%"},
]


async def test_a_series_of_nothing_is_empty(rose: AsyncClient, url: str) -> None:
    for asked in EMPTY_SERIES:
        answer = await rose.get(f"{url}/series", params=asked)
        assert (answer.status_code, answer.json()["points"]) == (200, []), asked


# Corrections and retractions


async def recorded(client: AsyncClient, url: str, cast: Cast) -> str:
    return str((await post(client, url, pulse(cast))).json()["verdicts"][0]["observation_id"])


async def test_a_correction_supersedes_and_can_be_repeated(rose: AsyncClient, url: str, cast: Cast) -> None:
    old = await recorded(rose, url, cast)
    body = {"reason": "Digits swapped", "reading": pulse(cast, "right", value=27 + 40)}
    first = await rose.post(f"{url}/{old}/correction", json=body)
    assert first.status_code == 201
    assert (first.json()["status"], first.json()["supersedes"], first.json()["reason"]) == (
        "corrected",
        old,
        "Digits swapped",
    )
    assert (await rose.post(f"{url}/{old}/correction", json=body)).json()["id"] == first.json()["id"]
    assert [item["value"] for item in (await rose.get(url)).json()["items"]] == [67]
    before = (await rose.get(f"{url}/{old}")).json()
    assert (before["status"], before["superseded_by"]) == ("superseded", first.json()["id"])
    other = body | {"reading": pulse(cast, "other", value=66)}
    assert (await rose.post(f"{url}/{old}/correction", json=other)).status_code == 409


async def test_a_retraction_hides_and_can_be_repeated(rose: AsyncClient, url: str, cast: Cast) -> None:
    old = await recorded(rose, url, cast)
    for _ in range(2):
        answer = await rose.post(f"{url}/{old}/retraction", json={"reason": "Not my finger"})
        assert (answer.status_code, answer.json()["status"]) == (200, "entered-in-error")
    assert (await rose.get(url)).json()["items"] == []
    assert (await rose.get(f"{url}/latest")).json()["items"] == []
    shown = (await rose.get(f"{url}/{old}")).json()
    assert (shown["status"], shown["reason"]) == ("entered-in-error", "Not my finger")
    assert codes(await post(rose, url, pulse(cast))) == ["duplicate"]


async def test_amending_needs_a_reason(rose: AsyncClient, url: str, cast: Cast) -> None:
    old = await recorded(rose, url, cast)
    for reason in ("", "   ", None, "a\x1bb", "x" * 201):
        assert (await rose.post(f"{url}/{old}/retraction", json={"reason": reason})).status_code == 422, reason
        body = {"reason": reason, "reading": pulse(cast, "right", value=71)}
        assert (await rose.post(f"{url}/{old}/correction", json=body)).status_code == 422, reason


async def test_a_person_cannot_amend_what_staff_recorded_but_staff_can(
    client_of: ClientOf, url: str, cast: Cast
) -> None:
    old = await recorded(client_of(GUS), url, cast)
    body = {"reason": "No", "reading": pulse(cast, "right", value=71)}
    assert (await client_of(ROSE).post(f"{url}/{old}/correction", json=body)).status_code == 403
    assert (await client_of(ROSE).post(f"{url}/{old}/retraction", json={"reason": "No"})).status_code == 403
    assert (await client_of(BEA).post(f"{url}/{old}/retraction", json={"reason": "No"})).status_code == 404
    assert (await client_of(ASHA).post(f"{url}/{old}/correction", json=body)).status_code == 201


async def test_a_correction_that_cannot_be_accepted_says_where(rose: AsyncClient, url: str, cast: Cast) -> None:
    old = await recorded(rose, url, cast)
    body = {"reason": "Typo", "reading": pulse(cast, "right", value=7100)}
    answer = await rose.post(f"{url}/{old}/correction", json=body)
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/reading/value", "out_of_range")]


async def test_what_is_not_there_is_not_found_also_when_it_is_no_id(rose: AsyncClient, url: str) -> None:
    for observation_id in ("0190f3a2-7c1e-7c1e-9c1e-0190f3a27c1e", "1", "latest "):
        assert (await rose.get(f"{url}/{observation_id}")).status_code == 404, observation_id


# The catalogue


async def test_the_catalogue_is_served_whole(rose: AsyncClient) -> None:
    items = {item["key"]: item for item in (await rose.get("/v1/vital-signs")).json()["items"]}
    assert len(items) == 17
    glucose, pressure = items["blood_glucose"], items["blood_pressure"]
    assert [unit["ucum"] for unit in glucose["units"]] == ["mmol/L", "mg/dL"]
    assert glucose["limits"] == [
        {"unit": "mmol/L", "hard": {"low": 0.3, "high": 60}, "confirm": {"low": 2, "high": 33.3}}
    ]
    assert [part["key"] for part in pressure["parts"]] == ["systolic", "diastolic"]
    assert [answer["code"] for answer in items["consciousness_acvpu"]["answers"]] == list("ACVPU")
    assert {key for key, item in items.items() if item["derived"]} == {"bmi", "news2_total"}
    assert items["heart_rate"]["stale_after_seconds"] == 24 * 3600


async def test_the_catalogue_is_for_those_who_are_signed_in(client_of: ClientOf) -> None:
    assert (await client_of(None).get("/v1/vital-signs")).status_code == 401


# Really committed, really at once


async def signed_in(app: FastAPI, account_id: UUID) -> AsyncClient:
    held = app.state.services
    async with held.database.writing() as session:
        opened = await open_session(session, account_id, at=held.clock(), request_id="test")
    issued = issue_access_token(held.tokens, account_id=account_id, session_id=opened.session_id, now=held.clock())
    transport = ASGITransport(app, raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {issued.token}"}
    return AsyncClient(transport=transport, base_url="http://tendwell.test", headers=headers)


async def test_forty_posts_at_once_make_one_observation_and_every_201_is_already_durable(
    committing_database: Database, settings: Settings
) -> None:
    async with committing_database.writing() as session:
        cast = await assemble(session, just_now(), "not a hash: nobody signs in here")
    url = f"/v1/patients/{cast.patients['rose_resident']}/observations"
    app = create_app(settings)
    await app.state.services.database.close()
    # A connection for each, and patience: how long forty queue for a few connections is not what is asked here.
    crowded = Database(committing_database.url, Limits(pool_size=40, statement_timeout_ms=60_000))
    app.state.services = replace(app.state.services, database=crowded)

    async def post_and_look(client: AsyncClient, n: int) -> tuple[Response, bool]:
        answer = await post(client, url, pulse(cast, value=72 if n % 2 else 73))
        async with crowded.reading() as session:
            return answer, await stored_rows(session) == 1

    async with await signed_in(app, cast.accounts[ROSE]) as client:
        answers = await asyncio.gather(*(post_and_look(client, n) for n in range(40)))
    await crowded.close()
    assert Counter(answer.status_code for answer, _ in answers) == {201: 20, 409: 20}
    assert Counter(code for answer, _ in answers for code in codes(answer)) == {
        "stored": 1,
        "duplicate": 19,
        "conflict": 20,
    }
    assert all(durable for _, durable in answers)
