"""What is stored is told: all of it, once, in order, whatever drops, dies or restarts on the way."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import httpx
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from domain.events.commands import append_event
from domain.events.event import ACCESS_CHANGED
from domain.events.queries import events_of_patients_after, feed_position
from integrations.postgres.client import Database
from tests.live.client import Caller, Follower, Message, watching
from tests.live.conftest import Scene
from tests.live.processes import Process
from tests.live.readings import post

ASHA = "asha_clinician_of_practice"
SECONDS_OF_TROUBLE = 6.0
FEWEST_CONNECTIONS = 6
PATIENCE_SECONDS = 40


class Trouble:
    """Writers, and clients that come and go, until the time is up and each client has come and gone often enough."""

    def __init__(
        self, scene: Scene, http: httpx.AsyncClient, database: Database, asha: Caller, followers: list[Follower]
    ) -> None:
        self.scene, self.http, self.database, self.asha, self.followers = scene, http, database, asha, followers
        self.chance = random.Random(7)
        self.apis = list(scene.apis)
        self.ends_at = time.monotonic() + SECONDS_OF_TROUBLE
        self.stored: list[str] = []

    @property
    def goes_on(self) -> bool:
        """Return whether there is trouble still."""
        now, fewest = time.monotonic(), min(follower.connections for follower in self.followers)
        return now < self.ends_at or (fewest < FEWEST_CONNECTIONS and now < self.ends_at + PATIENCE_SECONDS)

    async def phone(self, patient: UUID) -> None:
        """Post readings, one or several at a time, with pauses."""
        while self.goes_on:
            api = self.chance.choice(self.scene.apis)
            self.stored += await post(self.http, api, self.asha, patient, self.chance.choice([1, 1, 1, 5]))
            await asyncio.sleep(self.chance.uniform(0, 0.05))

    async def slow_writer(self, patient: UUID) -> None:
        """Hold transactions open for a while between what they write and their commit."""
        while self.goes_on:
            async with self.database.writing() as session:
                await append_event(session, "test.happened", patient_id=patient)
                await asyncio.sleep(self.chance.uniform(0, 0.15))

    async def restless(self, follower: Follower) -> None:
        """Follow for a moment here, then a moment there."""
        while self.goes_on:
            await self.stay(follower, self.chance.choice(self.apis), self.chance.uniform(0.05, 0.8))

    async def stay(self, follower: Follower, api: Process, seconds: float) -> None:
        """Follow at one process until the time is up or the process is."""
        with suppress(TimeoutError, ConnectionClosed, InvalidHandshake, OSError, httpx.TransportError):
            await follower.follow(self.http, api, self.asha, seconds)


async def stored_events(database: Database, follower: Follower) -> list[tuple[int, list[str]]]:
    """Return what must have been told: the number and subjects of every event since the client first came."""
    async with database.reading() as session:
        position = await feed_position(session)
        assert position is not None
        events = await events_of_patients_after(
            session, follower.patients, follower.started_at, position.number, 1_000_000
        )
    return [(e.number, [str(s) for s in e.subject_ids]) for e in events if e.kind != ACCESS_CHANGED]


def as_told(messages: list[Message]) -> list[tuple[int, list[str]]]:
    """Return the same of what was told, having checked that every reading came with its event."""
    for message in messages:
        ids = [observation["id"] for observation in message["observations"]]
        assert ids == (message["subject_ids"] if message["kind"].startswith("observation.") else [])
    return [(message["number"], message["subject_ids"]) for message in messages]


async def test_nothing_is_lost_doubled_or_reordered_while_clients_processes_and_relays_come_and_go(
    scene: Scene, http: httpx.AsyncClient, live_database: Database
) -> None:
    asha = await scene.signed_in(http, ASHA)
    rose, sam = scene.patient("rose_resident"), scene.patient("sam_at_home")
    second_worker, doomed = scene.installed.start_worker(), scene.installed.start_api()
    followers = [Follower([rose, sam]), Follower([rose]), Follower([sam]), Follower([rose, sam])]
    trouble = Trouble(scene, http, live_database, asha, followers)
    trouble.apis.append(doomed)

    async def disaster() -> None:
        await asyncio.sleep(SECONDS_OF_TROUBLE / 3)
        scene.installed.kill(doomed)
        await asyncio.sleep(SECONDS_OF_TROUBLE / 3)
        scene.installed.kill(second_worker)

    for follower in followers:
        while not follower.started_at:  # a busy machine may take longer than a moment to welcome somebody
            await trouble.stay(follower, scene.apis[0], 0.2)
    async with asyncio.TaskGroup() as all_at_once:
        for follower in followers:
            all_at_once.create_task(trouble.restless(follower))
        for patient in (rose, rose, sam, sam):
            all_at_once.create_task(trouble.phone(patient))
            all_at_once.create_task(trouble.slow_writer(patient))
        all_at_once.create_task(disaster())
    await _until_numbered(live_database)
    for follower in followers:
        expected = await stored_events(live_database, follower)
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while len(follower.told) < len(expected) and time.monotonic() < give_up_at:
            await trouble.stay(follower, scene.apis[0], 0.5)
        assert as_told(follower.told) == expected
        assert follower.connections >= FEWEST_CONNECTIONS
        assert len(expected) > 20
    everything = {subject for message in followers[0].told for subject in message["subject_ids"]}
    assert everything == set(trouble.stored), "a reading that was answered 201 was never told"


async def _until_numbered(database: Database) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            async with database.reading() as session:
                if not (await session.execute(text("select exists (select from event_outbox)"))).scalar_one():
                    return
            await asyncio.sleep(0.02)


async def test_stopping_a_process_tells_its_clients_to_come_again_and_ends_in_time(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    asha, sam = await scene.signed_in(http, ASHA), scene.patient("sam_at_home")
    stopping = scene.installed.start_api()
    async with watching(http, stopping, asha, [sam]) as socket:
        await socket.hear_a("welcome")
        await socket.hear_a("snapshot")
        began = time.monotonic()
        closed = asyncio.create_task(socket.close_code())
        assert await asyncio.to_thread(scene.installed.stop, stopping), "it had to be killed"
        assert await closed == 1012
        assert time.monotonic() - began < 10
    assert "Traceback" not in stopping.log.read_text()


async def test_a_restored_database_ends_every_socket_and_the_old_cursors(
    scene: Scene, http: httpx.AsyncClient, live_database: Database
) -> None:
    asha, rose = await scene.signed_in(http, ASHA), scene.patient("rose_resident")
    async with _ended(scene, http, live_database, asha, rose) as (welcome, session):
        # What the log of another cluster looks like: its name differs, its transaction ids lie in our future.
        await session.execute(text("update event_relay set cluster = 'another'"))
        await append_event(session, "test.happened", patient_id=rose)
        await session.execute(text("update event_outbox set xid = '1152921504606846976'"))
    again = await _welcomed_again(scene, http, asha, welcome)
    assert again[0]["epoch"] != welcome["epoch"]
    assert again[1] == {"type": "resync", "reason": "epoch"}
    assert again[2]["type"] == "snapshot"


async def test_while_nobody_numbers_events_nobody_is_welcomed_with_or_without_a_cursor(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    asha, rose = await scene.signed_in(http, ASHA), scene.patient("rose_resident")
    (worker,) = (each for each in scene.installed.processes if not each.port)
    async with watching(http, scene.apis[1], asha, [rose]) as socket:
        welcome = await socket.hear()
        await socket.hear_a("snapshot")
        os.kill(worker.popen.pid, signal.SIGSTOP)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                cursor = (welcome["epoch"], welcome["number"])
                while await _is_welcomed(http, scene.apis[1], asha, rose, cursor):
                    await asyncio.sleep(0.2)
            assert not await _is_welcomed(http, scene.apis[1], asha, rose, None)
        finally:
            os.kill(worker.popen.pid, signal.SIGCONT)
    again = await _welcomed_again(scene, http, asha, welcome)
    assert again[0]["resumed"]


async def test_a_server_that_is_started_anew_ends_sockets_and_their_cursors_stay_good(
    scene: Scene, http: httpx.AsyncClient, live_database: Database
) -> None:
    asha, rose = await scene.signed_in(http, ASHA), scene.patient("rose_resident")
    async with _ended(scene, http, live_database, asha, rose) as (welcome, session):
        await session.execute(text("update event_relay set server_started_at = now() - interval '1 day'"))
        await append_event(session, "test.happened", patient_id=rose)
    again = await _welcomed_again(scene, http, asha, welcome)
    assert again[0]["resumed"] and again[0]["epoch"] != welcome["epoch"]


@asynccontextmanager
async def _ended(
    scene: Scene, http: httpx.AsyncClient, database: Database, asha: Caller, patient: UUID
) -> AsyncIterator[tuple[Message, AsyncSession]]:
    """Yield the welcome of one who watches, and a session in which to change the log; on leaving, the watch has ended.

    That is with 1012: come again.
    """
    async with watching(http, scene.apis[0], asha, [patient]) as socket:
        welcome = await socket.hear()
        await socket.hear_a("snapshot")
        async with database.writing() as session:
            yield welcome, session
        assert await socket.close_code() == 1012


async def _is_welcomed(
    http: httpx.AsyncClient, api: Process, asha: Caller, patient: UUID, cursor: tuple[str, int] | None
) -> bool:
    """Return whether a node lets somebody in; if not, it has said try later."""
    async with watching(http, api, asha, [patient], cursor) as socket:
        try:
            return bool((await socket.hear())["type"] == "welcome")
        except ConnectionClosed:
            assert socket.socket.close_code == 1013
            return False


async def _welcomed_again(scene: Scene, http: httpx.AsyncClient, asha: Caller, welcome: Message) -> list[Message]:
    """Return the first three messages at the other process once it lets this client in."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (again := await _resumed(scene, http, asha, welcome))[0]["type"] != "welcome":
            await asyncio.sleep(0.1)
    return again


async def _resumed(scene: Scene, http: httpx.AsyncClient, asha: Caller, welcome: Message) -> list[Message]:
    """Return the first three messages at the other process, which may not have noticed yet: then it says try later."""
    cursor, patients = (welcome["epoch"], welcome["number"]), [UUID(patient) for patient in welcome["patients"]]
    async with watching(http, scene.apis[1], asha, patients, cursor) as socket:
        try:
            return [await socket.hear() for _ in range(3)]
        except ConnectionClosed:
            assert socket.socket.close_code == 1013
            return [{"type": "try later"}]
