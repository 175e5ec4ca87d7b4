"""The cases of who may see what, as they were given to us (tests/vectors/bad_inputs.json), one after the other."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from domain.clock import london_date
from domain.ids import new_id
from tests.cast import Cast
from tests.http.access_matrix import ASHA, BEA, CARL, GUS, HAD_OPEN, IRIS, MATRIX, TESS
from tests.http.conftest import ClientOf
from tests.http.scene import set_scene
from tests.http.test_access_matrix import asked, operations, values_of


@pytest.fixture
async def scene(client_of: ClientOf, cast: Cast) -> dict[str, str]:
    return await set_scene(client_of, cast)


def _told(answer: httpx.Response) -> tuple[int, str]:
    """Return what an answer tells, without the id of the request that is in it."""
    return answer.status_code, answer.text.replace(answer.headers["x-request-id"], "")


async def reads(client: httpx.AsyncClient, cast: Cast, scene: dict[str, str]) -> int:
    """Return the status with which an observation of Rose's is read, having seen that absence looks the same."""
    observations = f"/v1/patients/{cast.patients['rose_resident']}/observations"
    answer = await client.get(f"{observations}/{scene['observation_of_rose']}")
    if answer.status_code == 404:
        nobody = await client.get(f"/v1/patients/{new_id()}/observations/{new_id()}")
        assert _told(answer) == _told(nobody)
    return answer.status_code


async def test_authz_001_a_patient_reads_nothing_of_another_s(
    client_of: ClientOf, cast: Cast, scene: dict[str, str]
) -> None:
    assert await reads(client_of(TESS), cast, scene) == 404


async def test_authz_010_a_clinician_elsewhere_is_told_of_nobody(
    client_of: ClientOf, cast: Cast, scene: dict[str, str]
) -> None:
    assert await reads(client_of(ASHA), cast, scene) == 200
    assert await reads(client_of(BEA), cast, scene) == 404


async def test_authz_011_whom_a_team_has_let_go_its_members_see_no_more(
    client_of: ClientOf, cast: Cast, scene: dict[str, str]
) -> None:
    assert await reads(client_of(CARL), cast, scene) == 200
    listed = f"/v1/care-teams/{cast.others['team']}/patients/{cast.patients['rose_resident']}"
    assert (await client_of(ASHA).delete(listed)).status_code == 204
    assert await reads(client_of(CARL), cast, scene) == 404


async def test_authz_013_who_has_moved_out_of_the_home_its_staff_see_no_more_from_that_day_on(
    client_of: ClientOf, cast: Cast, scene: dict[str, str]
) -> None:
    assert await reads(client_of(GUS), cast, scene) == 200
    body = {"until_on": london_date(cast.now).isoformat()}
    ended = await client_of(ASHA).post(f"/v1/residences/{cast.others['residence_of_rose']}/end", json=body)
    assert ended.status_code < 300, ended.text
    assert await reads(client_of(GUS), cast, scene) == 404


async def test_authz_014_a_commissioner_is_refused_at_every_route_of_a_person_whether_or_not_there_is_one(
    app: FastAPI, client_of: ClientOf, cast: Cast, scene: dict[str, str]
) -> None:
    routes: dict[str, APIRoute] = operations(app)
    of_a_person = {name: row for name, row in MATRIX.items() if row.path.startswith("/v1/patients/{rose_resident}")}
    assert len(of_a_person) > 25
    values = values_of(cast, scene)
    elsewhere = values | {"rose_resident": str(new_id())}
    for name, row in of_a_person.items():
        (method,) = routes[name].methods or {"none"}
        real, absent = [await asked(client_of(IRIS), method, row, each) for each in (values, elsewhere)]
        assert real.status_code == 403, name
        assert _told(real)[0] == _told(absent)[0], name
        assert real.json()["detail"] == absent.json()["detail"], name


@pytest.mark.parametrize("name", HAD_OPEN)
async def test_authz_019_who_had_a_record_open_is_told_that_it_is_closed_and_of_nobody_else(
    client_of: ClientOf, cast: Cast, scene: dict[str, str], name: str
) -> None:
    assert await reads(client_of(name), cast, scene) == 403
    assert (await client_of(name).get(f"/v1/patients/{cast.patients['sam_at_home']}")).status_code == 404
