"""Bad readings: each case alone, so that nothing may be stored; and what is kept of odd but good ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from httpx import AsyncClient
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.cast import Cast
from tests.http.observations.stage import ROSE, Json, ago, codes, post, pulse, stored_rows

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
        "amended_by": None,
        "amended_at": None,
        "amendment_reason": None,
        "confirmed": False,
        "clock_skew_seconds": None,
    }
