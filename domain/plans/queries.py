"""Reading goals back, each with its progress worked out from the observations of its patient.

What is read is audited here, one row a request. The row of a goal covers the readings that its progress was worked
out from, and counts them: they are shown as the goal's evidence, so that a row of their own would say nothing more.
A goal entered in error is not listed, and can be read by its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis
from domain.audit.commands import record_audit
from domain.errors import NotFound
from domain.observations.evidence import Evidence, Yardstick
from domain.observations.evidence_queries import evidence_against
from domain.people.permission import Action
from domain.people.queries import VisiblePatient, permitted_patient
from domain.plans.goal_lifecycle import BEGUN, Achievement, GoalState, Lifecycle, Party
from domain.plans.progress import LEAST_READINGS, MOST_IDS, WINDOW, Progress, progress
from domain.plans.schedule import london_instant
from domain.plans.tables import FormerGoalRow, GoalRow, GoalStepRow
from domain.plans.target import Comparator, Target

MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Goal:
    """What a person wants, where it stands, and how far it has come (None before it is begun or without a target)."""

    id: UUID
    patient_id: UUID
    description: str
    why: str | None
    target: Target | None
    start_on: date
    proposed_by: UUID
    proposed_as: Party
    proposed_at: datetime
    state: GoalState
    status_at: datetime
    progress: Progress | None
    version: int


@dataclass(frozen=True, slots=True)
class FormerGoal:
    """How a goal read until somebody worded it otherwise, and what they said of why."""

    version: int
    description: str
    why: str | None
    target: Target | None
    replaced_at: datetime
    replaced_by: UUID
    replaced_as: Party
    note: str | None


@dataclass(frozen=True, slots=True)
class GoalStep:
    """One step in a goal's history; the first has no `before`."""

    number: int
    at: datetime
    taken_by: UUID
    taken_as: Party
    before: GoalState | None
    after: GoalState
    note: str | None


@dataclass(frozen=True, slots=True)
class GoalRecord:
    """A goal with its history and how it read before, oldest first; the latest 200 of each."""

    goal: Goal
    history: tuple[GoalStep, ...]
    former: tuple[FormerGoal, ...]


_ACTS_AS = {
    Basis.self_: Party.patient,
    Basis.delegate: Party.delegate,
    Basis.care_home: Party.care_home_staff,
    Basis.care_team: Party.clinician,
    Basis.practice: Party.clinician,
}


def acting_as(patient: VisiblePatient) -> Party:
    """Return in which capacity somebody acts: by the relation on which they are permitted to."""
    return _ACTS_AS[Basis(patient.ground.basis)]


def target_of(row: GoalRow | FormerGoalRow) -> Target | None:
    """Return the row's target, if it has one."""
    if (
        row.target_sign is None
        or row.target_comparator is None
        or row.target_value is None
        or row.target_unit is None
        or row.target_due_on is None
    ):
        return None
    return Target(
        sign=row.target_sign,
        part=row.target_part,
        comparator=Comparator(row.target_comparator),
        value=row.target_value,
        unit=row.target_unit,
        due_on=row.target_due_on,
    )


def state_of(row: GoalRow) -> GoalState:
    """Return both statuses of the row."""
    return _state(row.lifecycle_status, row.achievement_status)


def _state(lifecycle: str, achievement: str | None) -> GoalState:
    return GoalState(Lifecycle(lifecycle), None if achievement is None else Achievement(achievement))


async def goals_read(
    session: AsyncSession, actor: Actor, patient_id: UUID, *, before: UUID | None, limit: int
) -> list[Goal]:
    """Return a page of a visible patient's goals, newest first: one more than the limit if any. Raises NotFound."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    query = (
        select(GoalRow)
        .where(
            col(GoalRow.patient_id) == patient_id,
            col(GoalRow.lifecycle_status) != Lifecycle.entered_in_error.value,
        )
        .order_by(col(GoalRow.id).desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(col(GoalRow.id) < before)
    rows = list((await session.execute(query)).scalars())
    found = await _with_progress(session, actor, patient_id, rows[:limit]) + [_goal(row, None) for row in rows[limit:]]
    await record_audit(session, actor, "goal.list", patient, count=min(limit, len(rows)))
    return found


async def goal_read(session: AsyncSession, actor: Actor, patient_id: UUID, goal_id: UUID) -> GoalRecord:
    """Return one goal of a visible patient with its history. Raises NotFound.

    Audited with how many readings its progress was worked out from; None when it has no progress.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    found = await goal_record(session, actor, patient_id, goal_id)
    progress_made = found.goal.progress
    looked_at = None if progress_made is None else progress_made.count
    await record_audit(session, actor, "goal.read", patient, subject_id=goal_id, count=looked_at)
    return found


