"""A reading's id follows from its sender's, by the database's own working out; what came before is known as it was."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import new_id
from domain.observations.client_id import observation_id, packed
from tests.cast import Cast
from tests.database.observations.stage import pulse, record, rows, told

_WORKED_OUT = text("select observation_id_of(:patient, :stored)")
_AS_BEFORE = text("update observation set id = :id")
ANY_ID = (
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=64)
    | st.uuids().map(str)
    | st.just("0190f3a2-7c1e-7c1e-9c1e-0a0000000001")
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(client_id=ANY_ID, patient=st.uuids())
async def test_the_database_works_out_the_same_id(session: AsyncSession, client_id: str, patient: UUID) -> None:
    stored = packed(client_id)
    worked_out = (await session.execute(_WORKED_OUT, {"patient": patient, "stored": stored})).scalar_one()
    assert worked_out == observation_id(patient, stored)


async def test_an_id_that_does_not_follow_from_the_sender_s_is_refused(session: AsyncSession, cast: Cast) -> None:
    await record(session, cast, pulse(cast))
    another = observation_id(uuid4(), b"c-1")
    with pytest.raises(IntegrityError, match="observation_id_follows"):
        await session.execute(_AS_BEFORE, {"id": another})


async def test_a_reading_from_before_is_still_known_by_its_sender_s_id(session: AsyncSession, cast: Cast) -> None:
    await record(session, cast, pulse(cast, "c-1"))
    await session.execute(_AS_BEFORE, {"id": new_id()})
    again = await record(session, cast, pulse(cast, "c-1"), pulse(cast, "c-1", "80", minutes_ago=9), pulse(cast, "c-2"))
    assert told(again) == ["duplicate", "conflict", "duplicate"]
    assert len(await rows(session)) == 1


async def test_of_several_that_a_sender_calls_by_one_id_the_first_that_can_be_is_stored(
    session: AsyncSession, cast: Cast
) -> None:
    same = [pulse(cast, "c-1", str(70 + n), minutes_ago=n) for n in (1, 2, 1)]
    assert told(await record(session, cast, *same, pulse(cast, "c-2", minutes_ago=7))) == [
        "stored",
        "conflict",
        "duplicate",
        "stored",
    ]
    assert len(await rows(session)) == 2
