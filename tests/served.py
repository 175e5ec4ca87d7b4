"""A server in a process of its own, for tests that need real sockets: started, waited for, and ended by its own id.

Knows nothing of what is served: any module of ours that takes a port as its last argument.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from integrations.linux.children import spawn, stop

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 30
STOP_SECONDS = 10
MOST_LOG_SHOWN = 4000


@dataclass(frozen=True, slots=True)
class Served:
    """A server that listens on 127.0.0.1, and the file it logs to."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    def said(self) -> str:
        """Return the end of its log, to show when something went wrong."""
        return self.log.read_text(errors="replace")[-MOST_LOG_SHOWN:]


@contextmanager
def serving(*module_and_arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Yield the server that `python -m <module and arguments> <port>` is, as soon as it listens.

    No setting of whoever runs the tests reaches it, only those given here.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TENDWELL_")}
    with tempfile.TemporaryDirectory(prefix="tendwell-served-") as folder:
        served = Served(_free_port(), Path(folder) / "log")
        command = [sys.executable, "-m", *module_and_arguments, str(served.port)]
        process = spawn(command, log=served.log, environment=inherited | dict(environment or {}), cwd=ROOT)
        try:
            _wait_until_open(served, process)
            yield served
        finally:
            stop(process, signal.SIGTERM, grace_seconds=STOP_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_until_open(served: Served, process: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", served.port)) == 0:
                return
        if process.poll() is not None:
            raise RuntimeError(f"the server ended before it listened: {served.said()}")
        time.sleep(0.05)
    raise TimeoutError(f"the server did not listen in time: {served.said()}")
