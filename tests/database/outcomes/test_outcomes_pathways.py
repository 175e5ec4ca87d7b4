"""Pathways, and who is on them: who may know, who may enrol, and dates that cannot be."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import AlreadyExists, Conflict, IllegalTransition, Invalid, NotFound, NotPermitted
from domain.outcomes import commands
from domain.outcomes.commands import EndReason, NewEnrolment, NewPathway
from domain.outcomes.queries import enrolments, visible_pathways
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.pathway_cast import (
    ASHA,
    BORN_ON,
    IRIS,
    PATHWAY,
    audited,
    enrol,
    new_pathway,
)


class TestPathways:
    async def test_a_commissioner_makes_a_pathway_and_sees_it(self, session: AsyncSession, cast: Cast) -> None:
        [found] = await visible_pathways(session, cast.actor(IRIS), limit=5)
        assert (found.id, found.code) == (cast.others[PATHWAY], "heart-failure")

    async def test_who_commissions_and_clinicians_below_know_of_a_pathway_nobody_else(
        self, session: AsyncSession, cast: Cast
    ) -> None:
        knows = {
            IRIS: True,
            ASHA: True,
            "carl_clinician_on_care_team": True,
            "bea_clinician_elsewhere": True,
            "admin": True,
            "jack_administrator_of_practice": False,
            "gus_care_home_staff": False,
            "rose_herself": False,
            "nobody_at_all": False,
        }
        found = {name: bool(await visible_pathways(session, cast.actor(name), limit=5)) for name in knows}
        assert found == knows

    async def test_a_code_stands_for_one_pathway_of_an_owner(self, session: AsyncSession, cast: Cast) -> None:
        with pytest.raises(AlreadyExists):
            await commands.create_pathway(session, cast.actor(IRIS), new_pathway(cast))

    async def test_a_practice_cannot_own_a_pathway(self, session: AsyncSession, cast: Cast) -> None:
        new = NewPathway(cast.organisations["practice"], "own", "Own", "Own")
        with pytest.raises(Invalid):
            await commands.create_pathway(session, cast.actor("jack_administrator_of_practice"), new)

    async def test_nobody_makes_a_pathway_for_an_organisation_outside_their_tree(
        self, session: AsyncSession, cast: Cast
    ) -> None:
        with pytest.raises(NotFound):
            await commands.create_pathway(
                session, cast.actor("jack_administrator_of_practice"), new_pathway(cast, "other")
            )

    async def test_a_clinician_makes_no_pathway(self, session: AsyncSession, cast: Cast) -> None:
        with pytest.raises(NotPermitted):
            await commands.create_pathway(session, cast.actor(ASHA), new_pathway(cast, "other"))


class TestEnrolments:
    async def test_a_clinician_enrols_whom_they_see_and_it_is_audited_and_told(
        self, session: AsyncSession, cast: Cast
    ) -> None:
        rose = cast.patients["rose_resident"]
        made = await enrol(session, cast, rose, date(2026, 8, 1))
        [found] = await enrolments(session, cast.actor(ASHA), cast.others[PATHWAY], after=None, limit=5)
        assert (found.id, found.patient_id, found.known_from, found.ended_on) == (made, rose, BORN_ON, None)
        assert [(row.patient_id, row.subject_id) for row in await audited(session, "enrolment.create")] == [
            (rose, made)
        ]
        assert [row.patient_id for row in await audited(session, "enrolment.list")] == [rose]
        told = await session.execute(text("select kind, patient_id from event_outbox where kind like 'enrolment%'"))
        assert list(told) == [("enrolment.started", rose)]

    async def test_the_enrolment_keeps_the_care_home_the_person_lived_in(
        self, session: AsyncSession, cast: Cast
    ) -> None:
        await enrol(session, cast, cast.patients["rose_resident"], date(2026, 8, 1))
        home = await session.scalar(text("select care_home_id from enrolment"))
        assert home == cast.organisations["care_home"]

    async def test_who_does_not_see_the_person_or_the_pathway_cannot_enrol_them(
        self, session: AsyncSession, cast: Cast
    ) -> None:
        new = NewEnrolment(cast.patients["rose_resident"], date(2026, 8, 1), None)
        for name in ("bea_clinician_elsewhere", "admin", "gus_care_home_staff", "rose_herself"):
            with pytest.raises(NotFound):
                await commands.enrol_patient(session, cast.actor(name), cast.others[PATHWAY], new)
        with pytest.raises(NotPermitted):
            await commands.enrol_patient(session, cast.actor(IRIS), cast.others[PATHWAY], new)

    async def test_a_commissioner_never_sees_who_is_enrolled(self, session: AsyncSession, cast: Cast) -> None:
        for name in (IRIS, "admin"):
            with pytest.raises(NotPermitted):
                await enrolments(session, cast.actor(name), cast.others[PATHWAY], after=None, limit=5)

    async def test_a_clinician_sees_only_their_own_patients_on_a_shared_pathway(
        self, session: AsyncSession, cast: Cast
    ) -> None:
        await enrol(session, cast, cast.patients["rose_resident"], date(2026, 8, 1))
        await enrol(session, cast, cast.patients["sam_at_home"], date(2026, 8, 1))
        carl, bea = cast.actor("carl_clinician_on_care_team"), cast.actor("bea_clinician_elsewhere")
        seen = [await enrolments(session, who, cast.others[PATHWAY], after=None, limit=5) for who in (carl, bea)]
        assert [[each.patient_id for each in found] for found in seen] == [[cast.patients["rose_resident"]], []]

    async def test_one_person_cannot_be_on_a_pathway_twice_at_once(self, session: AsyncSession, cast: Cast) -> None:
        rose = cast.patients["rose_resident"]
        await enrol(session, cast, rose, date(2026, 8, 1), until=date(2026, 9, 1))
        with pytest.raises(Conflict):
            await enrol(session, cast, rose, date(2026, 8, 31))
        await enrol(session, cast, rose, date(2026, 9, 1))
        with pytest.raises(Conflict):
            await enrol(session, cast, rose, date(2026, 10, 1))

    @pytest.mark.parametrize(
        ("registered", "known_from"), [("2026-06-30T23:30:00Z", date(2026, 7, 1)), ("2026-09-01", date(2026, 8, 1))]
    )
    async def test_a_history_of_which_nobody_says_from_when_begins_where_the_person_was_registered(
        self, session: AsyncSession, cast: Cast, registered: str, known_from: date
    ) -> None:
        """Unknown is not none: days before would look like days without a visit. And never after the enrolment."""
        rose = cast.patients["rose_resident"]
        made = text("update patient set created_at = cast(cast(:at as text) as timestamptz) where id = :id")
        await session.execute(made, {"at": registered, "id": rose})
        await enrol(session, cast, rose, date(2026, 8, 1), known_from=None)
        assert await session.scalar(text("select known_from from enrolment")) == known_from

    async def test_dates_that_cannot_be_are_refused(self, session: AsyncSession, cast: Cast) -> None:
        tomorrow, before_birth, day = date(2026, 11, 22), date(1940, 2, 28), date(2026, 8, 1)
        for on, known_from in ((tomorrow, None), (before_birth, None), (day, day + timedelta(days=1))):
            with pytest.raises(Invalid):
                await enrol(session, cast, cast.patients["rose_resident"], on, known_from=known_from)

    async def test_an_enrolment_ends_once_and_not_before_it_began_nor_in_the_future(
        self, session: AsyncSession, cast: Cast
    ) -> None:
        made = await enrol(session, cast, cast.patients["rose_resident"], date(2026, 8, 1))
        for impossible in (date(2026, 7, 31), date(2026, 11, 22)):
            with pytest.raises(Invalid):
                await commands.end_enrolment(session, cast.actor(ASHA), made, impossible, EndReason.died)
        await commands.end_enrolment(session, cast.actor(ASHA), made, date(2026, 9, 1), EndReason.died)
        with pytest.raises(IllegalTransition):
            await commands.end_enrolment(session, cast.actor(ASHA), made, date(2026, 9, 2), EndReason.moved)

    async def test_a_span_that_ends_before_it_begins_is_impossible_even_by_sql(
        self, session: AsyncSession, cast: Cast
    ) -> None:
        made = await enrol(session, cast, cast.patients["rose_resident"], date(2026, 8, 1))
        with pytest.raises(IntegrityError):
            await session.execute(
                text(
                    "update enrolment set ended_on = '2026-07-31', end_reason = 'died',"
                    " end_recorded_at = now(), ended_by = recorded_by where id = :id"
                ),
                {"id": made},
            )

    async def test_two_clinicians_who_enrol_one_person_at_once_enrol_them_once(
        self, committing_database: Database, cast: Cast
    ) -> None:

        async def once(day: int) -> str:
            try:
                async with committing_database.writing() as session:
                    await enrol(session, cast, cast.patients["rose_resident"], date(2026, 8, day))
            except Conflict:
                return "refused"
            return "enrolled"

        assert sorted(await asyncio.gather(*(once(day) for day in range(1, 9)))) == ["enrolled"] + ["refused"] * 7
