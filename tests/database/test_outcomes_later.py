"""The same question asked again: what moves within a month, and what waits."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.outcomes import commands
from domain.outcomes.commands import EndReason
from domain.outcomes.disclosure import Release
from tests.cast import Cast
from tests.pathway_cast import (
    ASHA,
    add_people,
    assemble_with_pathway,
    enrol,
    noon,
    outcomes,
    visit,
    worked_example,
)


@pytest.fixture
async def cast(session: AsyncSession) -> Cast:
    return await assemble_with_pathway(session)


@pytest.fixture
async def worked(session: AsyncSession, cast: Cast) -> Cast:
    """Return the cast with the worked example's people on the pathway."""
    await worked_example(session, cast)
    return cast


class TestLaterInTheMonth:
    """The same question again, with a few more records in between: nothing that could be told apart moves."""

    async def test_one_more_known_visit_does_not_turn_the_figure(self, session: AsyncSession, worked: Cast) -> None:
        before = (await outcomes(session, worked)).results
        someone = await session.scalar(text("select patient_id from enrolment order by id desc limit 1"))
        await visit(session, worked, someone, [noon(date(2026, 10, 5))])
        assert (await outcomes(session, worked)).results == before

    async def test_eight_more_visits_do(self, session: AsyncSession, worked: Cast) -> None:
        await outcomes(session, worked)
        someone = await session.scalar(text("select patient_id from enrolment order by id desc limit 1"))
        await visit(session, worked, someone, [noon(date(2026, 10, day)) for day in range(1, 9)])
        [found] = (await outcomes(session, worked)).results
        assert found.since.events.value == 20

    async def test_a_few_people_more_wait_and_eight_do_not(self, session: AsyncSession, worked: Cast) -> None:
        before = (await outcomes(session, worked)).results
        people = await add_people(session, worked, 8)
        for person in people[:7]:
            await enrol(session, worked, person, date(2026, 8, 1))
        assert (await outcomes(session, worked)).results == before
        await enrol(session, worked, people[7], date(2026, 8, 1))
        assert (await outcomes(session, worked)).results[0].people.value == 15

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

    async def test_what_was_published_is_held_over_a_while_in_which_nothing_was(
        self, session: AsyncSession, worked: Cast
    ) -> None:
        before = (await outcomes(session, worked)).results
        homes = text("update enrolment set care_home_id = :home")
        await session.execute(homes, {"home": worked.organisations["care_home"]})
        assert (await outcomes(session, worked)).results[0].people.value is None
        for person in await add_people(session, worked, 3):
            await enrol(session, worked, person, date(2026, 8, 1))
        await session.execute(homes, {"home": None})
        assert (await outcomes(session, worked)).results == before

    async def test_one_who_left_is_counted_as_before_until_next_month(
        self, session: AsyncSession, worked: Cast
    ) -> None:
        before = (await outcomes(session, worked)).results
        stays = await session.scalar(text("select id from enrolment where ended_on is null order by id desc limit 1"))
        await commands.end_enrolment(session, worked.actor(ASHA), stays, date(2026, 8, 2), EndReason.withdrew)
        assert (await outcomes(session, worked)).results == before
        december = datetime(2026, 12, 2, 9, tzinfo=UTC)
        later = await outcomes(session, worked, at=december)
        assert later.cut_off == date(2026, 12, 1)
        # 31 + 122 + 40 + (10 + 61) + 26 + 4 * 122, and 1 for who left: 779. It would be 900 had they stayed.
        assert later.results[0].since.person_days.value == 800

    async def test_every_day_of_a_month_asks_about_the_same_windows(self, session: AsyncSession, worked: Cast) -> None:
        told = [await outcomes(session, worked, at=datetime(2026, 11, day, 12, tzinfo=UTC)) for day in (19, 20, 21)]
        assert told[0] == told[1] == told[2]

    async def test_what_one_baseline_showed_holds_for_the_others(self, session: AsyncSession, worked: Cast) -> None:
        """Or the figure since could be asked on four days, once with each baseline."""
        first = (await outcomes(session, worked, baseline=90)).results[0]
        someone = await session.scalar(text("select patient_id from enrolment order by id desc limit 1"))
        await visit(session, worked, someone, [noon(date(2026, 10, 5))])
        second = (await outcomes(session, worked, baseline=180)).results[0]
        assert second.since == first.since
