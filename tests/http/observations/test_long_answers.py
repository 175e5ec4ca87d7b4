"""What is encoded past the schemas says what they promise, and no more than the rows do at that moment."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from json import loads
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api import encoding
from api.encoding import LatestTexts
from api.schemas.observations import SeriesOut
from api.schemas.patients import BoardPage
from domain.observations.observation import Observation
from domain.observations.queries import observations_by_ids
from domain.statements import Statement, Work, run
from tests.cast import Cast
from tests.http.conftest import ClientOf
from tests.http.observations.stage import ASHA, BEA

_TAKE_BACK = Statement(
    text(
        "update observation set retracted_at = received_at, retracted_by = :by, retraction_reason = 'Other'"
        " where sign = sign_letter('heart_rate')"
    )
)

_NAMED = text("update observation_latest set observation_id = :id where patient_id = :patient")


def readings(cast: Cast) -> list[dict[str, Any]]:
    """Return one of each shape, and one sent in another unit than it is kept in."""
    at = (cast.now - timedelta(minutes=7)).isoformat()
    return [
        {"client_id": "h", "sign": "heart_rate", "value": 71, "unit": "/min", "effective_at": at},
        {"client_id": "t", "sign": "body_temperature", "value": 98.6, "unit": "[degF]", "effective_at": at},
        {"client_id": "c", "sign": "consciousness_acvpu", "code": "A", "effective_at": at},
        {
            "client_id": "p",
            "sign": "blood_pressure",
            "systolic": 128,
            "diastolic": 79,
            "unit": "mm[Hg]",
            "effective_at": at.replace("+00:00", "+01:00"),
        },
    ]


async def row_of(client_of: ClientOf, who: str, patient_id: object) -> dict[str, Any] | None:
    """Return somebody's row on somebody's board, if there is one; the whole page is held to its description."""
    answer = await client_of(who).get("/v1/board")
    BoardPage.model_validate(loads(answer.content, parse_float=Decimal))
    rows: dict[str, dict[str, Any]] = {row["patient"]["id"]: row for row in answer.json()["items"]}
    return rows.get(str(patient_id))


async def test_a_board_tells_of_each_what_the_latest_of_their_record_tells(cast: Cast, client_of: ClientOf) -> None:
    rose = cast.patients["rose_resident"]
    posted = await client_of(ASHA).post(f"/v1/patients/{rose}/observations", json={"readings": readings(cast)})
    assert posted.json()["stored"] == 4
    latest = (await client_of(ASHA).get(f"/v1/patients/{rose}/observations/latest")).json()["items"]
    for _ in ("as nobody asked before", "as it was kept"):
        row = await row_of(client_of, ASHA, rose)
        assert row is not None
        ages = [
            (told.pop("age_seconds"), before["age_seconds"]) for told, before in zip(row["latest"], latest, strict=True)
        ]
        assert all(now >= before for now, before in ages)  # the clock goes on
        assert row["latest"] == [{name: told[name] for name in told if name != "age_seconds"} for told in latest]


async def test_what_was_put_right_or_taken_back_is_on_no_board_any_more(cast: Cast, client_of: ClientOf) -> None:
    asha, rose = client_of(ASHA), cast.patients["rose_resident"]
    there = f"/v1/patients/{rose}/observations"
    first, second = (dict(readings(cast)[0], client_id=c, effective_at=at) for c, at in _two_instants(cast))
    await asha.post(there, json={"readings": [first, second]})

    async def shown() -> list[tuple[str, float]]:
        row = await row_of(client_of, ASHA, rose)
        assert row is not None
        return [(told["observation"]["status"], told["observation"]["value"]) for told in row["latest"]]

    async def newest() -> str:
        row = await row_of(client_of, ASHA, rose)
        assert row is not None
        return str(row["latest"][0]["observation"]["id"])

    assert await shown() == [("final", 71)]
    right = {"reason": "Misread", "reading": dict(second, client_id="right", value=77)}
    assert (await asha.post(f"{there}/{await newest()}/correction", json=right)).status_code == 201
    assert await shown() == [("corrected", 77)]
    assert (await asha.post(f"{there}/{await newest()}/retraction", json={"reason": "Other"})).status_code == 200
    assert await shown() == [("final", 71)]


def _two_instants(cast: Cast) -> list[tuple[str, str]]:
    return [(name, (cast.now - timedelta(minutes=ago)).isoformat()) for name, ago in (("before", 9), ("after", 5))]


async def test_what_is_taken_back_while_a_board_is_made_is_not_on_it(
    cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    rose = cast.patients["rose_resident"]
    await client_of(ASHA).post(f"/v1/patients/{rose}/observations", json={"readings": readings(cast)})
    looked_up: list[list[UUID]] = []

    async def meanwhile(work: Work, ids: list[UUID]) -> list[Observation]:
        if not looked_up:
            await run(work, _TAKE_BACK, {"by": cast.accounts[ASHA]})
        looked_up.append(ids)
        return await observations_by_ids(work, ids)

    monkeypatch.setattr(encoding, "observations_by_ids", meanwhile)
    row = await row_of(client_of, ASHA, rose)
    assert row is not None
    assert "heart_rate" not in [told["sign"] for told in row["latest"]]
    assert [len(ids) for ids in looked_up] == [4, 3]


@pytest.mark.parametrize("named", ["superseded", "removed"])
async def test_a_board_tells_what_stands_though_the_kept_table_names_what_does_not(
    cast: Cast, client_of: ClientOf, session: AsyncSession, named: str
) -> None:
    asha, rose = client_of(ASHA), cast.patients["rose_resident"]
    there = f"/v1/patients/{rose}/observations"
    posted = await asha.post(there, json={"readings": [readings(cast)[0]]})
    first = posted.json()["verdicts"][0]["observation_id"]
    right = {"reason": "Misread", "reading": dict(readings(cast)[0], client_id="right", value=77)}
    assert (await asha.post(f"{there}/{first}/correction", json=right)).status_code == 201
    wrong = {"id": first if named == "superseded" else uuid4(), "patient": rose}
    await session.execute(_NAMED, wrong)
    row = await row_of(client_of, ASHA, rose)
    assert row is not None
    assert [told["observation"]["value"] for told in row["latest"]] == [77]


async def test_what_is_kept_for_one_board_is_on_no_other(cast: Cast, client_of: ClientOf) -> None:
    rose = cast.patients["rose_resident"]
    await client_of(ASHA).post(f"/v1/patients/{rose}/observations", json={"readings": readings(cast)})
    assert await row_of(client_of, ASHA, rose) is not None
    assert await row_of(client_of, BEA, rose) is None


async def test_a_series_is_as_described_in_the_offset_that_was_asked_for(cast: Cast, client_of: ClientOf) -> None:
    asha, there = client_of(ASHA), f"/v1/patients/{cast.patients['rose_resident']}/observations"
    await asha.post(there, json={"readings": readings(cast)})
    until = cast.now.isoformat().replace("+00:00", "Z")
    for sign, parts in (("heart_rate", None), ("blood_pressure", ["systolic", "diastolic"])):
        answer = await asha.get(f"{there}/series", params={"sign": sign, "until": until})
        told = loads(answer.content, parse_float=Decimal)
        SeriesOut.model_validate(told | {"from_at": told.pop("from")})
        assert (told["until"], told["parts"] and list(told["parts"])) == (until, parts)
    assert told["parts"]["systolic"][0] | {"at": ""} == {"at": "", "n": 1, "min": 128, "max": 128, "mean": 128}


def test_the_text_of_no_more_people_is_kept_than_said() -> None:
    texts = LatestTexts(most_patients=2)
    for each in (1, 2, 1, 3):
        texts.keep(UUID(int=each), {})
    assert len(texts) == 2