async def goal_record(session: AsyncSession, actor: Actor, patient_id: UUID, goal_id: UUID) -> GoalRecord:
    """Return one goal with its history, for callers who have authorised and audited already. Raises NotFound."""
    row = (
        await session.execute(select(GoalRow).where(col(GoalRow.id) == goal_id, col(GoalRow.patient_id) == patient_id))
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    [goal] = await _with_progress(session, actor, patient_id, [row])
    newest = select(GoalStepRow).where(col(GoalStepRow.goal_id) == goal_id).order_by(col(GoalStepRow.number).desc())
    steps = [_step(step) for step in (await session.execute(newest.limit(MOST_STEPS))).scalars()]
    return GoalRecord(goal, tuple(reversed(steps)), await _former(session, goal_id))


async def _former(session: AsyncSession, goal_id: UUID) -> tuple[FormerGoal, ...]:
    newest = (
        select(FormerGoalRow).where(col(FormerGoalRow.goal_id) == goal_id).order_by(col(FormerGoalRow.version).desc())
    )
    found = [
        FormerGoal(
            version=row.version,
            description=row.description,
            why=row.why,
            target=target_of(row),
            replaced_at=row.replaced_at,
            replaced_by=row.replaced_by,
            replaced_as=Party(row.replaced_as),
            note=row.note,
        )
        for row in (await session.execute(newest.limit(MOST_STEPS))).scalars()
    ]
    return tuple(reversed(found))


async def goals_among(session: AsyncSession, patient_id: UUID, goal_ids: list[UUID]) -> set[UUID]:
    """Return which of these are goals of this patient, those entered in error left out."""
    rows = await session.execute(
        select(col(GoalRow.id)).where(
            col(GoalRow.id).in_(goal_ids),
            col(GoalRow.patient_id) == patient_id,
            col(GoalRow.lifecycle_status) != Lifecycle.entered_in_error.value,
        )
    )
    return set(rows.scalars())


def _goal(row: GoalRow, found: Progress | None) -> Goal:
    return Goal(
        id=row.id,
        patient_id=row.patient_id,
        description=row.description,
        why=row.why,
        target=target_of(row),
        start_on=row.start_on,
        proposed_by=row.proposed_by,
        proposed_as=Party(row.proposed_as),
        proposed_at=row.proposed_at,
        state=state_of(row),
        status_at=row.status_at,
        progress=found,
        version=row.version,
    )


def _step(row: GoalStepRow) -> GoalStep:
    return GoalStep(
        number=row.number,
        at=row.at,
        taken_by=row.taken_by,
        taken_as=Party(row.taken_as),
        before=None if row.from_lifecycle is None else _state(row.from_lifecycle, row.from_achievement),
        after=_state(row.to_lifecycle, row.to_achievement),
        note=row.note,
    )


async def _with_progress(session: AsyncSession, actor: Actor, patient_id: UUID, rows: Sequence[GoalRow]) -> list[Goal]:
    """Return a patient's goals with their progress: one statement for the readings of them all."""
    sticks = {row.id: stick for row in rows if (stick := _yardstick(row, actor.at)) is not None}
    found = await evidence_against(
        session, patient_id, list(sticks.values()), days=WINDOW, least=LEAST_READINGS, ids=MOST_IDS
    )
    evidence = dict(zip(sticks, found, strict=True))
    return [_goal(row, _progress(row, actor.at, evidence.get(row.id))) for row in rows]


def _as_of(row: GoalRow, at: datetime) -> datetime:
    """Return up to when a goal is judged: a completed one stands as on its last day."""
    return row.status_at if row.lifecycle_status == Lifecycle.completed.value else at


def _yardstick(row: GoalRow, at: datetime) -> Yardstick | None:
    """Return what to hold readings against; None before a goal is begun, and without a target."""
    target, start_at, as_of = target_of(row), london_instant(row.start_on), _as_of(row, at)
    if target is None or state_of(row).lifecycle not in BEGUN or start_at > as_of:
        return None
    return Yardstick(target.sign, target.part, target.unit, target.value, start_at, as_of)


def _progress(row: GoalRow, at: datetime, evidence: Evidence | None) -> Progress | None:
    target = target_of(row)
    if target is None or evidence is None:
        return None
    return progress(target, evidence, as_of=_as_of(row, at), stated=state_of(row).achievement)
