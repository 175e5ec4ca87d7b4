"""Starts everything in order, watches it, and stops it in the opposite order.

Knows which parts there are and what each must be told through its environment. Refuses to know what they do.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn

from api.run.child import CANNOT_START, Child, ending, in_words
from api.run.child_log import ChildLog, alarming
from api.run.demo import Demo, Ended
from api.run.first_secrets import secret_files
from api.run.one_at_a_time import only_run
from api.run.ports import require_free
from api.run.readiness import is_ready
from api.run.refusals import StopRequested, WillNotStart
from api.run.steps import Steps
from integrations.linux.children import spawn
from integrations.postgres.embedded import SERVICE, Cluster, EmbeddedServerFailed, open_cluster
from integrations.postgres.errors import DatabaseUnavailable, UnsupportedServer
from integrations.postgres.migrate import migrate

HOST = "127.0.0.1"
# What people type: passkeys are bound to a name, and every browser knows this one as the address above.
NAME = "localhost"
FIRST_PORT = 8080
ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_SECONDS = 120.0
LOOK_EVERY_SECONDS = 0.1
POSTGRES_GRACE_SECONDS = 20.0
STOPPED, FAILED, REFUSED = 0, 1, 2
_MOST_ALARMS_AT_ONCE = 5


class PartFailed(Exception):
    """A part ended before it was ready; the message holds the end of its log."""


def run(environment: Mapping[str, str]) -> int:
    """Return the exit code of a whole run: 0 stopped as asked, 1 a part failed to start, 2 nothing was started."""
    folder = data_folder(environment)
    folder.mkdir(parents=True, exist_ok=True)
    # The embedded server's account must be able to pass through when we are root; what is secret has its own mode.
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    try:
        ports = _ports(environment.get("TENDWELL_PORT") or str(FIRST_PORT))
        with only_run(folder):
            require_free(HOST, ports)
            return Run(folder, ports, environment).until_stopped()
    except WillNotStart as refusal:
        print(f"Tendwell will not start: {refusal}", file=sys.stderr)
        return REFUSED


def data_folder(environment: Mapping[str, str]) -> Path:
    """Return where an installation that runs on this machine alone keeps everything."""
    return Path(environment.get("TENDWELL_DATA_DIR") or ROOT / ".tendwell").resolve()


def _ports(text: str) -> tuple[int, int]:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65_534:
        raise WillNotStart("TENDWELL_PORT must be a port number from 1 to 65534; it and the next one are used.")
    return int(text), int(text) + 1


class Run:
    """One run: its children in stages. A stage starts when the one before is ready, and stops before it."""

    def __init__(self, folder: Path, ports: tuple[int, int], environment: Mapping[str, str]) -> None:
        """Nothing is started yet."""
        self._folder = folder
        self._logs = folder / "log"
        self._logs.mkdir(mode=0o700, exist_ok=True)
        self._mail = folder / "mail"
        self._ports = ports
        self._given = environment
        self._stages: list[list[Child]] = []
        self._asked_to_stop = 0
        self._shortfall = self._sign_ins = ""
        self._steps = Steps(say)

    def until_stopped(self) -> int:
        """Return the exit code when everything started here has ended again."""
        for ending_signal in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(ending_signal, self._ask_to_stop)
        try:
            self._start()
            self._watch()
        except StopRequested:
            return STOPPED
        except (PartFailed, EmbeddedServerFailed, DatabaseUnavailable, UnsupportedServer) as error:
            say(f"Tendwell did not start: {error}")
            return FAILED
        finally:
            self._stop()

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_stop += 1

    def _pause(self) -> None:
        time.sleep(LOOK_EVERY_SECONDS)
        if self._asked_to_stop:
            raise StopRequested

    # Starting

    def _start(self) -> None:
        database_url = self._given.get("TENDWELL_DATABASE_URL")
        owner_url = self._given.get("TENDWELL_OWNER_DATABASE_URL") or database_url
        if database_url is None or owner_url is None:
            owner_url, database_url = self._embedded_server()
        self._steps.now("Bringing the database up to date…")
        database_is_new = asyncio.run(migrate(owner_url, service_url=database_url)).was_empty
        environment = self._environment(database_url)
        self._steps.now("Starting two API processes and the worker…")
        python = (sys.executable, "-m", "api")
        apis = [
            self._child(f"api-{port}", [*python, "serve", "--host", HOST, "--port", str(port)], environment)
            for port in self._ports
        ]
        self._begin([*apis, self._child("worker", [*python, "worker"], environment)])
        self._wait_until_the_apis_are_ready()
        if not self._given.get("TENDWELL_NO_DEMO"):
            self._start_demo(environment, into_new_database=database_is_new)
        self._print_welcome()

    def _embedded_server(self) -> tuple[str, str]:
        """Return the URLs of the tables' owner and of the service."""
        self._steps.now("Starting PostgreSQL…")
        cluster = open_cluster(self._folder)
        log = ChildLog(self._logs / "postgres.log")

        def start() -> subprocess.Popen[bytes]:
            if cluster.stop_leftovers():
                say("Stopped a PostgreSQL server that an earlier run had left behind.")
            return cluster.start(log.inlet())

        child = Child("postgres", start, log, stop_signal=signal.SIGINT, grace_seconds=POSTGRES_GRACE_SECONDS)
        self._begin([child])
        self._wait_until_postgres_is_ready(cluster, child)
        asyncio.run(cluster.ensure_database())
        return cluster.url(), cluster.url(user=SERVICE)

    def _wait_until_postgres_is_ready(self, cluster: Cluster, child: Child) -> None:
        def pause() -> None:
            self._steps.still("Waiting for PostgreSQL, which may be recovering…")
            self._pause()

        try:
            cluster.wait_until_ready(_process(child), pause=pause)
        except EmbeddedServerFailed as error:
            raise PartFailed(f"{error}\n{_end_of(child.log)}") from error

    def _environment(self, database_url: str) -> dict[str, str]:
        """Return what the children are told; whatever the operator has set wins."""
        ours = {
            "TENDWELL_ENVIRONMENT": "demo",
            "TENDWELL_SECOND_FACTOR": "when_enrolled",
            "TENDWELL_PUBLIC_URL": f"http://{NAME}:{self._ports[0]}",
            "TENDWELL_ALLOWED_ORIGINS": ",".join(
                f"http://{name}:{port}" for name in (NAME, HOST) for port in self._ports
            ),
            "PYTHONUNBUFFERED": "1",
        }
        if not self._given.get("TENDWELL_SMTP_URL"):
            ours["TENDWELL_MAIL_DIR"] = str(self._mail)
        always = {"TENDWELL_DATABASE_URL": database_url, "TENDWELL_DATA_DIR": str(self._folder)}
        return ours | secret_files(self._folder / "secrets") | dict(self._given) | always

    def _child(self, name: str, command: list[str], environment: Mapping[str, str]) -> Child:
        log = ChildLog(self._logs / f"{name}.log")
        return Child(name, lambda: spawn(command, log=log.inlet(), environment=environment, cwd=ROOT), log)

    def _begin(self, stage: list[Child]) -> None:
        self._stages.append([])
        for child in stage:
            self._stages[-1].append(child)
            try:
                child.begin(time.monotonic())
            except CANNOT_START as error:
                raise PartFailed(f"{child.name} could not be started: {in_words(error)}") from error

    def _wait_until_the_apis_are_ready(self) -> None:
        give_up_at = time.monotonic() + READY_WITHIN_SECONDS
        while waiting := [f"api-{port}" for port in self._ports if not is_ready(HOST, port)]:
            for child in self._children():
                if (code := _process(child).poll()) is not None:
                    raise PartFailed(f"{child.name} {ending(code)}\n{_end_of(child.log)}")
            if time.monotonic() > give_up_at:
                logs = "\n".join(_end_of(child.log) for child in self._stages[-1])
                raise PartFailed(f"The API was not ready after {READY_WITHIN_SECONDS:.0f} seconds.\n{logs}")
            self._steps.still(f"Waiting for {' and '.join(waiting)}…")
            self._pause()

    def _start_demo(self, environment: Mapping[str, str], *, into_new_database: bool) -> None:
        demo = Demo(self._folder, tuple(f"http://{HOST}:{port}" for port in self._ports), environment)
        if not demo.may_be_loaded(into_new_database=into_new_database):
            say("The demo is not loaded: this database was not made from this folder and may hold real people.")
            return
        self._steps.now("The demo is loaded already." if demo.is_loaded() else "Loading the demo…")
        is_loaded = demo.load(self._finish)
        # Before the devices sign in: what is refused here is remembered, and not tried by them.
        self._sign_ins = demo.sign_ins(devices_play=is_loaded)
        if is_loaded:
            self._steps.now("Starting the demo's devices…")
            self._begin([self._child("demo-replay", demo.replay_command, demo.environment)])
        else:
            self._shortfall = demo.shortfall(self._logs)

    def _finish(self, name: str, command: list[str], environment: Mapping[str, str], shown: str | None) -> Ended:
        """Return how a child came to its end by itself; its lines that hold what is `shown` are told as they come."""

        def tell(lines: list[str]) -> None:
            self._steps.show([line for line in lines if shown is not None and shown in line])

        child = self._child(name, command, environment)
        self._begin([child])
        while (code := _process(child).poll()) is None:
            tell(child.log.new_lines())
            self._steps.still(f"{name} goes on…")
            self._pause()
        child.log.settle()
        tell(child.log.new_lines())
        self._stages.pop()
        return Ended(code, next(reversed(child.log.recent()), ""))

    def _print_welcome(self) -> None:
        first, second = (f"http://{NAME}:{port}" for port in self._ports)
        say(f"\nTendwell is running (ready in {self._steps.seconds:.1f} s).\n")
        say(f"  Console   {first}/console/")
        say(f"  App       {first}/app/ (for patients, on a phone)")
        say(f"  API       {first}/openapi.json and, as a second process, {second}")
        say(f"  Data      {self._folder} (logs in {self._logs})")
        if not self._given.get("TENDWELL_SMTP_URL"):
            say(f"  Mail      is sent to nobody: letters are written into {self._mail}")
        say("  Sign-in   takes a password alone, unless one has set a second factor up. Never run it so for others.\n")
        if self._shortfall:
            say(f"{self._shortfall}\n")
        say(f"{self._sign_ins}\nPress Ctrl-C to stop.")

    # Watching and stopping

    def _children(self) -> list[Child]:
        return [child for stage in self._stages for child in stage]

    def _watch(self) -> NoReturn:
        while True:
            self._pause()
            for child in self._children():
                for line in alarming(child.log.new_lines())[:_MOST_ALARMS_AT_ONCE]:
                    say(f"{child.name}: {line}")
                if news := child.look(time.monotonic()):
                    say(news)

    def _stop(self) -> None:
        if self._stages:
            say("\nStopping…")
        for stage in reversed(self._stages):
            for child in stage:
                child.ask_to_stop()
            for child in stage:
                if not child.wait_until_stopped():
                    say(f"{child.name} did not stop within {child.grace_seconds:.0f} s and was killed.")
        if self._stages:
            say("Everything is stopped.")


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def _end_of(log: ChildLog) -> str:
    return "\n".join([f"The end of {log.path}:", *(f"  {line}" for line in log.recent())])


def _process(child: Child) -> subprocess.Popen[bytes]:
    assert child.process is not None, "a child that was begun has a process"
    return child.process
