"""Recording: what is kept of an accepted reading, in its own shape, and who is told of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import Invalid
from domain.observations.queries import observations_by_ids
from domain.observations.reading import Reading
from domain.observations.verdict import Outcome
from tests.cast import Cast
from tests.database.observations.stage import GUS, ROSE, audited, pulse, record, rows, told

BST = timezone(timedelta(hours=1))


async def test_an_accepted_reading_is_kept_in_utc_with_its_own_offset_value_and_unit_and_who_recorded_it(
    session: AsyncSession, cast: Cast
) -> None:
    at = (cast.now - timedelta(hours=3)).astimezone(BST)
    (verdict,) = await record(
        session, cast, Reading("c-1", "body_temperature", at, "[degF]", Decimal("98.60"), source="ear-7"), by=GUS
    )
    assert (verdict.outcome, verdict.client_id) == (Outcome.stored, "c-1")
    (row,) = await rows(session)
    assert row.id == verdict.observation_id
    assert (row.effective_at, row.effective_offset_minutes, row.received_at) == (at, 60, cast.now)
    assert (row.value, str(row.original_value), row.original_unit) == (37, "98.60", "[degF]")
    assert (row.patient_id, row.recorded_by) == (cast.patients["rose_resident"], cast.accounts[GUS])
    assert (row.recorded_as, row.source, row.confirmed, row.clock_skew_seconds) == ("h", "ear-7", False, None)


@pytest.mark.parametrize("sent", ["71", "71.4", "71.40"])
async def test_a_number_that_is_kept_as_it_was_sent_is_stored_once_and_told_as_both(
    session: AsyncSession, cast: Cast, sent: str
) -> None:
    reading = Reading("c-1", "body_weight", cast.now, "kg", Decimal(sent))
    (verdict,) = await record(session, cast, reading, by=GUS)
    (row,) = await rows(session)
    assert (str(row.value), row.original_value) == (sent, None)
    assert verdict.observation_id is not None
    (found,) = await observations_by_ids(session, [verdict.observation_id])
    assert (str(found.value), str(found.original_value), found.recorded_as) == (sent, sent, "care_home")


async def test_pairs_and_coded_signs_are_kept_in_their_own_shape(session: AsyncSession, cast: Cast) -> None:
    at = cast.now - timedelta(minutes=1)
    pressure = Reading("bp", "blood_pressure", at, "mm[Hg]", systolic=Decimal(128), diastolic=Decimal("81.5"))
    verdicts = await record(session, cast, pressure, Reading("acvpu", "consciousness_acvpu", at, code="V"), by=GUS)
    assert told(verdicts) == ["stored", "stored"]
    coded, pair = await rows(session)
    assert (coded.code, coded.value, coded.original_unit) == ("V", None, None)
    assert (pair.systolic, pair.diastolic, pair.value, pair.original_unit) == (128, Decimal("81.5"), None, "mm[Hg]")


async def test_the_clock_skew_of_the_phone_is_recorded(session: AsyncSession, cast: Cast) -> None:
    ahead = pulse(cast, "ahead", effective_at=cast.now + timedelta(seconds=90))
    assert told(await record(session, cast, ahead, pulse(cast, "past"))) == ["stored", "stored"]
    five_behind = cast.now - timedelta(minutes=5)
    assert told(await record(session, cast, pulse(cast, "sent", minutes_ago=9), sent_at=five_behind)) == ["stored"]
    assert {row.client_id: row.clock_skew_seconds for row in await rows(session)} == {
        b"ahead": 90,
        b"past": None,
        b"sent": -300,
    }


async def test_a_phone_whose_clock_is_years_off_is_refused_as_a_whole(session: AsyncSession, cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        await record(session, cast, pulse(cast), sent_at=datetime(2001, 1, 1, tzinfo=UTC))
    assert refused.value.faults[0].pointer == "/sent_at"
    assert await rows(session) == []


async def test_what_was_stored_is_told_in_the_same_transaction_a_hundred_to_an_event(
    session: AsyncSession, cast: Cast
) -> None:
    await session.execute(text("delete from event_outbox"))
    readings = [pulse(cast, f"c-{n}", minutes_ago=n) for n in range(150)]
    verdicts = await record(session, cast, *readings, readings[0])
    events = list(await session.execute(text("select * from event_outbox order by id")))
    assert {event.kind for event in events} == {"observation.recorded"}
    assert [len(event.subject_ids) for event in events] == [100, 50]
    stored = [v.observation_id for v in verdicts if v.outcome is Outcome.stored]
    assert [subject for event in events for subject in event.subject_ids] == stored
    assert await audited(session) == (150, "self", cast.patients["rose_resident"], cast.accounts[ROSE])
