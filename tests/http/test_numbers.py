"""One's own numbers over HTTP: each with its window, count and words; nothing looks normal for want of readings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import LONDON, london_date
from tests.cast import Cast
from tests.http.conftest import ClientOf

ASHA, CARL, ROSE, GUS = (
    "asha_clinician_of_practice",
    "carl_clinician_on_care_team",
    "rose_herself",
    "gus_care_home_staff",
)
TWICE_TWICE_DAILY = (time(8, 0), time(8, 2), time(20, 0), time(20, 2))
FIGURES = ("blood_pressure_average", "glucose_range", "weight_change", "peak_flow")
BEST = {"value": 500, "unit": "L/min", "reason": "Best of a well fortnight"}


def numbers_of(cast: Cast) -> str:
    return f"/v1/patients/{cast.patients['rose_resident']}/numbers"


def best_of(cast: Cast) -> str:
    return f"/v1/patients/{cast.patients['rose_resident']}/personal-best"


def on_day(cast: Cast, days_ago: int, at: time) -> str:
    return datetime.combine(london_date(cast.now) - timedelta(days=days_ago), at, LONDON).isoformat()


async def record(client: httpx.AsyncClient, cast: Cast, readings: Iterable[dict[str, Any]]) -> list[str]:
    path = f"/v1/patients/{cast.patients['rose_resident']}/observations"
    named = [{"client_id": f"n-{n}-{each['sign']}", **each} for n, each in enumerate(readings)]
    answer = await client.post(path, json={"readings": named})
    assert answer.status_code == 201, answer.text
    return [verdict["observation_id"] for verdict in answer.json()["verdicts"]]


def pressures(cast: Cast, days: int, systolic: int = 130, diastolic: int = 80) -> list[dict[str, Any]]:
    """Return what NICE asks for on each of the last days, today left out, the first day's readings 40 higher."""
    return [
        {
            "sign": "blood_pressure",
            "systolic": systolic + (40 if days_ago == days else 0),
            "diastolic": diastolic,
            "unit": "mm[Hg]",
            "effective_at": on_day(cast, days_ago, at),
        }
        for days_ago in range(days, 0, -1)
        for at in TWICE_TWICE_DAILY
    ]


def quantity(cast: Cast, sign: str, value: float, unit: str, *, hours_ago: float) -> dict[str, Any]:
    at = (cast.now - timedelta(hours=hours_ago)).isoformat()
    return {"sign": sign, "value": value, "unit": unit, "effective_at": at}


async def state(client: httpx.AsyncClient, cast: Cast, best: dict[str, Any]) -> httpx.Response:
    """State a best, after looking at what stands."""
    tag = (await client.get(best_of(cast))).headers["etag"]
    return await client.put(best_of(cast), json=best, headers={"if-match": tag})


async def read(client: httpx.AsyncClient, cast: Cast) -> dict[str, Any]:
    answer = await client.get(numbers_of(cast))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_what_a_phone_whose_clock_is_ahead_measured_is_in_one_s_numbers_at_once(
    cast: Cast, client_of: ClientOf
) -> None:
    rose = client_of("rose_herself")
    await state(client_of(ASHA), cast, BEST)
    ahead = -100 / 3600
    await record(
        rose,
        cast,
        [
            quantity(cast, "body_weight", 80, "kg", hours_ago=30),
            quantity(cast, "body_weight", 85, "kg", hours_ago=ahead),
            quantity(cast, "peak_expiratory_flow", 400, "L/min", hours_ago=2),
            quantity(cast, "peak_expiratory_flow", 200, "L/min", hours_ago=ahead),
            quantity(cast, "blood_glucose", 22, "mmol/L", hours_ago=ahead),
        ],
    )
    found = await read(rose, cast)
    assert (found["weight_change"]["change"], found["weight_change"]["rise_to_tell"]) == (5, True)
    assert (found["peak_flow"]["percent"], found["glucose_range"]["count"]) == (40, 1)


async def test_without_readings_each_figure_says_so_and_has_no_value(cast: Cast, client_of: ClientOf) -> None:
    found = await read(client_of(ROSE), cast)
    assert (found["trends"], found["time_zone"]) == ([], "Europe/London")
    for name in FIGURES:
        figure = found[name]
        assert (figure["sufficiency"], figure["count"], figure["latest"]) == ("none", 0, None)
        assert figure["message"]["key"].endswith(".none") and figure["message"]["english"].startswith("No ")
    assert found["blood_pressure_average"]["missing"] == {"days": 4, "readings": 12, "new_run": True}
    assert found["blood_pressure_average"]["systolic"] is None
    assert found["glucose_range"]["bands"] is None
    assert (found["weight_change"]["change"], found["peak_flow"]["percent"]) == (None, None)


