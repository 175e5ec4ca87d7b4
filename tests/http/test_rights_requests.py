"""What people ask of their record is answered by their practice, with the law; accounts close for good."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.rights.law import GROUNDS, Kind
from tests.cast import Cast
from tests.http.access_matrix import ASHA, BEA, CARL, GUS, ROSE
from tests.http.conftest import ClientOf

OWN, ALL = "/v1/me/rights-requests", "/v1/rights-requests"


async def asked(client: httpx.AsyncClient, kind: str, about: str = "All of it") -> str:
    answer = await client.post(OWN, json={"kind": kind, "about": about})
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


async def answered(client: httpx.AsyncClient, request_id: str, **body: Any) -> httpx.Response:
    return await client.post(f"{ALL}/{request_id}/answer", json={"answer": "See below", **body})


async def test_the_practice_sees_what_was_asked_and_the_patient_the_answer_with_the_law_in_words(
    client_of: ClientOf,
) -> None:
    made = await asked(client_of(ROSE), "erasure")
    (seen,) = (await client_of(ASHA).get(ALL)).json()["items"]
    assert (seen["id"], seen["kind"], seen["about"], seen["decision"]) == (made, "erasure", "All of it", None)
    assert (await client_of(BEA).get(ALL)).json()["items"] == []
    assert (await answered(client_of(ASHA), made, decision="refused", ground="care_record_is_kept")).status_code == 204
    (told,) = (await client_of(ROSE).get(OWN)).json()["items"]
    assert (told["decision"], told["answer"]) == ("refused", "See below")
    assert told["ground"] == {
        "code": "care_record_is_kept",
        "words": GROUNDS["care_record_is_kept"].words,
        "source": GROUNDS["care_record_is_kept"].source,
    }
    assert (await client_of(ASHA).get(ALL)).json()["items"] == []
    assert len((await client_of(ASHA).get(f"{ALL}?answered=true")).json()["items"]) == 1
    again = await answered(client_of(ASHA), made, decision="granted")
    assert again.status_code == 409


@pytest.mark.parametrize(
    "kind, body",
    [
        ("erasure", {"decision": "granted"}),
        ("erasure", {"decision": "partly"}),
        ("correction", {"decision": "refused"}),
        ("correction", {"decision": "refused", "ground": "because"}),
        ("correction", {"decision": "granted", "ground": "legal_claims"}),
    ],
)
async def test_less_than_was_asked_needs_a_ground_in_law_and_no_record_is_erased_on_request(
    client_of: ClientOf, kind: str, body: dict[str, str]
) -> None:
    made = await asked(client_of(ROSE), kind)
    assert (await answered(client_of(ASHA), made, **body)).status_code == 422
    assert (await client_of(ROSE).get(OWN)).json()["items"][0]["decision"] is None


@pytest.mark.parametrize("kind", Kind)
async def test_everything_can_be_asked_and_is_to_be_answered_within_a_month(client_of: ClientOf, kind: Kind) -> None:
    await asked(client_of(ROSE), kind.value)
    (told,) = (await client_of(ROSE).get(OWN)).json()["items"]
    assert told["answer_due_on"] > told["asked_at"]


async def test_a_closed_account_says_no_more_whose_it_was_and_nobody_signs_in_with_it_while_the_record_stays(
    client_of: ClientOf, cast: Cast, session: AsyncSession
) -> None:
    made = await asked(client_of(ROSE), "close_account", "I have moved to another app")
    assert (await answered(client_of(ASHA), made, decision="granted")).status_code == 204
    assert (await client_of(ROSE).get("/v1/me")).status_code == 401
    row = (
        await session.execute(
            text("select email, display_name, password_hash, disabled_at from account where id = :id"),
            {"id": cast.accounts[ROSE]},
        )
    ).one()
    assert "rose" not in f"{row.email} {row.display_name}"
    assert row.password_hash == "!"
    assert row.disabled_at is not None
    rose = cast.patients["rose_resident"]
    assert (await client_of(ASHA).get(f"/v1/patients/{rose}")).status_code == 200
    log = (await client_of(ASHA).get(f"/v1/patients/{rose}/access-log")).json()["items"]
    assert {item["who"] for item in log if item["action"] == "rights_request.ask"} == {"A closed account"}


async def test_a_restriction_that_is_granted_holds_from_that_moment_and_the_person_can_lift_it(
    client_of: ClientOf, cast: Cast
) -> None:
    rose = f"/v1/patients/{cast.patients['rose_resident']}"
    made = await asked(client_of(ROSE), "restriction", "Only my practice, please")
    assert (await client_of(GUS).get(rose)).status_code == (await client_of(CARL).get(rose)).status_code == 200
    assert (await answered(client_of(ASHA), made, decision="granted")).status_code == 204
    assert (await client_of(GUS).get(rose)).status_code == (await client_of(CARL).get(rose)).status_code == 404
    assert (await client_of(ASHA).get(rose)).status_code == (await client_of(ROSE).get(rose)).status_code == 200
    decided = (await client_of(ROSE).get(f"{rose}/consents")).json()["items"]
    in_force = {each["purpose"]: each["provision"] for each in decided if each["ended_at"] is None}
    assert (in_force["care_sharing"], in_force["research"]) == ("deny", "deny")
    again = {"purpose": "care_sharing", "text_version": 1}
    assert (await client_of(ROSE).post(f"{rose}/consents", json=again)).status_code < 300
    assert (await client_of(GUS).get(rose)).status_code == 200


async def test_an_account_that_holds_a_role_is_not_closed_on_request(
    client_of: ClientOf, cast: Cast, session: AsyncSession
) -> None:
    made = await asked(client_of(ROSE), "close_account")
    await session.execute(
        text(
            "insert into membership (id, account_id, organisation_id, role, starts_at)"
            " values (gen_random_uuid(), :account, :place, 'care_home_staff', now())"
        ),
        {"account": cast.accounts[ROSE], "place": cast.organisations["care_home"]},
    )
    assert (await answered(client_of(ASHA), made, decision="granted")).status_code == 409
    assert (await client_of(ROSE).get("/v1/me")).status_code == 200


async def test_nobody_asks_without_end(client_of: ClientOf) -> None:
    for _ in range(20):
        await asked(client_of(ROSE), "correction")
    refused = await client_of(ROSE).post(OWN, json={"kind": "correction", "about": "More"})
    assert refused.status_code == 409
