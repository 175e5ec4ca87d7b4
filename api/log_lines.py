"""How a log line looks: plain for people, JSON for machines; and what it says of an exception: never its message.

A message can hold a person's data: PostgreSQL quotes the row that it refuses. Decides nothing else of what is logged.
"""

from __future__ import annotations

import json
import logging
import logging.config
import time
import traceback
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from types import TracebackType
from typing import Literal

import orjson

# Whose routine lines are not worth keeping. OpenTelemetry's errors are a collector's, of which `tendwell.traces` tells.
_QUIET = {
    "alembic": "WARNING",
    "httpx": "WARNING",
    "httpcore": "WARNING",
    "nats": "WARNING",
    "opentelemetry": "CRITICAL",
}
# It writes what an exception and its task say of themselves under its own first line.
_QUOTES_EXCEPTIONS = "asyncio"
_MAX_FRAMES, _INNERMOST_FRAMES = 12, 4
# What PostgreSQL says of an error besides its words: codes, and names that stand in the schema.
_FACTS = ("sqlstate", "table_name", "constraint_name")
Style = Literal["plain", "json"]
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class JsonLines(logging.Formatter):
    """One JSON object a line; a message that is an object itself is merged into it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON. Newlines stay escaped, so one record can never look like two."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"at": at, "level": record.levelname, "logger": record.name}
        line |= _fields(_message(record))
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe(record.exc_info[1])
        return _ENCODE(line)


class PlainLines(logging.Formatter):
    """One line for people, its time in UTC and saying so: what two machines wrote can be laid side by side."""

    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._second, self._written = -1, ""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - the library's name
        """Return the record's instant; each second is written once, which is a tenth of a line's time."""
        second = int(record.created)
        if second != self._second:
            self._written = time.strftime(datefmt or self.default_time_format, time.gmtime(second))
            self._second = second
        return self.default_msec_format % (self._written, record.msecs)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the line without the newlines that could make one record look like two."""
        record.message = _message(record)
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the library's name
        """Return what the exception was and where it arose, without its message."""
        return "" if ei[1] is None else "\n".join(describe(ei[1]))


def describe(error: BaseException) -> list[str]:
    """Return the types and places of an exception, of those in it and behind it, without their messages.

    Of one that PostgreSQL raised, its code as well, and the names of the table and the constraint.
    """
    lines: list[str] = []
    for each in _all_of(error):
        facts = ", ".join(fact for name in _FACTS if isinstance(fact := getattr(each, name, None), str))
        lines.append(f"{type(each).__module__}.{type(each).__qualname__}{facts and f' ({facts})'}")
        frames = islice(_telling(reversed(traceback.extract_tb(each.__traceback__))), _MAX_FRAMES)
        lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return lines


def event_line(event: str, **fields: object) -> str:
    """Return the message of a log line that tells of one event in fields of its own."""
    return orjson.dumps({"event": event, **fields}).decode()


def _all_of(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    ahead: list[BaseException | None] = [error]
    while ahead:
        each = ahead.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        members = each.exceptions if isinstance(each, BaseExceptionGroup) else ()
        ahead += [*members, each.__cause__ or each.__context__]


def _telling(frames: Iterable[traceback.FrameSummary]) -> Iterator[traceback.FrameSummary]:
    """Yield the innermost places, and further out our own: a library's stack can be deeper than anybody reads."""
    for depth, frame in enumerate(frames):
        if depth < _INNERMOST_FRAMES or "site-packages" not in frame.filename:
            yield frame


def _message(record: logging.LogRecord) -> str:
    said = record.getMessage()
    return said.partition("\n")[0] if record.name == _QUOTES_EXCEPTIONS else said


def _fields(message: str) -> dict[str, object]:
    try:
        fields = json.loads(message)
    except ValueError:
        fields = None
    return fields if isinstance(fields, dict) else {"message": message}


def line_of(text: str, level: str, logger: str, style: Style, error: BaseException | None = None) -> str:
    """Return a line that is no logger's, a last word before a process ends, as `style` has it.

    `error`: described in it, in lines of its own where people read.
    """
    described = [] if error is None else describe(error)
    if style == "plain":
        return "\n".join([text, *described])
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    line: dict[str, object] = {"at": at, "level": level, "logger": logger, "message": text}
    return json.dumps(line | ({"error": described} if described else {}), ensure_ascii=False)


def configure_logging(style: Style) -> None:
    """Send every logger's lines to standard error in this style.

    What no style of ours tells (file, line, thread, process) is not looked for: that took a third of a line's time.
    """
    logging._srcfile = None  # noqa: SLF001 - the library's own page on speed says so
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "plain": {"()": PlainLines},
                "json": {"()": JsonLines},
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": style}},
            "root": {"level": "INFO", "handlers": ["stderr"]},
            "loggers": {name: {"level": level} for name, level in _QUIET.items()},
        }
    )