async def test_a_week_of_blood_pressure_is_averaged_without_its_first_day_and_held_against_one_s_own_target(
    cast: Cast, client_of: ClientOf
) -> None:
    rose, due_on = client_of(ROSE), (london_date(cast.now) + timedelta(days=60)).isoformat()
    target = {"sign": "blood_pressure", "part": "systolic", "comparator": "<", "value": 135, "unit": "mm[Hg]"}
    goals = f"/v1/patients/{cast.patients['rose_resident']}/goals"
    goal = await rose.post(goals, json={"description": "Calmer", "target": {**target, "due_on": due_on}})
    ids = await record(rose, cast, pressures(cast, 7))
    figure = (await read(rose, cast))["blood_pressure_average"]
    assert (figure["sufficiency"], figure["systolic"], figure["diastolic"]) == ("enough", 130, 80)
    assert (figure["days"], figure["count"], figure["dropped"]) == (7, 24, 4)
    assert figure["dropped_on"] == (london_date(cast.now) - timedelta(days=7)).isoformat()
    assert set(figure["observation_ids"]) == set(ids[4:])
    [against] = figure["targets"]
    assert (against["goal_id"], against["met"], against["difference"]) == (goal.json()["id"], True, -5)
    assert figure["message"]["key"] == "blood_pressure_average.enough"
    assert figure["message"]["parameters"]["systolic"] == "130"
    assert "130/80 mmHg, from 24 readings in the 7 days up to" in figure["message"]["english"]
    assert [each["key"] for each in figure["caveats"]] == ["irregular_pulse", "same_arm"]


async def test_too_few_days_say_what_is_missing_and_no_target_is_met_by_them(cast: Cast, client_of: ClientOf) -> None:
    rose, due_on = client_of(ROSE), (london_date(cast.now) + timedelta(days=60)).isoformat()
    target = {"sign": "blood_pressure", "part": "systolic", "comparator": "<", "value": 200, "unit": "mm[Hg]"}
    goals = f"/v1/patients/{cast.patients['rose_resident']}/goals"
    await rose.post(goals, json={"description": "Calmer", "target": {**target, "due_on": due_on}})
    await record(rose, cast, pressures(cast, 2))
    figure = (await read(rose, cast))["blood_pressure_average"]
    assert (figure["sufficiency"], figure["systolic"]) == ("not_enough", None)
    assert figure["missing"] == {"days": 2, "readings": 8, "new_run": False}
    assert "2 more days and 8 more readings to go" in figure["message"]["english"]
    [against] = figure["targets"]
    assert (against["met"], against["difference"]) == (None, None)


async def test_a_rise_of_weight_is_told_with_what_to_do_in_heart_failure(cast: Cast, client_of: ClientOf) -> None:
    weights = [
        {"sign": "body_weight", "value": value, "unit": "kg", "effective_at": on_day(cast, days_ago, time(7, 0))}
        for days_ago, value in ((4, 79.0), (3, 79.4), (2, 80.6), (1, 81.7))
    ]
    await record(client_of(ROSE), cast, weights)
    figure = (await read(client_of(ROSE), cast))["weight_change"]
    assert (figure["sufficiency"], figure["change"], figure["rise_to_tell"]) == ("enough", 2.7, True)
    assert (figure["lowest"]["value"], figure["message"]["key"]) == (79.0, "weight_change.rise")
    assert [each["key"] for each in figure["caveats"]] == ["heart_failure_rise"]


async def test_finger_prick_readings_are_told_as_a_share_of_readings(cast: Cast, client_of: ClientOf) -> None:
    values = [5.0] * 12 + [3.2, 2.8, 12.0]
    await record(
        client_of(ROSE),
        cast,
        [quantity(cast, "blood_glucose", v, "mmol/L", hours_ago=6 * n + 1) for n, v in enumerate(values)],
    )
    figure = (await read(client_of(ROSE), cast))["glucose_range"]
    assert (figure["kind"], figure["sufficiency"], figure["coverage_percent"]) == ("readings_in_range", "enough", None)
    assert figure["bands"] == {"very_low": 6.7, "low": 6.7, "in_range": 80.0, "high": 6.7, "very_high": 0.0}
    assert figure["message"]["english"].startswith("Of your 15 readings in the last 14 days:")
    assert [each["key"] for each in figure["caveats"]] == ["finger_prick_is_not_time_in_range"]


async def test_a_week_is_told_beside_the_four_before_it_and_a_silent_week_says_since_when(
    cast: Cast, client_of: ClientOf
) -> None:
    # Counted by whole days (UTC), of which today is one however little of it there was.
    noon = cast.now.replace(hour=12, minute=0, second=0, microsecond=0)
    pulse = [
        {
            "sign": "heart_rate",
            "value": value,
            "unit": "/min",
            "effective_at": (noon - timedelta(days=days_ago)).isoformat(),
        }
        for days_ago, value in ((1, 84), (2, 86), (3, 88), (10, 70), (15, 72), (20, 74))
    ]
    cold = [
        {
            "sign": "body_temperature",
            "value": 36.8,
            "unit": "Cel",
            "effective_at": (noon - timedelta(days=9)).isoformat(),
        }
    ]
    await record(client_of(ROSE), cast, [*pulse, *cold])
    trends = {each["sign"]: each for each in (await read(client_of(ROSE), cast))["trends"]}
    assert list(trends) == ["heart_rate", "body_temperature"]
    rate = trends["heart_rate"]
    assert (rate["sufficiency"], rate["direction"], rate["difference"]) == ("enough", "higher", 14)
    assert rate["unit"] == "/min"
    assert (rate["week"]["average"], rate["week"]["count"], rate["before"]["average"]) == (86, 3, 72)
    assert "86.0 beats/min on average this week (3 readings), higher than" in rate["message"]["english"]
    silent = trends["body_temperature"]
    assert (silent["sufficiency"], silent["direction"], silent["latest"]["stale"]) == ("stale", None, True)
    assert "no reading since" in silent["message"]["english"]


