"""What one socket is told, without the socket: what only a rare order of events shows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from api.live.admission import Admitted
from api.live.feed import Feed
from api.live.inbox import Told
from api.live.protocol import Message as Said
from api.live.protocol import parse_message
from api.live.subscriptions import Watch
from api.live.telling import Means, Telling
from domain.access.actor import Actor
from domain.access.ground import Touched
from domain.clock import utc_now
from domain.events.queries import feed_position
from domain.ids import new_id
from integrations.postgres.client import Database
from tests.frames import texts
from tests.in_one_role import in_one_role
from tests.live.client import Message
from tests.live.conftest import Scene

CARL = "carl_clinician_on_care_team"


@dataclass
class Side:
    """The side of a conversation that speaks: what was heard of it, and what it is done with."""

    line: HeardLine
    feed: Feed
    watch: Watch
    task: asyncio.Task[None]
    request_id: str

    @property
    def heard(self) -> asyncio.Queue[Message]:
        """Return what was heard and not looked at yet."""
        return self.line.heard

    async def hear(self, kind: str) -> Message:
        """Return the next message that is no heartbeat, which is of this kind."""
        while (message := await self.heard.get())["type"] == "heartbeat":
            pass
        assert message["type"] == kind
        return message


class CurrentFeed(Feed):
    """A feed that nobody runs, and that says it is current."""

    def is_current(self) -> bool:
        """Return True."""
        return True


class HeardLine:
    """A line on which there is room as long as a test does not take it, and what is heard at its end."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Message] = asyncio.Queue()
        self.room = asyncio.Event()
        self.room.set()
        self.puts = 0

    async def ready(self) -> None:
        """Return when there is room."""
        await self.room.wait()

    def has_room(self) -> bool:
        """Return whether there is."""
        return self.room.is_set()

    def put(self, frames: bytes) -> None:
        """Hear each message."""
        self.puts += 1
        for message in texts(frames):
            self.heard.put_nowait(json.loads(message))


def asked(*patient_ids: UUID) -> Said:
    """Return the message that watches these too."""
    return parse_message(json.dumps({"type": "watch", "patients": [str(each) for each in patient_ids]}))


@asynccontextmanager
async def told(scene: Scene, database: Database, patient_id: UUID) -> AsyncIterator[Side]:
    """Yield Carl's side of a conversation in which his list is watched, with this patient on it."""
    carl, session_id, request_id = scene.cast.accounts[CARL], new_id(), str(uuid4())
    line = HeardLine()
    feed = CurrentFeed(in_one_role(database), utc_now)
    async with database.reading() as session:
        position = await feed_position(session)
    assert position is not None
    feed.epoch = position.epoch
    watch = feed.subscriptions.open(carl, session_id, follows_list=True)
    actor = Actor(account_id=carl, at=utc_now(), session_id=session_id, request_id=request_id, grants=())
    expires_at = utc_now() + timedelta(hours=1)
    admitted = Admitted(actor, session_id, expires_at, [patient_id], follows_list=True, is_whole_list=True)
    telling = asyncio.create_task(Telling(Means(in_one_role(database), utc_now, feed, line), admitted, watch).run(None))
    try:
        async with asyncio.timeout(20):
            yield Side(line, feed, watch, telling, request_id)
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


