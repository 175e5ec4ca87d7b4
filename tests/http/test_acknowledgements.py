"""What is said of a plan version: by the person or who acts for them, kept once, asked anew of each new version."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.clock import london_date
from domain.plans.acknowledgement_commands import MOST_OF_A_VERSION
from tests.cast import Cast
from tests.http.conftest import ClientOf
from tests.http.test_zones import ASHA, ROSE, plan, rose

UMA, VIC = "uma_delegate", "vic_delegate_who_records"


async def published(cast: Cast, client_of: ClientOf, who: str = ASHA, **but: Any) -> dict[str, Any]:
    answer = await client_of(who).post(rose(cast, "action-plans"), json=plan(cast, **but))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def said(cast: Cast, **but: Any) -> dict[str, Any]:
    return {"client_id": "one", "answer": "understood", "said_at": cast.now.isoformat(), **but}


async def say(cast: Cast, client_of: ClientOf, plan_id: str, who: str = ROSE, **but: Any) -> Any:
    return await client_of(who).post(rose(cast, f"action-plans/{plan_id}/acknowledgements"), json=said(cast, **but))


async def seen(cast: Cast, client_of: ClientOf, plan_id: str, who: str = ASHA) -> tuple[bool, list[tuple[str, str]]]:
    """Return whether the version is still to be acknowledged, and what was said of it, by whom."""
    found = (await client_of(who).get(rose(cast, f"action-plans/{plan_id}"))).json()
    return found["to_be_acknowledged"], [(each["answer"], each["recorded_as"]) for each in found["acknowledgements"]]


async def test_a_version_is_to_be_acknowledged_until_somebody_says_that_it_is_understood(
    cast: Cast, client_of: ClientOf
) -> None:
    made = (await published(cast, client_of))["id"]
    assert await seen(cast, client_of, made) == (True, [])
    asked = await say(cast, client_of, made, client_id="asked", answer="question", note="May I walk in the rain?")
    assert (asked.status_code, asked.json()["note"]) == (201, "May I walk in the rain?")
    assert await seen(cast, client_of, made) == (True, [("question", "patient")])
    later = (cast.now + timedelta(seconds=1)).isoformat()
    assert (await say(cast, client_of, made, UMA, said_at=later)).status_code == 201
    assert await seen(cast, client_of, made) == (False, [("understood", "delegate"), ("question", "patient")])


async def test_a_new_version_asks_anew_and_the_old_one_keeps_who_acknowledged_it(
    cast: Cast, client_of: ClientOf
) -> None:
    first = (await published(cast, client_of))["id"]
    assert (await say(cast, client_of, first)).status_code == 201
    second = (await published(cast, client_of, supersedes_id=first))["id"]
    assert await seen(cast, client_of, second) == (True, [])
    assert await seen(cast, client_of, first) == (False, [("understood", "patient")])


async def test_what_one_wrote_oneself_is_not_to_be_acknowledged(cast: Cast, client_of: ClientOf) -> None:
    assert (await published(cast, client_of, who=ROSE))["to_be_acknowledged"] is False


async def test_said_again_it_is_kept_once_and_never_changed(cast: Cast, client_of: ClientOf) -> None:
    made = (await published(cast, client_of))["id"]
    first = await say(cast, client_of, made)
    assert (await say(cast, client_of, made)).json() == first.json()
    assert (await say(cast, client_of, made, answer="question")).status_code == 409
    assert await seen(cast, client_of, made) == (False, [("understood", "patient")])


async def test_nobody_says_that_they_read_what_they_may_not_or_speaks_for_whom_they_care_for(
    cast: Cast, client_of: ClientOf
) -> None:
    made = (await published(cast, client_of))["id"]
    for who in (VIC, ASHA):
        assert (await say(cast, client_of, made, who)).status_code == 403


@pytest.mark.parametrize("away", [timedelta(days=-2), timedelta(days=1)])
async def test_a_plan_was_read_since_it_was_agreed_and_up_to_now(
    cast: Cast, client_of: ClientOf, away: timedelta
) -> None:
    made = (await published(cast, client_of, agreed_on=london_date(cast.now).isoformat()))["id"]
    answer = await say(cast, client_of, made, said_at=(cast.now + away).isoformat())
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/said_at")


async def test_of_one_version_so_much_is_said_and_no_more(cast: Cast, client_of: ClientOf) -> None:
    made = (await published(cast, client_of))["id"]
    for number in range(MOST_OF_A_VERSION):
        assert (await say(cast, client_of, made, client_id=str(number), answer="question")).status_code == 201
    assert (await say(cast, client_of, made, client_id="more")).status_code == 409


async def test_what_was_said_without_a_network_is_kept_and_comes_with_the_plan(cast: Cast, client_of: ClientOf) -> None:
    made = (await published(cast, client_of))["id"]
    item = {"item": "1", "plan_acknowledgement": {"plan_id": made, **said(cast)}}
    for _ in range(2):
        answer = await client_of(ROSE).post("/v1/me/changes", json={"items": [item]})
        assert [each["outcome"] for each in answer.json()["items"]] == ["kept"], answer.text
    assert await seen(cast, client_of, made, ROSE) == (False, [("understood", "patient")])
    other = {"item": "2", "plan_acknowledgement": {"plan_id": made, **said(cast, answer="question")}}
    answer = await client_of(ROSE).post("/v1/me/changes", json={"items": [other]})
    assert [each["outcome"] for each in answer.json()["items"]] == ["conflict"]
