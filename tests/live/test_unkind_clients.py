"""Clients that freeze, never pong or read slowly: they are let go in time, and nobody else notices."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from uuid import UUID

import httpx
from websockets.exceptions import ConnectionClosed

from integrations.postgres.client import Database
from tests.live.client import Caller, Conversation, hello, watching
from tests.live.conftest import Scene
from tests.live.readings import post
from tests.live.unkind import RawClient, told_much

ASHA = "asha_clinician_of_practice"
LONGEST_FREEZE_SECONDS = 15
READINGS_AN_EVENT = 100


async def delays(
    scene: Scene, http: httpx.AsyncClient, asha: Caller, sam: UUID, until: asyncio.Event
) -> tuple[list[float], list[str]]:
    """Return how long each reading took to another watcher at the same process, and what else that watcher heard."""
    found, others = [], []
    async with watching(http, scene.apis[0], asha, [sam]) as watcher:
        while not until.is_set():
            began = time.monotonic()
            await post(http, scene.apis[1], asha, sam)
            while (heard := await watcher.hear())["type"] != "event":
                others.append(heard["type"])
            found.append(time.monotonic() - began)
            await asyncio.sleep(0.05)
    return found, others


async def test_a_frozen_client_is_dropped_and_the_others_do_not_notice(
    scene: Scene, http: httpx.AsyncClient, live_database: Database
) -> None:
    asha, api = await scene.signed_in(http, ASHA), scene.apis[0]
    rose, sam = scene.patient("rose_resident"), scene.patient("sam_at_home")
    observations = await post(http, api, asha, rose, READINGS_AN_EVENT)
    frozen = RawClient(api, hello(await asha.ticket(http, api), [rose]), receive_buffer=4_096)
    mute = RawClient(api, hello(await asha.ticket(http, api), [sam]), receive_buffer=65_536)
    over = asyncio.Event()
    others = asyncio.create_task(delays(scene, http, asha, sam, over))
    waits = [
        asyncio.to_thread(frozen.closed_after, LONGEST_FREEZE_SECONDS, reading=False),
        asyncio.to_thread(mute.closed_after, LONGEST_FREEZE_SECONDS, reading=True),
    ]
    # More than any buffer on the way holds, so that the window of the frozen one is full.
    await told_much(live_database, rose, observations, 40)
    dropped, hung_up = await asyncio.gather(*waits)
    over.set()
    seconds, heard = await others
    frozen.socket.close()
    mute.socket.close()
    assert dropped is not None, "the frozen client is still connected"
    assert hung_up is not None, "the client that never pongs is still connected"
    assert "heartbeat" in heard
    assert len(seconds) > 20
    assert max(seconds) < dropped / 2, "had they waited for the frozen one, it would have been until it was dropped"


async def read_to_the_end(conversation: Conversation) -> tuple[list[int], int | None]:
    """Return the numbers of the events that still come, and the code with which the server closes."""
    numbers = []
    with suppress(ConnectionClosed):
        while True:
            heard = await conversation.hear()
            if heard["type"] == "event":
                numbers.append(heard["number"])
    return numbers, conversation.socket.close_code


async def test_a_slow_reader_is_told_to_resume_and_misses_nothing(
    scene: Scene, http: httpx.AsyncClient, live_database: Database
) -> None:
    asha, api = await scene.signed_in(http, ASHA), scene.apis[0]
    rose, sam = scene.patient("rose_resident"), scene.patient("sam_at_home")
    observations = await post(http, api, asha, rose, READINGS_AN_EVENT)
    events = 80
    async with (
        watching(http, api, asha, [sam]) as quick,
        watching(http, api, asha, [rose], max_size=2**24, max_queue=1) as slow,
    ):
        welcome = await slow.hear_a("welcome")
        await slow.hear_a("snapshot")
        await quick.hear_a("welcome")
        await quick.hear_a("snapshot")
        await told_much(live_database, rose, observations, events)
        await post(http, api, asha, sam)
        await quick.hear_a("event")  # so all that came before was handed out, and the slow one has read none of it
        told, code = await read_to_the_end(slow)
    assert code == 4408
    assert 0 < len(told) < events
    async with watching(http, api, asha, [rose], (welcome["epoch"], told[-1]), max_size=2**24) as again:
        assert (await again.hear_a("welcome"))["resumed"]
        while len(told) < events:
            event = await again.hear_a("event")
            assert event["previous"] == told[-1]
            told.append(event["number"])
    assert told == sorted(set(told))