async def test_access_that_ends_and_begins_again_before_it_is_told_leaves_the_patient_on_the_list(
    scene: Scene, live_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.live.telling.HEARTBEAT_SECONDS", 0.1)
    carl, rose = scene.cast.accounts[CARL], scene.patient("rose_resident")
    async with told(scene, live_database, rose) as side:
        await side.hear("welcome")
        await side.hear("snapshot")
        # The list has been looked through, and only then is it told that access had ended meanwhile.
        side.feed.subscriptions.revoke([(carl, rose)])
        await side.hear("unwatched")
        assert (await side.hear("watching"))["patients"] == [str(rose)]
        await side.hear("snapshot")


async def test_every_snapshot_is_audited_once_however_often_it_is_asked_for_the_first_with_its_watch(
    scene: Scene, live_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.live.telling.HEARTBEAT_SECONDS", 0.1)
    rose = scene.patient("rose_resident")
    audited = text(
        "select action from audit_event where request_id = :request_id and patient_id = :rose"
        " and basis = 'care_team' order by id"
    )

    async def trail(side: Side) -> list[str]:
        async with live_database.reading() as session:
            return list(await session.scalars(audited, {"request_id": side.request_id, "rose": rose}))

    async with told(scene, live_database, rose) as side:
        await side.hear("welcome")
        await side.hear("snapshot")
        looks = ["observation.watch"]
        assert await trail(side) == looks
        for _ in range(3):
            # Named twice in one message, she is told of once.
            side.watch.inbox.ask(asked(rose, rose))
            assert (await side.hear("watching"))["patients"] == [str(rose)]
            await side.hear("snapshot")
            looks.append("observation.latest")
            assert await trail(side) == looks
        # Watched anew, as it is told that access had ended, she is looked at once more, and once.
        side.feed.subscriptions.revoke([(scene.cast.accounts[CARL], rose)])
        await side.hear("unwatched")
        await side.hear("watching")
        await side.hear("snapshot")
        assert await trail(side) == [*looks, "observation.unwatch", "observation.watch"]
        assert {side.heard.get_nowait()["type"] for _ in range(side.heard.qsize())} <= {"heartbeat"}


async def test_without_its_audit_row_no_snapshot_is_told_and_nothing_after_it(
    scene: Scene, live_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class TheTrailIsFull(Exception):
        pass

    async def refuses(_session: object, _actor: object, _action: str, touched: Sequence[Touched]) -> None:
        if touched:
            raise TheTrailIsFull

    rose = scene.patient("rose_resident")
    async with told(scene, live_database, rose) as side:
        await side.hear("welcome")
        await side.hear("snapshot")
        monkeypatch.setattr("api.live.telling.record_audits", refuses)
        side.watch.inbox.ask(asked(rose))
        with pytest.raises(TheTrailIsFull):
            await side.task
        while not side.heard.empty():
            assert (await side.heard.get())["type"] in {"watching", "heartbeat"}


def happened(number: int, patient_id: UUID) -> Told:
    """Return an event as it is told."""
    return Told(number, patient_id, f'{{"type":"event","number":{number}}}')


async def test_what_waits_is_told_together_in_its_order(scene: Scene, live_database: Database) -> None:
    rose = scene.patient("rose_resident")
    async with told(scene, live_database, rose) as side:
        before = (await side.hear("welcome"))["number"]
        await side.hear("snapshot")
        first, second, third = (happened(before + each, rose) for each in (1, 2, 3))
        side.watch.inbox.tell(first)
        assert (await side.hear("event"))["previous"] == before
        side.line.room.clear()
        puts = side.line.puts
        for event in (second, third):
            side.watch.inbox.tell(event)
        await asyncio.sleep(0)
        side.line.room.set()
        heard = [await side.hear("event") for _ in range(2)]
        assert [(each["previous"], each["number"]) for each in heard] == [
            (first.number, second.number),
            (second.number, third.number),
        ]
        assert side.line.puts == puts + 1


async def test_what_waits_for_room_is_not_told_once_access_has_ended(scene: Scene, live_database: Database) -> None:
    carl, rose = scene.cast.accounts[CARL], scene.patient("rose_resident")
    async with told(scene, live_database, rose) as side:
        before = (await side.hear("welcome"))["number"]
        await side.hear("snapshot")
        side.line.room.clear()
        side.watch.inbox.tell(happened(before + 1, rose))
        await asyncio.sleep(0.05)
        side.feed.subscriptions.revoke([(carl, rose)])
        side.line.room.set()
        await side.hear("unwatched")
