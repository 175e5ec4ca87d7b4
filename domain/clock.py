"""What time it is: the one place that asks the machine's clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

# The NHS in England keeps its dates in London: a residence that ends "today" ends at London's midnight.
LONDON = ZoneInfo("Europe/London")


def utc_now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


def london_date(at: datetime) -> date:
    """Return the calendar date in England at an instant."""
    return at.astimezone(LONDON).date()
