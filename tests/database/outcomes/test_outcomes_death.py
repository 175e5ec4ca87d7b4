"""Death is a fact of the person: recorded on one pathway, it holds on all of them."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import Conflict
from domain.outcomes import commands
from domain.outcomes.commands import EndReason, NewEnrolment
from domain.outcomes.contact import ContactOutcome, ContactRefusal
from domain.outcomes.contact_commands import record_contacts
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.databases import Troupe, Troupes
from tests.import_cast import csv_of, imported, row, transactions_within
from tests.pathway_cast import (
    ASHA,
    IRIS,
    PATHWAY,
    assemble_with_pathway,
    audited,
    claim,
    enrol,
    new_pathway,
    noon,
    outcomes,
    worked_example,
)
from tests.waiting import until_somebody_waits

OTHER = "another pathway"
DIED_ON = date(2026, 9, 1)


@pytest.fixture(scope="module")
def troupe(troupes: Troupes) -> Troupe:
    return troupes.assembled_by(assemble_with_two_pathways)


async def assemble_with_two_pathways(session: AsyncSession) -> Cast:
    cast = await assemble_with_pathway(session)
    cast.others[OTHER] = await commands.create_pathway(session, cast.actor(IRIS), new_pathway(cast, "another"))
    return cast


async def enrol_on(session: AsyncSession, cast: Cast, pathway: str, patient: UUID, on: date) -> UUID:
    new = NewEnrolment(patient, on, date(2020, 1, 1))
    return await commands.enrol_patient(session, cast.actor(ASHA), cast.others[pathway], new)


async def ends(session: AsyncSession) -> list[tuple[date | None, str | None]]:
    rows = await session.execute(text("select ended_on, end_reason from enrolment order by id"))
    return [(row.ended_on, row.end_reason) for row in rows]


async def test_a_death_ends_the_persons_other_enrolments_that_day_and_each_is_audited_and_told(
    session: AsyncSession, cast: Cast
) -> None:
    rose = cast.patients["rose_resident"]
    here = await enrol(session, cast, rose, date(2026, 8, 1))
    there = await enrol_on(session, cast, OTHER, rose, date(2026, 7, 1))
    await commands.end_enrolment(session, cast.actor(ASHA), here, DIED_ON, EndReason.died)
    assert await ends(session) == [(DIED_ON, "died")] * 2
    assert sorted(event.subject_id for event in await audited(session, "enrolment.end")) == sorted([here, there])
    told = await session.execute(
        text("select subject_ids from event_outbox where kind = 'enrolment.ended' order by id")
    )
    assert sorted(each for ids in told.scalars() for each in ids) == sorted([here, there])


async def test_another_end_than_death_leaves_the_other_pathways_alone(session: AsyncSession, cast: Cast) -> None:
    rose = cast.patients["rose_resident"]
    here = await enrol(session, cast, rose, date(2026, 8, 1))
    await enrol_on(session, cast, OTHER, rose, date(2026, 7, 1))
    await commands.end_enrolment(session, cast.actor(ASHA), here, DIED_ON, EndReason.moved)
    assert await ends(session) == [(DIED_ON, "moved"), (None, None)]


async def test_a_death_that_was_recorded_late_leaves_no_days_to_what_began_after_it(
    session: AsyncSession, cast: Cast
) -> None:
    rose, began_later = cast.patients["rose_resident"], date(2026, 9, 20)
    here = await enrol(session, cast, rose, date(2026, 8, 1))
    await enrol_on(session, cast, OTHER, rose, began_later)
    await commands.end_enrolment(session, cast.actor(ASHA), here, DIED_ON, EndReason.died)
    assert await ends(session) == [(DIED_ON, "died"), (began_later, "died")]


async def test_nobody_is_enrolled_from_the_day_of_death_on_and_an_earlier_time_ends_with_it(
    session: AsyncSession, cast: Cast
) -> None:
    rose = cast.patients["rose_resident"]
    await enrol(session, cast, rose, date(2026, 8, 1), until=DIED_ON, reason=EndReason.died)
    for pathway in (PATHWAY, OTHER):
        with pytest.raises(Conflict, match="A death is recorded"):
            await enrol_on(session, cast, pathway, rose, DIED_ON)
    await enrol_on(session, cast, OTHER, rose, date(2026, 7, 1))
    assert await ends(session) == [(DIED_ON, "died")] * 2


async def test_a_death_on_another_pathway_caps_the_days_of_this_one(session: AsyncSession, cast: Cast) -> None:
    """The worked example has 634 days: one who had 92 of them died on 2 August, and so has 1."""
    await worked_example(session, cast)
    someone = await session.scalar(text("select patient_id from enrolment where ended_on is null order by id desc"))
    there = await enrol_on(session, cast, OTHER, someone, date(2026, 7, 1))
    await commands.end_enrolment(session, cast.actor(ASHA), there, date(2026, 8, 2), EndReason.died)
    assert (await outcomes(session, cast)).results[0].since.person_days.value == 550  # 634 - 91 = 543
    await session.execute(
        text(
            "update enrolment set ended_on = null, end_reason = null, end_recorded_at = null,"
            " ended_by = null where patient_id = :id and pathway_id = :here"
        ),
        {"id": someone, "here": cast.others[PATHWAY]},
    )  # as before deaths were told to all
    await session.execute(text("delete from outcome_release"))
    assert (await outcomes(session, cast)).results[0].since.person_days.value == 550


async def test_a_contact_after_the_day_of_death_is_refused_and_one_on_it_is_not(
    session: AsyncSession, cast: Cast
) -> None:
    rose = cast.patients["rose_resident"]
    await enrol(session, cast, rose, date(2026, 8, 1), until=DIED_ON, reason=EndReason.died)
    told = [claim(cast, noon(day)) for day in (date(2026, 8, 31), DIED_ON, date(2026, 9, 2))]
    verdicts = await record_contacts(session, cast.actor(ASHA), rose, told)
    assert [(verdict.outcome, verdict.refusal) for verdict in verdicts] == [
        (ContactOutcome.stored, None),
        (ContactOutcome.stored, None),
        (ContactOutcome.refused, ContactRefusal.after_death),
    ]


async def test_a_file_does_not_tell_its_sender_who_died(session: AsyncSession, cast: Cast) -> None:
    await enrol(
        session, cast, cast.patients["rose_resident"], date(2025, 8, 1), until=date(2026, 1, 1), reason=EndReason.died
    )
    found = await imported(transactions_within(session), cast, csv_of(row(1)))
    assert (found.state, found.rows_stored, found.faults_total) == ("stored", 1, 0)


async def test_one_who_enrols_while_a_death_is_being_recorded_waits_and_learns_of_it(
    committing_database: Database, cast: Cast
) -> None:
    async with committing_database.writing() as session:
        rose = cast.patients["rose_resident"]
        here = await enrol(session, cast, rose, date(2026, 8, 1))

    async def elsewhere() -> None:
        async with committing_database.writing() as session:
            await enrol_on(session, cast, OTHER, rose, date(2026, 10, 1))

    async with committing_database.writing() as session:
        await commands.end_enrolment(session, cast.actor(ASHA), here, DIED_ON, EndReason.died)
        waiting = asyncio.create_task(elsewhere())
        await until_somebody_waits(committing_database)
    with pytest.raises(Conflict):
        await waiting
