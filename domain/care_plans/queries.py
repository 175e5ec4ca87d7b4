"""Reading care and support plans back. What is read is audited here, one row a request.

Every version says where it stands now and which one took its place: an old one must never look like the one in force.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis
from domain.audit.commands import record_audit
from domain.care_plans.lifecycle import Agreement, CarePlanStatus, Decided, Written, status
from domain.care_plans.section import ORDER, CareSection, WordsOf
from domain.care_plans.tables import CarePlanDecisionRow, CarePlanRow, CarePlanSectionRow
from domain.errors import NotFound
from domain.people.local_days import LocalDays
from domain.people.local_days_queries import local_days
from domain.people.permission import Action
from domain.people.queries import permitted_patient


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a draft: by whom, by which tie, when; a published one with its number and how it was agreed."""

    decided: Decided
    version: int | None
    agreement: Agreement | None
    note: str | None
    by: UUID
    by_tie: Basis
    at: datetime


@dataclass(frozen=True, slots=True)
class CarePlan:
    """One version with its sections in order; `successor_id` and `superseded_at` once another took its place."""

    id: UUID
    patient_id: UUID
    client_id: str
    supersedes_id: UUID | None
    review_on: date
    drafted_by: UUID
    drafted_as: Basis
    drafted_at: datetime
    sections: tuple[Written, ...]
    decision: Decision | None
    status: CarePlanStatus
    successor_id: UUID | None
    superseded_at: datetime | None
    days: LocalDays

    def is_review_overdue(self, at: datetime) -> bool:
        """Return whether a version in force should have been looked at again by now; the day itself still counts."""
        return self.status is CarePlanStatus.published and self.days.day_of(at) > self.review_on


# A version as drafted, what became of it, by which and when it was superseded, and which is in force.
_Found: TypeAlias = Row[CarePlanRow, CarePlanDecisionRow, UUID, datetime, UUID]
_NEXT, _LATEST = aliased(CarePlanDecisionRow), aliased(CarePlanDecisionRow)
_IN_FORCE = (
    select(col(_LATEST.plan_id))
    .where(col(_LATEST.patient_id) == col(CarePlanRow.patient_id), col(_LATEST.version).is_not(None))
    .order_by(col(_LATEST.version).desc())
    .limit(1)
    .scalar_subquery()
)


async def care_plans_read(
    session: AsyncSession, actor: Actor, patient_id: UUID, *, before: UUID | None, limit: int
) -> list[CarePlan]:
    """Return a page of a visible patient's versions and drafts, the last drafted first: one more than the limit if any.

    Raises NotFound, NotPermitted.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    query = _plans(patient_id).limit(limit + 1)
    if before is not None:
        query = query.where(col(CarePlanRow.id) < before)
    found = await _assembled(session, (await session.execute(query)).all())
    await record_audit(session, actor, "care_plan.list", patient, count=min(limit, len(found)))
    return found


async def care_plan_read(session: AsyncSession, actor: Actor, patient_id: UUID, plan_id: UUID) -> CarePlan:
    """Return one version or draft, audited. Raises NotFound, NotPermitted."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    found = await care_plan_of(session, patient_id, plan_id)
    await record_audit(session, actor, "care_plan.read", patient, subject_id=plan_id)
    return found


async def care_plan_in_force_read(session: AsyncSession, actor: Actor, patient_id: UUID) -> CarePlan:
    """Return the version in force, audited. Raises NotFound, also when none was ever published, and NotPermitted."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    found = await care_plan_in_force(session, patient_id)
    if found is None:
        raise NotFound
    await record_audit(session, actor, "care_plan.read", patient, subject_id=found.id)
    return found


async def care_plan_in_force(session: AsyncSession, patient_id: UUID) -> CarePlan | None:
    """Return the version in force if there is one, for callers who have authorised already."""
    query = _plans(patient_id).where(col(CarePlanRow.id) == _IN_FORCE)
    found = await _assembled(session, (await session.execute(query)).all())
    return found[0] if found else None


async def care_plan_of(session: AsyncSession, patient_id: UUID, plan_id: UUID) -> CarePlan:
    """Return one version or draft, for callers who have authorised already. Raises NotFound."""
    found = await care_plans_by_ids(session, patient_id, [plan_id])
    if not found:
        raise NotFound
    return found[0]


async def care_plans_by_ids(session: AsyncSession, patient_id: UUID, ids: Sequence[UUID]) -> list[CarePlan]:
    """Return those of these versions that are this patient's, for callers who have authorised already."""
    query = _plans(patient_id).where(col(CarePlanRow.id).in_(ids))
    return await _assembled(session, (await session.execute(query)).all())


