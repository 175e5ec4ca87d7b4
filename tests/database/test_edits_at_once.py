"""Of many who edit the same thing at once, having seen the same, exactly one wins: on real connections, committed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.commands import rename_account, rename_organisation
from domain.accounts.passkey_commands import rename_passkey
from domain.accounts.tables import PasskeyRow
from domain.errors import Stale
from domain.people.care_team_commands import rename_care_team
from domain.people.correction_commands import Particulars, correct_patient
from domain.plans.commands import NewGoal, propose_goal
from domain.plans.rewording_commands import Wording, reword_goal
from integrations.postgres.client import Database
from tests.cast import Cast

ASHA, ADMIN = "asha_clinician_of_practice", "admin"
WRITERS = 8

Edit = Callable[[AsyncSession, Cast, UUID, str, frozenset[int]], Awaitable[None]]


async def _patient(session: AsyncSession, cast: Cast, about: UUID, name: str, seen: frozenset[int]) -> None:
    new = Particulars(name, "Resident", date(1940, 2, 29), None)
    await correct_patient(session, cast.actor(ASHA), about, new, seen)


async def _goal(session: AsyncSession, cast: Cast, about: UUID, name: str, seen: frozenset[int]) -> None:
    rose = cast.patients["rose_resident"]
    words = Wording(name, None, None)
    await reword_goal(session, cast.actor("rose_herself"), rose, about, words, note=None, seen=seen)


async def _organisation(session: AsyncSession, cast: Cast, about: UUID, name: str, seen: frozenset[int]) -> None:
    await rename_organisation(session, cast.actor(ADMIN), about, name, seen)


async def _account(session: AsyncSession, cast: Cast, about: UUID, name: str, seen: frozenset[int]) -> None:
    await rename_account(session, cast.actor(ADMIN), about, name, seen)


async def _team(session: AsyncSession, cast: Cast, about: UUID, name: str, seen: frozenset[int]) -> None:
    await rename_care_team(session, cast.actor(ASHA), about, name, seen)


async def _passkey(session: AsyncSession, cast: Cast, about: UUID, name: str, seen: frozenset[int]) -> None:
    await rename_passkey(session, cast.actor(ASHA), about, name, seen)


async def _kept_passkey(session: AsyncSession, cast: Cast) -> UUID:
    kept = PasskeyRow(
        account_id=cast.accounts[ASHA],
        credential_id=b"of a tablet",
        public_key=b"its public half",
        sign_count=0,
        backed_up=False,
        name="My tablet",
        made_at=cast.now,
    )
    session.add(kept)
    await session.flush()
    return kept.id


@pytest.mark.parametrize(
    ("table", "edit"),
    [
        ("patient", _patient),
        ("goal", _goal),
        ("organisation", _organisation),
        ("account", _account),
        ("care_team", _team),
        ("passkey", _passkey),
    ],
)
async def test_of_many_who_edit_the_same_at_once_exactly_one_wins(
    table: str, edit: Edit, committing_database: Database, cast: Cast
) -> None:
    database = committing_database
    async with database.writing() as session:
        rose, herself = cast.patients["rose_resident"], cast.actor("rose_herself")
        goal = await propose_goal(session, herself, rose, NewGoal("To walk"))
        about = {
            "patient": rose,
            "goal": goal,
            "organisation": cast.organisations["practice"],
            "account": cast.accounts["nobody_at_all"],
            "care_team": cast.others["team"],
            "passkey": await _kept_passkey(session, cast),
        }[table]
        version = await _version(session, table, about)

    async def attempt(number: int) -> bool:
        try:
            async with database.writing() as session:
                await edit(session, cast, about, f"Writer {number}", frozenset({version}))
        except Stale:
            return False
        return True

    won = await asyncio.gather(*(attempt(number) for number in range(WRITERS)))
    assert won.count(True) == 1
    async with database.reading() as session:
        assert await _version(session, table, about) == version + 1
        named = {"patient": "given_name", "goal": "description", "account": "display_name"}.get(table, "name")
        stands = await session.execute(text(f"select {named} from {table} where id = :id"), {"id": about})
        assert stands.scalar_one() == f"Writer {won.index(True)}"


async def _version(session: AsyncSession, table: str, about: UUID) -> int:
    found: Any = await session.execute(text(f"select version from {table} where id = :id"), {"id": about})
    return int(found.scalar_one())
