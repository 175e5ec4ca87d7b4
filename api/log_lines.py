"""How a log line looks: plain for people, JSON for machines. Decides nothing about what is logged."""

from __future__ import annotations

import json
import logging
import logging.config
import time
from datetime import UTC, datetime
from typing import Literal

# Whose routine lines are not worth keeping. OpenTelemetry's errors are a collector's, of which `tendwell.traces` tells.
_QUIET = {
    "alembic": "WARNING",
    "httpx": "WARNING",
    "httpcore": "WARNING",
    "nats": "WARNING",
    "opentelemetry": "CRITICAL",
}
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class JsonLines(logging.Formatter):
    """One JSON object a line; a message that is an object itself is merged into it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON. Newlines stay escaped, so one record can never look like two."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"at": at, "level": record.levelname, "logger": record.name}
        line |= _fields(record.getMessage())
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
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
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")


def _fields(message: str) -> dict[str, object]:
    try:
        fields = json.loads(message)
    except ValueError:
        fields = None
    return fields if isinstance(fields, dict) else {"message": message}


def line_of(text: str, level: str, logger: str, style: Literal["plain", "json"]) -> str:
    """Return a line that is no logger's, a last word before a process ends, as `style` has it."""
    if style == "plain":
        return text
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"at": at, "level": level, "logger": logger, "message": text}, ensure_ascii=False)


def configure_logging(style: Literal["plain", "json"]) -> None:
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
