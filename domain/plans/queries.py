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

from sqlalchemy import select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis
from domain.audit.commands import record_audit
from domain.errors import NotFound
from domain.instant import seen_until
from domain.observations.evidence import Evidence, Yardstick
from domain.observations.evidence_queries import evidence_against
from domain.people.local_days import LocalDays
from domain.people.local_days_queries import local_days
from domain.people.permission import Action
from domain.people.queries import VisiblePatient, permitted_patient
from domain.plans.attainment import Level, Scale
from domain.plans.count_progress import count_progress
from domain.plans.goal_lifecycle import BEGUN, OPEN, Achievement, GoalState, Lifecycle, Party
from domain.plans.progress import LEAST_READINGS, MOST_IDS, WINDOW, Progress, progress
from domain.plans.rating_queries import Rating, ratings_of
from domain.plans.tables import FormerGoalRow, GoalRow, GoalStepRow
from domain.plans.tally import Tally
from domain.plans.tally_queries import Counting, tallies
from domain.plans.target import Comparator, Counted, CountTarget, Per, SignTarget, Target
from domain.statements import Statement, Work, rows_of

MOST_STEPS = 200
# As many as there may be (`commands.MOST_OPEN_GOALS`, which this module cannot know).
MOST_OPEN = 100
_OPEN_GOALS = Statement(
    text(
        """
    select g.id, g.patient_id, g.description, g.why, g.target_sign, g.target_part, g.target_counted,
        g.target_comparator, g.target_value, g.target_unit, g.target_due_on, g.start_on, g.proposed_by, g.proposed_as,
        g.proposed_at, g.lifecycle_status, g.achievement_status, g.status_at, g.version, g.scale_levels,
        g.scale_importance, g.scale_difficulty, g.scale_baseline
    from goal g where g.patient_id = :patient and g.lifecycle_status = any(cast(:lifecycles as text[]))
    order by g.id desc limit :most
    """
    )
)


@dataclass(frozen=True, slots=True)
class Goal:
    """What a person wants, where it stands, and how far it has come (None before it is begun or without a target)."""

    id: UUID
    patient_id: UUID
    description: str
    why: str | None
    target: Target | None
    scale: Scale | None
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
    scale: Scale | None
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
    """A goal with its history, how it read before and its ratings, oldest first; the latest 200 of each."""

    goal: Goal
    history: tuple[GoalStep, ...]
    former: tuple[FormerGoal, ...]
    ratings: tuple[Rating, ...]


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
    side, value, unit, due_on = row.target_comparator, row.target_value, row.target_unit, row.target_due_on
    if side is None or value is None or unit is None or due_on is None:
        return None
    if row.target_counted is not None:
        return CountTarget(Counted(row.target_counted), Comparator(side), value, Per(unit), due_on)
    if row.target_sign is None:
        return None
    return SignTarget(row.target_sign, row.target_part, Comparator(side), value, unit, due_on)


def scale_of(row: GoalRow | FormerGoalRow) -> Scale | None:
    """Return the row's scale, if it has one."""
    if row.scale_levels is None or row.scale_importance is None or row.scale_difficulty is None:
        return None
    baseline = Level(row.scale_baseline or 0)
    return Scale(tuple(row.scale_levels), row.scale_importance, row.scale_difficulty, baseline)


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
    days = await local_days(session, patient_id)
    found = await _with_progress(session, actor, patient_id, rows[:limit], days) + [
        _goal(row, None) for row in rows[limit:]
    ]
    await record_audit(session, actor, "goal.list", patient, count=min(limit, len(rows)))
    return found


