"""The relay numbers what was committed, forgets what is old, notices a restored log, and says when it is late."""

from __future__ import annotations

import asyncio
import logging
from uuid import UUID

import pytest
from sqlalchemy import text

from api.relay import Lag, run_relay
from api.worker import tidy
from domain.clock import utc_now
from domain.events.commands import (
    SUBJECTS_PER_EVENT,
    ForeignLog,
    append_event,
    append_events,
    forget_events,
    number_events,
    settle_epoch,
)
from domain.events.queries import events_of_patients_after, feed_page, feed_position, outbox_lag_seconds
from domain.ids import new_id
from integrations.postgres.client import Database, connect
from tests.database.relaying import events_wait, eventually, is_true, relays, whole_feed

_ENDED = text("insert into event_epoch (epoch, number) values (:epoch, :number)")


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


async def test_who_only_looks_does_nothing_where_nothing_waits_not_even_give_a_sign_of_life(
    committing_database: Database,
) -> None:
    database = committing_database
    async with database.writing() as session:
        await settle_epoch(session)
        before = await feed_position(session)
    async with database.turn_alone() as turn:
        assert await number_events(turn, even_if_none_wait=False) == 0
        async with database.reading() as session:
            assert await feed_position(session) == before
        await append_events(turn, "test.happened", [(None, ())])
        assert await number_events(turn, even_if_none_wait=False) == 1
    async with database.reading() as session:
        after = await feed_position(session)
    assert before is not None and after is not None and after.seen_at > before.seen_at


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


async def test_a_relay_that_is_gone_while_it_numbers_holds_nothing_and_what_it_began_is_whole(
    committing_database: Database,
) -> None:
    database = committing_database
    async with database.writing() as session:
        await settle_epoch(session)
        await append_event(session, "test.happened")

    async def numbers() -> None:
        async with database.turn_alone() as turn:
            await number_events(turn)

    async with database.writing() as session:
        await session.execute(text("lock table event_feed in share mode"))
        gone = asyncio.create_task(numbers())
        await eventually(lambda: _waits_for_a_lock(database))
        gone.cancel()  # its connection is cut, and nobody tells the server
        await asyncio.gather(gone, return_exceptions=True)
    async with database.turn_alone() as turn:
        await append_events(turn, "test.happened", [(None, ())])
        numbered: list[int | None] = []
        while not numbered or numbered[-1] != 0:
            numbered.append(await number_events(turn))
    assert [event.number for event in await whole_feed(database)] == [1, 2]


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
        with pytest.raises(ForeignLog):
            await number_events(session)
        assert await settle_epoch(session)
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
        useless, useful = (UUID(int=n) for n in (9, 10))  # whoever was told 10 has missed nothing that is forgotten
        for ended in (useless, useful):
            await session.execute(_ENDED, {"epoch": ended, "number": ended.int})
        assert await forget_events(session, keep=20, most=4) == 4
        assert await forget_events(session, keep=20) == 6
        assert await forget_events(session, keep=20) == 0
        position = await feed_position(session)
    assert position is not None and (position.number, position.oldest) == (30, 11)
    assert position.earlier == {useful: 10}
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


async def test_the_relay_survives_the_loss_of_its_connections(committing_database: Database) -> None:
    # A connection for each transaction: those of the pool are about to be cut, as the relay's are.
    unpooled = Database(committing_database.url, pooled=False)
    async with relays(committing_database, 1):
        await eventually(lambda: _has_position(unpooled))
        killer = await connect(committing_database.url)
        await killer.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        await killer.close()
        async with unpooled.writing() as session:
            await append_event(session, "test.happened")
        await eventually(lambda: _has_number(unpooled, 1))
    await unpooled.close()


async def _waits_for_a_lock(database: Database) -> bool:
    async with database.reading() as session:
        return bool(await session.scalar(text("select exists (select from pg_locks where not granted)")))


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
    await eventually(lambda: is_true(len(heard) == 1))
    await eventually(lambda: is_true(len(rung) == 1))
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
