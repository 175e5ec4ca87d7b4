"""The feed of one process: what wakes it, what it survives, and that it knows when it is blind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from api.live import feed as feed_module
from api.live import payloads
from api.live.feed import Feed
from api.live.inbox import MOST_EVENTS, Told
from api.live.protocol import Close, Goodbye
from api.live.subscriptions import Watch
from api.relay import run_relay
from domain.access.actor import Actor, Grant, Role
from domain.accounts import commands as accounts
from domain.accounts.queries import organisations
from domain.accounts.session_commands import open_session
from domain.clock import utc_now
from domain.events.commands import FEED_CHANNEL, SUBJECTS_PER_EVENT, append_event, number_events, settle_epoch
from domain.people.commands import NewPatient, register_patient
from integrations.nats.client import Doorbell
from integrations.postgres.client import Database, connect
from tests.cast import just_now
from tests.in_one_role import in_one_role
from tests.live.nats_server import NatsServer

PATIENCE_SECONDS = 20
NEVER_SECONDS = 3_600.0


@dataclass(frozen=True)
class Two:
    """A clinician and her patient: the whole cast would take a second to assemble, for each test."""

    clinician: UUID
    rose: UUID


@pytest.fixture
async def two(committing_database: Database) -> Two:
    """Return the two, committed in the test's own database."""
    at = just_now()
    async with committing_database.writing() as session:
        await settle_epoch(session)
        first = await accounts.create_administrator(
            session,
            at,
            organisation=accounts.NewOrganisation("Y99991", "Invented practice", "practice", None),
            email="ada@example.test",
            display_name="Ada",
            password_hash="not a hash: nobody signs in here",
        )
        practice = (await organisations(session, after=None, limit=1))[0].id
        administrator = Actor(first, at, request_id="test", grants=(Grant(Role.administrator, practice),))
        new = accounts.NewAccount("bea@example.test", "Bea", "not a hash: nobody signs in here", practice)
        clinician = await accounts.create_account(session, administrator, new)
        role = accounts.NewMembership(clinician, practice, Role.clinician, None)
        await accounts.grant_membership(session, administrator, role)
        herself = Actor(clinician, at, request_id="test", grants=(Grant(Role.clinician, practice),))
        person = NewPatient("Rose", "Resident", date(1940, 2, 29), practice, None)
        rose = await register_patient(session, herself, person)
    return Two(clinician, rose)


async def until(check: Callable[[], bool]) -> None:
    """Return when the check is true."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not check():
            await asyncio.sleep(0.01)


async def watch_rose(feed: Feed, database: Database, two: Two) -> Watch:
    """Return a watch of Rose by her clinician, whose session is open."""
    async with database.writing() as session:
        opened = await open_session(session, two.clinician, at=utc_now(), request_id="test")
    watch = feed.subscriptions.open(two.clinician, opened.session_id, follows_list=False)
    feed.subscriptions.add(watch, [two.rose])
    return watch


async def happens(database: Database, patient_id: UUID) -> None:
    """Commit one event and have it numbered."""
    async with database.writing() as session:
        await append_event(session, "test.happened", patient_id=patient_id)


async def next_told(watch: Watch) -> Told:
    """Return the next event in the inbox."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not isinstance(item := watch.inbox.take(), Told):
            await watch.inbox.wait(PATIENCE_SECONDS)
    return item


@asynccontextmanager
async def relaying(database: Database, doorbell: Doorbell | None = None) -> AsyncIterator[None]:
    """Run a relay while the block runs."""
    relay = asyncio.create_task(run_relay(database, None if doorbell is None else doorbell.ring))
    try:
        yield
    finally:
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)


async def test_the_relay_s_ring_wakes_the_feed(
    committing_database: Database, two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "POLL_SECONDS", NEVER_SECONDS)
    feed = Feed(in_one_role(committing_database), utc_now)
    async with relaying(committing_database), feed.running():
        watch = await watch_rose(feed, committing_database, two)
        for _ in range(3):
            await happens(committing_database, two.rose)
            await next_told(watch)


