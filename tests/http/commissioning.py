"""A pathway with people on it, made over HTTP, for the tests of contacts and outcomes; fixtures to be imported."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import london_date, utc_now
from domain.outcomes.person_time import data_cut_off
from tests.cast import Cast
from tests.http.conftest import ClientOf
from tests.pathway_cast import add_people, noon

ASHA, IRIS, JACK, GUS, BEA, ROSE = (
    "asha_clinician_of_practice",
    "iris_commissioner",
    "jack_administrator_of_practice",
    "gus_care_home_staff",
    "bea_clinician_elsewhere",
    "rose_herself",
)
Json = dict[str, Any]
SUMMARY = "/v1/outcomes/summary"
CSV_HEADER = "patient_id,kind,started_at,organisation_ods_code,external_id,source"


def contact(cast: Cast, day: date, minute: int = 0, **more: Any) -> Json:
    return {
        "kind": "gp_face_to_face",
        "started_at": noon(day, minute).isoformat(),
        "organisation_id": str(cast.organisations["practice"]),
    } | more


async def post_contacts(client: AsyncClient, patient: UUID, *contacts: Json) -> Response:
    return await client.post("/v1/contacts", json={"patient_id": str(patient), "contacts": list(contacts)})


async def send_file(client: AsyncClient, content: bytes, kind: str = "text/csv") -> Response:
    return await client.post("/v1/contacts/imports", content=content, headers={"content-type": kind})


async def made(answer: Response) -> str:
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


@pytest.fixture
def cut_off() -> date:
    return data_cut_off(london_date(utc_now()))


@pytest.fixture
def joined(cut_off: date) -> date:
    return cut_off - timedelta(days=100)


@pytest.fixture
async def pathway(client_of: ClientOf, cast: Cast) -> str:
    body = {
        "commissioner_id": str(cast.organisations["commissioner"]),
        "code": "heart-failure",
        "name": "=Heart failure at home",
        "description": "Daily signs, a call every week.",
    }
    return await made(await client_of(IRIS).post("/v1/pathways", json=body))


@pytest.fixture
async def people(client_of: ClientOf, session: AsyncSession, cast: Cast, pathway: str, joined: date) -> list[UUID]:
    """Return ten of Asha's patients, enrolled a hundred days before the cut-off."""
    found = await add_people(session, cast, 10)
    for person in found:
        known_from = joined - timedelta(days=800)
        body = {
            "patient_id": str(person),
            "enrolled_on": joined.isoformat(),
            "known_from": known_from.isoformat(),
        }
        await made(await client_of(ASHA).post(f"/v1/pathways/{pathway}/enrolments", json=body))
    return found
