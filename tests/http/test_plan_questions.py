"""Questions about plans: told to whoever cares for the person until one of them answers, and answered once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.changes.things import Thing, things_of
from domain.events.event import Event
from tests.cast import Cast
from tests.http.conftest import ClientOf
from tests.http.test_acknowledgements import UMA, published, say
from tests.http.test_zones import ASHA, ROSE, rose

BEA, CARL, GUS = "bea_clinician_elsewhere", "carl_clinician_on_care_team", "gus_care_home_staff"
YES = "Yes, with good shoes."


async def asked(cast: Cast, client_of: ClientOf, plan_id: str, who: str = ROSE, **but: Any) -> str:
    """Return the id of a question about a plan version."""
    client_id = but.pop("client_id", "asked")
    answer = await say(cast, client_of, plan_id, who, client_id=client_id, answer="question", **but)
    assert answer.status_code == 201, answer.text
    assert answer.json()["answered"] is None
    return str(answer.json()["id"])


async def answered(
    cast: Cast, client_of: ClientOf, plan_id: str, question: str, who: str = ASHA, note: str = YES
) -> Any:
    of_rose = rose(cast, f"action-plans/{plan_id}/acknowledgements/{question}/answer")
    return await client_of(who).post(of_rose, json={"note": note})


async def still_open(client_of: ClientOf, who: str = ASHA, **query: int | str) -> dict[str, Any]:
    answer = await client_of(who).get("/v1/plan-questions", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_question_stands_in_the_list_until_it_is_answered_and_the_answer_with_the_plan(
    cast: Cast, client_of: ClientOf
) -> None:
    plan_id = (await published(cast, client_of))["id"]
    question = await asked(cast, client_of, plan_id, note="May I walk in the rain?")
    (told,) = (await still_open(client_of, CARL))["items"]
    assert (told["id"], told["plan_id"], told["note"]) == (question, plan_id, "May I walk in the rain?")
    assert (told["patient_id"], told["asked_as"]) == (str(cast.patients["rose_resident"]), "patient")
    assert (await answered(cast, client_of, plan_id, question)).status_code == 200
    assert (await still_open(client_of, CARL))["items"] == []
    (said,) = (await client_of(ROSE).get(rose(cast, f"action-plans/{plan_id}"))).json()["acknowledgements"]
    assert (said["answer"], said["answered"]["note"]) == ("question", YES)
    assert said["answered"]["answered_by"] == str(cast.accounts[ASHA])


async def test_neither_a_new_version_nor_that_it_is_understood_later_answers_a_question(
    cast: Cast, client_of: ClientOf
) -> None:
    first = (await published(cast, client_of))["id"]
    question = await asked(cast, client_of, first, UMA)
    assert (await say(cast, client_of, first)).status_code == 201
    await published(cast, client_of, supersedes_id=first)
    (told,) = (await still_open(client_of))["items"]
    assert (told["id"], told["asked_as"], told["in_force"]) == (question, "delegate", False)
    assert (await answered(cast, client_of, first, question)).status_code == 200
    assert (await still_open(client_of))["items"] == []


async def test_an_answer_is_given_once_and_does_not_say_that_the_plan_is_understood(
    cast: Cast, client_of: ClientOf
) -> None:
    plan_id = (await published(cast, client_of))["id"]
    question = await asked(cast, client_of, plan_id)
    first = await answered(cast, client_of, plan_id, question)
    assert (await answered(cast, client_of, plan_id, question)).json() == first.json()
    assert (await answered(cast, client_of, plan_id, question, note="No.")).status_code == 409
    assert (await answered(cast, client_of, plan_id, question, CARL)).status_code == 409
    found = (await client_of(ROSE).get(rose(cast, f"action-plans/{plan_id}"))).json()
    assert (found["to_be_acknowledged"], found["acknowledgements"]) == (True, [first.json()])


async def test_only_a_question_about_this_plan_is_answered(cast: Cast, client_of: ClientOf) -> None:
    plan_id, other = [(await published(cast, client_of))["id"] for _ in range(2)]
    understood = (await say(cast, client_of, plan_id)).json()["id"]
    assert (await answered(cast, client_of, plan_id, understood)).status_code == 409
    question = await asked(cast, client_of, plan_id)
    assert (await answered(cast, client_of, other, question)).status_code == 404


async def test_clinicians_answer_whom_they_care_for_and_nobody_else_does(cast: Cast, client_of: ClientOf) -> None:
    plan_id = (await published(cast, client_of))["id"]
    question = await asked(cast, client_of, plan_id)
    for who, expected in ((ROSE, 403), (UMA, 403), (GUS, 403), (BEA, 404)):
        assert (await answered(cast, client_of, plan_id, question, who)).status_code == expected, who
    assert (await still_open(client_of, BEA))["items"] == []
    for who in (GUS, ROSE):
        assert (await client_of(who).get("/v1/plan-questions")).status_code == 403


async def test_pages_follow_each_other_and_each_person_on_one_is_audited_once(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    plan_id = (await published(cast, client_of))["id"]
    ids = {await asked(cast, client_of, plan_id, client_id=str(number)) for number in range(3)}
    first = await still_open(client_of, limit=2)
    rest = await still_open(client_of, limit=2, cursor=first["next_cursor"])
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)
    assert {each["id"] for each in first["items"] + rest["items"]} == ids
    trail = text("select patient_id, basis from audit_event where action = 'plan_question.list'")
    rows = [(row.patient_id, row.basis) for row in await session.execute(trail)]
    assert rows == [(cast.patients["rose_resident"], "care_team")] * 2


async def test_a_phone_hears_that_the_plan_has_an_answer(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    plan_id = (await published(cast, client_of))["id"]
    await answered(cast, client_of, plan_id, await asked(cast, client_of, plan_id))
    heard = text("select kind, patient_id, subject_ids, at from event_outbox where kind = 'plan.answered'")
    (row,) = (await session.execute(heard)).all()
    event = Event(1, row.kind, row.patient_id, tuple(row.subject_ids), row.at)
    assert [(thing, str(each)) for thing, each in things_of(event)] == [(Thing.action_plan, plan_id)]
