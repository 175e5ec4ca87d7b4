"""Zones of a plan over HTTP: told with their reasons, from readings and diary as they stand, never green by default."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.clock import london_date
from tests.cast import Cast, just_now
from tests.http.conftest import ClientOf

ASHA, BEA, GUS, ROSE = (
    "asha_clinician_of_practice",
    "bea_clinician_elsewhere",
    "gus_care_home_staff",
    "rose_herself",
)
HEAVIER = {"sign": "body_weight", "basis": "change", "comparator": ">", "value": 2, "unit": "kg", "days": 4}
AS_HEAVY = HEAVIER | {"comparator": "<="}
SWOLLEN = {"symptom": "ankle_swelling", "comparator": ">=", "level": 2}
SLIM = {"symptom": "ankle_swelling", "comparator": "<=", "level": 1}


def zone(colour: str, *criteria: dict[str, Any], **but: Any) -> dict[str, Any]:
    """Return a zone with a group of these."""
    return {"colour": colour, "any_of": [{"all_of": list(criteria)}], "instructions": f"As for {colour}", **but}


def zones() -> list[dict[str, Any]]:
    nurse = {"name": "Heart failure nurse", "phone": "020 7946 0000", "hours": "Weekdays 9 to 5"}
    return [
        zone("red", {"symptom": "chest_pain", "comparator": ">=", "level": 1}),
        zone("green", AS_HEAVY, SLIM),
        {
            "colour": "amber",
            "any_of": [{"all_of": [HEAVIER]}, {"all_of": [SWOLLEN]}],
            "instructions": "Ring us today",
            "contact": nurse,
        },
    ]


def plan(cast: Cast, **but: Any) -> dict[str, Any]:
    today = london_date(cast.now)
    return {
        "title": "Keep the heart going",
        "agreed_on": (today - timedelta(days=9)).isoformat(),
        "review_on": (today + timedelta(days=30)).isoformat(),
        "actions": [{"title": "Weigh yourself", "schedule": {"rrule": "FREQ=DAILY"}}],
        "zones": zones(),
        **but,
    }


def rose(cast: Cast, path: str) -> str:
    return f"/v1/patients/{cast.patients['rose_resident']}/{path}"


async def weigh(cast: Cast, client_of: ClientOf, *weights: float) -> None:
    """Record one weight a day, the last one just now."""
    readings = [
        {
            "client_id": f"w-{(cast.now - timedelta(days=ago)).date()}",
            "sign": "body_weight",
            "value": weight,
            "unit": "kg",
            "effective_at": (cast.now - timedelta(days=ago)).isoformat(),
        }
        for ago, weight in enumerate(reversed(weights))
    ]
    answer = await client_of(ROSE).post(rose(cast, "observations"), json={"readings": readings})
    assert answer.status_code == 201, answer.text


async def feel(cast: Cast, client_of: ClientOf, **levels: int) -> str:
    noticed = [{"symptom": symptom, "level": level} for symptom, level in levels.items()]
    body = {"effective_at": cast.now.isoformat(), "symptoms": noticed}
    answer = await client_of(ROSE).post(rose(cast, "diary"), json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def told(cast: Cast, client_of: ClientOf, plan_id: str, who: str = ROSE) -> dict[str, Any]:
    answer = await client_of(who).get(rose(cast, f"action-plans/{plan_id}/zone"))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def published(cast: Cast, client_of: ClientOf, **but: Any) -> dict[str, Any]:
    answer = await client_of(ASHA).post(rose(cast, "action-plans"), json=plan(cast, **but))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_zones_are_told_from_green_to_red_as_they_were_agreed(cast: Cast, client_of: ClientOf) -> None:
    made = await published(cast, client_of)
    assert [each["colour"] for each in made["zones"]] == ["green", "amber", "red"]
    assert made["zones"][1]["contact"]["name"] == "Heart failure nurse"
    weight, ankles = [group["all_of"][0] for group in made["zones"][1]["any_of"]]
    assert (weight["sign"], weight["value"], weight["unit"], weight["days"]) == ("body_weight", 2, "kg", 4)
    assert (ankles["symptom"], ankles["level"], ankles["sign"]) == ("ankle_swelling", 2, None)


async def test_nobody_is_green_until_all_that_green_asks_for_was_seen_today(cast: Cast, client_of: ClientOf) -> None:
    made = (await published(cast, client_of))["id"]
    found = await told(cast, client_of, made)
    assert (found["colour"], found["instructions"], found["contact"]) == (None, None, None)
    assert {each["verdict"] for each in found["reasons"]} == {"not_evaluable"}
    await weigh(cast, client_of, 80, 80.5)
    assert (await told(cast, client_of, made))["colour"] is None
    await feel(cast, client_of, ankle_swelling=0)
    assert (await told(cast, client_of, made))["colour"] is None
    await feel(cast, client_of, chest_pain=0)
    found = await told(cast, client_of, made)
    assert (found["colour"], found["instructions"]) == ("green", "As for green")


async def test_a_worse_zone_says_what_to_do_whom_to_ring_and_why(cast: Cast, client_of: ClientOf) -> None:
    made = (await published(cast, client_of))["id"]
    await weigh(cast, client_of, 80, 80.5, 82.6)
    found = await told(cast, client_of, made, GUS)
    assert (found["colour"], found["instructions"]) == ("amber", "Ring us today")
    assert found["contact"]["phone"] == "020 7946 0000"
    [reason] = [each for each in found["reasons"] if each["verdict"] == "met"]
    assert (reason["colour"], reason["figure"], reason["criterion"]["sign"]) == ("amber", 2.6, "body_weight")
    assert [each["value"] for each in reason["seen"]] == [80, 82.6]
    entry = await feel(cast, client_of, chest_pain=1)
    found = await told(cast, client_of, made)
    assert found["colour"] == "red"
    assert entry in {seen["id"] for each in found["reasons"] for seen in each["seen"]}


@pytest.mark.parametrize("what", ["chest pain", "more weight"])
async def test_what_a_phone_whose_clock_is_ahead_tells_is_seen_in_the_zone_at_once(
    cast: Cast, client_of: ClientOf, what: str
) -> None:
    made = (await published(cast, client_of))["id"]
    await weigh(cast, client_of, 80, 80.5)
    await feel(cast, client_of, ankle_swelling=0, chest_pain=0)
    assert (await told(cast, client_of, made))["colour"] == "green"
    ahead = (just_now() + timedelta(seconds=100)).isoformat()
    if what == "chest pain":
        body: dict[str, Any] = {"effective_at": ahead, "symptoms": [{"symptom": "chest_pain", "level": 3}]}
        answer = await client_of(ROSE).post(rose(cast, "diary"), json=body)
    else:
        heavy = {"client_id": "ahead", "sign": "body_weight", "value": 85.5, "unit": "kg", "effective_at": ahead}
        answer = await client_of(ROSE).post(rose(cast, "observations"), json={"readings": [heavy]})
    assert answer.status_code == 201, answer.text
    found = await told(cast, client_of, made)
    assert found["colour"] == {"chest pain": "red", "more weight": "amber"}[what]
    [reason] = [each for each in found["reasons"] if each["verdict"] == "met" and each["colour"] == found["colour"]]
    assert reason["age_seconds"] == 0
    today = (await client_of(ROSE).get("/v1/me/today")).json()
    assert [each["zone"]["colour"] for each in today["plans"]] == [found["colour"]]


@pytest.mark.parametrize(("bound", "value"), [(">", 27.8), ("<", 1.1)])
async def test_a_meter_that_shows_hi_or_lo_is_in_the_red_and_not_in_none(
    cast: Cast, client_of: ClientOf, bound: str, value: float
) -> None:
    glucose = {"sign": "blood_glucose", "basis": "latest", "unit": "mmol/L"}
    low, fine, high, very_high = (
        glucose | {"comparator": comparator, "value": limit}
        for comparator, limit in (("<", 4), ("<", 10), (">=", 10), (">=", 20))
    )
    between = [glucose | {"comparator": ">=", "value": 4}, fine]
    red = zone("red", low) | {"any_of": [{"all_of": [low]}, {"all_of": [very_high]}]}
    agreed = [zone("green", *between), zone("amber", high, glucose | {"comparator": "<", "value": 20}), red]
    made = (await published(cast, client_of, zones=agreed))["id"]
    shown = {"sign": "blood_glucose", "value": value, "comparator": bound, "unit": "mmol/L", "client_id": "g"}
    reading = shown | {"effective_at": cast.now.isoformat(), "confirmed": True}
    answer = await client_of(ROSE).post(rose(cast, "observations"), json={"readings": [reading]})
    assert answer.status_code == 201, answer.text
    found = await told(cast, client_of, made)
    assert (found["colour"], found["instructions"]) == ("red", "As for red")
    [reason] = [each for each in found["reasons"] if each["colour"] == "red" and each["verdict"] == "met"]
    assert (reason["figure"], reason["seen"][0]["bound"]) == (value, bound)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"unit": "lb"}, "/zones/0/any_of/0/all_of/0/unit"),
        ({"value": 9000}, "/zones/0/any_of/0/all_of/0/value"),
        ({"days": 1}, "/zones/0/any_of/0/all_of/0/days"),
        ({"symptom": "ankle_swelling"}, "/zones/0/any_of/0/all_of/0"),
        ({"sign": "luck"}, "/zones/0/any_of/0/all_of/0/sign"),
    ],
)
async def test_what_nobody_could_keep_to_is_refused_with_its_place(
    cast: Cast, client_of: ClientOf, change: dict[str, Any], pointer: str
) -> None:
    wrong = [zone("green", HEAVIER | change), zone("amber", SWOLLEN), zone("red", SWOLLEN)]
    answer = await client_of(ASHA).post(rose(cast, "action-plans"), json=plan(cast, zones=wrong))
    assert answer.status_code == 422, answer.text
    assert pointer in {each["pointer"] for each in answer.json()["errors"]}


async def test_a_plan_without_zones_has_none_and_strangers_see_nothing(cast: Cast, client_of: ClientOf) -> None:
    without, made = await published(cast, client_of, zones=[]), await published(cast, client_of)
    assert without["zones"] == []
    path = rose(cast, f"action-plans/{without['id']}/zone")
    assert (await client_of(ROSE).get(path)).status_code == 404
    assert (await client_of(BEA).get(rose(cast, f"action-plans/{made['id']}/zone"))).status_code == 404


async def test_what_was_seen_yesterday_is_never_told_as_today_s_zone(cast: Cast, client_of: ClientOf) -> None:
    made = (await published(cast, client_of))["id"]
    yesterday = replace(cast, now=cast.now - timedelta(days=1))
    await weigh(yesterday, client_of, 80, 80.5)
    await feel(yesterday, client_of, ankle_swelling=0, chest_pain=0)
    found = await told(cast, client_of, made)
    assert (found["colour"], found["today"]) == (None, london_date(cast.now).isoformat())
    await weigh(cast, client_of, 80.5)
    await feel(cast, client_of, ankle_swelling=0, chest_pain=0)
    assert (await told(cast, client_of, made))["colour"] == "green"


async def test_what_was_entered_in_error_counts_for_no_zone(cast: Cast, client_of: ClientOf) -> None:
    made = (await published(cast, client_of))["id"]
    entry = await feel(cast, client_of, chest_pain=3)
    assert (await told(cast, client_of, made))["colour"] == "red"
    taken_back = await client_of(ROSE).post(rose(cast, f"diary/{entry}/retraction"), json={"reason": "Not mine"})
    assert taken_back.status_code == 200
    assert (await told(cast, client_of, made))["colour"] is None


async def test_a_template_is_published_as_it_is_told_and_the_plan_says_which(cast: Cast, client_of: ClientOf) -> None:
    items = (await client_of(ROSE).get("/v1/plan-templates")).json()["items"]
    assert [each["key"] for each in items] == ["asthma", "copd", "diabetes", "heart_failure", "hypertension"]
    for each in items:
        assert (await client_of(ROSE).get(f"/v1/plan-templates/{each['key']}")).json() == each
        copied = {name: each[name] for name in ("title", "actions", "zones")}
        made_from = {"key": each["key"], "version": each["version"]}
        made = await published(cast, client_of, **copied, template=made_from)
        assert (made["template"], made["zones"]) == (made_from, each["zones"])
    assert (await published(cast, client_of))["template"] is None
    assert (await client_of(ROSE).get("/v1/plan-templates/gout")).status_code == 404


async def test_a_plan_from_a_template_is_kept_once_however_often_it_is_sent(cast: Cast, client_of: ClientOf) -> None:
    sent = {"client_id": "one", "template": {"key": "copd", "version": 1}}
    first = await published(cast, client_of, **sent)
    assert (await published(cast, client_of, **sent))["id"] == first["id"]
    others: list[dict[str, Any]] = [{"template": {"key": "asthma", "version": 1}}, {"zones": []}]
    for other in others:
        answer = await client_of(ASHA).post(rose(cast, "action-plans"), json=plan(cast, **{**sent, **other}))
        assert answer.status_code == 409
    answer = await client_of(ASHA).post(
        rose(cast, "action-plans"), json=plan(cast, template={"key": "copd", "version": 9})
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/template")
