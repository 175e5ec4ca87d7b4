"""A real NATS server of the test's own, which can be stopped and started again at the same address."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from integrations.linux.children import kill, spawn, stop
from tests.live.processes import free_port

PROGRAM = Path(sys.executable).with_name("nats-server")
START_SECONDS = 20


class NatsServer:
    """A server at one address; it runs while the block runs, and may run again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return its address, whether it runs or not."""
        return f"nats://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        """Start it, and wait until it listens."""
        command = [str(PROGRAM), "-a", "127.0.0.1", "-p", str(self._port)]
        self._process = spawn(command, log=self._folder / "nats.log")
        give_up_at = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
                return self
            except OSError:
                assert time.monotonic() < give_up_at, (self._folder / "nats.log").read_text()
                time.sleep(0.02)

    @property
    def pid(self) -> int:
        """Return the id of its process, while it runs."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        assert self._process is not None
        kill(self._process)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        assert self._process is not None
        stop(self._process, signal.SIGTERM, grace_seconds=5)
