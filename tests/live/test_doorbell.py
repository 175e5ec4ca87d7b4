"""The doorbell between nodes where its server, or its library, does what nobody expects: it tries again for ever."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integrations.nats import client as client_module
from integrations.nats.client import Doorbell
from tests.live.nats_server import NatsServer

PATIENCE_SECONDS = 20
SECRET = "hunter2"


@contextmanager
def speaking_nonsense(url: str) -> Iterator[None]:
    """Serve, at a NATS server's address, a greeting that the library takes apart and breaks on."""
    port = int(url.rpartition(":")[2])
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", port)) as listening:
        listening.settimeout(0.1)

        def greet() -> None:
            while not ended.is_set():
                try:
                    caller, _ = listening.accept()
                except TimeoutError:
                    continue
                with caller:
                    caller.sendall(b"INFO 5\r\n")

        greeting = threading.Thread(target=greet)
        greeting.start()
        try:
            yield
        finally:
            ended.set()
            greeting.join()


async def until(check: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not check():
            await asyncio.sleep(0.01)


async def test_what_the_library_breaks_on_is_logged_by_kind_and_place_and_tried_again_until_it_works(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "RECONNECT_SECONDS", 0.05)
    server, heard = NatsServer(tmp_path), asyncio.Event()
    bell = Doorbell(server.url.replace("//", f"//someone:{SECRET}@"), "bell")

    async def listen() -> None:
        async for _ in bell.rings():
            heard.set()

    listening = asyncio.create_task(listen())
    with caplog.at_level(logging.WARNING):
        with speaking_nonsense(server.url):
            await until(lambda: "AttributeError" in caplog.text)
        with server:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await heard.wait()
            heard.clear()
            await bell.ring()
            async with asyncio.timeout(PATIENCE_SECONDS):
                await heard.wait()
    assert "stumbled (builtins.AttributeError at " in caplog.text
    assert "client.py:" in caplog.text
    assert SECRET not in caplog.text
    listening.cancel()
    await bell.close()


async def test_a_doorbell_that_never_connected_is_hung_up_at_once(tmp_path: Path) -> None:
    bell = Doorbell(NatsServer(tmp_path).url, "bell")
    await bell.ring()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await bell.close()
    assert not bell.is_connected
