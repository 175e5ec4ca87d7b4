"""One long-lived child: started, started again with growing pauses when it dies, stopped within its grace.

Decides when; refuses to know what the child does. Never waits: the supervisor's loop calls `look` now and then.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field

from api.run.child_log import ChildLog
from integrations.linux.children import kill

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
# Beyond these the limit holds anyway; a child that dies for days must not outgrow a float.
MOST_DOUBLINGS = 10
# Having lived this long, a child's earlier deaths are forgotten.
WELL_AGAIN_SECONDS = 60.0
# Longer than the API's own, in which it answers what is under way.
CHILD_GRACE_SECONDS = 30.0
# A machine without memory, processes or file handles to spare: it passes, or a person must look.
CANNOT_START = (OSError, subprocess.SubprocessError)


@dataclass(slots=True)
class Child:
    """A child by its name. `start` may fail with one of CANNOT_START, which counts as a death."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    log: ChildLog
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = CHILD_GRACE_SECONDS
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float | None = None
    deaths: int = field(default=0)

    def begin(self, now: float) -> None:
        """Start it. Raises one of CANNOT_START."""
        self.start_again_at = None
        self.started_at = now
        self.process = self.start()

    def look(self, now: float) -> str | None:
        """Return a line for the terminal if something happened: it died, or it was started again."""
        if self.start_again_at is not None:
            if now < self.start_again_at:
                return None
            return self._begun_again(now)
        if self.process is None or self.process.poll() is None:
            return None
        return f"{self.name}: {ending(self.process.returncode)}; {self._put_off(now)}"

    def _begun_again(self, now: float) -> str:
        try:
            self.begin(now)
        except CANNOT_START as error:
            return f"{self.name}: could not be started ({in_words(error)}); {self._put_off(now)}"
        return f"{self.name}: started again"

    def _put_off(self, now: float) -> str:
        """Return when the next start will be tried, in words; each pause is twice the one before, up to a limit."""
        self.deaths = 1 if now - self.started_at > WELL_AGAIN_SECONDS else self.deaths + 1
        doublings = min(self.deaths - 1, MOST_DOUBLINGS)
        pause = min(FIRST_PAUSE_SECONDS * 2**doublings, LONGEST_PAUSE_SECONDS)
        self.start_again_at = now + pause
        return f"starting it again in {pause:.0f} s ({self.log.path})"

    def ask_to_stop(self) -> None:
        """Send the stop signal, without waiting."""
        self.start_again_at = None
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def wait_until_stopped(self) -> bool:
        """Return True if it ended within its grace; if not, or if it left others in its group, they are killed."""
        if self.process is None:
            return True
        try:
            self.process.wait(self.grace_seconds)
        except subprocess.TimeoutExpired:
            return False
        finally:
            kill(self.process)
            self.log.settle()
            self.process = None
        return True


def ending(returncode: int) -> str:
    """Return how a process ended, in words."""
    return f"killed by {signal.Signals(-returncode).name}" if returncode < 0 else f"ended with exit code {returncode}"


def in_words(error: Exception) -> str:
    """Return why a program could not be started, as the system words it."""
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