async def test_without_any_doorbell_the_feed_looks_by_itself(
    committing_database: Database, two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deaf(_database: Database, _channel: str) -> AsyncIterator[None]:
        await asyncio.sleep(NEVER_SECONDS)
        yield

    monkeypatch.setattr(Database, "listen", deaf)
    feed = Feed(in_one_role(committing_database), utc_now)
    async with relaying(committing_database), feed.running():
        watch = await watch_rose(feed, committing_database, two)
        await happens(committing_database, two.rose)
        await next_told(watch)


async def test_nats_can_be_the_doorbell(
    committing_database: Database, two: Two, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(feed_module, "POLL_SECONDS", NEVER_SECONDS)
    with NatsServer(tmp_path) as server:
        bell, feed = (
            Doorbell(server.url, FEED_CHANNEL),
            Feed(in_one_role(committing_database), utc_now, doorbell_url=server.url),
        )
        async with relaying(committing_database, bell), feed.running():
            watch = await watch_rose(feed, committing_database, two)
            await until(lambda: bell.is_connected)
            await happens(committing_database, two.rose)
            await next_told(watch)
        await bell.close()


async def test_a_doorbell_that_is_out_of_order_costs_nothing_but_the_poll(
    committing_database: Database, two: Two, tmp_path: Path
) -> None:
    server = NatsServer(tmp_path)
    bell, feed = (
        Doorbell(server.url, FEED_CHANNEL),
        Feed(in_one_role(committing_database), utc_now, doorbell_url=server.url),
    )
    async with relaying(committing_database, bell), feed.running():
        watch = await watch_rose(feed, committing_database, two)
        await happens(committing_database, two.rose)
        await next_told(watch)
        with server:
            await until(lambda: bell.is_connected)
            await happens(committing_database, two.rose)
            await next_told(watch)
        await happens(committing_database, two.rose)
        await next_told(watch)
    await bell.close()


async def test_a_bell_is_heard_by_everybody_and_again_after_the_server_came_back(tmp_path: Path) -> None:
    server, rung = NatsServer(tmp_path), [0, 0]
    bells = [Doorbell(server.url, "bell") for _ in range(2)]

    async def listen(place: int) -> None:
        async for _ in bells[place].rings():
            rung[place] += 1

    listening = [asyncio.create_task(listen(place)) for place in range(2)]
    for _ in range(2):
        with server:
            await until(lambda: all(bell.is_connected for bell in bells))
            # Having connected counts as a ring; what is asked for is one more.
            await until(lambda: min(rung) >= 1)
            rung[:] = [0, 0]
            await bells[0].ring()
            await until(lambda: min(rung) >= 1)
            rung[:] = [0, 0]
        await until(lambda: not any(bell.is_connected for bell in bells))
        await bells[0].ring()
    for task in listening:
        task.cancel()
    for bell in bells:
        await bell.close()


async def test_the_feed_goes_on_after_its_connections_were_cut(committing_database: Database, two: Two) -> None:
    unpooled, feed = Database(committing_database.url, pooled=False), Feed(in_one_role(committing_database), utc_now)
    async with relaying(committing_database), feed.running():
        watch = await watch_rose(feed, unpooled, two)
        cutter = await connect(committing_database.url)
        await cutter.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        await cutter.close()
        await happens(unpooled, two.rose)
        await next_told(watch)
        await until(feed.is_current)
    await unpooled.close()


async def test_a_feed_that_began_before_any_relay_follows_once_there_is_one(
    committing_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "FIRST_READ_SECONDS", 0.1)
    feed = Feed(in_one_role(committing_database), utc_now)
    async with feed.running():
        assert feed.epoch is None and not feed.is_current()
        async with relaying(committing_database):
            await until(feed.is_current)
    assert feed.epoch is not None


async def test_the_feed_is_blind_while_nobody_numbers_the_log(committing_database: Database, two: Two) -> None:
    async with committing_database.writing() as session:
        await session.execute(text("update event_relay set seen_at = now() - interval '1 minute'"))
    feed = Feed(in_one_role(committing_database), utc_now)
    async with feed.running():
        await until(lambda: feed.epoch is not None)
        assert not feed.is_current() and feed.blind_seconds() > 50
        async with relaying(committing_database):
            await until(feed.is_current)


async def test_the_feed_is_blind_while_what_was_committed_cannot_be_numbered(
    committing_database: Database, two: Two
) -> None:
    database, feed = committing_database, Feed(in_one_role(committing_database), utc_now)
    async with relaying(database), feed.running():
        await until(feed.is_current)
        async with database.writing() as long:
            await append_event(long, "test.happened")
            async with database.writing() as session:
                await session.execute(
                    text("insert into event_outbox (kind, at) values ('test.happened', now() - interval '1 minute')")
                )
            await until(lambda: not feed.is_current())
        await until(feed.is_current)


async def test_the_feed_is_blind_while_the_database_is_away(committing_database: Database, two: Two) -> None:
    feed = Feed(in_one_role(committing_database), utc_now)
    async with relaying(committing_database), feed.running():
        await until(feed.is_current)
        feed._read_at = time.monotonic() - 60  # as if nothing could be read for a minute
        assert not feed.is_current()
        await until(feed.is_current)


async def test_what_no_waiting_mends_is_tried_ever_less_often_and_said_each_time(
    committing_database: Database, two: Two, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(feed_module, "_RETRY_SECONDS", 0.01)
    monkeypatch.setattr(feed_module, "_LONGEST_RETRY_SECONDS", 0.5)
    async with committing_database.writing() as session:
        await session.execute(text("alter table event_relay rename to event_relay_of_a_newer_version"))
    feed = Feed(in_one_role(committing_database), utc_now)
    async with feed.running():
        # How often it tries within a second is what is asked: there is nothing to wait for instead.
        await asyncio.sleep(1)
        stumbles = [record for record in caplog.records if "stumbled" in record.message]
        assert 4 < len(stumbles) < 30, "tried every 10 ms it would be two hundred"
        assert not feed.is_current()
        async with committing_database.writing() as session:
            await session.execute(text("alter table event_relay_of_a_newer_version rename to event_relay"))
        async with relaying(committing_database):
            await until(feed.is_current)


async def test_another_log_ends_every_watch(committing_database: Database, two: Two) -> None:
    database, feed = committing_database, Feed(in_one_role(committing_database), utc_now)
    async with feed.running():
        watch, before = await watch_rose(feed, database, two), feed.epoch
        async with database.writing() as session:
            await session.execute(text("update event_relay set cluster = 'another'"))
            await append_event(session, "test.happened", patient_id=two.rose)
        async with database.writing() as session:
            await settle_epoch(session)
        await until(lambda: feed.epoch != before)
        with pytest.raises(Goodbye) as goodbye:
            watch.inbox.take()
        assert goodbye.value.code == Close.restarting


async def test_a_log_set_back_to_an_earlier_number_ends_every_watch(committing_database: Database, two: Two) -> None:
    database, feed = committing_database, Feed(in_one_role(committing_database), utc_now)
    async with relaying(database):
        for _ in range(3):
            await happens(database, two.rose)
        async with feed.running():
            await until(lambda: feed.subscriptions.position >= 3)
    async with feed.running():
        watch = await watch_rose(feed, database, two)
        async with database.writing() as session:
            await session.execute(text("delete from event_feed where number > 1"))
            await session.execute(text("update event_relay set number = 1"))
        await until(lambda: feed.subscriptions.position == 1)
        with pytest.raises(Goodbye):
            watch.inbox.take()


async def test_a_long_backlog_is_told_in_stretches_that_fit_into_an_inbox(
    committing_database: Database, two: Two
) -> None:
    database, rose, events = committing_database, two.rose, MOST_EVENTS + 50
    async with database.writing() as session:
        await number_events(session)
    feed = Feed(in_one_role(database), utc_now)
    async with feed.running():
        watch = await watch_rose(feed, database, two)
        async with database.writing() as session:
            subjects = [rose] * (SUBJECTS_PER_EVENT * events)
            await append_event(session, "test.happened", patient_id=rose, subject_ids=subjects)
        async with database.writing() as session:
            assert await number_events(session) == events
        told = [(await next_told(watch)).number for _ in range(events)]
    assert told == list(range(told[0], told[0] + events))


async def test_the_feed_is_blind_while_what_it_has_read_cannot_be_told(
    committing_database: Database, two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> list[Told]:
        raise RuntimeError("a defect in the telling")

    monkeypatch.setattr(feed_module, "BLIND_AFTER_SECONDS", 0.5)
    database, feed = committing_database, Feed(in_one_role(committing_database), utc_now)
    async with relaying(database), feed.running():
        watch = await watch_rose(feed, database, two)
        await until(feed.is_current)
        with monkeypatch.context() as broken:
            broken.setattr(payloads, "told", breaks)
            await happens(database, two.rose)
            await until(lambda: not feed.is_current())
        await next_told(watch)
        await until(feed.is_current)


async def test_events_forgotten_before_they_were_handed_out_end_every_watch(
    committing_database: Database, two: Two
) -> None:
    database, feed = committing_database, Feed(in_one_role(committing_database), utc_now)
    async with database.turn_alone() as turn:
        await feed._hand_out(turn)
    watch = await watch_rose(feed, database, two)
    async with relaying(database):
        for _ in range(3):
            await happens(database, two.rose)
        await until_numbered(database, 3)
    async with database.writing() as session:
        await session.execute(text("delete from event_feed where number < (select number from event_relay)"))
    async with database.turn_alone() as turn:
        await feed._hand_out(turn)
    with pytest.raises(Goodbye):
        watch.inbox.take()


async def until_numbered(database: Database, least: int) -> None:
    """Return when so many events have their number."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            async with database.reading() as session:
                if (await session.scalar(text("select number from event_relay"))) >= least:
                    return
            await asyncio.sleep(0.01)
