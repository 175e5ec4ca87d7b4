"""When nothing of a plan is due: a holiday, a stay in hospital, or being unwell. Pure.

A pause is of one plan, and then of every later version of it, or of all that a person has. It changes no version and
nothing that was recorded; several at once are one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.errors import Fault, Invalid
from domain.plans.goal_lifecycle import Party

# A stay in hospital is often told afterwards; a holiday is planned within the year, and is shorter. [proposal]
EARLIEST_START = timedelta(days=31)
LATEST_START = timedelta(days=366)
LONGEST = timedelta(days=366)


class PauseKind(StrEnum):
    """Why a plan rests."""

    holiday = "holiday"
    in_hospital = "in_hospital"
    unwell = "unwell"
    other = "other"


@dataclass(frozen=True, slots=True)
class NewPause:
    """A pause to be made, of one plan version or (without) of all plans: both days included, or without an end."""

    plan_id: UUID | None
    kind: PauseKind
    reason: str | None
    from_on: date
    until_on: date | None
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause: as it was planned, by whom, and on which day things are due again if it was ended."""

    id: UUID
    plan_id: UUID | None
    kind: PauseKind
    reason: str | None
    from_on: date
    until_on: date | None
    made_by: UUID
    made_as: Party
    made_at: datetime
    client_id: str | None = None
    due_again_on: date | None = None
    ended_by: UUID | None = None
    ended_at: datetime | None = None

    @property
    def last_on(self) -> date | None:
        """Return the last day on which it holds; None while it has no end."""
        if self.due_again_on is None:
            return self.until_on
        ended_on = self.due_again_on - timedelta(days=1)
        return ended_on if self.until_on is None else min(self.until_on, ended_on)

    def holds(self, day: date) -> bool:
        """Return whether nothing is due on a day because of this pause."""
        return (
            self.from_on <= day
            and (self.until_on is None or day <= self.until_on)
            and (self.due_again_on is None or day < self.due_again_on)
        )


@dataclass(frozen=True, slots=True)
class Rest:
    """That nothing is due for a while: because of which pauses, and up to which day (None: until somebody ends it)."""

    until_on: date | None
    pauses: tuple[Pause, ...]


def rest_on(pauses: Collection[Pause], day: date) -> Rest | None:
    """Return the rest that a day is part of, if it is of one: pauses that follow on each other are one rest."""
    holding = tuple(pause for pause in pauses if pause.holds(day))
    if not holding:
        return None
    ends = [pause.last_on for pause in holding]
    last = max((end for end in ends if end is not None), default=day)
    if None in ends:
        return Rest(None, holding)
    following = rest_on(pauses, last + timedelta(days=1))
    return Rest(last if following is None else following.until_on, holding)


def is_paused(pauses: Iterable[Pause], day: date) -> bool:
    """Return whether any of these pauses holds on a day."""
    return any(pause.holds(day) for pause in pauses)


def require_sensible(new: NewPause, today: date) -> None:
    """Raise Invalid, with all faults, for a pause that is no plausible one as seen from a person's today."""
    faults: list[Fault] = []
    if not today - EARLIEST_START <= new.from_on <= today + LATEST_START:
        faults.append(Fault("/from_on", "implausible", "Give a date within 31 days back and one year ahead."))
    if new.until_on is not None and not new.from_on <= new.until_on <= new.from_on + LONGEST:
        faults.append(Fault("/until_on", "implausible", "Give a date from the first day on, within one year of it."))
    if new.kind is PauseKind.other and new.reason is None:
        faults.append(Fault("/reason", "reason_missing", "Say why, if it is neither a holiday nor illness."))
    if faults:
        raise Invalid("The pause cannot be kept as written.", faults)
