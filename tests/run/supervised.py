"""A real `python -m api run` under observation: its lines, its processes, its end."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from integrations.postgres.embedded import open_cluster

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 150
RUNNING = "Press Ctrl-C to stop."
_NOBODY_IS_GIVEN = (20_000, 32_000)


class Supervised:
    """One data folder, and the run that is under way in it."""

    def __init__(self, folder: Path, port: int, **variables: str) -> None:
        self.folder = folder
        self.port = port
        self.output = folder.with_suffix(".output")
        given = {name: value for name, value in os.environ.items() if not name.startswith("TENDWELL_")}
        ours = {"TENDWELL_DATA_DIR": str(folder), "TENDWELL_PORT": str(port), "TENDWELL_NO_DEMO": "1"}
        self.environment = given | ours | variables
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Supervised:
        """Start a run, with nothing of an earlier one in its output."""
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api", "run"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def started(self) -> Supervised:
        """Start a run and return when it has said that it is running."""
        self.start()
        self.wait_for(RUNNING)
        return self

    def said(self) -> str:
        """Return everything the run has printed."""
        return self.output.read_text()

    def wait_for(self, words: str) -> None:
        """Return when the run has printed the words; fail with its output if it ends first."""
        assert self.process is not None
        wait_until(lambda: words in self.said() or self.process.poll() is not None, words)  # type: ignore[union-attr]
        assert words in self.said(), self.said()

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """Send the signal to the supervisor alone and return its exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_SECONDS)

    def exit_code(self) -> int:
        """Return the exit code of a run that ends by itself."""
        assert self.process is not None
        return self.process.wait(PATIENCE_SECONDS)

    def processes(self) -> dict[int, str]:
        """Return what runs for this folder: whatever carries its name in its environment, and its database server."""
        found = {}
        mark = f"TENDWELL_DATA_DIR={self.folder}".encode()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        servers = open_cluster(self.folder).leftovers() if (self.folder / "postgres").exists() else []
        return found | dict.fromkeys(servers, "postgres")

    def process_of(self, words: str) -> int:
        """Return the id of the one process whose command line holds the words."""
        (pid,) = [pid for pid, command in self.processes().items() if words in command]
        return pid


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Return when the condition holds; fail after a long while."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up_at, f"still not so: {what}"
        time.sleep(0.05)


def free_pair() -> int:
    """Return a port that is free together with the next one; the system gives neither to somebody who asks for any."""
    while True:
        port = random.randrange(*_NOBODY_IS_GIVEN)
        with socket.socket() as first, socket.socket() as second:
            try:
                first.bind(("127.0.0.1", port))
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
