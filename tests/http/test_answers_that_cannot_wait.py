"""An answer that cannot wait raises its alert whatever time it bears, whatever its version, and whatever is beside it.

What can wait is refused for the same as ever.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.questionnaires.answers import Answer
from domain.questionnaires.commands import record_response
from domain.questionnaires.response import NewResponse
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.http.conftest import ClientOf
from tests.http.observations.test_durable_answers import signed_in
from tests.http.test_questionnaires import ASHA, CALM, ROSE, WORRYING, alerts_of, given_answers, responses_of

CHANGES = "/v1/me/changes"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SIX_YEARS = timedelta(days=6 * 366)
# A test may wait so long for its answer, and an instant is told to the microsecond.
NEARLY = timedelta(minutes=5)
WRONG_TIMES = {
    "an hour ahead": lambda now: (now + HOUR).isoformat(),
    "a day ahead": lambda now: (now + DAY).isoformat(),
    "before birth": lambda _: "1901-01-01T00:00:00+00:00",
    "six years back": lambda now: (now - SIX_YEARS).isoformat(),
    "without an offset": lambda now: now.replace(tzinfo=None).isoformat(),
    "no time at all": lambda _: "yesterday, in the evening",
    "of no year": lambda _: "+012026-01-01T00:00:00Z",
}


def now() -> datetime:
    return datetime.now(UTC)


async def evidence(client_of: ClientOf, cast: Cast) -> list[str]:
    """Return what the one alert there is rests on; nothing where there is none."""
    alerts = (await client_of(ASHA).get(alerts_of(cast))).json()["items"]
    assert [each["level"] for each in alerts] == ["red"] * len(alerts)
    assert len(alerts) <= 1
    return [each["subject_id"] for alert in alerts for each in alert["evidence"]]


async def only_one(client_of: ClientOf, cast: Cast) -> dict[str, Any]:
    """Return the one response there is, as a clinician reads it, once the alert is seen to rest on it."""
    [found] = (await client_of(ASHA).get(responses_of(cast))).json()["items"]
    assert await evidence(client_of, cast) == [found["id"]]
    told: dict[str, Any] = found
    return told


async def sent(client: httpx.AsyncClient, *bodies: dict[str, Any], **beside: Any) -> list[dict[str, Any]]:
    """Send answers as a phone does, under their client_id, and return the verdicts."""
    items = [{"item": body["client_id"], "questionnaire_response": body} for body in bodies]
    answer = await client.post(CHANGES, json={"items": items} | beside)
    assert answer.status_code == 200, answer.text
    told: list[dict[str, Any]] = answer.json()["items"]
    return told


@pytest.mark.parametrize("wrong", WRONG_TIMES.values(), ids=list(WRONG_TIMES))
@pytest.mark.parametrize("by_phone", [True, False], ids=["sent by a phone", "asked for by itself"])
async def test_a_wrong_clock_keeps_nobody_waiting(
    cast: Cast, client_of: ClientOf, wrong: Any, *, by_phone: bool
) -> None:
    stated = wrong(now())
    body = given_answers(cast, WORRYING, client_id="phone-1", authored_at=stated)
    if by_phone:
        [verdict] = await sent(client_of(ROSE), body)
        assert (verdict["outcome"], verdict["errors"]) == ("kept", [])
        assert [each["number"] for each in verdict["safety"]["contacts"]] == ["999", "111, then option 2", "116 123"]
    else:
        answer = await client_of(ROSE).post(responses_of(cast), json=body)
        assert answer.status_code == 201, answer.text
    found = await only_one(client_of, cast)
    assert found["time_instead"] == {"stated": stated, "stands": "received"}
    assert abs(datetime.fromisoformat(found["authored_at"]) - now()) < NEARLY
    assert (found["total"], found["version"], found["read_in_version"], found["not_read"]) == (1, "1", "1", [])


@pytest.mark.parametrize("wrong", WRONG_TIMES.values(), ids=list(WRONG_TIMES))
async def test_what_can_wait_is_refused_for_its_time_as_ever_whatever_the_phone_says_of_its_clock(
    cast: Cast, client_of: ClientOf, wrong: Any
) -> None:
    body = given_answers(cast, CALM, client_id="phone-1", authored_at=wrong(now()))
    for clock in ({}, {"sent_at": body["authored_at"]}):
        [verdict] = await sent(client_of(ROSE), body, **clock)
        assert verdict["outcome"] == "refused"
        assert [each["pointer"] for each in verdict["errors"]] == ["/questionnaire_response/authored_at"]
    refused = await client_of(ROSE).post(responses_of(cast), json=body)
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/authored_at"]
    assert await evidence(client_of, cast) == []


@pytest.mark.parametrize("off", [HOUR, DAY, -SIX_YEARS, -timedelta(days=80 * 366)])
async def test_what_the_phone_says_of_its_clock_puts_the_time_right(
    cast: Cast, client_of: ClientOf, off: timedelta
) -> None:
    clock, ago = now() + off, 10 * HOUR if off == -SIX_YEARS else timedelta(minutes=20)
    stated = (clock - ago).isoformat()
    await sent(
        client_of(ROSE),
        given_answers(cast, WORRYING, client_id="phone-1", authored_at=stated),
        sent_at=clock.isoformat(),
    )
    found = await only_one(client_of, cast)
    assert found["time_instead"] == {"stated": stated, "stands": "corrected"}
    assert abs(datetime.fromisoformat(found["authored_at"]) - (now() - ago)) < NEARLY


@pytest.mark.parametrize(
    ("stated", "clock"),
    [
        (-SIX_YEARS, -SIX_YEARS + timedelta(days=40)),
        (-SIX_YEARS, timedelta()),
        (HOUR, timedelta()),
        (HOUR, -DAY),
    ],
    ids=["too long ago by its own clock", "a clock put right since", "ahead, and put right since", "put back since"],
)
async def test_where_the_phone_s_clock_does_not_explain_it_it_was_when_it_was_received(
    cast: Cast, client_of: ClientOf, stated: timedelta, clock: timedelta
) -> None:
    body = given_answers(cast, WORRYING, client_id="phone-1", authored_at=(now() + stated).isoformat())
    await sent(client_of(ROSE), body, sent_at=(now() + clock).isoformat())
    found = await only_one(client_of, cast)
    assert found["time_instead"]["stands"] == "received"
    assert found["authored_at"] == found["recorded_at"]


async def test_a_time_that_can_have_been_stands_whatever_the_phone_says_of_its_clock(
    cast: Cast, client_of: ClientOf
) -> None:
    body = given_answers(cast, WORRYING, client_id="phone-1")
    await sent(client_of(ROSE), body, sent_at=(now() + DAY).isoformat())
    found = await only_one(client_of, cast)
    assert found["time_instead"] is None
    assert datetime.fromisoformat(found["authored_at"]) == datetime.fromisoformat(body["authored_at"])


async def test_a_clock_that_cannot_be_read_refuses_nothing(cast: Cast, client_of: ClientOf) -> None:
    [verdict] = await sent(client_of(ROSE), given_answers(cast, WORRYING, client_id="phone-1"), sent_at="+012026-01-01")
    assert verdict["outcome"] == "kept"


@pytest.mark.parametrize("version", ["0", "2", "2026-11-alpha", "x" * 64])
async def test_another_version_keeps_nobody_waiting_and_has_no_total(
    cast: Cast, client_of: ClientOf, version: str
) -> None:
    rose = client_of(ROSE)
    calm = given_answers(cast, CALM, client_id="phone-1", version=version)
    [verdict] = await sent(rose, calm)
    assert [each["code"] for each in verdict["errors"]] == ["other_version"]
    [verdict] = await sent(rose, given_answers(cast, [3] * 9, client_id="phone-2", version=version))
    assert verdict["outcome"] == "kept"
    found = await only_one(client_of, cast)
    assert (found["version"], found["read_in_version"], found["total"], found["band"]) == (version, "1", None, None)
    assert (len(found["answers"]), found["missing"], found["not_read"]) == (9, [], [])


@pytest.mark.parametrize(
    ("answers", "read", "not_read"),
    [
        ({"q9": 1, "q10": "now and then"}, ["q9"], [{"link_id": "q10", "value": "now and then"}]),
        ({"q9": "LA6571-9", "q1": True}, ["q9"], [{"link_id": "q1", "value": True}]),
        ({"q9": 4}, [], [{"link_id": "q9", "value": 4}]),
        ({"q9": 0.5, "q1": 1}, ["q1"], [{"link_id": "q9", "value": "0.5"}]),
        ({"q9": True}, [], [{"link_id": "q9", "value": True}]),
        ({"q9": 2, "difficulty": "LA6572-7", "q1": 9}, ["q9", "difficulty"], [{"link_id": "q1", "value": 9}]),
    ],
)
@pytest.mark.parametrize("version", ["1", "2"])
async def test_what_stands_beside_it_and_is_not_known_keeps_nobody_waiting_and_is_kept_as_it_was_sent(
    cast: Cast, client_of: ClientOf, answers: dict[str, Any], read: list[str], not_read: list[Any], version: str
) -> None:
    body = given_answers(cast, [], client_id="phone-1", version=version)
    body["answers"] = [{"link_id": link_id, "value": value} for link_id, value in answers.items()]
    [verdict] = await sent(client_of(ROSE), body)
    assert verdict["outcome"] == "kept"
    found = await only_one(client_of, cast)
    assert ([each["link_id"] for each in found["answers"]], found["not_read"]) == (read, not_read)
    assert found["total"] is None
    assert "q9" not in found["missing"]


@pytest.mark.parametrize("twice", [[0, 1], [1, 0]])
async def test_of_two_answers_to_its_question_the_worse_counts(
    cast: Cast, client_of: ClientOf, twice: list[int]
) -> None:
    body = given_answers(cast, [0] * 8, client_id="phone-1")
    body["answers"] += [{"link_id": "q9", "value": value} for value in twice]
    await sent(client_of(ROSE), body)
    found = await only_one(client_of, cast)
    assert found["answers"][-1]["score"] == 1
    assert (found["total"], found["not_read"]) == (None, [{"link_id": "q9", "value": 0}])


@pytest.mark.parametrize("value", [0, "LA6568-5", False, -1, "often"])
async def test_what_is_not_known_to_be_urgent_is_refused_as_ever(cast: Cast, client_of: ClientOf, value: Any) -> None:
    body = given_answers(cast, [], client_id="phone-1", version="2")
    body["answers"] = [{"link_id": "q9", "value": value}]
    [verdict] = await sent(client_of(ROSE), body)
    assert [each["code"] for each in verdict["errors"]] == ["other_version"]
    assert await evidence(client_of, cast) == []


async def test_beside_what_is_refused_it_is_kept_and_its_alert_raised(cast: Cast, client_of: ClientOf) -> None:
    clock = now() - SIX_YEARS
    old: dict[str, Any] = {"authored_at": clock.isoformat()}
    told = await sent(
        client_of(ROSE),
        given_answers(cast, CALM, client_id="phone-1", **old),
        given_answers(cast, WORRYING, client_id="phone-2", **old),
        {"client_id": "phone-3"},
        given_answers(cast, [0] * 7, "gad-7", client_id="phone-4"),
        sent_at=clock.isoformat(),
    )
    assert [each["outcome"] for each in told] == ["refused", "kept", "refused", "kept"]
    assert [each["safety"] is None for each in told] == [True, False, True, True]
    assert await evidence(client_of, cast) == [told[1]["id"]]


@pytest.mark.parametrize(
    "wrong", [{"version": "2"}, {"authored_at": "2015-01-01T00:00:00+01:00"}, {"authored_at": "?"}]
)
async def test_sent_again_with_another_clock_it_is_the_same(
    cast: Cast, client_of: ClientOf, wrong: dict[str, Any]
) -> None:
    rose, body = client_of(ROSE), given_answers(cast, WORRYING, client_id="phone-1", **wrong)
    body["answers"].append({"link_id": "q10", "value": 3})
    turned = body | {"answers": body["answers"][::-1]}
    clocks: list[dict[str, str]] = [{}, {"sent_at": "2015-01-01T01:00:00Z"}, {"sent_at": "2015-02-01T01:00:00Z"}]
    told = [await sent(rose, each, **clock) for clock in clocks for each in (body, turned)]
    assert {each["id"] for [each] in told} == {(await only_one(client_of, cast))["id"]}
    assert all(each["safety"] is not None for [each] in told)


async def test_a_time_that_lies_no_more_in_the_future_when_it_is_sent_again_is_the_same(
    cast: Cast, session: AsyncSession
) -> None:
    stated = (cast.now + HOUR).isoformat()
    new = NewResponse("phq-9", "1", stated, (Answer("q9", 1),), "phone-1")
    first, again = [
        await record_response(session, at_hour, cast.patients["rose_resident"], new)
        for at_hour in (cast.actor(ROSE, at=cast.now), cast.actor(ROSE, at=cast.now + 3 * HOUR))
    ]
    assert again == first
    assert first.authored_at == cast.now
    assert await session.scalar(text("select count(*) from alert_evidence")) == 1


@pytest.mark.parametrize("used", [CALM, [3] * 9], ids=["by answers that could wait", "by others that could not"])
async def test_under_a_name_that_other_answers_have_it_is_kept_under_a_second_and_once(
    cast: Cast, client_of: ClientOf, used: list[int]
) -> None:
    rose = client_of(ROSE)
    [before] = await sent(rose, given_answers(cast, used, client_id="phone-1"))
    other = given_answers(cast, WORRYING, client_id="phone-1", authored_at=(now() + HOUR).isoformat())
    told = [each for _ in range(3) for each in await sent(rose, other)]
    assert [(each["outcome"], each["id"]) for each in told] == [("kept", told[0]["id"])] * 3
    assert told[0]["id"] != before["id"]
    raised = [before["id"]] if used != CALM else []
    assert await evidence(client_of, cast) == [*raised, told[0]["id"]]
    calm = given_answers(cast, [1] * 8 + [0], client_id="phone-1")
    assert [each["outcome"] for each in await sent(rose, calm)] == ["conflict"]


@pytest.mark.parametrize("is_taken", [False, True], ids=["a name of its own", "a name that is taken"])
async def test_ten_at_once_are_kept_once_and_raise_one_alert(
    crowd: tuple[FastAPI, Cast], committing_database: Database, *, is_taken: bool
) -> None:
    app, cast = crowd
    clock = now() + DAY
    body = given_answers(cast, WORRYING, client_id="phone-1", version="2", authored_at=clock.isoformat())
    async with await signed_in(app, cast.accounts[ROSE]) as rose:
        if is_taken:
            await sent(rose, given_answers(cast, CALM, client_id="phone-1"))
        at_once = (sent(rose, body, sent_at=(clock + n * HOUR).isoformat()) for n in range(10))
        told = [each for [each] in await asyncio.gather(*at_once)]
    assert {each["outcome"] for each in told} == {"kept"}
    assert len({each["id"] for each in told}) == 1
    async with committing_database.statements() as session:
        kept = "select count(*) from questionnaire_response where cannot_wait"
        for count in (kept, "select count(*) from alert", "select count(*) from alert_evidence"):
            assert await session.scalar(text(count)) == 1, count


_TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)).map(lambda at: f"{at.isoformat()}Z")
_PRINTED = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=64)
_VERSIONS = st.just("1") | st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64)
_BESIDE = st.lists(
    st.tuples(st.sampled_from(["q1", "q2", "q9", "difficulty", "x"]), st.integers(-2, 5) | st.booleans() | _PRINTED),
    max_size=6,
)
_URGENT = st.sampled_from([1, 2, 3, "LA6569-3", "LA6570-1", "LA6571-9"])
Drawn = tuple[str, str, list[tuple[str, Any]], Any, str | None]


async def test_whatever_time_it_bears_and_whatever_version_it_is_of_it_raises_one_red_alert(
    cast: Cast, session: AsyncSession
) -> None:
    drawn: list[Drawn] = []

    @settings(max_examples=60, suppress_health_check=list(HealthCheck), database=None)
    @given(_TIMES | _PRINTED, _VERSIONS, _BESIDE, _URGENT, st.none() | _TIMES)
    @example("1900-01-01T00:00:00-12:00", "1", [], 1, "2199-12-31T23:59:59+14:00")
    @example("2199-12-31T23:59:59-12:00", "1", [], 1, "1900-01-01T00:00:00+14:00")
    def collect(stated: str, version: str, beside: list[tuple[str, Any]], worst: Any, clock: str | None) -> None:
        drawn.append((stated, version, beside, worst, clock))

    collect()
    for number, one in enumerate(drawn):
        kept = await _recorded(session, cast.actor(ROSE, at=cast.now), cast, one, f"phone-{number}")
        resting = text("select count(*) from alert_evidence e join alert a on a.id = e.alert_id where a.level = 'red'")
        assert await session.scalar(resting) == number + 1, one
        assert kept is True
    assert await session.scalar(text("select count(*) from alert")) == 1


async def _recorded(session: AsyncSession, actor: Actor, cast: Cast, one: Drawn, client_id: str) -> bool:
    stated, version, beside, worst, clock = one
    answers = (*(Answer(link_id, value) for link_id, value in beside), Answer("q9", worst))
    sent_at = None if clock is None else datetime.fromisoformat(clock)
    new = NewResponse("phq-9", version, stated, answers, client_id, sent_at)
    first = await record_response(session, actor, cast.patients["rose_resident"], new)
    again = await record_response(session, actor, cast.patients["rose_resident"], new)
    assert again == first
    return first.cannot_wait
