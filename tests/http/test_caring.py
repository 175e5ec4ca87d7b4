"""By whose work a record is open: told by name, those who see it now and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.cast import Cast
from tests.http.conftest import ClientOf

ROSE, CARL, WILL = "rose_herself", "carl_clinician_on_care_team", "will_himself"
# Not Dora, who has left it, nor Ned, who joins tomorrow; nor the team whose list Rose is not on any more.
TEAM = {
    "name": "team",
    "organisation": "Invented practice",
    "members": ["asha clinician of practice", "carl clinician on care team"],
}
SHARING = {"purpose": "care_sharing", "text_version": 2}


async def told(client_of: ClientOf, cast: Cast, who: str = ROSE, whom: str = "rose_resident") -> dict[str, Any]:
    """Return who sees a record by their work, as somebody is told."""
    answer = await client_of(who).get(f"/v1/patients/{cast.patients[whom]}/access")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_person_reads_by_name_who_sees_their_record_by_their_work(cast: Cast, client_of: ClientOf) -> None:
    assert await told(client_of, cast) == {
        "practice": "Invented practice",
        "is_shared": True,
        "care_teams": [TEAM],
        "care_home": "Invented care_home",
    }
    (looked,) = (await client_of(ROSE).get("/v1/me/access-log", params={"limit": 1})).json()["items"]
    assert (looked["action"], looked["yourself"]) == ("access.read", True)


async def test_who_has_said_no_to_sharing_is_told_of_their_practice_alone(cast: Cast, client_of: ClientOf) -> None:
    refused = {"practice": "Invented practice", "is_shared": False, "care_teams": [], "care_home": None}
    assert await told(client_of, cast, WILL, "will_not_sharing") == refused
    await client_of(ROSE).post(f"/v1/patients/{cast.patients['rose_resident']}/consents/withdrawal", json=SHARING)
    assert await told(client_of, cast) == refused


@pytest.mark.parametrize(
    "happens",
    [
        "update account set disabled_at = now() where id = :carl",
        "update membership set ended_at = now() where account_id = :carl",
        "update care_team_member set until_at = now() where account_id = :carl",
    ],
)
async def test_who_sees_nobody_any_more_is_not_named_and_their_team_still_is(
    session: AsyncSession, cast: Cast, client_of: ClientOf, happens: str
) -> None:
    await session.execute(text(happens), {"carl": cast.accounts[CARL]})
    assert (await told(client_of, cast))["care_teams"] == [TEAM | {"members": TEAM["members"][:1]}]
    await session.execute(text("update membership set ended_at = now() where role = 'clinician' and ended_at is null"))
    assert (await told(client_of, cast))["care_teams"] == [TEAM | {"members": []}]
