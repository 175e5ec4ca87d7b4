"""Which instants can be believed, and what they show of the phone's clock. Pure: the caller says what time it is.

Refuses to guess: a time without an offset is ambiguous for an hour every autumn and missing for one every spring.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from math import ceil

from domain.observations.verdict import Refusal, RefusalCode

# Phones drift by seconds. A device further ahead than this would put its readings after later ones.
CLOCK_SKEW_TOLERATED = timedelta(minutes=2)
# Five years, leap days included. A device that starts from a dead battery reports its factory date.
OLDEST_ACCEPTED = timedelta(days=5 * 365 + 2)
# Beyond this a phone's own clock says nothing about anything, the times of its readings included.
LARGEST_PHONE_SKEW = timedelta(days=366)


def offset_minutes(instant: datetime) -> int:
    """Return the offset from UTC that the instant is written with, in minutes. Raises ValueError when it has none."""
    offset = instant.utcoffset()
    if offset is None:
        raise ValueError("an instant has an offset")
    return offset // timedelta(minutes=1)


def objection_to_time(effective_at: datetime, *, received_at: datetime, born_on: date) -> Refusal | None:
    """Return why a reading cannot have been taken then, or None. Late uploads are welcome."""
    if effective_at > received_at + CLOCK_SKEW_TOLERATED:
        return Refusal(RefusalCode.future_time, "effective_at")
    if effective_at.date() < born_on:
        return Refusal(RefusalCode.before_birth, "effective_at")
    if effective_at < received_at - OLDEST_ACCEPTED:
        return Refusal(RefusalCode.past_time, "effective_at")
    return None


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
