"""Refusing: one bad reading stops no other, and nobody records for a person they have nothing to do with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.ground import Basis
from domain.errors import NotFound
from domain.observations.basis_letter import letter_of
from domain.observations.reading import Reading, Unreadable
from domain.observations.verdict import Refusal, RefusalCode
from tests.cast import Cast
from tests.database.observations.stage import ASHA, CARL, GUS, ROSE, SAM, audited, pulse, record, rows, told, weight


async def test_refused_readings_never_stop_the_others(session: AsyncSession, cast: Cast) -> None:
    at = cast.now
    verdicts = await record(
        session,
        cast,
        Unreadable(None, Refusal(RefusalCode.unknown_field, "role")),
        pulse(cast, "good-1", minutes_ago=1),
        pulse(cast, "naive", effective_at=at.replace(tzinfo=None)),
        pulse(cast, "future", effective_at=at + timedelta(minutes=10)),
        pulse(cast, "y9999", effective_at=datetime(9999, 12, 31, tzinfo=UTC)),
        pulse(cast, "past", effective_at=at - timedelta(days=1900)),
        pulse(cast, "unborn", effective_at=datetime(1940, 2, 28, tzinfo=UTC)),
        replace(pulse(cast, "unitless"), unit=None),
        pulse(cast, "nan", value="NaN"),
        pulse(cast, "odd", value="220", minutes_ago=2),
        pulse(cast, "late", effective_at=at - timedelta(days=1000)),
        by=GUS,
    )
    assert told(verdicts) == [
        "unknown_field",
        "stored",
        "naive_time",
        "future_time",
        "future_time",
        "past_time",
        "before_birth",
        "unit_missing",
        "value_not_finite",
        "needs_confirmation",
        "stored",
    ]
    assert [row.client_id for row in await rows(session)] == [b"late", b"good-1"]


async def test_when_nothing_is_accepted_nothing_is_written_but_the_audit_trail(
    session: AsyncSession, cast: Cast
) -> None:
    await session.execute(text("delete from event_outbox"))
    await record(session, cast, pulse(cast, value="1000"))
    assert await rows(session) == []
    assert (await session.execute(text("select count(*) from event_outbox"))).scalar_one() == 0
    assert await audited(session) == (0, "self", cast.patients["rose_resident"], cast.accounts[ROSE])


async def test_a_weight_is_compared_with_the_one_before_it_in_the_record_and_in_the_batch(
    session: AsyncSession, cast: Cast
) -> None:
    assert told(await record(session, cast, weight(cast, "w1", "80", 30))) == ["stored"]
    verdicts = await record(
        session,
        cast,
        weight(cast, "pounds", "176", 20),
        weight(cast, "w3", "88.1", 10),
        weight(cast, "w2", "84", 19),
        weight(cast, "before-all", "60", 40),
        weight(cast, "w4", "100", 5, confirmed=True),
        weight(cast, "w5", "101", 4),
    )
    assert told(verdicts) == ["needs_confirmation", "stored", "stored", "stored", "stored", "stored"]
    assert verdicts[0].refusal is not None
    assert verdicts[0].refusal.hint == "The number looks like [lb_av] rather than kg."
    # w1 now follows a weight it differs from by a third; it was accepted before, and its repeat is still a repeat.
    assert told(await record(session, cast, weight(cast, "w1", "80", 30))) == ["duplicate"]


@pytest.mark.parametrize(
    ("name", "basis"), [(ROSE, Basis.self_), (GUS, Basis.care_home), (CARL, Basis.care_team), (ASHA, Basis.care_team)]
)
async def test_the_patient_and_those_who_care_for_them_may_record(
    session: AsyncSession, cast: Cast, name: str, basis: Basis
) -> None:
    assert told(await record(session, cast, pulse(cast), by=name)) == ["stored"]
    (row,) = await rows(session)
    assert (row.recorded_by, row.recorded_as) == (cast.accounts[name], letter_of(basis))


@pytest.mark.parametrize(
    "name",
    [
        SAM,
        "bea_clinician_elsewhere",
        "dora_clinician_left_care_team",
        "hope_staff_of_former_home",
        "jack_administrator_of_practice",
        "nobody_at_all",
    ],
)
async def test_nobody_else_learns_that_the_patient_exists(session: AsyncSession, cast: Cast, name: str) -> None:
    with pytest.raises(NotFound):
        await record(session, cast, pulse(cast), by=name)
    assert await rows(session) == []


async def test_a_person_cannot_report_their_own_unconsciousness(session: AsyncSession, cast: Cast) -> None:
    answers = [
        Reading(answer, "consciousness_acvpu", cast.now - timedelta(minutes=minute), code=answer)
        for minute, answer in enumerate("ACVPU")
    ]
    assert told(await record(session, cast, *answers)) == ["stored", "stored", *["code_not_permitted"] * 3]
    assert told(await record(session, cast, *answers, by=GUS)) == ["duplicate", "duplicate", *["stored"] * 3]
