"""One account belongs to one patient, also when two link it at once."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID

from domain.errors import Conflict
from domain.people.commands import NewPatient, link_account, register_patient
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.in_one_role import entered


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
