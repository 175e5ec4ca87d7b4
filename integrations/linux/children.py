"""Programs started as children that cannot outlive this process, whatever ends it.

Knows signals and process groups; refuses to know what the programs do or whether they should be started again.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_PR_SET_PDEATHSIG = 1  # prctl(2)
_PARENT_ALREADY_GONE = 70
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Account:
    """A system account that a child runs as."""

    name: str
    uid: int
    gid: int


class Program(Protocol):
    """What runs, and may be told to end: a `subprocess.Popen`, or what is looked after as one."""

    @property
    def pid(self) -> int:
        """Its process id."""

    @property
    def returncode(self) -> int | None:
        """How it has ended, minus the signal that ended it; None as long as that is not known."""

    def poll(self) -> int | None:
        """Return how it has ended, or None."""

    def wait(self, timeout: float | None = None) -> int:
        """Return how it has ended, once it has. Raises subprocess.TimeoutExpired."""

    def send_signal(self, number: int, /) -> None:
        """Send it a signal, if it still runs."""


def spawn(
    command: Sequence[str],
    *,
    log: Path | int | None,
    environment: Mapping[str, str] | None = None,
    account: Account | None = None,
    on_our_death: signal.Signals = signal.SIGKILL,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Return the program, started in a process group of its own with its output appended to the log.

    A log that is an open descriptor is the program's alone: it is closed here, whether or not the program could start.
    The kernel sends it `on_our_death` when the thread that called this ends, kill -9 included. A group of its own
    keeps a Ctrl-C at the terminal from reaching it before we have decided the order of stopping.
    """
    us = os.getpid()

    def before_exec() -> None:
        # After setuid (which would clear it) and before exec, where CPython runs this.
        _libc.prctl(_PR_SET_PDEATHSIG, int(on_our_death), 0, 0, 0)
        if os.getppid() != us:
            os._exit(_PARENT_ALREADY_GONE)

    output = _opened(log)
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=cwd,
            process_group=0,
            preexec_fn=before_exec,  # noqa: PLW1509 - one system call, which cannot meet another thread's lock
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    finally:
        os.close(output)


def end_with_parent(how: signal.Signals) -> None:
    """Have the kernel send this process a signal when the one that started it ends, kill -9 included."""
    parent = os.getppid()
    _libc.prctl(_PR_SET_PDEATHSIG, int(how), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), how)


def _opened(log: Path | int | None) -> int:
    """Return the descriptor to write to, which is the caller's to close."""
    if isinstance(log, int):
        return log
    return os.open(log or os.devnull, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def stop(process: Program, how: signal.Signals, *, grace_seconds: float) -> bool:
    """Return True if the program ended by itself within the grace after being asked; else it was killed."""
    process.send_signal(how)
    try:
        process.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        kill(process)
        return False
    return True


def kill(process: Program) -> None:
    """End the program and everything left in its process group, at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
