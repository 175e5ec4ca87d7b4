"""Counting guesses in the database, so that neither a restart nor another process forgets them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, LargeBinary, Text, bindparam, text, update
from sqlmodel import TIMESTAMP, col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.tables import AttemptRow
from domain.accounts.throttle import (
    FORGOTTEN_AFTER,
    Scope,
    Tally,
    counted,
    forgiven,
    heaviest,
    is_exhausted,
    is_one_person_s,
    uncounted,
    wait_of,
)

_FORGOTTEN_PER_STEP = 5_000
_BEGIN = text(
    "insert into sign_in_attempt (mark, scope, failures, last_failed_at)"
    " select mark, scope, 0, :at from unnest(cast(:marks as bytea[]), cast(:scopes as text[])) as asked(mark, scope)"
    " order by mark on conflict do nothing"
).bindparams(
    bindparam("marks", type_=ARRAY(LargeBinary)),
    bindparam("scopes", type_=ARRAY(Text)),
    bindparam("at", type_=TIMESTAMP(timezone=True)),
)
_HELD = text(
    "select mark, failures, last_failed_at from sign_in_attempt"
    " where mark = any(cast(:marks as bytea[])) order by mark for update"
).bindparams(bindparam("marks", type_=ARRAY(LargeBinary)))


# What is counted, and under which marks: one for each encryption key that stands, for what counts is the most of them.
Marks = Mapping[Scope, tuple[bytes, ...]]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One guess that was let through: the marks under which it has been counted as a failure, and how it stood before.

    `counted_at`: what has become the time of the last failure by it.
    """

    marks: Marks
    before: Mapping[Scope, Tally]
    counted_at: Mapping[Scope, datetime]

    @property
    def counted_in(self) -> frozenset[Scope]:
        """Return what it was counted in."""
        return frozenset(self.before)

    def taken_back(self, tallies: Mapping[Scope, Tally]) -> dict[Scope, Tally]:
        """Return these tallies as if it had never been made."""
        return {
            scope: uncounted(tally, before=self.before[scope], counted_at=self.counted_at[scope])
            for scope, tally in tallies.items()
        }


@dataclass(frozen=True, slots=True)
class Wait:
    """A guess that was not let through, and for how many seconds none will be."""

    seconds: int


async def begin_attempt(session: AsyncSession, marks: Marks, *, at: datetime) -> Attempt | Wait:
    """Count a guess and return it, or return how long to wait. `marks` are those of whoever asks.

    A known device (one with a mark) is counted by itself alone, until it has used up what it may.
    """
    tallies = await _locked(session, marks, at)
    device = tallies.get(Scope.device)
    by_itself = device is not None and not is_exhausted(Scope.device, device)
    scopes = [s for s in tallies if (s is Scope.device) == by_itself]
    wait = max(wait_of(scope, tallies[scope], at) for scope in scopes)
    if wait:
        return Wait(max(1, math.ceil(wait.total_seconds())))
    after = {scope: counted(scope, tallies[scope], at) for scope in scopes}
    await _write(session, marks, after)
    counted_at = {scope: tally.last_failed_at for scope, tally in after.items()}
    return Attempt(marks, {scope: tallies[scope] for scope in scopes}, counted_at)


async def withdraw_attempt(session: AsyncSession, attempt: Attempt, *, at: datetime) -> None:
    """Take back a guess that was never checked."""
    tallies = await _counting(session, attempt, at)
    await _write(session, attempt.marks, attempt.taken_back(tallies))


async def succeed_attempt(session: AsyncSession, attempt: Attempt, *, at: datetime) -> None:
    """Take back a guess that was right, and with it the failures before it that were the same person's.

    What strangers have guessed stays counted: their waits must not tell that somebody has signed in.
    """
    tallies = await _counting(session, attempt, at)
    after = attempt.taken_back(tallies)
    after |= {scope: forgiven(tally) for scope, tally in tallies.items() if is_one_person_s(scope)}
    await _write(session, attempt.marks, after)


async def _counting(session: AsyncSession, attempt: Attempt, at: datetime) -> dict[Scope, Tally]:
    return await _locked(session, {scope: attempt.marks[scope] for scope in attempt.counted_in}, at)


async def forgive_failures(session: AsyncSession, marks: Marks, *, at: datetime) -> None:
    """Count from nothing again under these marks: what they were guesses of is another now."""
    tallies = await _locked(session, marks, at)
    await _write(session, marks, {scope: forgiven(tally) for scope, tally in tallies.items()})


async def forgive_now_and_then(session: AsyncSession, marks: Marks, counted_by: Marks, *, at: datetime) -> None:
    """Count from nothing again under these marks, unless that was done (`counted_by`) as often as it may be."""
    tallies = await _locked(session, marks, at)
    if any(tally.failures for tally in tallies.values()) and isinstance(
        await begin_attempt(session, counted_by, at=at), Attempt
    ):
        await _write(session, marks, {scope: forgiven(tally) for scope, tally in tallies.items()})


async def forget_old_attempts(session: AsyncSession, *, at: datetime) -> int:
    """Return how many tallies were deleted that nobody has added to for a month, or that count nothing for a day."""
    result = await session.execute(
        text(
            "delete from sign_in_attempt where mark in (select mark from sign_in_attempt"
            " where last_failed_at < :before or (failures = 0 and last_failed_at < :lately)"
            " limit :most for update skip locked)"
        ),
        {"before": at - FORGOTTEN_AFTER, "lately": at - timedelta(days=1), "most": _FORGOTTEN_PER_STEP},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


async def _locked(session: AsyncSession, marks: Marks, at: datetime) -> dict[Scope, Tally]:
    """Return what counts of each scope, held to the end of the transaction; in one order, so that none deadlock."""
    scopes = {mark: scope for scope, each in marks.items() for mark in each}
    asked = {"marks": list(scopes), "scopes": [scope.value for scope in scopes.values()], "at": at}
    found: dict[bytes, Tally] = {}
    while len(found) < len(scopes):  # a second time when one was forgotten between the two statements
        await session.execute(_BEGIN, asked)
        rows = await session.execute(_HELD, {"marks": asked["marks"]})
        found = {bytes(row.mark): Tally(row.failures, row.last_failed_at) for row in rows}
    return {scope: heaviest(scope, (found[mark] for mark in each), at) for scope, each in marks.items()}


async def _write(session: AsyncSession, marks: Marks, tallies: Mapping[Scope, Tally]) -> None:
    connection = await session.connection()
    await connection.execute(
        update(AttemptRow)
        .where(col(AttemptRow.mark) == bindparam("of"))
        .values(failures=bindparam("now"), last_failed_at=bindparam("last", type_=TIMESTAMP(timezone=True))),
        [
            {"of": mark, "now": tally.failures, "last": tally.last_failed_at}
            for scope, tally in tallies.items()
            for mark in marks[scope]
        ],
    )
