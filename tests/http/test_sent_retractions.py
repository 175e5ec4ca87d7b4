"""What a phone takes back that it recorded in error, heard back about or not: kept by the rules of the record's own."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from integrations.postgres.client import Database
from tests.cast import Cast, just_now
from tests.http.conftest import ClientOf
from tests.http.observations.test_durable_answers import signed_in
from tests.http.test_questionnaires import WORRYING, alerts_of, given_answers
from tests.http.test_sendings import ASHA, ROSE, entry, outcomes, reading, rose_s, sent
from tests.http.test_today import agree, today

LISTS = {
    "reading": "observations",
    "diary_entry": "diary",
    "questionnaire_response": "questionnaire-responses",
}
NOTHING = "There is nothing of your own here to take back."


def back(of: str, name: str | None = None, *, item: str = "b", **but: Any) -> dict[str, Any]:
    named = {} if name is None else {"client_id": name}
    return {"item": item, "retraction": {"of": of, "reason": "Mistyped", **named, **but}}


def answers(cast: Cast, name: str = "q-1", scores: list[int] = WORRYING) -> dict[str, Any]:
    return {"item": name, "questionnaire_response": given_answers(cast, scores, client_id=name)}


def ticked(plan: dict[str, Any], name: str = "c-1") -> dict[str, Any]:
    where = {"plan_id": plan["id"], "action_id": plan["actions"][0]["id"]}
    return {"item": name, "completion": where | {"client_id": name, "done_at": just_now().isoformat()}}


def thing(of: str, cast: Cast) -> dict[str, Any]:
    if of == "reading":
        return reading(cast, "t-1")
    return entry(cast, "t-1") if of == "diary_entry" else answers(cast, "t-1")


async def listed(client: httpx.AsyncClient, cast: Cast, of: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(rose_s(cast, LISTS[of]))).json()["items"]
    return found


def due_of(day: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {plan["title"]: action["due"] for plan in day["plans"] for action in plan["actions"]}


async def kinds(session: AsyncSession, like: str) -> list[str]:
    rows = await session.execute(
        text("select kind from event_outbox where kind like :like order by id"), {"like": like}
    )
    return list(rows.scalars())


@pytest.mark.parametrize("of", LISTS)
async def test_a_thing_and_its_retraction_in_one_sending_are_both_kept_and_sent_again_change_nothing(
    cast: Cast, client_of: ClientOf, session: AsyncSession, of: str
) -> None:
    rose = client_of(ROSE)
    first, again = [await sent(rose, thing(of, cast), back(of, "t-1")) for _ in range(2)]
    assert outcomes(first) == outcomes(again) == ["kept", "kept"]
    assert len({each["id"] for each in first + again}) == 1
    assert await listed(rose, cast, of) == []
    assert len(await kinds(session, "%.retracted")) == 1
    for other in ({"reason": "Not mine"}, {"client_id": None, "id": first[0]["id"]}):
        assert outcomes(await sent(rose, back(of, "t-1", **other))) == ["kept"]
    assert len(await kinds(session, "%.retracted")) == 1
    shown = (await rose.get(f"{rose_s(cast, LISTS[of])}/{first[0]['id']}")).json()
    assert (shown["status"], "Mistyped" in shown.values()) == ("entered-in-error", True)
    deeds = await session.execute(
        text("select count(*) from audit_event where subject_id = :id and action like '%.retract'"),
        {"id": first[0]["id"]},
    )
    assert deeds.scalar_one() >= 1


async def test_a_tick_that_is_taken_back_makes_the_step_due_again_on_today(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    rose, plan = client_of(ROSE), await agree(client_of, cast, session)

    async def states() -> list[str]:
        return [each["state"] for [each] in due_of(await today(client_of)).values()]

    before = await states()
    assert outcomes(await sent(rose, ticked(plan))) == ["kept"]
    assert (before, await states()) == (["not_yet"], ["done"])
    first, again = [await sent(rose, back("completion", "c-1")) for _ in range(2)]
    assert outcomes(first) == outcomes(again) == ["kept"]
    assert await states() == before
    assert outcomes(await sent(rose, back("completion", "c-1", reason="Another reason"))) == ["kept"]
    assert await kinds(session, "action.%") == ["action.completed", "action.retracted"]
    assert outcomes(await sent(rose, ticked(plan, "c-2"), back("completion", "c-2"))) == ["kept", "kept"]
    assert await states() == before


async def test_a_tick_whose_name_two_steps_have_is_named_by_its_id(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    rose = client_of(ROSE)
    plans = [await agree(client_of, cast, session, title=title) for title in ("Heart", "Lungs")]
    made = await sent(rose, *(ticked(plan) for plan in plans))
    [told] = await sent(rose, back("completion", "c-1"))
    assert (told["outcome"], told["errors"][0]["pointer"]) == ("refused", "/retraction/client_id")
    assert outcomes(await sent(rose, back("completion", id=made[1]["id"]))) == ["kept"]
    states = {title: each["state"] for title, [each] in due_of(await today(client_of)).items()}
    assert states == {"Heart": "done", "Lungs": "not_yet"}


@pytest.mark.parametrize("of", [*LISTS, "completion"])
async def test_what_never_arrived_what_is_anothers_and_what_somebody_else_recorded_are_refused_alike(
    cast: Cast, client_of: ClientOf, of: str
) -> None:
    rose, asha = client_of(ROSE), client_of(ASHA)
    day = cast.now.date().isoformat()
    new = {"title": "Walk", "agreed_on": day, "review_on": day}
    steps = [{"title": "Walk", "schedule": {"rrule": "FREQ=DAILY"}}]
    of_others: list[tuple[str, str]] = []
    for patient in ("rose_resident", "sam_at_home"):
        record = f"/v1/patients/{cast.patients[patient]}"
        if of == "completion":
            plan = (await asha.post(f"{record}/action-plans", json=new | {"actions": steps})).json()
            path = f"{record}/action-plans/{plan['id']}/actions/{plan['actions'][0]['id']}/completions"
            body: dict[str, Any] = {"client_id": "x-1", "done_at": just_now().isoformat()}
        else:
            path = f"{record}/{LISTS[of]}"
            written = {name: each for name, each in thing(of, cast).items() if name != "item"}[of]
            body = {"readings": [written]} if of == "reading" else written
            body = body if of == "reading" else body | {"client_id": "x-1"}
        made = await asha.post(path, json=body)
        assert made.status_code in (200, 201), made.text
        told = made.json()
        of_others.append(("x-1", told["verdicts"][0]["observation_id"] if of == "reading" else told["id"]))
    refusals = [
        *(await sent(rose, back(of, "never-sent"), back(of, id=str(uuid4())))),
        *(await sent(rose, back(of, of_others[0][0]), *(back(of, id=each) for _, each in of_others))),
    ]
    assert {(each["outcome"], each["problem"], each["detail"], each["id"]) for each in refusals} == {
        ("refused", "/problems/not-found", NOTHING, None)
    }


async def test_a_reading_that_was_corrected_since_is_a_conflict(cast: Cast, client_of: ClientOf) -> None:
    rose = client_of(ROSE)
    [kept] = await sent(rose, reading(cast))
    right = reading(cast, "r-2", value=72)["reading"]
    path = rose_s(cast, f"observations/{kept['id']}/correction")
    corrected = await rose.post(path, json={"reason": "Mistyped", "reading": right})
    assert corrected.status_code == 201, corrected.text
    assert outcomes(await sent(rose, back("reading", "r-1"))) == ["conflict"]
    assert outcomes(await sent(rose, back("reading", "r-2"))) == ["kept"]


async def test_answers_that_could_not_wait_keep_their_alert_which_says_that_its_evidence_was_withdrawn(
    cast: Cast, client_of: ClientOf
) -> None:
    rose, asha = client_of(ROSE), client_of(ASHA)
    told = await sent(rose, answers(cast), back("questionnaire_response", "q-1"))
    assert outcomes(told) == ["kept", "kept"]
    assert told[0]["safety"] is not None
    (alert,) = (await asha.get(alerts_of(cast))).json()["items"]
    assert (alert["level"], alert["status"], alert["evidence_withdrawn"]) == ("red", "raised", True)


@pytest.mark.parametrize("named", [{}, {"client_id": "r-1", "id": str(uuid4())}, {"client_id": "r-1", "of": "goal"}])
async def test_what_is_not_named_just_once_is_refused(cast: Cast, client_of: ClientOf, named: dict[str, Any]) -> None:
    [kept, told] = await sent(client_of(ROSE), reading(cast), back(**{"of": "reading"} | named))
    assert (kept["outcome"], told["outcome"]) == ("kept", "refused")
    assert told["errors"][0]["pointer"].startswith("/retraction")
    assert len(await listed(client_of(ROSE), cast, "reading")) == 1


@pytest.mark.parametrize("of", LISTS)
async def test_sent_many_times_at_once_it_is_taken_back_once_and_each_is_told_that_it_is(
    crowd: tuple[FastAPI, Cast], committing_database: Database, of: str
) -> None:
    app, cast = crowd
    async with await signed_in(app, cast.accounts[ROSE]) as rose:
        await sent(rose, thing(of, cast))
        again = (sent(rose, back(of, "t-1", reason=f"Reason {n % 2}")) for n in range(20))
        assert {told["outcome"] for [told] in await asyncio.gather(*again)} == {"kept"}
        both = (sent(rose, thing(of, cast), back(of, "t-1")) for _ in range(10))
        assert {each["outcome"] for told in await asyncio.gather(*both) for each in told} == {"kept"}
    async with committing_database.statements() as session:
        assert len(await kinds(session, "%.retracted")) == 1