async def open_goals(work: Work, actor: Actor, patient_id: UUID, days: LocalDays) -> list[Goal]:
    """Return a patient's goals that have not ended, newest first, for callers who have authorised and who audit.

    Without the ids of what their progress was worked out from.
    """
    asked = {"patient": patient_id, "lifecycles": [each.value for each in OPEN], "most": MOST_OPEN}
    return await _with_progress(work, actor, patient_id, await rows_of(work, _OPEN_GOALS, asked), days, ids=0)


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
    [goal] = await _with_progress(session, actor, patient_id, [row], await local_days(session, patient_id))
    newest = select(GoalStepRow).where(col(GoalStepRow.goal_id) == goal_id).order_by(col(GoalStepRow.number).desc())
    steps = [_step(step) for step in (await session.execute(newest.limit(MOST_STEPS))).scalars()]
    ratings = await ratings_of(session, goal_id, row.scale_version, most=MOST_STEPS)
    return GoalRecord(goal, tuple(reversed(steps)), await _former(session, goal_id), ratings)


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
            scale=scale_of(row),
            replaced_at=row.replaced_at,
            replaced_by=row.replaced_by,
            replaced_as=Party(row.replaced_as),
            note=row.note,
        )
        for row in (await session.execute(newest.limit(MOST_STEPS))).scalars()
    ]
    return tuple(reversed(found))


async def goals_by_ids(session: AsyncSession, actor: Actor, patient_id: UUID, ids: Sequence[UUID]) -> list[Goal]:
    """Return those of these goals that are this patient's, entered in error or not, for callers who have authorised."""
    query = select(GoalRow).where(col(GoalRow.id).in_(ids), col(GoalRow.patient_id) == patient_id)
    rows = list((await session.execute(query.order_by(col(GoalRow.id)))).scalars())
    return await _with_progress(session, actor, patient_id, rows, await local_days(session, patient_id))


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
        scale=scale_of(row),
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


async def _with_progress(
    work: Work, actor: Actor, patient_id: UUID, rows: Sequence[GoalRow], days: LocalDays, *, ids: int = MOST_IDS
) -> list[Goal]:
    """Return a patient's goals with their progress, by their own days: few statements for the evidence of them all."""
    sticks = {row.id: stick for row in rows if (stick := _yardstick(row, actor.at, days)) is not None}
    found = await evidence_against(work, patient_id, list(sticks.values()), days=WINDOW, least=LEAST_READINGS, ids=ids)
    evidence = dict(zip(sticks, found, strict=True))
    counted = [one for row in rows if (one := _counting(row, actor.at, days)) is not None]
    done = await tallies(work, patient_id, counted, ids=ids, days=days)
    return [_goal(row, _progress(row, actor.at, days, evidence.get(row.id), done.get(row.id))) for row in rows]


def _as_of(row: GoalRow, at: datetime) -> datetime:
    """Return up to when a goal is judged: a completed one stands as on its last day."""
    return row.status_at if row.lifecycle_status == Lifecycle.completed.value else at


def _yardstick(row: GoalRow, at: datetime, days: LocalDays) -> Yardstick | None:
    """Return what to hold readings against; None before a goal is begun, and without a target."""
    target, start_at, as_of = target_of(row), days.instant(row.start_on), _as_of(row, at)
    if not isinstance(target, SignTarget) or not _is_begun(row, as_of, days):
        return None
    return Yardstick(target.sign, target.part, target.unit, target.value, start_at, seen_until(as_of))


def _counting(row: GoalRow, at: datetime, days: LocalDays) -> Counting | None:
    """Return what of a goal's actions to count; None before it is begun, and when nothing is counted."""
    target, as_of = target_of(row), _as_of(row, at)
    if not isinstance(target, CountTarget) or not _is_begun(row, as_of, days):
        return None
    return Counting(row.id, target.per, row.start_on, as_of)


def _is_begun(row: GoalRow, as_of: datetime, days: LocalDays) -> bool:
    return state_of(row).lifecycle in BEGUN and days.instant(row.start_on) <= as_of


def _progress(
    row: GoalRow, at: datetime, days: LocalDays, evidence: Evidence | None, tally: Tally | None
) -> Progress | None:
    target, as_of, stated = target_of(row), _as_of(row, at), state_of(row).achievement
    today = days.day_of(as_of)
    if isinstance(target, SignTarget) and evidence is not None:
        return progress(target, evidence, as_of=as_of, today=today, stated=stated)
    if isinstance(target, CountTarget) and tally is not None:
        return count_progress(target, tally, as_of=as_of, today=today, stated=stated)
    return None
