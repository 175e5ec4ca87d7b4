"""Reading which time zone a person's days are reckoned in, and which they were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis
from domain.audit.commands import record_audit
from domain.people.local_days import LocalDays, ZoneFrom
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.people.tables import TimeZoneRow
from domain.statements import Statement, Work, rows_of

# Somebody who travels every week for ten years has made so many; further back nobody asks.
MOST_CHOICES = 1_000
_CHOSEN = Statement(
    select(col(TimeZoneRow.time_zone), col(TimeZoneRow.from_on))
    .where(col(TimeZoneRow.patient_id) == bindparam("patient", type_=Uuid()))
    .order_by(col(TimeZoneRow.version))
)


@dataclass(frozen=True, slots=True)
class ZoneChoice:
    """A choice of time zone: from which day on it holds, when, by whom and on which basis it was made."""

    version: int
    time_zone: str
    from_on: date
    set_by: UUID
    set_as: Basis
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Zones:
    """A person's days and the choices that made them, latest first; `version` counts up from 1, when there are none."""

    days: LocalDays
    choices: tuple[ZoneChoice, ...]
    version: int


async def local_days(work: Work, patient_id: UUID) -> LocalDays:
    """Return a patient's days, for callers who have authorised already."""
    found = await rows_of(work, _CHOSEN, {"patient": patient_id})
    return LocalDays(tuple(ZoneFrom(row.time_zone, row.from_on) for row in found))


async def zones_read(session: AsyncSession, actor: Actor, patient_id: UUID) -> Zones:
    """Return a visible patient's time zones, audited. Raises NotFound, NotPermitted."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    found = await zones_of(session, patient_id)
    await record_audit(session, actor, "time_zone.read", patient)
    return found


async def zones_of(session: AsyncSession, patient_id: UUID) -> Zones:
    """Return a patient's time zones, for callers who have authorised and audited already."""
    rows = await session.execute(
        select(TimeZoneRow)
        .where(col(TimeZoneRow.patient_id) == patient_id)
        .order_by(col(TimeZoneRow.version).desc())
        .limit(MOST_CHOICES)
    )
    choices = tuple(
        ZoneChoice(row.version, row.time_zone, row.from_on, row.set_by, Basis(row.set_as), row.set_at)
        for row in rows.scalars()
    )
    version = choices[0].version if choices else 1
    days = LocalDays(tuple(ZoneFrom(each.time_zone, each.from_on) for each in reversed(choices)))
    return Zones(days, choices, version)


async def local_days_of(session: AsyncSession, patient_ids: Collection[UUID]) -> dict[UUID, LocalDays]:
    """Return the days of those of these patients for whom a zone was ever chosen, by their ids; authorised already."""
    found = await session.execute(
        select(col(TimeZoneRow.patient_id), col(TimeZoneRow.time_zone), col(TimeZoneRow.from_on))
        .where(col(TimeZoneRow.patient_id).in_(list(patient_ids)))
        .order_by(col(TimeZoneRow.version))
    )
    choices: dict[UUID, list[ZoneFrom]] = defaultdict(list)
    for row in found:
        choices[row.patient_id].append(ZoneFrom(row.time_zone, row.from_on))
    return {patient_id: LocalDays(tuple(each)) for patient_id, each in choices.items()}
