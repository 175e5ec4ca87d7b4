"""The bare broadcast that delivery is held to tells everybody who is there what was posted, and nobody else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import uvicorn
from websockets.asyncio.client import connect

from benchmarks.http_client import LOOPBACK, Connection
from benchmarks.limits import watchers
from benchmarks.load import echo_readings
from benchmarks.screens import open_bare_screens
from benchmarks.stage import LIMITS

SCREENS = 5


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Yield where the limits listen, with the options that the bench gives them."""
    app, option, protocol = LIMITS
    assert option == "--ws"
    listening = socket.create_server((LOOPBACK, 0))
    server = uvicorn.Server(uvicorn.Config(app, ws=protocol, log_level="warning"))
    serving = asyncio.create_task(server.serve([listening]))
    yield int(listening.getsockname()[1])
    server.should_exit = True
    await serving


async def test_everybody_hears_each_push_once_and_as_it_was_posted(port: int) -> None:
    bodies = [echo_readings(each) for each in (1, 100, 1000)]
    async with AsyncExitStack() as stack:
        address = f"ws://{LOOPBACK}:{port}/broadcast"
        screens = [await stack.enter_async_context(connect(address, compression=None)) for _ in range(SCREENS)]
        async with Connection(port) as connection:
            for body in bodies:
                assert (await connection.post("/push", body))[0] == 201
        for screen in screens:
            async with asyncio.timeout(5):
                assert [await screen.recv(decode=False) for _ in bodies] == bodies
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(screen.recv(), 0.01)


async def test_who_has_left_is_not_written_to(port: int) -> None:
    gone, stays = await open_bare_screens(port, 2)
    gone.close()
    async with asyncio.timeout(5):
        while len(watchers) > 1:
            await asyncio.sleep(0.01)
        async with Connection(port) as connection:
            assert (await connection.post("/push", echo_readings(1)))[0] == 201
        while not stays.heard_at:
            await asyncio.sleep(0.01)
    stays.close()
