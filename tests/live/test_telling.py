"""What one socket is told, without the socket: what only a rare order of events shows."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from api.live.admission import Admitted
from api.live.feed import Feed
from api.live.telling import Means, Telling
from domain.access.actor import Actor
from domain.clock import utc_now
from domain.events.queries import feed_position
from domain.ids import new_id
from integrations.postgres.client import Database
from tests.in_one_role import in_one_role
from tests.live.client import Message
from tests.live.conftest import Scene

CARL = "carl_clinician_on_care_team"


async def test_access_that_ends_and_begins_again_before_it_is_told_leaves_the_patient_on_the_list(
    scene: Scene, live_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.live.telling.HEARTBEAT_SECONDS", 0.1)
    carl, session_id, rose = scene.cast.accounts[CARL], new_id(), scene.patient("rose_resident")
    heard: asyncio.Queue[Message] = asyncio.Queue()

    async def send(text: str) -> None:
        await heard.put(json.loads(text))

    feed = Feed(in_one_role(live_database), utc_now)
    async with live_database.reading() as session:
        position = await feed_position(session)
    assert position is not None
    feed.epoch = position.epoch
    watch = feed.subscriptions.open(carl, session_id, follows_list=True)
    actor = Actor(account_id=carl, at=utc_now(), session_id=session_id, request_id="a-rare-order", grants=())
    expires_at = utc_now() + timedelta(hours=1)
    admitted = Admitted(actor, session_id, expires_at, [rose], follows_list=True, is_whole_list=True)
    telling = asyncio.create_task(
        Telling(Means(in_one_role(live_database), utc_now, feed, send), admitted, watch).run(None)
    )
    try:
        async with asyncio.timeout(20):
            assert [(await heard.get())["type"] for _ in range(2)] == ["welcome", "snapshot"]
            # The list has been looked through, and only then is it told that access had ended meanwhile.
            feed.subscriptions.revoke([(carl, rose)])
            assert (await heard.get())["type"] == "unwatched"
            assert (await heard.get())["patients"] == [str(rose)]
            assert (await heard.get())["type"] == "snapshot"
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
