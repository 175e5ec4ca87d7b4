"""The same question asked again: what moves within a month, what waits, and what stands too close to something else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.outcomes import commands
from domain.outcomes.cautions import Caution
from domain.outcomes.commands import EndReason, NewEnrolment
from domain.outcomes.disclosure import Released
from domain.outcomes.policy import Release, Why
from domain.outcomes.release_commands import read_outcomes
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.pathway_cast import (
    ASHA,
    IRIS,
    NOW,
    VISITS,
    add_people,
    enrol,
    new_pathway,
    noon,
    outcomes,
    visit,
)
from tests.waiting import until_somebody_waits


async def figures(session: AsyncSession, cast: Cast, *, baseline: int = 90, at: datetime = NOW) -> list[Released]:
    """Return what is shown, without what is said of its being held."""
    found = (await outcomes(session, cast, baseline=baseline, at=at)).results
    return [
        replace(each, cautions=tuple(caution for caution in each.cautions if not caution.startswith("held")))
        for each in found
    ]


async def someone(session: AsyncSession) -> UUID:
    found: UUID = (
        await session.execute(text("select patient_id from enrolment order by id desc limit 1"))
    ).scalar_one()
    return found


class TestLaterInTheMonth:
    """The same question again, with a few more records in between: nothing that could be told apart moves."""

    async def test_one_more_known_visit_does_not_turn_the_figure(self, session: AsyncSession, worked: Cast) -> None:
        before = await figures(session, worked)
        await visit(session, worked, await someone(session), [noon(date(2026, 10, 5))])
        assert await figures(session, worked) == before
        [held] = (await outcomes(session, worked)).results
        assert Caution.held_this_month in held.cautions
        assert held.shown_on == NOW.date()

    async def test_eight_more_visits_do_once_and_then_nothing_does(self, session: AsyncSession, worked: Cast) -> None:
        await outcomes(session, worked)
        person = await someone(session)
        await visit(session, worked, person, [noon(date(2026, 10, day)) for day in range(1, 9)])
        assert (await figures(session, worked))[0].since.events.value == 20
        await visit(session, worked, person, [noon(date(2026, 10, day)) for day in range(9, 31)])
        [found] = (await outcomes(session, worked)).results
        assert found.since.events.value == 20
        assert Caution.held_until_next_month in found.cautions
        december = datetime(2026, 12, 2, 9, tzinfo=UTC)
        assert (await figures(session, worked, at=december))[0].since.events.value == 45  # 12 + 8 + 22 + 1 of 1 Nov.

    async def test_a_few_people_more_wait_and_eight_do_not(self, session: AsyncSession, worked: Cast) -> None:
        before = await figures(session, worked)
        people = await add_people(session, worked, 8)
        for person in people[:7]:
            await enrol(session, worked, person, date(2026, 8, 1))
        assert await figures(session, worked) == before
        await enrol(session, worked, people[7], date(2026, 8, 1))
        assert (await figures(session, worked))[0].people.value == 15

    async def test_people_who_count_for_no_day_do_not_hide_one_who_does(
        self, session: AsyncSession, worked: Cast
    ) -> None:
        before, joined = await figures(session, worked), date(2026, 8, 1)
        people = await add_people(session, worked, 9)
        for person in people[:8]:
            await enrol(session, worked, person, joined, until=joined)
        await enrol(session, worked, people[8], joined)
        assert await figures(session, worked) == before

    async def test_events_of_a_later_cohort_never_stand_over_the_days_of_an_earlier_one(
        self, session: AsyncSession, worked: Cast
    ) -> None:
        before = await figures(session, worked)
        people = await add_people(session, worked, 10)
        for person in people:
            await enrol(session, worked, person, date(2026, 8, 1))
        for person in people[:7]:
            await visit(session, worked, person, [noon(date(2026, 9, 1))])
        assert await figures(session, worked) == before

    async def test_a_cohort_too_small_to_show_holds_nobody_who_joins_back(
        self, session: AsyncSession, cast: Cast
    ) -> None:
        people = await add_people(session, cast, 11)
        for person in people[:5]:
            await enrol(session, cast, person, date(2026, 8, 1))
        assert (await outcomes(session, cast)).results[0].people.status is Release.suppressed
        for person in people[5:]:
            await enrol(session, cast, person, date(2026, 8, 1))
        assert (await outcomes(session, cast)).results[0].people.value == 10

    async def test_one_who_left_is_counted_as_before_until_next_month(
        self, session: AsyncSession, worked: Cast
    ) -> None:
        before = await figures(session, worked)
        stays = await session.scalar(text("select id from enrolment where ended_on is null order by id desc limit 1"))
        await commands.end_enrolment(session, worked.actor(ASHA), stays, date(2026, 8, 2), EndReason.withdrew)
        assert await figures(session, worked) == before
        december = datetime(2026, 12, 2, 9, tzinfo=UTC)
        later = await outcomes(session, worked, at=december)
        assert later.cut_off == date(2026, 12, 1)
        # 31 + 122 + 40 + (10 + 61) + 26 + 4 * 122, and 1 for who left: 779. It would be 900 had they stayed.
        assert later.results[0].since.person_days.value == 800

    async def test_a_death_told_on_another_pathway_is_held_as_well(self, session: AsyncSession, worked: Cast) -> None:
        before, person = await figures(session, worked), await someone(session)
        other = await other_pathway(session, worked, [person])
        [there] = (
            await session.execute(text("select id from enrolment where pathway_id = :p"), {"p": other})
        ).scalars()
        await commands.end_enrolment(session, worked.actor(ASHA), there, date(2026, 9, 1), EndReason.died)
        assert await figures(session, worked) == before

    async def test_every_day_of_a_month_asks_about_the_same_windows(self, session: AsyncSession, worked: Cast) -> None:
        told = [await figures(session, worked, at=datetime(2026, 11, day, 12, tzinfo=UTC)) for day in (19, 20, 21)]
        assert told[0] == told[1] == told[2]

    async def test_what_one_baseline_showed_holds_for_the_others(self, session: AsyncSession, worked: Cast) -> None:
        """Or the figure since could be asked on four days, once with each baseline."""
        first = (await outcomes(session, worked, baseline=90)).results[0]
        await visit(session, worked, await someone(session), [noon(date(2026, 10, 5))])
        second = (await outcomes(session, worked, baseline=180)).results[0]
        assert second.since == first.since


async def other_pathway(session: AsyncSession, cast: Cast, people: list[UUID], code: str = "another") -> UUID:
    """Return another pathway of the same commissioner with these people on it since 1 August."""
    made = await commands.create_pathway(session, cast.actor(IRIS), new_pathway(cast, code))
    for person in people:
        new = NewEnrolment(person, date(2026, 8, 1), date(2020, 1, 1))
        await commands.enrol_patient(session, cast.actor(ASHA), made, new)
    return made


async def shown_of(session: AsyncSession, cast: Cast, pathway: UUID) -> Released:
    asked = await read_outcomes(session, cast.actor(IRIS), pathway, measures=[VISITS], baseline_days=90)
    return asked.results[0]


class TestOtherPathways:
    """Pathways made to differ by a person would tell of that person by subtraction."""

    async def test_one_whose_people_are_those_of_another_but_for_a_few_shows_nothing(
        self, session: AsyncSession, cast: Cast
    ) -> None:
        people = await add_people(session, cast, 24)
        first = await other_pathway(session, cast, people[:10], "first")
        close = [
            await other_pathway(session, cast, chosen, f"close-{number}")
            for number, chosen in enumerate((people[:9], people[:11], people[2:13]))
        ]
        far = await other_pathway(session, cast, people[:18], "far")
        apart = await other_pathway(session, cast, people[10:], "apart")
        assert (await shown_of(session, cast, first)).people.value == 10
        for pathway in close:
            found = await shown_of(session, cast, pathway)
            assert (found.people.value, found.since.events.reason) == (None, Why.too_close_to_another)
        assert (await shown_of(session, cast, far)).people.value == 20
        assert (await shown_of(session, cast, apart)).people.value == 15
        assert (await shown_of(session, cast, first)).people.value == 10

    async def test_the_same_people_for_other_days_are_other_people(self, session: AsyncSession, cast: Cast) -> None:
        people = await add_people(session, cast, 10)
        await shown_of(session, cast, await other_pathway(session, cast, people, "first"))
        again = await other_pathway(session, cast, people[:9], "again")
        new = NewEnrolment(people[9], date(2026, 8, 2), date(2020, 1, 1))
        await commands.enrol_patient(session, cast.actor(ASHA), again, new)
        assert (await shown_of(session, cast, again)).since.events.reason == Why.too_close_to_another

    async def test_a_copy_of_a_pathway_tells_nothing_newer(self, session: AsyncSession, cast: Cast) -> None:
        people = await add_people(session, cast, 10)
        for person in people:
            await visit(session, cast, person, [noon(date(2026, 9, 1)), noon(date(2026, 9, 2))])
        first = await shown_of(session, cast, await other_pathway(session, cast, people, "first"))
        for day in range(3, 10):
            await visit(session, cast, people[0], [noon(date(2026, 9, day))])
        copy = await shown_of(session, cast, await other_pathway(session, cast, people, "copy"))
        assert copy.since.events.value == first.since.events.value == 20

    async def test_two_pathways_asked_for_at_the_same_moment_are_held_apart(
        self, committing_database: Database, cast: Cast
    ) -> None:
        async with committing_database.writing() as session:
            people = await add_people(session, cast, 10)
            both = [await other_pathway(session, cast, chosen, f"p-{len(chosen)}") for chosen in (people, people[:9])]

        async def ask(pathway: UUID) -> float | None:
            async with committing_database.writing() as session:
                return (await shown_of(session, cast, pathway)).people.value

        async with committing_database.writing() as session:
            await shown_of(session, cast, both[0])
            waiting = asyncio.create_task(ask(both[1]))
            await until_somebody_waits(committing_database)
        assert await waiting is None
