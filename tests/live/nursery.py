"""Our processes, started by forking one that has loaded everything: `python -m tests.live.nursery SOCKET PID`.

A start of ours takes some three seconds of processor time, of which loading takes nearly all, and a test run starts a
hundred. Whatever is born here is otherwise what `python -m MODULE ARGUMENTS` is: a process with its own environment,
log and process group, whose module runs as `__main__` and reads its settings then. That a process also starts from
nothing is shown by `tests/run`, whose runs and commands are not born here, and by `make faults`.

Single-threaded, as what forks must be. Ends when the process PID does, and its children with it.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from integrations.linux.children import end_with_parent

# What `python -m api serve` and `worker` load, at once and when first needed.
LOADED = (
    "api.commands.serve",
    "api.commands.worker",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.websockets.websockets_impl",
    "uvloop",
)
MOST_BYTES = 64_000
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Birth:
    """What is to be started: `python -m` these words, in this environment, what it prints appended to a file."""

    words: list[str]
    log: str
    environment: dict[str, str]

    def to_bytes(self) -> bytes:
        """Return it as one message."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def of(cls, message: bytes) -> Birth:
        """Return what a message asks for."""
        return cls(**json.loads(message))


class Nursery:
    """Forks what it is asked for, and tells whoever asked its process id, and in the end its exit code."""

    def __init__(self, address: str, pytest_pid: int) -> None:
        self._watched = selectors.DefaultSelector()
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listening.bind(address)
        self._listening.listen()
        self._watched.register(self._listening, selectors.EVENT_READ)
        self._watched.register(os.pidfd_open(pytest_pid), selectors.EVENT_READ)

    def next_birth(self) -> Birth | None:
        """Return what this process has to become: in a child. In the nursery itself None, when pytest is gone."""
        while True:
            for key, _ in self._watched.select():
                if key.fileobj is self._listening:
                    if (birth := self._forked()) is not None:
                        return birth
                elif key.data is None:
                    return None
                else:
                    self._bury(key)

    def _forked(self) -> Birth | None:
        """Return what to become, in the child; None in the parent."""
        asker, _ = self._listening.accept()
        birth = Birth.of(asker.recv(MOST_BYTES))
        us = os.getpid()
        pid = os.fork()
        if pid == 0:
            end_with_parent(signal.SIGKILL)
            if os.getppid() != us:
                os.kill(os.getpid(), signal.SIGKILL)
            asker.close()
            self._forget()
            return birth
        with suppress(PermissionError):  # it has gone on to be what it is by itself
            os.setpgid(pid, pid)
        self._watched.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, asker))
        with suppress(OSError):  # who asked may be gone
            asker.send(str(pid).encode())
        return None

    def _forget(self) -> None:
        """Close what only the nursery needs."""
        for key in list(self._watched.get_map().values()):
            if key.data is not None:
                key.data[1].close()
            if key.fileobj is not self._listening:
                os.close(key.fd)
        self._listening.close()
        self._watched.close()

    def _bury(self, key: selectors.SelectorKey) -> None:
        pid, asker = key.data
        _, status = os.waitpid(pid, 0)
        self._watched.unregister(key.fileobj)
        os.close(key.fd)
        with asker, suppress(OSError):
            asker.send(str(os.waitstatus_to_exitcode(status)).encode())


def become(birth: Birth) -> None:
    """Be the process that was asked for, from here on."""
    os.setpgid(0, 0)
    log = os.open(birth.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(birth.environment)
    time.tzset()
    sys.argv = list(birth.words)
    runpy.run_module(birth.words[0], run_name="__main__", alter_sys=True)


def load() -> None:
    """Have everything stand in memory that our processes need. What it brings stays, so no garbage is looked for."""
    gc.disable()
    for name in LOADED:
        importlib.import_module(name)
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    load()
    asked = Nursery(sys.argv[1], int(sys.argv[2])).next_birth()
    if asked is not None:
        become(asked)