async def care_plan_by_client_id(session: AsyncSession, patient_id: UUID, client_id: str) -> CarePlan | None:
    """Return the version that was drafted under a sender's own name for it, if any; authorised already."""
    query = _plans(patient_id).where(col(CarePlanRow.client_id) == client_id)
    found = await _assembled(session, (await session.execute(query)).all())
    return found[0] if found else None


async def drafts_against(session: AsyncSession, patient_id: UUID, in_force_id: UUID | None) -> list[UUID]:
    """Return the drafts that are open while this version (None: none) is in force; authorised already."""
    query = (
        select(col(CarePlanRow.id))
        .outerjoin(CarePlanDecisionRow, col(CarePlanDecisionRow.plan_id) == col(CarePlanRow.id))
        .where(
            col(CarePlanRow.patient_id) == patient_id,
            col(CarePlanRow.supersedes_id).is_not_distinct_from(in_force_id),
            col(CarePlanDecisionRow.plan_id).is_(None),
        )
        .order_by(col(CarePlanRow.id))
    )
    return list((await session.execute(query)).scalars())


def _plans(patient_id: UUID) -> Select[CarePlanRow, CarePlanDecisionRow, UUID, datetime, UUID]:
    return (
        select(CarePlanRow, CarePlanDecisionRow, col(_NEXT.plan_id), col(_NEXT.decided_at), _IN_FORCE)
        .outerjoin(CarePlanDecisionRow, col(CarePlanDecisionRow.plan_id) == col(CarePlanRow.id))
        .outerjoin(
            _NEXT,
            (col(_NEXT.patient_id) == col(CarePlanRow.patient_id))
            & (col(_NEXT.version) == col(CarePlanDecisionRow.version) + 1),
        )
        .where(col(CarePlanRow.patient_id) == patient_id)
        .order_by(col(CarePlanRow.id).desc())
    )


async def _assembled(session: AsyncSession, rows: Sequence[_Found]) -> list[CarePlan]:
    if not rows:
        return []
    sections: dict[UUID, list[Written]] = defaultdict(list)
    asked = select(CarePlanSectionRow).where(col(CarePlanSectionRow.plan_id).in_([row[0].id for row in rows]))
    for each in (await session.execute(asked)).scalars():
        sections[each.plan_id].append(_written(each))
    days = await local_days(session, rows[0][0].patient_id)
    return [_plan(row, sections[row[0].id], days) for row in rows]


def _written(row: CarePlanSectionRow) -> Written:
    return Written(
        section=CareSection(row.section),
        text=row.text,
        words_of=WordsOf(row.words_of),
        written_by=row.written_by,
        written_as=Basis(row.written_as),
        written_at=row.written_at,
    )


def _decision(row: CarePlanDecisionRow) -> Decision:
    return Decision(
        decided=Decided(row.decision),
        version=row.version,
        agreement=None if row.agreement is None else Agreement(row.agreement),
        note=row.note,
        by=row.decided_by,
        by_tie=Basis(row.decided_as),
        at=row.decided_at,
    )


def _plan(found: _Found, sections: Sequence[Written], days: LocalDays) -> CarePlan:
    row, decided, successor_id, superseded_at, in_force_id = found
    decision = None if decided is None else _decision(decided)
    became = None if decision is None else decision.decided
    return CarePlan(
        id=row.id,
        patient_id=row.patient_id,
        client_id=row.client_id,
        supersedes_id=row.supersedes_id,
        review_on=row.review_on,
        drafted_by=row.drafted_by,
        drafted_as=Basis(row.drafted_as),
        drafted_at=row.drafted_at,
        sections=tuple(sorted(sections, key=lambda each: ORDER.index(each.section))),
        decision=decision,
        status=status(became, plan_id=row.id, supersedes_id=row.supersedes_id, in_force_id=in_force_id),
        successor_id=successor_id,
        superseded_at=superseded_at,
        days=days,
    )
