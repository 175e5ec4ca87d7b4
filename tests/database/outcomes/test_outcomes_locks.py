"""The locks of this context, each shown by two who do overlap: without it, the second would not have waited."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import Conflict
from domain.outcomes import commands
from domain.outcomes.commands import EndReason
from domain.outcomes.contact import ContactClaim, ContactOutcome, ContactVerdict
from domain.outcomes.contact_commands import record_contacts
from domain.outcomes.contact_import import rows_of
from domain.outcomes.definitions import ContactKind
from domain.outcomes.import_commands import Claimed, claim_import, conclude_check, stage, start_over, store_some
from domain.outcomes.queries import database_now
from domain.outcomes.release_commands import OutcomeReport
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.import_cast import NOW, csv_of, row, send
from tests.pathway_cast import ASHA, PATHWAY, add_people, enrol, outcomes
from tests.waiting import until_somebody_waits

Deed = Callable[[AsyncSession], Awaitable[Any]]
JOINED = date(2026, 8, 1)


async def one_after_another(database: Database, first: Deed, second: Deed) -> Any:
    """Return what the second does, which must wait until the first has committed."""

    async def of_its_own() -> Any:
        async with database.writing() as session:
            return await second(session)

    async with database.writing() as session:
        await first(session)
        waiting = asyncio.create_task(of_its_own())
        await until_somebody_waits(database)
    return await waiting


async def test_eight_who_enrol_one_person_at_once_do_overlap_and_enrol_them_once(
    committing_database: Database, cast: Cast
) -> None:
    """Each on its own day, so that no unique index steps in for the lock: ended, they overlap no less."""
    rose, ready, entered = cast.patients["rose_resident"], asyncio.Event(), 0

    async def once(day: int) -> str:
        nonlocal entered
        try:
            async with committing_database.writing() as session:
                await session.execute(text("select 1"))
                entered += 1
                if entered == 8:
                    ready.set()
                await ready.wait()
                joined = date(2026, 8, day)
                made = await enrol(session, cast, rose, joined)
                last = date(2026, 9, 1)
                await commands.end_enrolment(session, cast.actor(ASHA), made, last, EndReason.completed)
        except Conflict:
            return "refused"
        return "enrolled"

    assert sorted(await asyncio.gather(*(once(day) for day in range(1, 9)))) == ["enrolled"] + ["refused"] * 7


async def test_figures_wait_for_an_enrolment_under_way_and_count_it(committing_database: Database, cast: Cast) -> None:
    """Else it would bear an earlier instant than the cohort from which it is absent, and never count as a change."""
    async with committing_database.writing() as session:
        people = await add_people(session, cast, 8)
        for person in people[:7]:
            await enrol(session, cast, person, JOINED)
    report = await one_after_another(
        committing_database,
        lambda session: enrol(session, cast, people[7], JOINED),
        lambda session: outcomes(session, cast),
    )
    assert report.results[0].people.value == 10


async def test_an_enrolment_waits_for_figures_being_counted_and_bears_a_later_instant(
    committing_database: Database, cast: Cast
) -> None:
    async with committing_database.writing() as session:
        people = await add_people(session, cast, 9)
        for person in people[:8]:
            await enrol(session, cast, person, JOINED)
    await one_after_another(
        committing_database,
        lambda session: outcomes(session, cast),
        lambda session: enrol(session, cast, people[8], JOINED),
    )
    async with committing_database.reading() as session:
        later = text("select max(recorded_at) > (select max(cohort_at) from outcome_release) from enrolment")
        assert await session.scalar(later)


async def test_figures_wait_for_an_enrolment_that_has_its_instant_and_is_not_written_yet(
    committing_database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or its instant would be the earlier one, and the cohort that lacks it the later."""
    has_instant, may_write = asyncio.Event(), asyncio.Event()
    async with committing_database.writing() as session:
        people = await add_people(session, cast, 8)
        for person in people[:7]:
            await enrol(session, cast, person, JOINED)

    async def slowly(session: AsyncSession) -> datetime:
        now = await database_now(session)
        has_instant.set()
        await may_write.wait()
        return now

    async def enrolling() -> None:
        async with committing_database.writing() as session:
            await enrol(session, cast, people[7], JOINED)

    async def asking() -> OutcomeReport:
        async with committing_database.writing() as session:
            return await outcomes(session, cast)

    monkeypatch.setattr(commands, "database_now", slowly)
    eighth = asyncio.create_task(enrolling())
    await has_instant.wait()
    report = asyncio.create_task(asking())
    try:
        await until_somebody_waits(committing_database)
    finally:
        may_write.set()
    await eighth
    assert (await report).results[0].people.value == 10


