"""POST to screen: from the moment a client posts to the moment a watching socket has the message."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.figures import Figures
from benchmarks.http_client import LOOPBACK, Connection
from benchmarks.load import echo_readings, readings

LONGEST_WAIT_SECONDS = 10


async def watch_patient(port: int, ticket: str, patient_id: str) -> ClientConnection:
    """Return a socket that has had its welcome and snapshot."""
    socket = await connect(
        f"ws://{LOOPBACK}:{port}/v1/live", subprotocols=[Subprotocol("tendwell.v1")], compression=None
    )
    await socket.send(
        orjson.dumps({"type": "hello", "ticket": ticket, "watch": {"patients": [patient_id]}, "cursor": None}).decode()
    )
    while orjson.loads(await socket.recv())["type"] != "snapshot":
        pass
    return socket


async def watch_broadcast(port: int) -> ClientConnection:
    """Return a socket on the bare broadcast."""
    return await connect(f"ws://{LOOPBACK}:{port}/broadcast", compression=None)


async def post_to_screen(
    name: str,
    sockets: list[ClientConnection],
    *,
    post: tuple[int, str, str],
    posts: int,
    per_second: float,
    is_event: Callable[[str | bytes], bool],
) -> Figures:
    """Return the delay of every (post, watcher) pair when posts come at a gentle, even rate."""
    port, path, token = post
    delays_ms: list[float] = []
    posted_at: list[float] = []

    async def watcher(socket: ClientConnection) -> None:
        for number in range(posts):
            while True:
                message = await asyncio.wait_for(socket.recv(), LONGEST_WAIT_SECONDS)
                if is_event(message):
                    break
            delays_ms.append((time.perf_counter() - posted_at[number]) * 1000)

    listening = [asyncio.create_task(watcher(socket)) for socket in sockets]
    started = time.perf_counter()
    async with Connection(port) as connection:
        for number in range(posts):
            await asyncio.sleep(max(0.0, started + number / per_second - time.perf_counter()))
            body = readings(1) if token else echo_readings(1)
            posted_at.append(time.perf_counter())
            await connection.post(path, body, token)
    await asyncio.gather(*listening)
    taken = time.perf_counter() - started
    for socket in sockets:
        await socket.close()
    return Figures(name, tuple(delays_ms), taken)
