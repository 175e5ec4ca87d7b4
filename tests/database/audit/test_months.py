"""The trail in months: made ahead, across a month's end, and whether or not a worker came by."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from api.__main__ import main
from api.metrics import WorkerMetrics
from api.worker import make_months
from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.audit.month_commands import MONTHS_AHEAD, MONTHS_AT_ONCE, ROWS_AT_ONCE, drop_emptied_months
from domain.clock import utc_now
from integrations.postgres.client import Database
from integrations.postgres.errors import Contended
from integrations.postgres.online import MIGRATIONS
from integrations.postgres.roles import Role, in_role
from tests.database.audit.stage import Trail
from tests.standing_clock import StandingClock

_WHERE = text("select tableoid::regclass::text as part, count(*) as rows from audit_event group by 1")
_ALL = text("select a::text from audit_event a order by id")


class Months:
    """What a worker tells of the months."""

    covered_until: datetime
    unplaced: int

    def months_made(self, covered_until: datetime, unplaced: int) -> None:
        self.covered_until, self.unplaced = covered_until, unplaced


async def write(database: Database, at: datetime) -> None:
    async with database.writing() as session:
        await record_audit(session, Actor(UUID(int=1), at, request_id="months"), "session.open")


async def where(database: Database) -> dict[str, int]:
    async with database.reading() as session:
        return {row.part: row.rows for row in await session.execute(_WHERE)}


async def rows(database: Database) -> list[str]:
    async with database.reading() as session:
        return list((await session.execute(_ALL)).scalars())


async def come_by(database: Database, clock: StandingClock) -> Months:
    """Do the worker's turn in the worker's role."""
    told: Any = Months()
    worker = in_role(database.url, database.limits, Role.worker, strictly=False)
    try:
        await make_months(worker, clock, told)
    finally:
        await worker.close()
    found: Months = told
    return found


def month_after(at: datetime, months: int) -> datetime:
    ahead = at.year * 12 + at.month - 1 + months
    return datetime(ahead // 12, ahead % 12 + 1, 1, tzinfo=UTC)


def name_of(at: datetime) -> str:
    return f"audit_y{at:%Y}m{at:%m}"


async def test_across_a_month_s_end_each_row_stands_in_its_own_month_and_the_trail_verifies(trail: Trail) -> None:
    clock = StandingClock(utc_now())
    before = await where(trail.database)
    assert set(before) == {"audit_before"}
    third = month_after(clock.now, 3)
    for at in (third - timedelta(microseconds=1), third, month_after(clock.now, 6)):
        clock.now = at - timedelta(days=40)
        months = await come_by(trail.database, clock)
        clock.now = at
        await write(trail.database, at)
        assert months.unplaced == 0
        assert months.covered_until == month_after(at - timedelta(days=40), MONTHS_AHEAD + 1)
    assert await where(trail.database) == before | {
        name_of(third - timedelta(days=1)): 1,
        name_of(third): 1,
        name_of(month_after(third, 3)): 1,
    }
    await trail.seal()
    sealed = (await trail.ask("select position from audit_log"))[0]
    assert sealed == (await trail.ask("select count(*) from audit_event"))[0]


async def test_of_several_workers_that_find_months_missing_none_fails_and_all_months_are_there(trail: Trail) -> None:
    for years in range(1, 6):
        clock = StandingClock(month_after(utc_now(), 12 * years))
        await write(trail.database, clock.now)
        await asyncio.gather(*(come_by(trail.database, clock) for _ in range(5)))
        there = await come_by(trail.database, clock)
        assert (there.covered_until, there.unplaced) == (month_after(clock.now, MONTHS_AHEAD + 1), 0)
        for months in range(-1, MONTHS_AHEAD + 1):
            name = name_of(month_after(clock.now, months))
            assert await trail.ask("select to_regclass(:name)::text", name=name) == (name,)


async def test_who_finds_another_making_the_months_tells_until_when_there_are_any(trail: Trail) -> None:
    clock = StandingClock(month_after(utc_now(), 12))
    async with trail.superuser.transaction():
        await trail.superuser.execute("select pg_advisory_xact_lock(hashtextextended('open_audit_months', 0))")
        months = await come_by(trail.database, clock)
    assert months.covered_until < clock.now
    assert (await come_by(trail.database, clock)).covered_until == month_after(clock.now, MONTHS_AHEAD + 1)


async def test_months_that_somebody_reads_are_not_waited_for_for_long_when_emptied_ones_go(trail: Trail) -> None:
    clock = StandingClock(month_after(utc_now(), 3))
    await come_by(trail.database, clock)
    async with trail.superuser.transaction():
        await trail.superuser.execute(f"lock table {name_of(month_after(clock.now, -1))} in access share mode")
        with pytest.raises(Contended):
            async with trail.database.writing() as session:
                await drop_emptied_months(session, clock.now)


async def test_while_no_worker_comes_by_no_deed_is_refused_and_afterwards_all_stands_in_its_place(trail: Trail) -> None:
    clock = StandingClock(utc_now())
    late = [month_after(clock.now, number) + timedelta(days=2) for number in (4, 4, 5)]
    for at in late:
        await write(trail.database, at)
    assert (await where(trail.database))["audit_unplaced"] == 3
    await trail.seal()
    there = await rows(trail.database)
    clock.now = late[-1]
    months = await come_by(trail.database, clock)
    assert months.unplaced == 0
    found = await where(trail.database)
    assert "audit_unplaced" not in found
    assert (found[name_of(late[0])], found[name_of(late[2])]) == (2, 1)
    assert await rows(trail.database) == there
    assert (await come_by(trail.database, clock)).covered_until == month_after(late[-1], MONTHS_AHEAD + 1)


async def test_rows_without_a_month_are_given_it_however_long_ago_or_far_ahead_that_is(trail: Trail) -> None:
    clock = StandingClock(month_after(utc_now(), 30))
    asked = [month_after(utc_now(), number) + timedelta(days=3) for number in (5, 5, 9, 70)]
    for at in asked:
        await write(trail.database, at)
    assert (await where(trail.database))["audit_unplaced"] == len(asked)
    await trail.seal()
    there = await rows(trail.database)
    months = await come_by(trail.database, clock)
    assert (months.unplaced, months.covered_until) == (0, month_after(clock.now, MONTHS_AHEAD + 1))
    found = await where(trail.database)
    assert "audit_unplaced" not in found
    assert {name_of(at): found[name_of(at)] for at in asked} == {name_of(at): asked.count(at) for at in asked}
    assert await rows(trail.database) == there


async def test_of_more_months_than_are_opened_at_once_each_look_opens_some(trail: Trail) -> None:
    clock = StandingClock(month_after(utc_now(), 60))
    for number in range(5, 35):
        await write(trail.database, month_after(utc_now(), number))
    near = MONTHS_AHEAD + 2
    assert [(await come_by(trail.database, clock)).unplaced for _ in range(2)] == [30 - (MONTHS_AT_ONCE - near), 0]


async def test_a_month_that_cannot_be_made_keeps_none_of_the_near_ones_from_being_made(trail: Trail) -> None:
    clock, asked = StandingClock(month_after(utc_now(), 12)), month_after(utc_now(), 5)
    await write(trail.database, asked)
    await trail.superuser.execute(f"create domain {name_of(asked)} as text")
    with pytest.raises(DBAPIError):
        await come_by(trail.database, clock)
    for months in range(-1, MONTHS_AHEAD + 1):
        name = name_of(month_after(clock.now, months))
        assert await trail.ask("select to_regclass(:name)::text", name=name) == (name,)


async def test_a_month_of_too_many_rows_is_left_to_a_command_and_told_and_all_others_are_made(
    trail: Trail, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = StandingClock(month_after(utc_now(), 12))
    many, few = clock.now + timedelta(days=3), month_after(utc_now(), 7)
    await trail.superuser.execute(
        "insert into audit_event (at, account_id, action, request_id)"
        f" select $1, gen_random_uuid(), 'x.y', 'many' from generate_series(1, {ROWS_AT_ONCE + 1})",
        many,
    )
    await write(trail.database, few)
    there = await rows(trail.database)
    for _ in range(2):
        months = await come_by(trail.database, clock)
        assert (months.unplaced, months.covered_until) == (ROWS_AT_ONCE + 1, month_after(clock.now, MONTHS_AHEAD + 1))
    found = await where(trail.database)
    assert (found["audit_unplaced"], found[name_of(few)]) == (ROWS_AT_ONCE + 1, 1)
    monkeypatch.setenv("TENDWELL_DATABASE_URL", trail.database.url)
    assert await asyncio.to_thread(main, ["place-audit-rows"]) == 0
    assert f"{many:%Y-%m}: {ROWS_AT_ONCE + 1} rows" in capsys.readouterr().out
    found = await where(trail.database)
    assert ("audit_unplaced" in found, found[name_of(many)]) == (False, ROWS_AT_ONCE + 1)
    assert await rows(trail.database) == there
    assert (await come_by(trail.database, clock)).unplaced == 0


async def test_what_stands_in_no_month_is_told(trail: Trail) -> None:
    await write(trail.database, month_after(utc_now(), 40))
    async with trail.superuser.transaction():
        await trail.superuser.execute("select pg_advisory_xact_lock(hashtextextended('open_audit_months', 0))")
        assert (await come_by(trail.database, StandingClock(utc_now()))).unplaced == 1
    metrics = WorkerMetrics()
    await make_months(trail.database, utc_now, metrics)


async def test_a_month_goes_when_nothing_of_it_is_left_and_not_before(trail: Trail) -> None:
    clock = StandingClock(month_after(utc_now(), 3))
    await come_by(trail.database, clock)
    await write(trail.database, clock.now)
    end = month_after(clock.now, 1)

    async def dropped(before: datetime) -> int:
        async with trail.database.writing() as session:
            return await drop_emptied_months(session, before)

    assert await dropped(end - timedelta(days=1)) == 1  # the month before it: nothing ever stood there
    assert await dropped(end) == 0
    await trail.superuser.execute(f"delete from {name_of(clock.now)}")
    assert await dropped(end) == 1


async def test_a_trail_from_before_goes_on_as_the_same_trail_forth_and_back(trail: Trail) -> None:
    def move(connection: Connection, forth: bool) -> None:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS))
        config.set_main_option("path_separator", "os")
        (command.upgrade if forth else command.downgrade)(config, "head" if forth else "0049")

    there = await rows(trail.database)
    for forth in (False, True):
        async with trail.database.engine.connect() as connection:
            await connection.run_sync(move, forth)
            await connection.commit()
        await trail.write(10)
        assert (await rows(trail.database))[: len(there)] == there
    # What the step down from 0073 wrote out row by row is verified as seals of before.
    assert (await trail.ask("select count(*) from audit_seal"))[0] == len(there)
    await trail.seal()
    assert await trail.ask("select 1 from audit_event where action = 'audit.database_changed'") is None
    await trail.verify()
    ids = await trail.ask("select count(*), count(distinct id), max(id) from audit_event")
    assert ids[0] == ids[1] == len(there) + 20
