"""What a child has written to its log since we last looked. Knows which lines a person must see, not why."""

from __future__ import annotations

import re
from collections import deque
from pathlib import Path

LONGEST_LINE = 300
_KEEP_UP_TO_BYTES = 20_000_000
_READ_BYTES = 1_000_000
_ALARMING = re.compile(r'\b(ERROR|CRITICAL|PANIC|Traceback)\b|"event":"error"|\bdemo: NOTICE:')


class LogTail:
    """One log file, followed from its present end."""

    def __init__(self, path: Path) -> None:
        """Start at the end; a log grown large by earlier runs is set aside first."""
        self.path = path
        if path.exists() and path.stat().st_size > _KEEP_UP_TO_BYTES:
            path.rename(path.with_suffix(".previous.log"))
        self._position = path.stat().st_size if path.exists() else 0
        self._recent: deque[str] = deque(maxlen=15)

    def new_lines(self) -> list[str]:
        """Return the whole lines written since the last call, shortened."""
        if not self.path.exists():
            return []
        with self.path.open("rb") as file:
            file.seek(self._position)
            whole = file.read(_READ_BYTES).rpartition(b"\n")
        self._position += len(whole[0]) + len(whole[1])
        lines = [line.decode(errors="replace")[:LONGEST_LINE] for line in whole[0].splitlines()]
        self._recent.extend(lines)
        return lines

    def recent(self) -> list[str]:
        """Return the last lines, for telling why a child ended."""
        self.new_lines()
        return list(self._recent)


def alarming(lines: list[str]) -> list[str]:
    """Return the lines that report an error, and what the demo wants its owner to notice."""
    return [line for line in lines if _ALARMING.search(line)]
