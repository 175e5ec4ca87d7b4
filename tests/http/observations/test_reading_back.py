"""Reading back: pages and their cursors, the latest with its age, series, and the catalogue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from httpx import AsyncClient

from tests.cast import Cast
from tests.http.conftest import ClientOf
from tests.http.observations.stage import ASHA, ROSE, ago, post, pulse, recorded


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


async def test_the_history_shows_what_was_superseded_or_entered_in_error_and_its_cursors_are_its_own(
    rose: AsyncClient, url: str, cast: Cast
) -> None:
    old = await recorded(rose, url, cast)
    body = {"reason": "Typo", "reading": pulse(cast, "right", value=71)}
    new = (await rose.post(f"{url}/{old}/correction", json=body)).json()["id"]
    await rose.post(f"{url}/{new}/retraction", json={"reason": "Not mine"})
    for asked, shown in (({}, []), ({"history": "false"}, []), ({"history": "true"}, [new, old])):
        assert [item["id"] for item in (await rose.get(url, params=asked)).json()["items"]] == shown
    page = (await rose.get(url, params={"history": "true", "limit": "1"})).json()
    assert [(item["status"], item["superseded_by"]) for item in page["items"]] == [("entered-in-error", None)]
    rest = {"history": "true", "limit": "1", "cursor": page["next_cursor"]}
    assert [item["superseded_by"] for item in (await rose.get(url, params=rest)).json()["items"]] == [new]
    for others in ({}, {"history": "false"}):
        asked = {"limit": "1", "cursor": page["next_cursor"], **others}
        assert (await rose.get(url, params=asked)).status_code == 400


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
    {"history": "1"},
    {"history": "True"},
    {"history": ""},
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
    {"sign": "heart_rate", "buckets": "1e2"},
    {"sign": "heart_rate", "buckets": " 5"},
    {"sign": "heart_rate", "buckets": "+5"},
    {"sign": "heart_rate", "buckets": "٥"},
    {"sign": "heart_rate", "buckets": "5.0"},
    {"sign": "heart_rate", "buckets": "1_0"},
    {"sign": "heart_rate", "buckets": "05"},
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
