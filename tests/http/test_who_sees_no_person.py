"""Who administers accounts, or reads outcomes, sees no person: not as somebody's delegate either."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.cast import DELEGATE_TEXT, Cast
from tests.http.access_matrix import ADMIN, IRIS, JACK, ROSE, UMA
from tests.http.conftest import ClientOf

SEE_NOBODY = (IRIS, JACK, ADMIN)
YARA, NOBODY = "yara_delegate_from_tomorrow", "nobody_at_all"
FRIEND: dict[str, Any] = {"relationship": "friend", "scopes": ["read"], "text_version": DELEGATE_TEXT}
_GIVEN = text("update delegation set account_id = :account where id = :delegation")


def rose(cast: Cast) -> str:
    return f"/v1/patients/{cast.patients['rose_resident']}"


async def handed(client_of: ClientOf, cast: Cast) -> dict[str, str]:
    """Return what whoever has been handed a code of Rose sends."""
    return {"code": (await client_of(ROSE).post(f"{rose(cast)}/delegates", json=FRIEND)).json()["code"]}


@pytest.mark.parametrize("member", SEE_NOBODY)
async def test_who_sees_no_person_is_told_to_accept_a_code_with_another_account(
    cast: Cast, client_of: ClientOf, member: str
) -> None:
    code = await handed(client_of, cast)
    refused = await client_of(member).post("/v1/me/delegations", json=code)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/conflict")
    assert "another account" in refused.json()["detail"]
    # A code that is nobody's is refused alike: nothing is learned of codes so.
    wrong = await client_of(member).post("/v1/me/delegations", json={"code": "00000-00000-00000-00000"})
    assert (wrong.status_code, wrong.json()["detail"]) == (409, refused.json()["detail"])
    assert (await client_of(NOBODY).post("/v1/me/delegations", json=code)).status_code == 201


@pytest.mark.parametrize(
    ("role", "place"), [("commissioner", "commissioner"), ("administrator", "practice")], ids=["commissioner", "admin"]
)
async def test_a_role_that_sees_no_person_and_acting_for_somebody_do_not_meet_in_one_account(
    cast: Cast, client_of: ClientOf, role: str, place: str
) -> None:
    new = {"organisation_id": str(cast.organisations[place]), "role": role}
    for acting in (UMA, YARA):
        refused = await client_of(ADMIN).post(f"/v1/accounts/{cast.accounts[acting]}/memberships", json=new)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/conflict"), acting
        assert "another account" in refused.json()["detail"]
    # Whose delegations are over may be given it, and from then on accepts none: nor before it begins.
    begins = (cast.now + timedelta(days=1)).isoformat()
    over = f"/v1/accounts/{cast.accounts['xeno_delegate_run_out']}/memberships"
    assert (await client_of(ADMIN).post(over, json=new | {"starts_at": begins})).status_code == 201
    code = await handed(client_of, cast)
    assert (await client_of("xeno_delegate_run_out").post("/v1/me/delegations", json=code)).status_code == 409
    works = {"organisation_id": str(cast.organisations["practice"]), "role": "clinician"}
    assert (
        await client_of(ADMIN).post(f"/v1/accounts/{cast.accounts[UMA]}/memberships", json=works)
    ).status_code == 201


@pytest.mark.parametrize(("member", "told"), [(IRIS, 403), (JACK, 404), (ADMIN, 404)])
async def test_a_delegation_of_before_opens_nothing_to_who_sees_no_person(
    session: AsyncSession, cast: Cast, client_of: ClientOf, member: str, told: int
) -> None:
    ids = {"account": cast.accounts[member], "delegation": cast.others["delegation_of_uma_delegate"]}
    await session.execute(_GIVEN, ids)
    client = client_of(member)
    for path in ("", "/observations", "/observations/latest", "/goals", "/action-plans"):
        assert (await client.get(rose(cast) + path)).status_code == told, path
    assert (await client.get("/v1/patients")).json()["items"] == []
    assert (await client.get("/v1/me/delegations")).json() == {"items": []}
    # Without the role it is a delegation as any other.
    ended = text("update membership set ended_at = now() - interval '1 second' where account_id = :account")
    await session.execute(ended, ids)
    assert (await client.get(rose(cast))).json()["bases"] == ["delegate"]
