"""A clinician is told which plans of the people they care for are to be looked at again, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import london_date
from domain.people.queries import VisiblePatient
from domain.people.together_queries import patients_of_pairs
from domain.plans import in_sight_queries
from tests.cast import Cast
from tests.http.conftest import ClientOf

ASHA, BEA, CARL, GUS, ROSE = (
    "asha_clinician_of_practice",
    "bea_clinician_elsewhere",
    "carl_clinician_on_care_team",
    "gus_care_home_staff",
    "rose_herself",
)


async def plan(client_of: ClientOf, cast: Cast, title: str, of: str = "rose_resident") -> str:
    """Return the id of a plan agreed a week ago, whose review comes in as many days as its title says."""
    today = london_date(cast.now)
    new = {
        "title": title,
        "agreed_on": (today - timedelta(days=7)).isoformat(),
        "review_on": (today + timedelta(days=int(title))).isoformat(),
        "actions": [{"title": "Walk", "schedule": {"rrule": "FREQ=DAILY"}}],
    }
    answer = await client_of(ASHA).post(f"/v1/patients/{cast.patients[of]}/action-plans", json=new)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def listed(client_of: ClientOf, who: str, **asked: int | str) -> dict[str, Any]:
    answer = await client_of(who).get("/v1/reviews", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_what_is_overdue_comes_first_and_what_is_far_off_or_ended_not_at_all(
    cast: Cast, client_of: ClientOf, session: AsyncSession
) -> None:
    for title in ("28", "-1", "0", "29", "-7"):
        await plan(client_of, cast, title)
    ended = await plan(client_of, cast, "3")
    of_rose = f"/v1/patients/{cast.patients['rose_resident']}/action-plans/{ended}"
    assert (await client_of(ASHA).post(f"{of_rose}/end", json={"reason": "Enough"})).status_code == 200
    found = await listed(client_of, ASHA)
    assert [(each["title"], each["overdue"]) for each in found["items"]] == [
        ("-7", True),
        ("-1", True),
        ("0", False),
        ("28", False),
    ]
    assert found["items"][0]["patient_id"] == str(cast.patients["rose_resident"])
    first = await listed(client_of, ASHA, limit=3)
    rest = await listed(client_of, ASHA, limit=3, cursor=first["next_cursor"])
    assert [each["title"] for each in first["items"] + rest["items"]] == ["-7", "-1", "0", "28"]
    assert rest["next_cursor"] is None
    trail = text("select patient_id, basis from audit_event where action = 'plan_review.list'")
    rows = (await session.execute(trail)).all()
    assert {(row.patient_id, row.basis) for row in rows} == {(cast.patients["rose_resident"], "care_team")}
    assert len(rows) == 3  # one for each page: of each person once


async def test_only_of_those_whom_they_care_for(cast: Cast, client_of: ClientOf) -> None:
    await plan(client_of, cast, "0")
    assert [each["title"] for each in (await listed(client_of, CARL))["items"]] == ["0"]
    assert (await listed(client_of, BEA))["items"] == []
    for nobody in (GUS, ROSE, "iris_commissioner"):
        assert (await client_of(nobody).get("/v1/reviews")).status_code == 403


async def test_a_page_does_not_end_early_when_somebody_goes_out_of_sight_while_it_is_read(
    cast: Cast, client_of: ClientOf, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    for title, of in (("-4", "rose_resident"), ("-3", "sam_at_home"), ("-2", "sam_at_home"), ("-1", "rose_resident")):
        await plan(client_of, cast, title, of)
    await plan(client_of, cast, "0")
    sam = cast.patients["sam_at_home"]

    async def gone_meanwhile(*asked: Any) -> list[VisiblePatient | None]:
        found = await patients_of_pairs(*asked)
        return [None if each is None or each.id == sam else each for each in found]

    monkeypatch.setattr(in_sight_queries, "patients_of_pairs", gone_meanwhile)
    first = await listed(client_of, ASHA, limit=2)
    assert [each["title"] for each in first["items"]] == ["-4", "-1"]
    rest = await listed(client_of, ASHA, limit=2, cursor=first["next_cursor"])
    assert ([each["title"] for each in rest["items"]], rest["next_cursor"]) == (["0"], None)
    trail = "select distinct patient_id from audit_event where action = 'plan_review.list'"
    assert list((await session.execute(text(trail))).scalars()) == [cast.patients["rose_resident"]]
