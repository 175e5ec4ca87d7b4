"""One account belongs to one patient, and to none if it administers, also when two things are done at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Role
from domain.accounts.commands import NewMembership, grant_membership
from domain.errors import Conflict
from domain.people.commands import NewPatient, link_account, register_patient
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.in_one_role import entered
from tests.waiting import until_somebody_waits


async def test_of_two_who_link_one_account_at_once_one_is_told_of_the_conflict(
    committing_database: Database, cast: Cast
) -> None:
    async with committing_database.writing() as session:
        asha = cast.actor("asha_clinician_of_practice")
        patients = [
            await register_patient(
                session, asha, NewPatient("Una", name, date(1950, 5, 5), cast.organisations["practice"], None)
            )
            for name in ("First", "Second")
        ]

    async def link(patient_id: UUID) -> str:
        try:
            async with committing_database.writing() as session:
                await entered(session, asha)
                await link_account(session, asha, patient_id, cast.accounts["nobody_at_all"])
        except Conflict:
            return "conflict"
        return "linked"

    assert sorted(await asyncio.gather(*map(link, patients))) == ["conflict", "linked"]


@pytest.mark.parametrize("first", ["the link", "the role"])
async def test_of_a_role_that_sees_no_person_and_a_record_of_one_s_own_at_once_the_second_is_refused(
    committing_database: Database, cast: Cast, first: str
) -> None:
    asha, account_id = cast.actor("asha_clinician_of_practice"), cast.accounts["nobody_at_all"]
    async with committing_database.writing() as session:
        una = NewPatient("Una", "New", date(1950, 5, 5), cast.organisations["practice"], None)
        patient_id = await register_patient(session, asha, una)

    async def link(session: AsyncSession) -> None:
        await link_account(session, asha, patient_id, account_id)

    async def give(session: AsyncSession) -> None:
        role = NewMembership(account_id, cast.organisations["practice"], Role.administrator, None)
        await grant_membership(session, cast.actor("admin"), role)

    async def alone(deed: Callable[[AsyncSession], Awaitable[None]]) -> None:
        async with committing_database.writing() as session:
            await entered(session, asha)
            await deed(session)

    done, refused = (link, give) if first == "the link" else (give, link)
    async with committing_database.writing() as session:
        await entered(session, asha)
        await done(session)
        second = asyncio.ensure_future(alone(refused))
        await until_somebody_waits(committing_database)
    with pytest.raises(Conflict, match="another account"):
        await second