async def test_an_end_waits_for_figures_being_counted(committing_database: Database, cast: Cast) -> None:
    async with committing_database.writing() as session:
        made = await enrol(session, cast, cast.patients["rose_resident"], JOINED)
    await one_after_another(
        committing_database,
        lambda session: outcomes(session, cast),
        lambda session: commands.end_enrolment(session, cast.actor(ASHA), made, date(2026, 9, 1), EndReason.moved),
    )


async def test_a_death_waits_for_the_figures_of_every_pathway_that_it_ends(
    committing_database: Database, cast: Cast
) -> None:
    """The death is told on another pathway: this one's cohort is no less the same while it is counted."""
    rose, here = cast.patients["rose_resident"], cast.others[PATHWAY]
    async with committing_database.writing() as session:
        await enrol(session, cast, rose, JOINED)
        new = commands.NewPathway(cast.organisations["commissioner"], "other", "Other", "Other")
        cast.others[PATHWAY] = await commands.create_pathway(session, cast.actor("iris_commissioner"), new)
        there = await enrol(session, cast, rose, JOINED)
    cast.others[PATHWAY] = here
    await one_after_another(
        committing_database,
        lambda session: outcomes(session, cast),
        lambda session: commands.end_enrolment(session, cast.actor(ASHA), there, date(2026, 9, 1), EndReason.died),
    )


async def test_two_workers_that_claim_at_once_are_given_one_import(committing_database: Database, cast: Cast) -> None:
    for number in (1, 2):
        await send(committing_database.writing, cast, csv_of(row(number)))
    claimed: list[Claimed | None] = []

    async def claim(session: AsyncSession) -> None:
        claimed.append(await claim_import(session, NOW))

    await one_after_another(committing_database, claim, claim)
    assert [each is not None for each in claimed] == [True, False]


async def _tell_by_hand(session: AsyncSession, cast: Cast) -> list[ContactVerdict]:
    """Tell the contact of the file's first row without the name that its sender has for it."""
    at = datetime.fromisoformat("2026-03-29T14:00:01+01:00")
    nameless = ContactClaim(ContactKind.gp_telephone, at, cast.organisations["practice"], "manual", None)
    return await record_contacts(session, cast.actor(ASHA), cast.patients["rose_resident"], [nameless])


async def test_a_contact_told_by_hand_waits_for_the_row_being_stored_and_is_the_same_one(
    committing_database: Database, cast: Cast
) -> None:
    claimed = await checked(committing_database, cast)
    [verdict] = await one_after_another(
        committing_database,
        lambda session: store_some(session, claimed, now=NOW),
        lambda session: _tell_by_hand(session, cast),
    )
    assert verdict.outcome is ContactOutcome.stored, "it takes over the row that does not count yet"
    async with committing_database.reading() as session:
        assert await session.scalar(text("select count(*) from contact")) == 1


async def test_a_row_waits_for_the_contact_being_told_by_hand_and_is_the_same_one(
    committing_database: Database, cast: Cast
) -> None:
    claimed = await checked(committing_database, cast)
    await one_after_another(
        committing_database,
        lambda session: _tell_by_hand(session, cast),
        lambda session: store_some(session, claimed, now=NOW),
    )
    async with committing_database.reading() as session:
        assert await session.scalar(text("select count(*) from contact")) == 1
        assert (await session.execute(text("select rows_stored, rows_duplicate from contact_import"))).one() == (0, 1)


async def checked(database: Database, cast: Cast) -> Claimed:
    """Return a claimed import of one row, which is about to be stored."""
    content = csv_of(row(1))
    await send(database.writing, cast, content)
    async with database.writing() as session:
        claimed = await claim_import(session, NOW)
        assert claimed is not None
        await start_over(session, claimed, now=NOW + timedelta(seconds=1))
        await stage(session, claimed, list(rows_of(content, received_at=NOW)), now=NOW)
        assert await conclude_check(session, claimed, now=NOW) == "storing"
    return claimed
