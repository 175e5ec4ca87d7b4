"""The relay numbers what was committed: all of it, once, without holes, in commit-safe order; and says when it cannot.

The oracle knows what each writer committed. It is shown to be able to fail: with the watermark taken out of the SQL,
and with the naive "id above the last one seen", it finds fault.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.relay import Lag, run_relay
from api.worker import tidy
from domain.clock import utc_now
from domain.events import commands
from domain.events.commands import SUBJECTS_PER_EVENT, append_event, forget_events, number_events, settle_epoch
from domain.events.event import Event
from domain.events.queries import (
    events_after,
    events_of_patients_after,
    events_wait,
    feed_page,
    feed_position,
    outbox_lag_seconds,
)
from domain.ids import new_id
from integrations.postgres.client import Database, connect

Check = Callable[[Database], Awaitable[bool]]

WRITERS, TRANSACTIONS_EACH = 12, 25
LONGEST_DELAY_SECONDS = 0.02
PATIENCE_SECONDS = 30


@dataclass(frozen=True, order=True)
class Committed:
    """One event as its writer committed it: its place in storage order, and a name of its own."""

    xid: int
    id: int
    name: UUID


def faults(committed: list[Committed], feed: list[Event]) -> set[str]:
    """Return what is wrong with a feed, given what was committed."""
    found = set()
    names, place = [e.patient_id for e in feed], {c.name: (c.xid, c.id) for c in committed}
    if set(names) != set(place):
        found.add("lost" if set(place) - set(names) else "never committed")
    if len(names) != len(set(names)):
        found.add("twice")
    if [e.number for e in feed] != list(range(1, len(feed) + 1)):
        found.add("not dense")
    places = [place[name] for name in names if name in place]
    if places != sorted(places):
        found.add("out of order")
    return found


async def write(database: Database, committed: list[Committed], chance: random.Random) -> None:
    """Commit events one by one, each held open for a while between its insert and its commit; some are rolled back."""
    for _ in range(TRANSACTIONS_EACH):
        name = new_id()
        try:
            async with database.writing() as session:
                await append_event(session, "test.happened", patient_id=name)
                row = (
                    await session.execute(
                        text("select xid::text as xid, id from event_outbox where patient_id = :name"), {"name": name}
                    )
                ).one()
                await asyncio.sleep(chance.uniform(0, LONGEST_DELAY_SECONDS))
                if chance.random() < 0.1:
                    raise Changed
            committed.append(Committed(int(row.xid), row.id, name))
        except Changed:
            pass


class Changed(Exception):
    """A writer changed its mind."""


@asynccontextmanager
async def relays(database: Database, how_many: int) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(run_relay(database)) for _ in range(how_many)]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def eventually(check: Callable[[], Awaitable[bool]], seconds: float = PATIENCE_SECONDS) -> bool:
    """Return whether the check came true within the time."""
    async with asyncio.timeout(seconds):
        while not await check():
            await asyncio.sleep(0.01)
    return True


async def whole_feed(database: Database) -> list[Event]:
    async with database.reading() as session:
        return await events_after(session, 0, 1_000_000)


async def everything_is_numbered(database: Database) -> bool:
    async with database.reading() as session:
        return not await events_wait(session)


async def race(database: Database, seed: int, is_done: Check = everything_is_numbered) -> set[str]:
    """Let writers, two relays (one of which dies half-way) and the clock fight it out; return the faults."""
    chance = random.Random(seed)
    committed: list[Committed] = []
    async with relays(database, 2) as (first, _):
        writers = [asyncio.create_task(write(database, committed, chance)) for _ in range(WRITERS)]
        await eventually(lambda: _is_true(len(committed) > WRITERS * TRANSACTIONS_EACH // 3))
        first.cancel()
        await asyncio.gather(*writers)
        await eventually(lambda: is_done(database))
        return faults(committed, await whole_feed(database))


async def _is_true(value: bool) -> bool:
    return value


async def test_everything_committed_is_numbered_once_without_holes_in_storage_order(
    committing_database: Database,
) -> None:
    assert await race(committing_database, seed=1) == set()


async def until_caught(database: Database, is_done: Check = everything_is_numbered, *, rounds: int = 8) -> set[str]:
    """Run the race again and again until the oracle finds fault, at most so often; return what it found."""
    for seed in range(rounds):
        async with database.writing() as session:
            await session.execute(text("truncate event_outbox, event_feed, event_relay"))
        if found := await race(database, seed, is_done):
            return found
    return set()


async def test_without_the_watermark_the_same_race_is_found_out(
    committing_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    watermark = "where o.xid < pg_snapshot_xmin(pg_current_snapshot())"
    assert watermark in commands._NUMBER.text
    monkeypatch.setattr(commands, "_NUMBER", text(commands._NUMBER.text.replace(watermark, "")))

    async def anything_waits(session: AsyncSession) -> bool:
        return bool((await session.execute(text("select exists (select from event_outbox)"))).scalar_one())

    monkeypatch.setattr("api.relay.events_wait", anything_waits)
    assert "out of order" in await until_caught(committing_database)


async def test_reading_by_the_highest_id_seen_is_found_out_to_lose_events(
    committing_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with committing_database.writing() as session:
        await session.execute(text("create table seen (id bigint not null)"))
    naive = """
        with taken as (
            select o.* from event_outbox o
            where o.id > (select coalesce(max(id), 0) from seen) order by o.id limit :most
        ), remembered as (insert into seen select max(id) from taken having count(*) > 0
        ), numbered as (
            insert into event_feed (number, kind, patient_id, subject_ids, at)
            select r.number + row_number() over (order by t.id), t.kind, t.patient_id, t.subject_ids, t.at
            from taken t, event_relay r returning number)
        update event_relay set number = greatest(number, coalesce((select max(number) from numbered), 0))
        returning number
    """
    monkeypatch.setattr(commands, "_NUMBER", text(naive))
    looks = text("select coalesce((select max(id) from event_outbox) > coalesce(max(id), 0), false) from seen")

    async def something_new(session: AsyncSession) -> bool:
        return bool((await session.execute(looks)).scalar_one())

    async def nothing_new(database: Database) -> bool:
        async with database.reading() as session:
            return not await something_new(session)

    monkeypatch.setattr("api.relay.events_wait", something_new)
    assert "lost" in await until_caught(committing_database, nothing_new)


async def test_a_writer_that_stays_open_holds_back_what_was_written_after_it_and_nothing_is_lost(
    committing_database: Database,
) -> None:
    database = committing_database
    async with database.writing() as session:
        await settle_epoch(session)
    early, late = new_id(), new_id()
    async with database.writing() as slow:
        await append_event(slow, "test.happened", patient_id=early)
        async with database.writing() as session:
            await append_event(session, "test.happened", patient_id=late)
        async with database.writing() as session:
            assert not await events_wait(session)
            assert await number_events(session) == 0
        async with database.reading() as session:
            assert await outbox_lag_seconds(session) > 0
    async with database.writing() as session:
        assert await number_events(session) == 2
    assert [e.patient_id for e in await whole_feed(database)] == [early, late]
    async with database.reading() as session:
        assert await outbox_lag_seconds(session) == 0


async def test_a_reader_that_stays_open_holds_nothing_back(committing_database: Database) -> None:
    async with committing_database.writing() as session:
        await settle_epoch(session)
    async with committing_database.reading() as reader:
        await feed_position(reader)
        async with committing_database.writing() as session:
            await append_event(session, "test.happened")
        async with committing_database.writing() as session:
            assert await number_events(session) == 1


async def test_only_one_relay_works_at_a_time_and_the_next_takes_over_at_once(committing_database: Database) -> None:
    database = committing_database
    async with database.writing() as session:
        await settle_epoch(session)
        await append_event(session, "test.happened")
    async with database.writing() as first:
        assert await number_events(first) == 1
        async with database.writing() as second:
            assert await number_events(second) is None
    async with database.writing() as second:
        assert await number_events(second) == 0


async def test_a_step_is_bounded_and_the_next_goes_on(committing_database: Database) -> None:
    database = committing_database
    async with database.writing() as session:
        await settle_epoch(session)
        for _ in range(25):
            await append_event(session, "test.happened")
    for expected in (10, 10, 5, 0):
        async with database.writing() as session:
            assert await number_events(session, most=10) == expected
    assert [e.number for e in await whole_feed(database)] == list(range(1, 26))


async def test_before_any_relay_there_is_no_position_and_nothing_is_numbered(committing_database: Database) -> None:
    async with committing_database.writing() as session:
        await append_event(session, "test.happened")
        assert await feed_position(session) is None
        assert await feed_page(session, 0, 10) is None
        assert await number_events(session) is None


async def test_an_event_about_many_is_told_in_pieces_of_bounded_size(committing_database: Database) -> None:
    database, patient, subjects = committing_database, new_id(), [new_id() for _ in range(250)]
    async with database.writing() as session:
        await settle_epoch(session)
        await append_event(session, "test.happened", patient_id=patient, subject_ids=subjects)
    async with database.writing() as session:
        await number_events(session)
    feed = await whole_feed(database)
    assert [len(e.subject_ids) for e in feed] == [SUBJECTS_PER_EVENT, SUBJECTS_PER_EVENT, 50]
    assert [s for e in feed for s in e.subject_ids] == subjects
    assert {e.patient_id for e in feed} == {patient}


@pytest.mark.parametrize("part", ["cluster", "timeline", "table"])
async def test_a_restored_log_begins_a_new_epoch_and_adopts_the_rows_of_the_old_one(
    committing_database: Database, part: str
) -> None:
    database = committing_database
    async with database.writing() as session:
        await settle_epoch(session)
        await append_event(session, "test.happened")
    async with database.writing() as session:
        await number_events(session)
        before = await feed_position(session)
    assert before is not None
    foreign = {"cluster": "'1' || cluster", "timeline": "regexp_replace(cluster, '/(\\d+)/', '/9\\1/')"}
    async with database.writing() as session:
        await append_event(session, "test.happened")
        # What a dump from an older, busier cluster looks like: transaction ids that this one will not reach for years.
        await session.execute(text("update event_outbox set xid = '1152921504606846976'"))
        change = foreign.get(part, "cluster || '1'")
        await session.execute(text(f"update event_relay set cluster = {change}"))
    async with database.writing() as session:
        assert await number_events(session) == 0
    async with database.writing() as session:
        assert await number_events(session) == 1
        after = await feed_position(session)
    assert after is not None and after.epoch != before.epoch
    assert (before.number, after.number) == (1, 2)
    async with database.writing() as session:
        assert not await settle_epoch(session), "the new epoch stays"


async def test_numbers_outlive_the_relay_and_the_epoch_stays_while_the_cluster_does(
    committing_database: Database,
) -> None:
    database = committing_database
    async with database.writing() as session:
        assert not await settle_epoch(session)
        first = await feed_position(session)
    async with database.writing() as session:
        assert not await settle_epoch(session)
        assert await feed_position(session) == first


async def test_retention_keeps_the_newest_and_tells_the_oldest(committing_database: Database) -> None:
    database = committing_database
    async with database.writing() as session:
        await settle_epoch(session)
        for _ in range(30):
            await append_event(session, "test.happened")
    async with database.writing() as session:
        await number_events(session)
        assert await forget_events(session, keep=20, most=4) == 4
        assert await forget_events(session, keep=20) == 6
        assert await forget_events(session, keep=20) == 0
        position = await feed_position(session)
    assert position is not None and (position.number, position.oldest) == (30, 11)
    await tidy(database, utc_now, events_kept=5)
    async with database.reading() as session:
        position = await feed_position(session)
    assert position is not None and (position.number, position.oldest) == (30, 26)
    await tidy(database, utc_now, events_kept=0)
    async with database.reading() as session:
        emptied = await feed_position(session)
        assert emptied is not None and (emptied.number, emptied.oldest) == (30, 31)
        page = await feed_page(session, 30, 10)
        assert page is not None and (page.number, page.events) == (30, ())


async def test_a_page_of_some_patients_has_theirs_alone_in_order_up_to_a_number(committing_database: Database) -> None:
    database, ann, bob = committing_database, new_id(), new_id()
    async with database.writing() as session:
        await settle_epoch(session)
        for patient in (ann, bob, ann, None, ann):
            await append_event(session, "test.happened", patient_id=patient)
    async with database.writing() as session:
        await number_events(session)
        found = await events_of_patients_after(session, [ann], 1, 4, 10)
        assert [e.number for e in found] == [3]
        assert [e.number for e in await events_of_patients_after(session, [ann, bob], 0, 5, 3)] == [1, 2, 3]


async def test_the_relay_survives_the_loss_of_its_connections(
    committing_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    database = committing_database
    async with relays(database, 1):
        await eventually(lambda: _has_position(database))
        killer = await connect(database.url)
        await killer.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        await killer.close()
        with caplog.at_level(logging.WARNING, "tendwell.relay"):
            async with database.writing() as session:
                await append_event(session, "test.happened")
            await eventually(lambda: _has_number(database, 1))


async def _has_position(database: Database) -> bool:
    async with database.reading() as session:
        return await feed_position(session) is not None


async def _has_number(database: Database, number: int) -> bool:
    async with database.reading() as session:
        position = await feed_position(session)
    return position is not None and position.number >= number


async def test_each_step_rings_once_and_only_when_something_was_numbered(committing_database: Database) -> None:
    database, heard = committing_database, []
    listener = await connect(database.url)
    await listener.add_listener("tendwell_feed", lambda *_: heard.append(1))
    rung = []

    async def ring() -> None:
        rung.append(1)

    relay = asyncio.create_task(run_relay(database, ring))
    await eventually(lambda: _has_position(database))
    async with database.writing() as session:
        for _ in range(5):
            await append_event(session, "test.happened")
    await eventually(lambda: _is_true(len(heard) == 1))
    await eventually(lambda: _is_true(len(rung) == 1))
    await eventually(lambda: _gives_signs_of_life(database))
    assert (len(heard), len(rung)) == (1, 1)
    relay.cancel()
    await asyncio.gather(relay, return_exceptions=True)
    await listener.close()


async def _gives_signs_of_life(database: Database) -> bool:
    async with database.reading() as session:
        page = await feed_page(session, 0, 1)
    return page is not None and page.relay_silent_seconds < 0.2


def test_the_lag_is_reported_when_it_grows_and_when_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    lag = Lag()
    with caplog.at_level(logging.WARNING, "tendwell.relay"):
        for seconds in (0.0, 0.9, 1.5, 1.6, 2.9, 3.1, 0.2, 0.0):
            lag.report(seconds)
    assert [record.getMessage().split(":")[0] for record in caplog.records] == [
        "feed_lag_seconds=1.5",
        "feed_lag_seconds=3.1",
        "feed_lag_seconds=0.2",
    ]
