"""Processes that are born in a nursery (`tests/live/nursery.py`), and looked after as started programs are."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.live.nursery import MOST_BYTES, Birth

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_LOAD = 60


class Child:
    """A process that was born: what `subprocess.Popen` is for one whose parent is this process."""

    def __init__(self, asked: socket.socket) -> None:
        self._asked = asked
        asked.settimeout(SECONDS_TO_LOAD)
        self.pid = int(asked.recv(MOST_BYTES))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code once it has ended, minus the signal that ended it."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code when it has ended. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            ended = select.poll()
            ended.register(self._asked, select.POLLIN)
            if not ended.poll(None if timeout is None else timeout * 1000):
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            # When the nursery dies it says nothing, and all its children are killed.
            self.returncode = int(self._asked.recv(MOST_BYTES) or -signal.SIGKILL)
            self._asked.close()
        return self.returncode

    def send_signal(self, number: int, /) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Nursery:
    """A nursery that is there from the first birth on."""

    def __init__(self, folder: Path) -> None:
        self._address = folder / "nursery"
        self._log = folder / "nursery.log"
        self._pid = 0

    def born(self, birth: Birth) -> Child:
        """Return the process that was asked for."""
        if not self._pid:
            self._open()
        asked = self._connected()
        asked.send(birth.to_bytes())
        return Child(asked)

    def _open(self) -> None:
        """Start it. Not as what ends with the thread that started it: that may be one that ends before the tests do."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
        self._pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "tests.live.nursery", str(self._address), str(os.getpid())],
            kept | {"PYTHONPATH": str(ROOT)},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(self._log), os.O_WRONLY | os.O_CREAT, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setpgroup=0,
        )

    def _connected(self) -> socket.socket:
        give_up_at = time.monotonic() + SECONDS_TO_LOAD
        while True:
            asked = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            try:
                asked.connect(str(self._address))
                return asked
            except (FileNotFoundError, ConnectionRefusedError):  # it is loading
                asked.close()
            assert os.waitpid(self._pid, os.WNOHANG) == (0, 0), self._log.read_text()
            assert time.monotonic() < give_up_at, "the nursery takes too long"
            time.sleep(0.02)

    def close(self) -> None:
        """End it, and whatever was born in it and still runs."""
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0


_standing: list[Nursery] = []


@contextmanager
def in_a_nursery() -> Iterator[None]:
    """Have every process that an installation starts be born, as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="tendwell-nursery-") as folder:
        _standing.append(Nursery(Path(folder)))
        try:
            yield
        finally:
            _standing.pop().close()


def nursery() -> Nursery | None:
    """Return the nursery, where there is one."""
    return _standing[-1] if _standing else None
