"""Removing readings from before a day, when whoever answers for the records has decided so: their summaries stay.

For the database's owner: the service itself has no right to delete. What is removed is said in the trail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.audit.entry import NOBODY
from domain.observations.summary_commands import Place

LEAST_YEARS_KEPT = 8
"""No reading that is younger is removed: NHS Records Management Code of Practice, adult health records."""
RECORDS_AT_ONCE = 50
READINGS_AT_ONCE = 500
# The writers of the records that a step is at wait for its end, and so does the live feed.
_WITHIN = timedelta(milliseconds=100)

_REMOVE = text(
    """
    select next_patient, next_sign, is_over, removed, left_out
    from remove_readings(:after_patient, :after_sign, cast(:before as date), :look_at, :at_once,
        cast(:within as interval))
    """
)


@dataclass(frozen=True, slots=True)
class Removal:
    """What a step removed; `left_out` are records that somebody was writing to. `place`: where to go on, if at all."""

    place: Place | None
    readings: int
    left_out: int


async def remove_readings(
    session: AsyncSession,
    place: Place,
    before: date,
    at: datetime,
    *,
    look_at: int = RECORDS_AT_ONCE,
    at_once: int = READINGS_AT_ONCE,
    within: timedelta = _WITHIN,
) -> Removal:
    """Remove the readings of some records from before a day (UTC) that are summed up; say in the trail how many.

    A step ends when `within` is over, be it amid a record: whole days went of it, of some `at_once` readings at a time.
    """
    asked = {
        "after_patient": place.patient_id,
        "after_sign": place.sign,
        "before": before,
        "look_at": look_at,
        "at_once": at_once,
        "within": within,
    }
    row = (await session.execute(_REMOVE, asked)).one()
    if row.removed:
        await record_audit(session, Actor(NOBODY, at, request_id="retention"), "observation.remove", count=row.removed)
    return Removal(None if row.is_over else Place(row.next_patient, row.next_sign), row.removed, row.left_out)
