"""One number that many accounts gave: whoever gives its code last is told there, and nobody else is."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import Connection, text

from api.run.first_secrets import new_secret
from domain.access.actor import Actor
from domain.ids import new_id
from domain.keys.resealing_commands import FIRST, reseal_page
from domain.keys.sealing import Sealing
from domain.notifications.address import NewAddress, code_of
from domain.notifications.address_commands import SEALED, confirm_address, keep_address
from domain.notifications.address_queries import Address
from domain.notifications.words import Channel
from integrations.postgres.client import Database
from integrations.postgres.online import Plan
from tests.cast import Cast

AT_ONCE = 40
OLD = new_secret()
SEALING = Sealing.of(OLD)
# Of an installation whose secret was changed: by it the same number has two marks.
CHANGED = Sealing.of(f"{new_secret()} {OLD}")
NUMBER = NewAddress(Channel.sms, "A phone", "+447700900123")
BROWSER = NewAddress(Channel.web_push, "A browser", "{}")
_ACCOUNT = text(
    "insert into account (id, email, display_name, password_hash, organisation_id, created_at)"
    " select cast(:id as uuid), :email, 'One of many', '', organisation_id, created_at from account limit 1"
)
_ENDS = text("select account_id, end_reason, confirmed_at from notice_address order by id")
_IN_USE = text("select account_id from notice_address where ended_at is null and confirmed_at is not null")


async def many(database: Database, cast: Cast) -> list[Actor]:
    """Return accounts that nobody has signed in with."""
    made = [Actor(new_id(), cast.now, request_id="a test") for _ in range(AT_ONCE)]
    async with database.writing() as session:
        for each in made:
            await session.execute(_ACCOUNT, {"id": each.account_id, "email": f"{each.account_id}@example.test"})
    return made


async def keep(database: Database, actor: Actor, new: NewAddress, sealing: Sealing = SEALING) -> Address:
    async with database.writing() as session:
        return await keep_address(session, actor, new, sealing)


async def confirm(database: Database, actor: Actor, given: UUID, sealing: Sealing = SEALING) -> Address | None:
    async with database.writing() as session:
        code = code_of(sealing, given, actor.at)
        return await confirm_address(session, actor, given, code, sealing)


async def told_there(database: Database) -> list[UUID]:
    async with database.reading() as session:
        return [*(await session.execute(_IN_USE)).scalars()]


async def test_of_forty_who_confirm_one_number_at_once_one_is_told_there(
    committing_database: Database, cast: Cast
) -> None:
    everybody = await many(committing_database, cast)
    given = [await keep(committing_database, each, NUMBER) for each in everybody]
    assert await told_there(committing_database) == []

    async def seal_anew() -> None:
        async with committing_database.writing() as session:
            await reseal_page(session, SEALED, CHANGED, FIRST, cast.now)

    confirming = [confirm(committing_database, a, b.id) for a, b in zip(everybody, given, strict=True)]
    done, _ = await asyncio.gather(asyncio.gather(*confirming), seal_anew())
    assert [each.confirmed_at for each in done if each] == [cast.now] * AT_ONCE
    [holder] = await told_there(committing_database)
    async with committing_database.reading() as session:
        rows = (await session.execute(_ENDS)).all()
    assert {row.end_reason for row in rows if row.account_id != holder} == {"taken_over"}
    assert len(rows) == AT_ONCE


async def test_of_forty_who_sign_in_with_one_browser_at_once_one_is_told_there(
    committing_database: Database, cast: Cast
) -> None:
    everybody = await many(committing_database, cast)
    await asyncio.gather(*(keep(committing_database, each, BROWSER) for each in everybody))
    assert len(await told_there(committing_database)) == 1


async def test_a_number_is_taken_over_though_the_installation_s_secret_was_changed_meanwhile(
    committing_database: Database, cast: Cast
) -> None:
    first, second, *_ = await many(committing_database, cast)
    before = await keep(committing_database, first, NUMBER)
    assert await confirm(committing_database, first, before.id)
    after = await keep(committing_database, second, NUMBER, CHANGED)
    assert await told_there(committing_database) == [first.account_id]
    assert await confirm(committing_database, second, after.id, CHANGED)
    assert await told_there(committing_database) == [second.account_id]


async def test_a_number_that_was_confirmed_again_meanwhile_is_not_taken_back_by_a_repeat(
    committing_database: Database, cast: Cast
) -> None:
    first, second, *_ = await many(committing_database, cast)
    before = await keep(committing_database, first, NUMBER)
    after = await keep(committing_database, second, NUMBER)
    for actor, given in ((first, before), (first, before), (second, after), (second, after)):
        assert await confirm(committing_database, actor, given.id)
        assert await told_there(committing_database) == [actor.account_id]


def _down_and_up(connection: Connection) -> None:
    config = Plan().config(connection)
    command.downgrade(config, "0104")
    command.upgrade(config, "head")


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
@pytest.mark.parametrize("is_confirmed", [True, False])
async def test_on_the_way_back_those_that_nobody_confirmed_end_where_another_has_the_same(
    committing_database: Database, cast: Cast, is_confirmed: bool
) -> None:
    first, second, third, *_ = await many(committing_database, cast)
    before = await keep(committing_database, first, NUMBER)
    if is_confirmed:
        assert await confirm(committing_database, first, before.id)
    for each in (second, third):
        await keep(committing_database, each, NUMBER)
    alone = NewAddress(Channel.sms, "Alone", "+447700900999")
    await keep(committing_database, second, alone)
    async with committing_database.engine.connect() as connection:
        await connection.run_sync(_down_and_up)
        await connection.commit()
    async with committing_database.reading() as session:
        rows = (await session.execute(_ENDS)).all()
    ends = [None, "taken_over", "taken_over"] if is_confirmed else ["taken_over", "taken_over", None]
    assert [row.end_reason for row in rows] == [*ends, None]
    assert await keep(committing_database, second, NUMBER)
