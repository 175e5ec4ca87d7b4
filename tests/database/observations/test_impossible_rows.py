"""Rows that make no sense, written past the commands: the database itself refuses them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import new_id
from domain.observations.catalogue import CATALOGUE
from tests.cast import Cast
from tests.database.observations.stage import ROSE, rows

GOOD: dict[str, Any] = {
    "sign": "sign_letter('heart_rate')",
    "effective_at": "now()",
    "received_at": "now()",
    "effective_offset_minutes": "60",
    "confirmed": "false",
    "source": "'manual'",
    "client_id": "'c-1'",
    "recorded_as": "'self'",
    "value": "72",
    "original_value": "72",
    "original_unit": "'/min'",
}
PRESSURE = {
    "sign": "sign_letter('blood_pressure')",
    "value": "null",
    "original_value": "null",
    "original_unit": "'mm[Hg]'",
}
ACVPU = {
    "sign": "sign_letter('consciousness_acvpu')",
    "value": "null",
    "original_value": "null",
    "original_unit": "null",
}


async def insert_directly(session: AsyncSession, cast: Cast, change: dict[str, str]) -> None:
    ids = {"id": new_id(), "patient_id": cast.patients["rose_resident"], "recorded_by": cast.accounts[ROSE]}
    columns = {**{name: f"'{value}'" for name, value in ids.items()}, **GOOD, **change}
    await session.execute(
        text(f"insert into observation ({', '.join(columns)}) values ({', '.join(columns.values())})")
    )


@pytest.mark.parametrize(
    "change",
    [{}, PRESSURE | {"systolic": "120", "diastolic": "80"}, ACVPU | {"code": "'A'"}],
    ids=["a quantity", "a pair", "a code"],
)
async def test_a_row_that_makes_sense_can_be_written_directly(
    session: AsyncSession, cast: Cast, change: dict[str, str]
) -> None:
    await insert_directly(session, cast, change)
    assert len(await rows(session)) == 1


async def test_the_database_knows_the_signs_of_the_catalogue_and_no_other(session: AsyncSession) -> None:
    names = [*CATALOGUE, "mood"]
    letters = list(
        await session.scalars(text("select sign_letter(n) from unnest(cast(:names as text[])) n"), {"names": names})
    )
    assert letters[-1] is None
    assert len(set(letters)) == len(names)
    asked = text('select sign_name(cast(chr(n) as "char")) from generate_series(1, 127) n')
    assert {name for name in await session.scalars(asked) if name is not None} == set(CATALOGUE)
    back = text("select n from unnest(cast(:names as text[])) n where sign_name(sign_letter(n)) is distinct from n")
    assert list(await session.scalars(back, {"names": names})) == ["mood"]


IMPOSSIBLE = [
    {"value": "'NaN'"},
    {"value": "'Infinity'"},
    {"value": "'-Infinity'"},
    {"value": "null"},
    {"value": "1e7"},
    {"original_value": "'NaN'"},
    {"original_unit": "null"},
    {"sign": "sign_letter('mood')"},
    {"sign": "'heart_rate'"},
    {"sign": "null"},
    {"code": "'A'"},
    {"systolic": "120", "diastolic": "80"},
    {"comparator": "'~'"},
    {"effective_at": "'infinity'"},
    {"effective_at": "'-infinity'"},
    {"effective_at": "'1066-10-14'"},
    {"effective_at": "null"},
    {"effective_offset_minutes": "1440"},
    {"client_id": "''"},
    {"client_id": "repeat('x', 65)"},
    {"source": "''"},
    {"patient_id": "gen_random_uuid()"},
    {"recorded_by": "gen_random_uuid()"},
    {"correction_reason": "'because'"},
    {"retracted_at": "now()"},
    {"retraction_reason": "'because'"},
    {"superseded_by_id": "gen_random_uuid()"},
    PRESSURE,
    PRESSURE | {"systolic": "120"},
    PRESSURE | {"diastolic": "80"},
    PRESSURE | {"systolic": "80", "diastolic": "120"},
    PRESSURE | {"systolic": "100", "diastolic": "100"},
    PRESSURE | {"systolic": "'NaN'", "diastolic": "80"},
    PRESSURE | {"systolic": "120", "diastolic": "'-Infinity'"},
    PRESSURE | {"systolic": "120", "diastolic": "80", "value": "100"},
    PRESSURE | {"systolic": "120", "diastolic": "80", "original_unit": "null"},
    ACVPU,
    ACVPU | {"code": "'X'"},
    ACVPU | {"code": "'A'", "value": "1"},
    ACVPU | {"code": "'A'", "original_unit": "'{score}'"},
]


async def test_every_impossible_row_is_refused_by_the_database_itself(session: AsyncSession, cast: Cast) -> None:
    accepted = []
    for change in IMPOSSIBLE:
        try:
            async with session.begin_nested():
                await insert_directly(session, cast, change)
        except DBAPIError:
            continue
        accepted.append(change)
    assert accepted == []


@pytest.mark.parametrize(
    "change", [{"client_id": "'c-2'"}, {"effective_at": "now() - interval '1 hour'"}], ids=["natural key", "client id"]
)
async def test_the_database_itself_refuses_a_second_row_under_either_key(
    session: AsyncSession, cast: Cast, change: dict[str, str]
) -> None:
    await insert_directly(session, cast, {})
    with pytest.raises(DBAPIError):
        await insert_directly(session, cast, change)
