"""When a notice is tried again, and when it is given up; when to ask whether it arrived. Pure; chance is handed in."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=20), timedelta(hours=1)
# With the pauses below some nine hours; most notices lapse before.
MOST_ATTEMPTS = 15
# While an attempt is under way nobody else makes it; longer than any of those who bring notices is given to answer.
LEASE = timedelta(seconds=90)
# Whether it arrived is asked soon, and then ever less often: GOV.UK Notify tries a telephone that is off for 72 hours.
FIRST_ASKED_AFTER, LONGEST_UNASKED, ASKED_FOR = timedelta(minutes=1), timedelta(hours=2), timedelta(hours=76)
# What was sent, and what was not, is shown to whom it was for, for so long.
KEPT_FOR = timedelta(days=30)


def pause_after(attempts: int, chance: float, asked_seconds: int | None = None) -> timedelta:
    """Return how long to wait after so many attempts: doubling to an hour, half of it by chance (0 up to 1).

    Chance, so that what failed at once is not tried at once again. Never less than they asked for (Retry-After).
    """
    longest: timedelta = min(FIRST_PAUSE * 2 ** min(attempts - 1, 10), LONGEST_PAUSE)
    return max(longest * (0.5 + chance / 2), timedelta(seconds=asked_seconds or 0))


def next_attempt_at(
    attempts: int, at: datetime, lapses_at: datetime, chance: float, asked_seconds: int | None = None
) -> datetime | None:
    """Return when to try again; None when it is given up: tried often enough, or no longer worth telling by then."""
    again = at + pause_after(attempts, chance, asked_seconds)
    return again if attempts < MOST_ATTEMPTS and again < lapses_at else None


def ask_again_at(accepted_at: datetime, at: datetime) -> datetime | None:
    """Return when to ask whether what was taken has arrived: after as long again, two hours at most.

    None after 76 hours: nobody will tell any more.
    """
    if at - accepted_at >= ASKED_FOR:
        return None
    waited: timedelta = min(max(at - accepted_at, FIRST_ASKED_AFTER), LONGEST_UNASKED)
    return at + waited
