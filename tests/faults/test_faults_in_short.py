"""The fault suite in short: real processes and a durable PostgreSQL, one fault after another in mid-ingest.

The whole is `make faults`. At the end the oracle is shown to be able to fail, on the same installation: with a relay
that goes by the last id seen, and with a database that acknowledges what it may forget.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio

from domain.events.commands import append_event
from integrations.postgres.client import connect
from integrations.postgres.embedded import SUPERUSER
from tests.faults import absences, clients, deaths, handover, time_and_room
from tests.faults.ingest import ROSE, ingest, outcome_of
from tests.faults.outcome import Outcome, table
from tests.faults.site import Site, standing_site

# One loop for all: an installation is started once, and its processes live as long as the thread that started them.
pytestmark = pytest.mark.asyncio(loop_scope="module")

# A machine that runs other tests is no reason to fail: times are judged by `make faults`.
LENIENCY, PAUSE_SECONDS = 12.0, 0.2
PATIENCE_SECONDS = 20


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    """Yield a running installation; each test leaves it whole."""
    async with standing_site() as standing:
        standing.leniency, standing.pause_seconds = LENIENCY, PAUSE_SECONDS
        yield standing


def assert_clean(*outcomes: Outcome) -> None:
    """Fail with the table unless nothing was lost, doubled, altered or missed, and the promises kept."""
    assert all(outcome.is_clean and outcome.judgement.acknowledged for outcome in outcomes), table(outcomes)


async def test_an_api_process_killed_in_mid_ingest_loses_and_doubles_nothing(site: Site) -> None:
    assert_clean(await deaths.api_killed(site))


async def test_the_worker_killed_in_mid_ingest_leaves_nothing_untold(site: Site) -> None:
    assert_clean(await deaths.worker_killed(site))


async def test_a_second_worker_numbers_when_the_first_is_killed_in_mid_ingest(site: Site) -> None:
    assert_clean(await deaths.relay_taken_over(site))


async def test_postgresql_killed_in_mid_ingest_has_everything_that_was_acknowledged(site: Site) -> None:
    assert_clean(await deaths.postgres_killed(site))


async def test_postgresql_away_is_answered_503_with_retry_after_and_leaves_no_connection_behind(site: Site) -> None:
    assert_clean(await absences.postgres_away(site, seconds=2))


async def test_without_nats_everything_is_told_all_the_same(site: Site) -> None:
    assert_clean(await deaths.nats_killed(site))


async def test_cut_off_from_nats_relay_and_node_tell_everything_all_the_same(site: Site) -> None:
    assert_clean(await absences.nats_cut(site, seconds=1))


async def test_a_reading_whose_reply_was_lost_is_known_again(site: Site) -> None:
    assert_clean(await clients.replies_lost(site, replies=1))


async def test_a_phone_that_was_offline_sends_everything_with_repeats_and_each_is_there_once(site: Site) -> None:
    assert_clean(await clients.back_online(site, days=5))


async def test_a_transaction_left_open_delays_the_feed_which_says_so_and_loses_nothing(site: Site) -> None:
    assert_clean(await time_and_room.long_transaction(site, seconds=3))


async def test_a_process_told_to_go_answers_what_is_under_way(site: Site) -> None:
    assert_clean(await handover.told_to_go(site))


async def test_a_restored_backup_begins_a_new_epoch_and_every_watcher_begins_again(site: Site) -> None:
    assert_clean(await handover.restored(site))


async def test_the_oracle_catches_a_relay_that_goes_by_the_last_id_seen(site: Site) -> None:
    await site.kill_worker(site.workers[0])
    blind = site.installed.start_doomed("tests.faults.blind_relay")
    rose, subject = site.cast.patients[ROSE], uuid4()
    async with ingest(site) as going:
        going.patience_seconds = 1
        database = site.database()
        async with database.writing() as session:
            await append_event(session, "test.happened", patient_id=rose, subject_ids=[subject])
            await going.recovered()  # others began later, ended sooner and were numbered
        await database.close()
        going.announced[str(subject)] = rose
        await going.recovered()
        found = await going.judged()
        assert found.missed == {str(subject)}
        site.installed.kill(blind)
        await site.start_worker()
        going.patience_seconds = PATIENCE_SECONDS
        assert_clean(await outcome_of(going, "the real relay finds what the blind one left", None))


async def test_the_oracle_catches_a_database_that_acknowledges_what_it_may_forget(site: Site) -> None:
    superuser = await connect(site.cluster.url(SUPERUSER, user=SUPERUSER))
    for setting in ("synchronous_commit = off", "wal_writer_delay = '10s'", "wal_writer_flush_after = '1GB'"):
        await superuser.execute(f"alter system set {setting}")
    await superuser.execute("select pg_reload_conf()")
    await superuser.close()
    async with ingest(site, may_start_again=True) as going:
        going.patience_seconds = 0
        await going.stop_sending()
        await asyncio.sleep(0)
        await site.kill_postgres()
        await site.start_postgres()
        found = await going.judged()
    assert found.lost
