"""Anonymous feedback over HTTP: anybody gives it, nothing tells who, and months are shown once they are over."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import london_date
from tests.cast import Cast
from tests.http.conftest import ClientOf

ASHA, BEA, GUS, IRIS, JACK, ROSE = (
    "asha_clinician_of_practice",
    "bea_clinician_elsewhere",
    "gus_care_home_staff",
    "iris_commissioner",
    "jack_administrator_of_practice",
    "rose_herself",
)
GOOD = {"experience": "very_good", "comment": "They called back the same day"}


def feedback_of(cast: Cast, place: str = "practice") -> str:
    return f"/v1/organisations/{cast.organisations[place]}/feedback"


async def last_month(session: AsyncSession, cast: Cast, **counts: int) -> date:
    """Put so many answers of each kind into the month before this one, each with a comment; return the month."""
    this = london_date(cast.now).replace(day=1)
    month = date(this.year - (this.month == 1), (this.month - 2) % 12 + 1, 1)
    add = text(
        "insert into feedback (id, organisation_id, month, experience, comment)"
        " select gen_random_uuid(), :place, :month, :experience, :experience || n from generate_series(1, :number) n"
    )
    for experience, number in counts.items():
        said = {"place": cast.organisations["practice"], "month": month, "experience": experience, "number": number}
        await session.execute(add, said)
    return month


@pytest.mark.parametrize("who", [None, ROSE, ASHA])
async def test_whoever_answers_nothing_is_kept_that_tells_who_or_when(
    cast: Cast, client_of: ClientOf, session: AsyncSession, who: str | None
) -> None:
    rows = text("select count(*) from audit_event")
    before = await session.scalar(rows)
    events = await session.scalar(text("select count(*) from event_outbox"))
    given = await client_of(who).post(feedback_of(cast), json=GOOD)
    assert (given.status_code, given.content) == (204, b"")
    (kept,) = (await session.execute(text("select * from feedback"))).mappings().all()
    assert set(kept) == {"id", "organisation_id", "month", "experience", "comment"}
    assert UUID(str(kept["id"])).version == 4
    assert kept["month"] == london_date(cast.now).replace(day=1)
    assert await session.scalar(rows) == before
    assert await session.scalar(text("select count(*) from event_outbox")) == events


async def test_the_log_tells_neither_the_place_nor_the_answer(
    cast: Cast, client_of: ClientOf, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await client_of(None).post(feedback_of(cast), json=GOOD)
    # What the test's own client logs is not ours.
    logged = "\n".join(each.getMessage() for each in caplog.records if each.name.startswith("tendwell"))
    assert "204" in logged
    for told in (str(cast.organisations["practice"]), "very_good", "called back", "127.0.0.1"):
        assert told not in logged


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"experience": "excellent"},
        GOOD | {"comment": ""},
        GOOD | {"name": "Rose"},
        GOOD | {"patient_id": str(uuid4())},
    ],
)
async def test_what_is_no_answer_or_tells_who_is_refused(cast: Cast, client_of: ClientOf, body: dict[str, Any]) -> None:
    assert (await client_of(None).post(feedback_of(cast), json=body)).status_code == 422


async def test_of_an_organisation_that_there_is_not_nobody_says_anything(client_of: ClientOf) -> None:
    assert (await client_of(None).post(f"/v1/organisations/{uuid4()}/feedback", json=GOOD)).status_code == 404


async def test_a_month_is_shown_once_it_is_over(cast: Cast, client_of: ClientOf, session: AsyncSession) -> None:
    for _ in range(9):
        assert (await client_of(None).post(feedback_of(cast), json=GOOD)).status_code == 204
    asha = client_of(ASHA)
    assert (await asha.get(feedback_of(cast))).json()["items"] == []
    month = await last_month(session, cast, very_good=41, good=12, poor=3, dont_know=9)
    (shown,) = (await asha.get(feedback_of(cast))).json()["items"]
    counts = {each["experience"]: each["count"]["value"] for each in shown["counts"]}
    assert (shown["month"], shown["total"]["value"]) == (month.isoformat(), 65)
    assert counts == {
        "very_good": 40,
        "good": 10,
        "neither": 0,
        "poor": None,
        "very_poor": 0,
        "dont_know": 10,
    }
    assert (shown["percent_positive"], shown["percent_negative"]) == (84.6, None)
    assert len(shown["comments"]) == 65


async def test_of_a_month_with_few_answers_neither_figures_nor_comments_are_shown(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    await last_month(session, cast, very_poor=2, good=5)
    (shown,) = (await client_of(ASHA).get(feedback_of(cast))).json()["items"]
    assert (shown["total"]["value"], shown["total"]["status"]) == (None, "suppressed")
    assert {each["count"]["value"] for each in shown["counts"]} == {None}
    assert shown["comments"] == []


async def test_comments_are_for_the_organisation_s_own_people_and_figures_for_its_commissioners_too(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    await last_month(session, cast, very_good=20)
    for who in (ASHA, JACK):
        (shown,) = (await client_of(who).get(feedback_of(cast))).json()["items"]
        assert len(shown["comments"]) == 20, who
    (shown,) = (await client_of(IRIS).get(feedback_of(cast))).json()["items"]
    assert (shown["total"]["value"], shown["comments"]) == (20, None)
    for nobody in (BEA, GUS, ROSE):
        assert (await client_of(nobody).get(feedback_of(cast))).status_code == 404, nobody
    rows = "select count(*) from audit_event where action = 'feedback.read' and patient_id is null"
    assert await session.scalar(text(rows)) == 3
