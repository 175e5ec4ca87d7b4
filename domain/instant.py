"""Instants and dates as clients and files write them: RFC 3339, nothing guessed.

Pure. Refuses what lenient parsers take: a time without an offset (one hour wrong in a British summer), seconds since
1970 as number or text, "now", second 60, offsets no clock keeps, years in which conversion to UTC overflows.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

# RFC 3339 section 5.6; fractions beyond microseconds are cut, as PostgreSQL keeps no more.
_INSTANT = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt](?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:\.(?P<fraction>[0-9]{1,9}))?"
    r"(?P<offset>[Zz]|(?P<sign>[+-])(?P<hours>[0-9]{2}):(?P<minutes>[0-9]{2}))?"
)
# As nearly all are written: what it matches the library reads alike, at a quarter of the time.
_USUAL = re.compile(
    r"(?:19|20|21)[0-9]{2}-[01][0-9]-[0-3][0-9]T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{3}|\.[0-9]{6})?"
    r"(?:Z|[+-](?:0[0-9]|1[01]):[0-5][0-9])"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

LEAST_YEAR, GREATEST_YEAR = 1900, 2199
# The clocks in use reach from UTC-12 (Baker Island) to UTC+14 (Line Islands).
_LEAST_OFFSET, _GREATEST_OFFSET = timedelta(hours=-12), timedelta(hours=14)

# Phones drift by seconds. A device further ahead than this would put what it tells after what came later.
CLOCK_SKEW_TOLERATED = timedelta(minutes=2)
# Five years, leap days included. A device that starts from a dead battery reports its factory date.
OLDEST_ACCEPTED = timedelta(days=5 * 365 + 2)


class NotAnInstant(ValueError):
    """Text that names no instant, or not for certain; `code` is stable: naive_time or invalid_time."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def parse_instant(text: str) -> datetime:
    """Return the aware datetime that an RFC 3339 text names, in its own offset.

    Raises NotAnInstant (a ValueError) in every other case. The result always converts to UTC.
    """
    if _USUAL.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # 30 February: told like every other text that is no time
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise NotAnInstant("invalid_time", "Write the time as RFC 3339, for example 2026-03-29T14:05:00+01:00.")
    if match["offset"] is None:
        raise NotAnInstant("naive_time", "The time has no offset. Add Z or the offset from UTC, for example +01:00.")
    microseconds = (match["fraction"] or "0").ljust(6, "0")[:6]
    try:
        local = datetime.fromisoformat(f"{match['date']}T{match['time']}.{microseconds}")
    except ValueError:
        raise NotAnInstant("invalid_time", "There is no such date or time of day.") from None
    if not LEAST_YEAR <= local.year <= GREATEST_YEAR:
        raise NotAnInstant("invalid_time", f"The year must be from {LEAST_YEAR} to {GREATEST_YEAR}.")
    return local.replace(tzinfo=_offset(match))


def parse_date(text: str) -> date:
    """Return the date that YYYY-MM-DD names. Raises NotAnInstant in every other case."""
    try:
        if _DATE.fullmatch(text) and LEAST_YEAR <= int(text[:4]) <= GREATEST_YEAR:
            return date.fromisoformat(text)
    except ValueError:
        pass  # 30 February: told like every other text that is no date
    raise NotAnInstant("invalid_date", "Write the date as YYYY-MM-DD, for example 1948-07-05.")


def offset_minutes(instant: datetime) -> int:
    """Return the offset from UTC that the instant is written with, in minutes. Raises ValueError when it has none."""
    offset = instant.utcoffset()
    if offset is None:
        raise ValueError("an instant has an offset")
    return offset // timedelta(minutes=1)


def seen_until(at: datetime) -> datetime:
    """Return until when what was recorded is seen at an instant: as far ahead as it is accepted, and no further."""
    return at + CLOCK_SKEW_TOLERATED


def objection_to_instant(effective_at: datetime, *, received_at: datetime, born_on: date) -> str | None:
    """Return by a code why something cannot have been then, or None. Late uploads are welcome."""
    if effective_at > seen_until(received_at):
        return "future_time"
    if effective_at.date() < born_on:
        return "before_birth"
    if effective_at < received_at - OLDEST_ACCEPTED:
        return "past_time"
    return None


def _offset(match: re.Match[str]) -> timezone:
    if match["sign"] is None:
        return UTC
    hours, minutes = int(match["hours"]), int(match["minutes"])
    size = timedelta(hours=hours, minutes=minutes)
    offset = -size if match["sign"] == "-" else size
    if minutes > 59 or not _LEAST_OFFSET <= offset <= _GREATEST_OFFSET:
        raise NotAnInstant("invalid_time", "No clock keeps this offset from UTC.")
    return timezone(offset) if offset else UTC