async def test_a_peak_flow_is_not_judged_without_a_best_and_is_a_share_of_what_was_stated(
    cast: Cast, client_of: ClientOf
) -> None:
    rose = client_of(ROSE)
    await record(rose, cast, [quantity(cast, "peak_expiratory_flow", 399, "L/min", hours_ago=1)])
    before = (await read(rose, cast))["peak_flow"]
    assert (before["sufficiency"], before["percent"], before["best"]) == ("not_enough", None, None)
    assert "cannot be judged" in before["message"]["english"]
    assert (await state(client_of(ASHA), cast, BEST)).status_code == 200
    after = (await read(rose, cast))["peak_flow"]
    assert (after["sufficiency"], after["percent"], after["best"]["source"]) == ("enough", 79, "stated")
    assert [each["key"] for each in after["caveats"]] == ["same_meter"]


async def test_a_fortnight_blown_twice_daily_makes_a_best_of_its_own(cast: Cast, client_of: ClientOf) -> None:
    blown = [
        {
            "sign": "peak_expiratory_flow",
            "value": 400 + days_ago,
            "unit": "L/min",
            "effective_at": on_day(cast, days_ago, at),
        }
        for days_ago in range(1, 15)
        for at in (time(8), time(20))
    ]
    await record(client_of(ROSE), cast, blown)
    found = (await client_of(ROSE).get(best_of(cast))).json()
    assert (found["best"]["source"], found["best"]["value"], found["measured"]["days"]) == ("measured", 414, 14)
    assert found["stated"] == []
    figure = (await read(client_of(ROSE), cast))["peak_flow"]
    assert "best_assumes_well" in [each["key"] for each in figure["caveats"]]


async def test_a_stated_best_stays_when_another_takes_its_place_and_comes_back_when_that_was_in_error(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    asha, rose = client_of(ASHA), client_of(ROSE)
    for _ in range(2):  # again after a lost answer
        first = await state(asha, cast, BEST)
        assert (first.status_code, len(first.json()["stated"])) == (200, 1)
    second = await state(rose, cast, {**BEST, "value": 520})
    told = second.json()
    assert (told["best"]["value"], [each["value"] for each in told["stated"]]) == (520, [520, 500])
    assert [each["stated_as"] for each in told["stated"]] == ["self", "care_team"]
    path = f"{best_of(cast)}/{told['stated'][0]['id']}/retraction"
    for _ in range(2):
        taken_back = await asha.post(path, json={"reason": "Another meter"})
        assert (taken_back.status_code, taken_back.json()["best"]["value"]) == (200, 500)
    newest = taken_back.json()["stated"][0]
    assert (newest["value"], newest["retraction_reason"], newest["retracted_at"] is None) == (
        520,
        "Another meter",
        False,
    )
    assert (await rose.post(path, json={"reason": "I say so"})).status_code == 409
    kinds = await session.execute(text("select count(*) from event_outbox where kind = 'personal_best.changed'"))
    assert kinds.scalar_one() == 3


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"value": 19.9}, "/value", "out_of_range"),
        ({"value": 1000.1}, "/value", "out_of_range"),
        ({"unit": "L/s"}, "/unit", "unit_not_canonical"),
    ],
)
async def test_a_best_that_no_meter_shows_is_refused(
    cast: Cast, client_of: ClientOf, wrong: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await state(client_of(ASHA), cast, {**BEST, **wrong})
    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [(pointer, code)]


async def test_a_best_of_somebody_else_is_not_found_under_this_patient(cast: Cast, client_of: ClientOf) -> None:
    made = (await state(client_of(ASHA), cast, BEST)).json()["stated"][0]["id"]
    other = f"/v1/patients/{cast.patients['sam_at_home']}/personal-best/{made}/retraction"
    assert (await client_of(ASHA).post(other, json={"reason": "Misplaced"})).status_code == 404


async def test_reading_one_s_numbers_is_in_the_trail_once_and_tells_no_value(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    await record(client_of(ROSE), cast, pressures(cast, 4))
    await client_of(CARL).get(numbers_of(cast))
    found = await session.execute(text("select action, count, about from audit_event where action = 'numbers.read'"))
    assert [tuple(each) for each in found] == [("numbers.read", 2, None)]
