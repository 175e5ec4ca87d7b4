"""Which instants can be believed, and what they show of the phone's clock. Pure: the caller says what time it is.

Refuses to guess: a time without an offset is ambiguous for an hour every autumn and missing for one every spring.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from math import ceil

from domain.instant import objection_to_instant
from domain.observations.verdict import Refusal, RefusalCode

# Beyond this a phone's own clock says nothing about anything, the times of its readings included.
LARGEST_PHONE_SKEW = timedelta(days=366)


def objection_to_time(effective_at: datetime, *, received_at: datetime, born_on: date) -> Refusal | None:
    """Return why a reading cannot have been taken then, or None. Late uploads are welcome."""
    code = objection_to_instant(effective_at, received_at=received_at, born_on=born_on)
    return None if code is None else Refusal(RefusalCode(code), "effective_at")


def objection_to_sending(sent_at: datetime, *, received_at: datetime) -> RefusalCode | None:
    """Return why the phone's own clock cannot be used, or None."""
    if sent_at.utcoffset() is None:
        return RefusalCode.naive_time
    if abs(sent_at - received_at) > LARGEST_PHONE_SKEW:
        return RefusalCode.invalid_time
    return None


def clock_skew_seconds(effective_at: datetime, *, received_at: datetime, sent_at: datetime | None) -> int | None:
    """Return by how many seconds the phone's clock is ahead of ours (negative: behind), as far as it shows.

    With `sent_at` it is that minus our own time, journey included. Without, only a reading from the future shows it.
    """
    if sent_at is not None:
        return round((sent_at - received_at).total_seconds())
    return ceil((effective_at - received_at).total_seconds()) if effective_at > received_at else None
