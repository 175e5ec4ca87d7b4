"""Real API and worker processes on a given database, each started and ended by its own id.

For every test that needs real ones, not the live tests alone. Everything that a process prints goes to a log that the
test may read.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from api.run.first_secrets import new_secret
from api.run.readiness import is_ready
from integrations.linux.children import Program, kill, spawn, stop
from tests.live.born import nursery
from tests.live.nursery import Birth

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
STOP_SECONDS = 30


@dataclass(frozen=True)
class Process:
    """One running process: what it printed so far stands in `log`; an API listens on `port`, a worker on none."""

    popen: Program
    log: Path
    port: int = 0

    @property
    def url(self) -> str:
        """Return the address of an API over HTTP."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def live_url(self) -> str:
        """Return the address of an API's live socket."""
        return f"ws://127.0.0.1:{self.port}/v1/live"

    def wait_until_ready(self) -> None:
        """Wait until an API knows the database, and hears of what happens: a worker numbers it."""
        give_up_at = time.monotonic() + START_SECONDS
        while not is_ready("127.0.0.1", self.port):
            if time.monotonic() > give_up_at:
                raise AssertionError(f"the server is not ready:\n{self.log.read_text()}")
            time.sleep(0.05)

    def ends_within(self, seconds: float) -> bool:
        """Return whether the process ended within the time."""
        try:
            self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


@dataclass
class Installation:
    """Processes that belong together: one database, one set of secrets."""

    database_url: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)

    def start_api(self, port: int | None = None, **environment: str) -> Process:
        """Return an API process that answers."""
        port = port or free_port()
        process = self._spawned(["serve", "--port", str(port)], port, environment)
        _wait_until_it_answers(process)
        return process

    def start_variant(self, module: str, **environment: str) -> Process:
        """Return an API process of another making, as `python -m <module> serve --port N` starts it, that answers."""
        arguments = ["serve", "--port", str(port := free_port())]
        process = self._spawned(arguments, port, environment, module)
        _wait_until_it_answers(process)
        return process

    def start_apis(self, how_many: int, **environment: str) -> list[Process]:
        """Return several API processes that answer, started at the same time."""
        ports = [free_port() for _ in range(how_many)]
        started = [self._spawned(["serve", "--port", str(port)], port, environment) for port in ports]
        for process in started:
            _wait_until_it_answers(process)
        return started

    def start_worker(self, **environment: str) -> Process:
        """Return a worker; it may not have begun its work yet."""
        return self._spawned(["worker"], 0, environment)

    def start_doomed(self, module: str, **environment: str) -> Process:
        """Return a worker of a test's own making, which will die by itself."""
        return self._spawned(["worker"], 0, environment, module)

    def stop(self, process: Process) -> bool:
        """Return whether the process ended by itself when asked to."""
        self.processes.remove(process)
        return stop(process.popen, signal.SIGTERM, grace_seconds=STOP_SECONDS)

    def kill(self, process: Process) -> None:
        """End a process at once, as a power cut would."""
        self.processes.remove(process)
        kill(process.popen)

    def stop_all(self) -> None:
        """End whatever still runs."""
        for process in self.processes:
            process.popen.send_signal(signal.SIGTERM)
        for process in list(self.processes):
            self.stop(process)

    def printed(self) -> str:
        """Return everything that any process has printed."""
        return "".join(log.read_text(errors="replace") for log in sorted(self.folder.glob("*.log")))

    def _spawned(self, arguments: list[str], port: int, environment: dict[str, str], module: str = "api") -> Process:
        log = self.folder / f"{arguments[0]}-{len(list(self.folder.glob('*.log')))}.log"
        values = self.environment | {"DATABASE_URL": self.database_url} | environment
        started = _started([module, *arguments], log, port, {f"TENDWELL_{name}": text for name, text in values.items()})
        self.processes.append(started)
        return started


@contextmanager
def installation(database_url: str, folder: Path, **environment: str) -> Iterator[Installation]:
    """Yield an installation without processes yet; whatever was started in it ends with the block.

    `environment` holds further settings without their TENDWELL_ prefix.
    """
    installed = Installation(database_url, folder, secrets() | environment)
    try:
        yield installed
    finally:
        installed.stop_all()


@contextmanager
def serving(module: str, folder: Path) -> Iterator[Process]:
    """Yield any other server, one that `python -m <module> <port>` starts and that needs no setting."""
    port = free_port()
    served = _started([module, str(port)], folder / f"{module}.log", port, {})
    try:
        _wait_until_it_answers(served)
        yield served
    finally:
        stop(served.popen, signal.SIGTERM, grace_seconds=STOP_SECONDS)


def secrets() -> dict[str, str]:
    """Return the settings of a demo installation, with fresh secrets."""
    return {
        "ENVIRONMENT": "demo",
        "SECOND_FACTOR": "when_enrolled",
        "PUBLIC_URL": "http://tendwell.test",
        "ENCRYPTION_KEY": new_secret(),
        "CURSOR_SECRET": new_secret(),
        "REFRESH_SECRET": new_secret(),
        "LOG_FORMAT": "json",
        "WEBHOOK_LOOPBACK": "true",
        # Tests ask faster than any person or phone; the budgets' own tests give themselves some.
        **{f"RATE_{what}": "0" for what in ("READS", "WRITES", "READINGS", "EXPORTS", "ADDRESS")},
    }


def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _started(arguments: list[str], log: Path, port: int, settings: dict[str, str]) -> Process:
    bare = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
    environment = bare | settings
    if standing := nursery():
        return Process(standing.born(Birth(arguments, str(log), environment)), log, port)
    return Process(spawn([sys.executable, "-m", *arguments], log=log, environment=environment, cwd=ROOT), log, port)


def _wait_until_it_answers(process: Process) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at:
        if process.popen.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{process.url}/health/live", timeout=2):
                return
        except urllib.error.HTTPError as answer:
            answer.close()
            return  # a server without that address
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{process.log.read_text()}")
