"""Care and support plans over HTTP: who writes, who agrees, which one is in force, and who is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.care_plans.commands import MOST_DRAFTS
from domain.clock import london_date
from tests.cast import Cast
from tests.http.conftest import ClientOf

ASHA, CARL, GUS, ROSE, UMA, PIA, IRIS = (
    "asha_clinician_of_practice",
    "carl_clinician_on_care_team",
    "gus_care_home_staff",
    "rose_herself",
    "uma_delegate",
    "pia_clinician_broke_glass",
    "iris_commissioner",
)
MINE = {"section": "matters", "text": "To stay in my own home", "words_of": "person"}
WARD = {"section": "contingency", "text": "Ring the ward", "words_of": "clinician"}
NURSE = WARD | {"text": "Ring the heart failure nurse"}


def of_rose(cast: Cast, more: str = "s") -> str:
    return f"/v1/patients/{cast.patients['rose_resident']}/care-plan{more}"


def body(cast: Cast, *sections: dict[str, str], **but: Any) -> dict[str, Any]:
    on = (london_date(cast.now) + timedelta(days=90)).isoformat()
    return {"client_id": "one", "review_on": on, "sections": list(sections) or [MINE], **but}


async def drafted(cast: Cast, client_of: ClientOf, who: str, *sections: dict[str, str], **but: Any) -> str:
    answer = await client_of(who).post(of_rose(cast), json=body(cast, *sections, **but))
    assert (answer.status_code, answer.json()["status"]) == (201, "draft"), answer.text
    return str(answer.json()["id"])


async def publish(cast: Cast, client_of: ClientOf, plan_id: str, who: str = ROSE, **how: str) -> Any:
    return await client_of(who).post(of_rose(cast, f"s/{plan_id}/publication"), json=how)


async def published(cast: Cast, client_of: ClientOf, who: str, *sections: dict[str, str], **but: Any) -> str:
    made = await drafted(cast, client_of, who, *sections, **but)
    answer = await publish(cast, client_of, made, who, **({} if who == ROSE else {"agreement": "with_person"}))
    assert (answer.status_code, answer.json()["status"]) == (200, "published"), answer.text
    return made


async def seen(cast: Cast, client_of: ClientOf, plan_id: str, who: str = GUS) -> dict[str, Any]:
    found: dict[str, Any] = (await client_of(who).get(of_rose(cast, f"s/{plan_id}"))).json()
    return found


async def present(cast: Cast, client_of: ClientOf, who: str = GUS) -> dict[str, str]:
    """Return what the plan in force says."""
    found = (await client_of(who).get(of_rose(cast, ""))).json()
    return {each["section"]: each["text"] for each in found["sections"]}


async def test_an_old_contingency_plan_is_never_the_present_one(cast: Cast, client_of: ClientOf) -> None:
    assert (await client_of(GUS).get(of_rose(cast, ""))).status_code == 404
    first = await published(cast, client_of, ROSE, MINE)
    second = await published(cast, client_of, CARL, MINE, WARD, client_id="two", supersedes_id=first)
    draft = await drafted(cast, client_of, ASHA, MINE, NURSE, client_id="three", supersedes_id=second)
    assert await present(cast, client_of) == {"matters": MINE["text"], "contingency": WARD["text"]}
    third = (await publish(cast, client_of, draft)).json()
    assert (third["status"], third["version"], third["agreement"]) == ("published", 3, "by_person")
    assert await present(cast, client_of) == {"matters": MINE["text"], "contingency": NURSE["text"]}
    old = await seen(cast, client_of, second)
    assert (old["status"], old["superseded_by_id"], old["superseded_at"]) == ("superseded", draft, third["decided_at"])
    assert not old["review_overdue"]
    listed = (await client_of(GUS).get(of_rose(cast))).json()["items"]
    assert [(each["id"], each["status"]) for each in listed] == [
        (draft, "published"),
        (second, "superseded"),
        (first, "superseded"),
    ]


async def test_each_section_tells_its_code_whose_words_it_is_and_who_wrote_it_when(
    cast: Cast, client_of: ClientOf
) -> None:
    first = await published(cast, client_of, ROSE, MINE)
    second = await published(cast, client_of, CARL, MINE, WARD, client_id="two", supersedes_id=first)
    found = await seen(cast, client_of, second)
    assert found["code"] == "713663002"
    assert [(each["code"], each["words_of"], each["written_as"]) for each in found["sections"]] == [
        ("1515861000000103", "person", "self"),  # as it stood: still hers, though Carl drafted this version
        (None, "clinician", "care_team"),
    ]
    assert found["sections"][0]["written_by"] == str(cast.accounts[ROSE])


async def test_what_somebody_wrote_of_themself_is_not_rewritten_without_them(cast: Cast, client_of: ClientOf) -> None:
    first = await published(cast, client_of, ROSE, MINE)
    other = MINE | {"text": "To be safe"}
    draft = await drafted(cast, client_of, ASHA, other, client_id="two", supersedes_id=first)
    refused = await publish(cast, client_of, draft, ASHA, agreement="with_person")
    assert (refused.status_code, "What is most important to me" in refused.json()["detail"]) == (403, True)
    assert await present(cast, client_of) == {"matters": MINE["text"]}
    assert (await publish(cast, client_of, draft, ROSE)).status_code == 200
    assert await present(cast, client_of) == {"matters": other["text"]}


async def test_in_best_interests_the_reason_is_said_and_kept(cast: Cast, client_of: ClientOf) -> None:
    first = await published(cast, client_of, ROSE, MINE)
    draft = await drafted(cast, client_of, ASHA, WARD, client_id="two", supersedes_id=first)
    unsaid = await publish(cast, client_of, draft, ASHA, agreement="best_interests")
    assert (unsaid.status_code, unsaid.json()["errors"][0]["pointer"]) == (422, "/note")
    why = "Assessed at home: cannot weigh it up. Her niece was asked."
    made = await publish(cast, client_of, draft, ASHA, agreement="best_interests", note=why)
    assert (made.status_code, made.json()["agreement"], made.json()["note"]) == (200, "best_interests", why)


async def test_what_a_clinician_wrote_is_not_taken_out_by_the_person_alone(cast: Cast, client_of: ClientOf) -> None:
    first = await published(cast, client_of, CARL, WARD)
    draft = await drafted(cast, client_of, ROSE, MINE, client_id="two", supersedes_id=first)
    assert (await publish(cast, client_of, draft)).status_code == 403
    kept = await published(cast, client_of, ROSE, MINE, WARD, client_id="three", supersedes_id=first)
    assert (await seen(cast, client_of, kept))["version"] == 2


@pytest.mark.parametrize("who", [UMA, GUS])
async def test_who_acts_for_somebody_or_cares_for_them_in_a_home_proposes_and_does_not_agree(
    cast: Cast, client_of: ClientOf, who: str
) -> None:
    draft = await drafted(cast, client_of, who, MINE | {"words_of": "carer"})
    assert (await publish(cast, client_of, draft, who)).status_code == 403
    assert (await publish(cast, client_of, draft, ROSE)).status_code == 200


async def test_whoever_opened_a_record_in_an_emergency_reads_the_plan_and_a_commissioner_nothing(
    cast: Cast, client_of: ClientOf
) -> None:
    await published(cast, client_of, CARL, WARD)
    assert await present(cast, client_of, PIA) == {"contingency": WARD["text"]}
    assert (await client_of(PIA).post(of_rose(cast), json=body(cast))).status_code == 403
    assert (await client_of(IRIS).get(of_rose(cast, ""))).status_code == 403


async def test_nobody_writes_in_words_that_are_not_theirs_to_write(cast: Cast, client_of: ClientOf) -> None:
    for who, words in ((ROSE, "clinician"), (ROSE, "carer"), (UMA, "clinician"), (GUS, "clinician")):
        answer = await client_of(who).post(of_rose(cast), json=body(cast, WARD | {"words_of": words}))
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/sections/0/words_of")
    twice = await client_of(ROSE).post(of_rose(cast), json=body(cast, MINE, MINE))
    assert (twice.status_code, twice.json()["errors"][0]["pointer"]) == (422, "/sections/1/section")


async def test_sent_again_it_is_drafted_once_and_published_once(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    made = await drafted(cast, client_of, ROSE)
    assert await drafted(cast, client_of, ROSE) == made
    other = await client_of(ROSE).post(of_rose(cast), json=body(cast, MINE | {"text": "Otherwise"}))
    assert other.status_code == 409
    first = await publish(cast, client_of, made)
    assert (await publish(cast, client_of, made)).json() == first.json()
    kinds = (
        await session.execute(text("select kind from event_outbox where kind like 'care_plan%' order by id"))
    ).scalars()
    assert list(kinds) == ["care_plan.drafted", "care_plan.published"]
    trail = text("select action, count from audit_event where action like 'care_plan.%' order by id")
    assert [tuple(row) for row in await session.execute(trail)] == [
        ("care_plan.draft", 1),
        ("care_plan.draft", 0),
        ("care_plan.publish", 1),
        ("care_plan.publish", 0),
    ]


async def test_a_draft_against_what_is_in_force_no_more_is_refused_and_said_to_be_overtaken(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    left = await drafted(cast, client_of, CARL, WARD, client_id="left")
    first = await published(cast, client_of, ROSE, MINE)
    assert (await seen(cast, client_of, left))["status"] == "overtaken"
    assert (await publish(cast, client_of, left)).status_code == 409
    late = await client_of(CARL).post(of_rose(cast), json=body(cast, WARD, client_id="late"))
    assert late.status_code == 409
    # Who keeps a copy is told of it, too.
    told = text("select subject_ids from event_outbox where kind = 'care_plan.published'")
    assert [[str(each) for each in row.subject_ids] for row in await session.execute(told)] == [[first, left]]
    unknown = await client_of(CARL).post(of_rose(cast), json=body(cast, client_id="x", supersedes_id=left))
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/supersedes_id")


async def test_a_draft_is_declined_by_whom_it_is_about_or_taken_back_by_who_made_it(
    cast: Cast, client_of: ClientOf
) -> None:
    for who, status in ((GUS, 200), (ROSE, 200), (UMA, 403)):
        draft = await drafted(cast, client_of, GUS, MINE, client_id=who)
        reason = {"reason": "Not in these words"}
        answer = await client_of(who).post(of_rose(cast, f"s/{draft}/withdrawal"), json=reason)
        assert answer.status_code == status
        if status == 200:
            assert (answer.json()["status"], answer.json()["note"]) == ("withdrawn", reason["reason"])
            assert (await client_of(who).post(of_rose(cast, f"s/{draft}/withdrawal"), json=reason)).status_code == 200
            assert (await publish(cast, client_of, draft)).status_code == 409


async def test_of_drafts_there_are_so_many_at_a_time_and_no_more(cast: Cast, client_of: ClientOf) -> None:
    for number in range(MOST_DRAFTS):
        await drafted(cast, client_of, ROSE, client_id=str(number))
    assert (await client_of(ROSE).post(of_rose(cast), json=body(cast, client_id="more"))).status_code == 409


@pytest.mark.parametrize("days", [-1, 3661])
async def test_it_is_looked_at_again_from_today_on_and_within_ten_years(
    cast: Cast, client_of: ClientOf, days: int
) -> None:
    on = (london_date(cast.now) + timedelta(days=days)).isoformat()
    answer = await client_of(ROSE).post(of_rose(cast), json=body(cast, review_on=on))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/review_on")


async def test_an_overdue_review_is_told_to_who_cares_for_them_and_of_the_version_in_force_alone(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    first = await published(cast, client_of, ROSE, MINE)
    second = await published(cast, client_of, CARL, MINE, WARD, client_id="two", supersedes_id=first)
    await drafted(cast, client_of, CARL, MINE, NURSE, client_id="three", supersedes_id=second)
    yesterday = london_date(cast.now) - timedelta(days=1)
    await session.execute(text("update care_plan set review_on = :on"), {"on": yesterday})
    found = (await client_of(CARL).get("/v1/reviews")).json()["items"]
    assert [(each["kind"], each["plan_id"], each["version"], each["overdue"]) for each in found] == [
        ("care_plan", second, 2, True)
    ]
    assert (await seen(cast, client_of, second))["review_overdue"]
    assert not (await seen(cast, client_of, first))["review_overdue"]
    action_plan = {
        "title": "Walk",
        "agreed_on": london_date(cast.now).isoformat(),
        "review_on": london_date(cast.now).isoformat(),
        "actions": [{"title": "Walk", "schedule": {"rrule": "FREQ=DAILY"}}],
    }
    made = await client_of(CARL).post(of_rose(cast, "").replace("care-plan", "action-plans"), json=action_plan)
    assert made.status_code == 201, made.text
    page = (await client_of(CARL).get("/v1/reviews", params={"limit": 1})).json()
    rest = (await client_of(CARL).get("/v1/reviews", params={"limit": 1, "cursor": page["next_cursor"]})).json()
    kinds = [each["kind"] for each in page["items"] + rest["items"]]
    assert (kinds, rest["next_cursor"]) == (["care_plan", "action_plan"], None)
