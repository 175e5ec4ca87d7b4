"""Reading a person's best peak flow: what somebody said it is, or else what the readings show.

What a caller reads is audited here; the functions that take no actor are for callers who have authorised already.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.observations.evidence import Measured
from domain.observations.peak_flow import BestSource, MeasuredBest, PersonalBest, measured_best
from domain.observations.recent_queries import PEAK_FLOW, recent_readings
from domain.people.local_days import LocalDays
from domain.people.local_days_queries import local_days
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.statements import Statement, Work, rows_of

MOST_STATED = 100
# The newest first, those entered in error too: a person's whole life has a few.
_STATED = Statement(
    text(
        """
    select b.id, b.number, b.value, b.reason, b.stated_at, b.stated_by, b.stated_as, b.retracted_at, b.retracted_by,
        b.retraction_reason
    from personal_best b where b.patient_id = :patient_id order by b.number desc limit :limit
    """
    )
)
_STATED_OF_IDS = Statement(
    text(
        """
    select b.id, b.number, b.value, b.reason, b.stated_at, b.stated_by, b.stated_as, b.retracted_at, b.retracted_by,
        b.retraction_reason
    from personal_best b where b.patient_id = :patient_id and b.id = any(cast(:ids as uuid[]))
    """
    )
)
_STANDING = Statement(
    text(
        """
    select b.id, b.value, b.stated_at from personal_best b
    where b.patient_id = :patient_id and b.retracted_at is null and b.stated_at <= :at order by b.number desc limit 1
    """
    )
)


@dataclass(frozen=True, slots=True)
class StatedBest:
    """A best that somebody said (L/min), why, and whether it was entered in error. `stated_as` is their basis."""

    id: UUID
    number: int
    value: Decimal
    reason: str
    stated_at: datetime
    stated_by: UUID
    stated_as: str
    retracted_at: datetime | None
    retracted_by: UUID | None
    retraction_reason: str | None


@dataclass(frozen=True, slots=True)
class BestRecord:
    """The best that holds, None while there is none; what the readings show; and all that was stated, newest first."""

    best: PersonalBest | None
    measured: MeasuredBest
    stated: tuple[StatedBest, ...]

    @property
    def version(self) -> int:
        """Return which statement stands, by its number and one: 1 while none does. What was seen then stands again."""
        return 1 + next((each.number for each in self.stated if each.retracted_at is None), 0)


async def personal_best(work: Work, patient_id: UUID, at: datetime) -> PersonalBest | None:
    """Return the peak flow that a person's readings are held against at an instant; None: they cannot be judged.

    What was stated last, and not entered in error, or else the best that the readings of a year show, if they are
    enough for one (`peak_flow`).
    """
    stated = await stated_best(work, patient_id, at)
    if stated is not None:
        return stated
    recent = await recent_readings(work, patient_id, at, [PEAK_FLOW])
    return measured_best(recent.peak_flows, as_of=at, days=await local_days(work, patient_id)).best


async def stated_best(work: Work, patient_id: UUID, at: datetime) -> PersonalBest | None:
    """Return the best that was stated last up to an instant, those entered in error left out."""
    found = await rows_of(work, _STANDING, {"patient_id": patient_id, "at": at})
    return next((PersonalBest(row.value, BestSource.stated, row.id, row.stated_at) for row in found), None)


def best_that_holds(
    stated: PersonalBest | None, readings: Iterable[Measured], at: datetime, days: LocalDays
) -> tuple[PersonalBest | None, MeasuredBest]:
    """Return the best that holds at an instant, and what the readings show."""
    shown = measured_best(readings, as_of=at, days=days)
    return stated or shown.best, shown


async def personal_best_read(session: AsyncSession, actor: Actor, patient_id: UUID) -> BestRecord:
    """Return a visible patient's best with its history. Raises NotFound."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    found = await best_record(session, patient_id, actor.at)
    await record_audit(session, actor, "personal_best.read", patient, count=len(found.stated))
    return found


async def best_record(session: AsyncSession, patient_id: UUID, at: datetime) -> BestRecord:
    """Return a patient's best with its history, for callers who have authorised and audited already."""
    rows = await rows_of(session, _STATED, {"patient_id": patient_id, "limit": MOST_STATED})
    stated = tuple(_stated(row) for row in rows)
    standing = next((each for each in stated if each.retracted_at is None), None)
    said = None
    if standing is not None:
        said = PersonalBest(standing.value, BestSource.stated, standing.id, standing.stated_at)
    recent = await recent_readings(session, patient_id, at, [PEAK_FLOW])
    best, measured = best_that_holds(said, recent.peak_flows, at, await local_days(session, patient_id))
    return BestRecord(best, measured, stated)


async def stated_by_ids(work: Work, patient_id: UUID, ids: Sequence[UUID]) -> list[StatedBest]:
    """Return those of these statements that are of a patient, for callers who have authorised already."""
    return [_stated(row) for row in await rows_of(work, _STATED_OF_IDS, {"patient_id": patient_id, "ids": list(ids)})]


def _stated(row: Any) -> StatedBest:
    return StatedBest(
        id=row.id,
        number=row.number,
        value=row.value,
        reason=row.reason,
        stated_at=row.stated_at,
        stated_by=row.stated_by,
        stated_as=row.stated_as,
        retracted_at=row.retracted_at,
        retracted_by=row.retracted_by,
        retraction_reason=row.retraction_reason,
    )
