"""Who administers accounts, or reads outcomes, sees no person: not as somebody's delegate, nor themself, either."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.cast import DELEGATE_TEXT, Cast
from tests.http.access_matrix import ADMIN, ASHA, IRIS, JACK, ROSE, UMA
from tests.http.conftest import ClientOf

SEE_NOBODY = (IRIS, JACK, ADMIN)
YARA, NOBODY = "yara_delegate_from_tomorrow", "nobody_at_all"
FRIEND: dict[str, Any] = {"relationship": "friend", "scopes": ["read"], "text_version": DELEGATE_TEXT}
_GIVEN = text("update delegation set account_id = :account where id = :delegation")
_MADE_OWN = text("update patient set account_id = :account where id = :patient")
_ROLE_ENDED = text("update membership set ended_at = now() - interval '1 second' where account_id = :account")


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
    await session.execute(_ROLE_ENDED, ids)
    assert (await client.get(rose(cast))).json()["bases"] == ["delegate"]


async def una(client_of: ClientOf, cast: Cast) -> str:
    """Return the address of somebody whom Asha has just registered, who has no account."""
    new = {"given_name": "Una", "family_name": "New", "born_on": "1950-05-05"}
    made = await client_of(ASHA).post("/v1/patients", json=new | {"practice_id": str(cast.organisations["practice"])})
    return f"/v1/patients/{made.json()['id']}"


async def linked(client_of: ClientOf, path: str, account_id: UUID) -> httpx.Response:
    asha = client_of(ASHA)
    tag = {"if-match": (await asha.get(path)).headers["etag"]}
    return await asha.put(f"{path}/account", json={"account_id": str(account_id)}, headers=tag)


@pytest.mark.parametrize("member", SEE_NOBODY)
async def test_a_record_is_not_tied_to_an_account_that_sees_no_person(
    cast: Cast, client_of: ClientOf, member: str
) -> None:
    person = await una(client_of, cast)
    refused = await linked(client_of, person, cast.accounts[member])
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/conflict")
    assert "another account" in refused.json()["detail"]
    assert (await client_of(ASHA).get(f"{person}/invitations")).json()["has_account"] is False
    assert (await linked(client_of, person, cast.accounts[NOBODY])).status_code == 204


@pytest.mark.parametrize(
    ("role", "place"), [("commissioner", "commissioner"), ("administrator", "practice")], ids=["commissioner", "admin"]
)
async def test_a_patient_s_own_account_gets_no_role_that_sees_no_person_and_one_with_it_no_record(
    cast: Cast, client_of: ClientOf, role: str, place: str
) -> None:
    new = {"organisation_id": str(cast.organisations[place]), "role": role}
    own = f"/v1/accounts/{cast.accounts[ROSE]}/memberships"
    refused = await client_of(ADMIN).post(own, json=new)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/conflict")
    assert "another account" in refused.json()["detail"]
    acting = await client_of(ADMIN).post(f"/v1/accounts/{cast.accounts[UMA]}/memberships", json=new)
    assert acting.json()["detail"] == refused.json()["detail"], "which of the two it is is not told"
    assert (await client_of(ROSE).get(rose(cast))).json()["bases"] == ["self"]
    works = {"organisation_id": str(cast.organisations["practice"]), "role": "clinician"}
    assert (await client_of(ADMIN).post(own, json=works)).status_code == 201
    # What an account will be counts as well.
    begins = (cast.now + timedelta(days=1)).isoformat()
    later = f"/v1/accounts/{cast.accounts[NOBODY]}/memberships"
    assert (await client_of(ADMIN).post(later, json=new | {"starts_at": begins})).status_code == 201
    assert (await linked(client_of, await una(client_of, cast), cast.accounts[NOBODY])).status_code == 409


@pytest.mark.parametrize(("member", "told"), [(IRIS, 403), (JACK, 404), (ADMIN, 404)])
async def test_a_record_of_one_s_own_of_before_is_not_open_to_who_sees_no_person(
    session: AsyncSession, cast: Cast, client_of: ClientOf, member: str, told: int
) -> None:
    ids = {"account": cast.accounts[member], "patient": cast.patients["rose_resident"]}
    await session.execute(_MADE_OWN, ids)
    client = client_of(member)
    for path in ("", "/observations", "/observations/latest", "/goals", "/action-plans", "/consents", "/delegates"):
        assert (await client.get(rose(cast) + path)).status_code == told, path
    assert (await client.get("/v1/me/access-log")).status_code == told
    assert (await client.post("/v1/me/exports")).status_code == told
    for listed in ("/v1/patients", "/v1/me/rights-requests"):
        assert (await client.get(listed)).json()["items"] == [], listed
    # Without the role it is their own as any other's.
    await session.execute(_ROLE_ENDED, ids)
    assert (await client.get(rose(cast))).json()["bases"] == ["self"]
