"""Wording a goal otherwise, moving its target, scaling it. How it read is kept; `goal_lifecycle` says who may."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.events.commands import append_event
from domain.people.local_days_queries import local_days
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.plans.attainment import Scale, require_scalable
from domain.plans.commands import (
    SCALE_COLUMNS,
    TARGET_COLUMNS,
    locked_goal,
    require_sensible_target,
    scale_columns,
    target_columns,
)
from domain.plans.goal_lifecycle import Party, require_may_reword
from domain.plans.queries import acting_as, scale_of, state_of, target_of
from domain.plans.tables import FormerGoalRow, GoalRow
from domain.plans.target import Target
from domain.versions import Seen, require_seen


@dataclass(frozen=True, slots=True)
class Wording:
    """What a goal says: what is wanted and why, by what it is measured if by anything, and its scale if it has one."""

    description: str
    why: str | None
    target: Target | None
    scale: Scale | None = None


async def reword_goal(
    session: AsyncSession,
    actor: Actor,
    patient_id: UUID,
    goal_id: UUID,
    new: Wording,
    *,
    note: str | None,
    seen: Seen,
) -> None:
    """Put a goal in other words, or give it another target or scale; its statuses stay.

    To ask for what stands there already changes nothing, so a repeat after a lost answer is safe. Raises NotFound,
    NotPermitted, IllegalTransition, Invalid, Stale.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.decide_goals_and_plans)
    party = acting_as(patient)
    row = await locked_goal(session, patient_id, goal_id)
    changed = new != Wording(row.description, row.why, target_of(row), scale_of(row))
    require_may_reword(state_of(row), note, party)
    if changed:
        today = (await local_days(session, patient_id)).day_of(actor.at)
        require_sensible_target(new.target, row.start_on, today)
        if new.scale is not None:
            require_scalable(new.scale)
        require_seen(row.version, seen)
        await _replace(session, actor, row, new, party, note)
        await append_event(session, "goal.changed", patient_id=patient_id, subject_ids=[goal_id])
    await record_audit(session, actor, "goal.reword", patient, subject_id=goal_id, count=int(changed))


async def _replace(
    session: AsyncSession, actor: Actor, row: GoalRow, new: Wording, party: Party, note: str | None
) -> None:
    former = FormerGoalRow(
        goal_id=row.id,
        version=row.version,
        description=row.description,
        why=row.why,
        replaced_at=actor.at,
        replaced_by=actor.account_id,
        replaced_as=party.value,
        note=note,
        **{name: getattr(row, name) for name in (*TARGET_COLUMNS, *SCALE_COLUMNS)},
    )
    session.add(former)
    row.description, row.why = new.description, new.why
    row.version += 1
    if new.scale is None or new.scale != scale_of(row):
        # What was rated on another scale says nothing on this one.
        row.scale_version = None if new.scale is None else row.version
    for name, value in (target_columns(new.target) | scale_columns(new.scale)).items():
        setattr(row, name, value)
    session.add(row)
    await session.flush()
