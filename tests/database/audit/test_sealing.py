"""Sealing: densely, in the order of transactions, by one of several workers, whatever overlaps or is restored."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from api import sealing, worker
from domain.audit import seal_commands, seal_queries
from domain.audit.entry import NOBODY
from domain.audit.seal_commands import seal_rows
from domain.audit.seal_queries import seal_lag_seconds
from domain.clock import utc_now
from tests.database.audit.stage import SEALS, Trail
from tests.standing_clock import StandingClock


async def sealed_ids(trail: Trail) -> list[int]:
    async with trail.database.reading() as session:
        rows = (await session.execute(text(f"select position, audit_id from {SEALS} order by position"))).all()
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    return [row.audit_id for row in rows]


async def test_every_row_is_sealed_once_though_writers_overlap_and_three_workers_race(trail: Trail) -> None:
    writing = True

    async def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(6):
            async with trail.database.writing() as session:
                await session.execute(
                    text(
                        "insert into audit_event (at, account_id, action, request_id)"
                        " values (now(), gen_random_uuid(), 'x.y', 'race')"
                    )
                )
                await asyncio.sleep(chance.random() / 50)  # the later id commits first, as often as not

    async def work() -> None:
        while writing or await _seal(trail):
            await _seal(trail)
            await asyncio.sleep(0.005)

    workers = [asyncio.create_task(work()) for _ in range(3)]
    await asyncio.gather(*(write(seed) for seed in range(16)))
    writing = False
    await asyncio.gather(*workers)
    await trail.seal()
    (rows,) = await trail.ask("select count(*) from audit_event")
    assert len(await sealed_ids(trail)) == len(set(await sealed_ids(trail))) == rows
    await trail.verify()


async def _seal(trail: Trail) -> int | None:
    async with trail.database.writing() as session:
        return await seal_rows(session, most=7)


async def test_what_a_running_transaction_has_written_is_sealed_after_it_and_nothing_before_is_left_out(
    trail: Trail,
) -> None:
    insert = text(
        "insert into audit_event (at, account_id, action, request_id)"
        " values (now(), gen_random_uuid(), 'x.y', :name) returning id"
    )
    async with trail.database.writing() as slow:
        late = (await slow.execute(insert, {"name": "slow"})).scalar_one()
        async with trail.database.writing() as quick:
            early = (await quick.execute(insert, {"name": "quick"})).scalar_one()
        await trail.seal()
        assert not {late, early} & set(await sealed_ids(trail))  # the quick one waits too: its order is not known yet
    await trail.seal()
    assert (await sealed_ids(trail))[-2:] == [late, early]


async def test_a_restored_database_goes_on_with_the_same_chain_and_says_so_in_it(trail: Trail) -> None:
    # What a restore into another cluster leaves: unsealed rows with ids of transactions of the future.
    await trail.superuser.execute(
        "insert into audit_event (at, account_id, action, request_id, xid)"
        " select now(), gen_random_uuid(), 'x.y', 'before the restore', 9000000000 + n from generate_series(1, 5) n"
    )
    await trail.superuser.execute("update audit_log set cluster = 'another', last_xid = 9000000000")
    await trail.write(10)
    await trail.seal()
    await trail.seal()
    (rows,) = await trail.ask("select count(*) from audit_event")
    assert len(await sealed_ids(trail)) == rows
    said = await trail.ask("select account_id from audit_event where action = 'audit.database_changed'")
    assert said.account_id == NOBODY
    await trail.verify()


async def test_after_a_restore_what_is_sealed_is_passed_over_a_few_rows_at_a_time_however_it_was_sealed(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    await trail.store_as_before()
    await trail.write(40)
    await trail.seal()
    before = await sealed_ids(trail)
    await trail.write(10)
    await trail.superuser.execute("update audit_log set cluster = 'another'")
    monkeypatch.setattr(seal_commands, "ROWS_LOOKED_AT", 15)
    steps = 0
    while await _seal(trail) == 7:
        steps += 1
    assert steps > 2 * len(before) // 15  # by their ids, then by their transactions
    (rows,) = await trail.ask("select count(*) from audit_event")
    after = await sealed_ids(trail)
    assert (len(after), after[: len(before)]) == (rows, before)
    await trail.verify()


async def test_what_is_sealed_in_one_step_has_one_row_for_its_seals(trail: Trail) -> None:
    before = await trail.ask("select count(*) from audit_stretch")
    await trail.write(100)
    await trail.seal()
    assert (await trail.ask("select count(*) from audit_stretch"))[0] == before[0] + 1


async def test_what_is_sealed_already_is_passed_over_a_few_rows_at_a_time(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a restore the cursor stands before all that was sealed: one step through a million rows took 3 seconds."""
    await trail.write(40)
    await trail.seal()
    before = await sealed_ids(trail)
    await trail.superuser.execute("update audit_log set last_xid = 0, last_id = 0")
    await trail.write(10)
    monkeypatch.setattr(seal_commands, "ROWS_LOOKED_AT", 15)
    passed_over = text("select count(*) from audit_event a, audit_log l where (a.xid, a.id) <= (l.last_xid, l.last_id)")
    for step in range(1, len(before) // 15 + 1):
        assert await _seal(trail) == 7  # there is more, although nothing was sealed
        assert await sealed_ids(trail) == before
        async with trail.database.reading() as session:
            assert await session.scalar(passed_over) == 15 * step
    while await _seal(trail) == 7:
        pass
    (rows,) = await trail.ask("select count(*) from audit_event")
    after = await sealed_ids(trail)
    assert (len(after), after[: len(before)]) == (rows, before)
    await trail.verify()


async def test_the_lag_is_the_age_of_the_oldest_row_that_waits_and_nothing_when_none_does(trail: Trail) -> None:
    async with trail.database.writing() as session:
        assert await seal_lag_seconds(session) == 0
        await session.execute(
            text(
                "insert into audit_event (at, account_id, action, request_id)"
                " values (now() - interval '40 seconds', gen_random_uuid(), 'x.y', 'late')"
            )
        )
        assert 40 <= await seal_lag_seconds(session) < 60


# As many sealed rows as one would have to look through for seconds, in stretches as a worker makes them.
_MANY_SEALED = """
    insert into audit_event (at, account_id, action, request_id)
    select now() - interval '1 day', gen_random_uuid(), 'x.y', 'old' from generate_series(1, 200000);
    insert into audit_stretch (first_position, least_id, greatest_id, sealed_at, chain_hash, audit_ids, marks)
    select 1000000 + min(id), min(id), max(id), now(), '', array_agg(id order by id), '' from audit_event
    where request_id = 'old' group by id / 500;
    update audit_log set last_xid = 0, last_id = 0;
"""


async def test_just_after_a_restore_the_lag_is_told_at_once_however_much_was_sealed(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    await trail.superuser.execute(_MANY_SEALED)
    await trail.superuser.execute(
        "insert into audit_event (at, account_id, action, request_id)"
        " values (now() - interval '400 seconds', gen_random_uuid(), 'x.y', 'since')"
    )
    monkeypatch.setattr(seal_queries, "ROWS_LOOKED_AT", 200)
    async with trail.database.reading() as session:
        await session.execute(text("set local statement_timeout = 100"))
        assert 400 <= await seal_lag_seconds(session) < 460


class Lags:
    """What a worker tells of the sealing."""

    def __init__(self) -> None:
        self.told: list[float] = []

    def seal_lagged(self, seconds: float) -> None:
        self.told.append(seconds)


async def test_while_much_is_left_to_seal_a_worker_tells_how_late_it_is_and_signs_what_is_done(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a worker did in one go it told nobody about: after a restore minutes and more."""
    monkeypatch.setattr(sealing, "ROUND_SECONDS", 0.0)
    monkeypatch.setattr(sealing, "CHECKPOINT_EVERY", timedelta(0))
    metrics: Any = Lags()
    await trail.superuser.execute(
        "insert into audit_event (at, account_id, action, request_id)"
        " select now() - interval '400 seconds', gen_random_uuid(), 'x.y', 'late' from generate_series(1, 1500)"
    )
    checkpoints = await trail.ask("select count(*) from audit_checkpoint")
    for _ in range(5):
        await worker.seal(trail.sealing, metrics)
    assert [lag >= 400 for lag in metrics.told] == [True] * 3 + [False] * 2
    assert (await trail.ask("select count(*) from audit_checkpoint"))[0] == checkpoints[0] + 3


async def test_a_lag_that_cannot_be_asked_keeps_nobody_from_sealing_and_is_told_as_long_as_it_may_be(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics: Any = Lags()
    monkeypatch.setattr(seal_queries, "_LAG", text("select pg_sleep(60)"))
    trail.sealing._nothing_left_at -= 400
    await trail.write(10)
    for _ in range(2):
        await worker.seal(trail.sealing, metrics)
    assert [lag >= 400 for lag in metrics.told] == [True, False]
    assert await sealed_ids(trail) == [
        row for (row,) in await trail.superuser.fetch("select id from audit_event order by id")
    ]


async def test_nothing_new_gets_no_new_checkpoint(trail: Trail) -> None:
    before = await trail.ask("select count(*) from audit_checkpoint")
    await trail.seal()
    assert await trail.ask("select count(*) from audit_checkpoint") == before


async def test_after_a_clock_that_was_ahead_is_put_right_checkpoints_are_signed_as_before(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "CHECKPOINT_EVERY", timedelta(0))
    trail.sealing.clock = clock = StandingClock(utc_now() + timedelta(days=40))
    await trail.write(10)
    await trail.sealing.step()
    before = await trail.ask("select count(*) from audit_checkpoint")
    clock.now -= timedelta(days=40)
    await trail.write(10)
    await trail.sealing.step()
    assert (await trail.ask("select count(*) from audit_checkpoint"))[0] == before[0] + 1
