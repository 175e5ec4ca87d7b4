"""What a child writes: read from a pipe, kept in a file of bounded size and the one before it, and told line by line.

A thread of ours reads, so that no child waits while the supervisor is busy, and what a child wrote before it died is
still read after its death. Knows which lines a person must see, not why.
"""

from __future__ import annotations

import os
import re
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path

LONGEST_LINE = 300
# Of each child there are two files at most, this large: some ten hours of the demo's requests.
MOST_BYTES = 20_000_000
# A child that is dead leaves its pipe to nobody; if it left it to somebody, they are not waited for.
SETTLE_SECONDS = 2.0
_MOST_UNREAD_LINES = 10_000
_READ_BYTES = 65_536
_ALARMING = re.compile(r'\b(ERROR|CRITICAL|PANIC|Traceback)\b|"event":"error"|\bdemo: NOTICE:')


class ChildLog:
    """The log of one child, over all its lives in this run."""

    def __init__(self, path: Path, *, most_bytes: int = MOST_BYTES) -> None:
        """Nothing is written yet; what an earlier run wrote is added to, or set aside if it is large."""
        self.path = path
        self.previous_path = path.with_suffix(".previous.log")
        self._most_bytes = most_bytes
        if path.exists() and path.stat().st_size > most_bytes:
            path.replace(self.previous_path)
        self._one_at_a_time = threading.Lock()
        self._reader: threading.Thread | None = None
        self._unread: deque[str] = deque(maxlen=_MOST_UNREAD_LINES)
        self._recent: deque[str] = deque(maxlen=15)

    def inlet(self) -> int:
        """Return the descriptor for a child to write to, of a pipe that is read until nobody holds that any more."""
        outlet, inlet = os.pipe()
        self._reader = threading.Thread(target=self._read, args=(outlet,), daemon=True)
        self._reader.start()
        return inlet

    def new_lines(self) -> list[str]:
        """Return the whole lines read since the last call, shortened."""
        lines = []
        with suppress(IndexError):
            while True:
                lines.append(self._unread.popleft())
        self._recent.extend(lines)
        return lines

    def recent(self) -> list[str]:
        """Return the last lines, for telling why a child ended."""
        self.settle()
        self.new_lines()
        return list(self._recent)

    def settle(self) -> None:
        """Return when all that a dead child wrote is read."""
        if self._reader is not None:
            self._reader.join(SETTLE_SECONDS)

    def _read(self, outlet: int) -> None:
        unfinished = b""
        with open(outlet, "rb", buffering=0) as pipe:
            while part := pipe.read(_READ_BYTES):
                self._keep(part)
                *lines, unfinished = (unfinished + part).split(b"\n")
                self._tell(lines)
                unfinished = unfinished[:_READ_BYTES]  # of a line without end only the beginning is ever told
        if unfinished:
            self._tell([unfinished])

    def _tell(self, lines: list[bytes]) -> None:
        self._unread.extend(line.decode(errors="replace")[:LONGEST_LINE] for line in lines)

    def _keep(self, part: bytes) -> None:
        """Write, and begin a new file at the end of a line. A full disk costs lines of a log, never the child."""
        whole, newline, rest = part.rpartition(b"\n")
        with self._one_at_a_time, suppress(OSError):
            for piece in filter(None, (whole + newline, rest)):
                size = self._append(piece)
                if size > self._most_bytes and (piece.endswith(b"\n") or size > 2 * self._most_bytes):
                    self.path.replace(self.previous_path)

    def _append(self, piece: bytes) -> int:
        """Return the size of the file with the piece at its end."""
        with open(self.path, "ab", opener=_for_us_alone) as file:
            file.write(piece)
            return file.tell()


def alarming(lines: list[str]) -> list[str]:
    """Return the lines that report an error, and what the demo wants its owner to notice."""
    return [line for line in lines if _ALARMING.search(line)]


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
