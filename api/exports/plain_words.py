"""Days, times, numbers and codes as a person reads them. Pure; times are London's.

What cannot be read as such is given as it stands: a page that says too much is better than one that breaks off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from domain.clock import LONDON

Item = Mapping[str, Any]

# What reached us this much later than it was is said to have: a phone that was offline, or something noted afterwards.
LATE = timedelta(hours=1)


def worded(words: Mapping[str, str], code: object) -> str:
    """Return a code in words; one without any is shown as it is, without its underscores."""
    if code is None:
        return ""
    known = words.get(str(code))
    return str(code).replace("_", " ") if known is None else known


def capital(words: str) -> str:
    """Return the words with a capital at their beginning."""
    return words[:1].upper() + words[1:]


def listed(parts: Sequence[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    *first, last = parts or [""]
    return f"{', '.join(first)} and {last}" if first else last


def times(count: object) -> str:
    """Return "once", "twice", "3 times"."""
    return {"1": "once", "2": "twice"}.get(str(count), f"{count} times")


def day_count(number: object) -> str:
    """Return "the day" for one, "3 days" for more."""
    return "the day" if number == 1 else f"{number} days"


def day(value: object) -> str:
    """Return a calendar date: "3 March 2026"; an instant's in London."""
    at = _instant(value)
    if at is not None:
        return f"{at.day} {at:%B %Y}"
    try:
        on = date.fromisoformat(str(value))
    except ValueError:
        return "" if value is None else str(value)
    return f"{on.day} {on:%B} {on.year}"


def moment(value: object) -> str:
    """Return an instant: "3 March 2026 at 14:03"."""
    at = _instant(value)
    return ("" if value is None else str(value)) if at is None else f"{day(value)} at {clock_time(value)}"


def second(value: object) -> str:
    """Return an instant with its seconds, if it has some: readings may share a minute."""
    at = _instant(value)
    if at is None or not at.second:
        return moment(value)
    return moment(value).replace(f"{at:%H:%M}", f"{at:%H:%M:%S}")


def clock_time(value: object) -> str:
    """Return the time of day: "14:03". In the hour that comes twice in October, with which of the two it was."""
    at = _instant(value)
    if at is None:
        return str(value)
    comes_twice = at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()
    return f"{at:%H:%M}" + (f" {at.tzname()}" if comes_twice else "")


def span(first: object, last: object, *, endless: str = "") -> str:
    """Return "from 3 March 2026 at 14:03 until 4 March 2026 at 00:00"."""
    return f"from {moment(first)} until {moment(last)}" if last else f"from {moment(first)}{endless}"


def later(said: str, happened: object, noted: object) -> str:
    """Return when something reached us, if that was much later than it happened or cannot be told."""
    first, then = _instant(happened), _instant(noted)
    if noted is None or (first is not None and then is not None and then - first < LATE):
        return ""
    return f"{said} {moment(noted)}"


def number(value: object, decimals: int = 0) -> str:
    """Return a number with at least so many decimals, and at most the two more that somebody can use."""
    try:
        exact = Decimal(str(value)).normalize()
    except InvalidOperation:
        return str(value)
    exponent = exact.as_tuple().exponent
    places = max(decimals, min(-exponent if isinstance(exponent, int) else 0, max(decimals, 2)))
    return f"{exact:,.{places}f}"


def _instant(value: object) -> datetime | None:
    """Return an instant in London; None for what is none, such as a mere date."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return None if at.tzinfo is None else at.astimezone(LONDON)
