"""Having the days that are over summed up: a step of it. Knows no reading, as the worker that asks may read none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.observations.series import midnight_before

# A day is summed up one day after its end: what a phone sends in the evening for the morning then costs nothing more.
SETTLED_AFTER = timedelta(days=1)
LOOKED_AT_PER_STEP = 5_000
"""Some 5 ms where nothing is due."""
# The writers of the records that a step is at wait for its end.
_WITHIN = timedelta(milliseconds=100)
_BEFORE_ANY = UUID(int=0)
_STEP = text(
    """
    select next_patient, next_sign, is_over, done, left_out
    from summarise_days(:after_patient, :after_sign, cast(:until as date), :look_at, cast(:within as interval))
    """
)


@dataclass(frozen=True, slots=True)
class Place:
    """How far a round has come: the patient and the sign that were looked at last."""

    patient_id: UUID = _BEFORE_ANY
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What a step did: `stretches` were summed up, `left_out` are records that somebody was writing to.

    `place` is where to go on, None at the round's end.
    """

    place: Place | None
    stretches: int
    left_out: int


async def summarise_some(
    session: AsyncSession, place: Place, at: datetime, *, look_at: int = LOOKED_AT_PER_STEP
) -> Step:
    """Sum up the days before `at` that are over and not summed up yet, of some records from a place on."""
    asked = {
        "after_patient": place.patient_id,
        "after_sign": place.sign,
        "until": midnight_before(at - SETTLED_AFTER).date(),
        "look_at": look_at,
        "within": _WITHIN,
    }
    row = (await session.execute(_STEP, asked)).one()
    return Step(None if row.is_over else Place(row.next_patient, row.next_sign), row.done, row.left_out)
