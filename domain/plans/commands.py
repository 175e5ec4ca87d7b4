"""Proposing goals and moving them on. Each step is kept; who may take which is `goal_lifecycle`'s to say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.errors import AlreadyExists, Conflict, Fault, IllegalTransition, Invalid, NotFound
from domain.events.commands import append_event
from domain.ids import new_id
from domain.people.local_days_queries import local_days
from domain.people.permission import Action
from domain.people.queries import VisiblePatient, permitted_patient
from domain.plans.attainment import Scale, require_scalable
from domain.plans.goal_lifecycle import OPEN, Change, GoalState, Party, first_state, next_state
from domain.plans.queries import acting_as, scale_of, state_of, target_of
from domain.plans.tables import GoalRow, GoalStepRow
from domain.plans.target import SignTarget, Target, require_measurable
from domain.versions import Seen, require_seen

# A goal may be recorded long after it was set, and set for soon; further off either way is a slip.
OLDEST_START = timedelta(days=5 * 365 + 2)
LATEST_START = timedelta(days=366)
LATEST_DUE = timedelta(days=10 * 366)

# More than anybody can work towards at a time: beyond it an app repeats itself, or somebody fills the record.
MOST_OPEN_GOALS = 100

TARGET_COLUMNS = (
    "target_sign",
    "target_part",
    "target_counted",
    "target_comparator",
    "target_value",
    "target_unit",
    "target_due_on",
)

SCALE_COLUMNS = ("scale_levels", "scale_importance", "scale_difficulty", "scale_baseline")
FIRST_VERSION = 1

# One patient's goals and plans are added one after another, so that no two who count at once both find room.
_ONE_WRITER = text("select pg_advisory_xact_lock(hashtextextended('plans ' || cast(cast(:id as uuid) as text), 0))")


@dataclass(frozen=True, slots=True)
class NewGoal:
    """A goal to be set: in the person's words, perhaps with a target. Without `start_on` it starts today.

    `client_id` is the sender's own name for it: sent again, the goal is kept once.
    """

    description: str
    why: str | None = None
    target: Target | None = None
    scale: Scale | None = None
    start_on: date | None = None
    client_id: str | None = None


async def propose_goal(session: AsyncSession, actor: Actor, patient_id: UUID, new: NewGoal) -> UUID:
    """Return the goal's id: the patient's own is active at once, anybody else's is proposed to them.

    Safe to repeat with a `client_id`. Raises NotFound, Invalid, AlreadyExists when the repeat disagrees, and Conflict
    when the patient has 100 goals that have not ended.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.propose_goals)
    party = acting_as(patient)
    today = (await local_days(session, patient_id)).day_of(actor.at)
    start_on = new.start_on or today
    _require_sensible_start(patient, start_on, today)
    require_sensible_target(new.target, start_on, today)
    if new.scale is not None:
        require_scalable(new.scale)
    state = first_state(party)
    await one_writer(session, patient_id)
    made = await _insert(session, actor, patient_id, new, start_on, party, state)
    if made is None:
        repeated = await _require_the_same(session, patient_id, new)
        await record_audit(session, actor, "goal.create", patient, subject_id=repeated, count=0)
        return repeated
    await _require_room(session, patient_id)
    await _append_step(session, actor, made, party, None, state, None)
    kind = "goal.changed" if party is Party.patient else "goal.proposed"
    await append_event(session, kind, patient_id=patient_id, subject_ids=[made])
    await record_audit(session, actor, "goal.create", patient, subject_id=made, count=1)
    return made


async def one_writer(session: AsyncSession, patient_id: UUID) -> None:
    """Return when nobody else is adding a goal or plan of this patient, and nobody will until the transaction ends."""
    await session.execute(_ONE_WRITER, {"id": patient_id})


async def change_goal_status(
    session: AsyncSession, actor: Actor, patient_id: UUID, goal_id: UUID, change: Change, seen: Seen | None = None
) -> None:
    """Move a goal on. To ask again for what has just been decided changes nothing, and so is safe to repeat.

    Raises NotFound, NotPermitted, Invalid, IllegalTransition, and Stale when `seen` was asked for and has passed.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.decide_goals_and_plans)
    party = acting_as(patient)
    row = await locked_goal(session, patient_id, goal_id)
    before = state_of(row)
    after = next_state(before, change, party)
    if after == before:
        await _require_a_repeat(session, actor, goal_id, change)
    else:
        require_seen(row.version, seen)
        row.version += 1
        row.lifecycle_status = after.lifecycle.value
        row.achievement_status = None if after.achievement is None else after.achievement.value
        row.status_at = actor.at
        session.add(row)
        await session.flush()
        await _append_step(session, actor, goal_id, party, before, after, change.note)
        await append_event(session, "goal.changed", patient_id=patient_id, subject_ids=[goal_id])
    await record_audit(session, actor, "goal.change_status", patient, subject_id=goal_id, count=int(after != before))


async def locked_goal(session: AsyncSession, patient_id: UUID, goal_id: UUID) -> GoalRow:
    """Return the goal's row as it is now, nobody else moving it. Raises NotFound."""
    found = await session.execute(
        select(GoalRow)
        .where(col(GoalRow.id) == goal_id, col(GoalRow.patient_id) == patient_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    row: GoalRow | None = found.scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def _require_sensible_start(patient: VisiblePatient, start_on: date, today: date) -> None:
    if not max(patient.born_on, today - OLDEST_START) <= start_on <= today + LATEST_START:
        fault = Fault("/start_on", "implausible", "Give a date within five years back and one year ahead.")
        raise Invalid("No such start.", [fault])


def require_sensible_target(target: Target | None, start_on: date, today: date) -> None:
    """Raise Invalid for a target that cannot be measured, or is due beyond ten years."""
    if target is None:
        return
    require_measurable(target, start_on)
    if target.due_on > today + LATEST_DUE:
        fault = Fault("/target/due_on", "implausible", "Give a date within ten years.")
        raise Invalid("No such date.", [fault])


async def _insert(
    session: AsyncSession,
    actor: Actor,
    patient_id: UUID,
    new: NewGoal,
    start_on: date,
    party: Party,
    state: GoalState,
) -> UUID | None:
    made = await session.execute(
        insert(GoalRow)
        .values(
            id=new_id(),
            patient_id=patient_id,
            client_id=new.client_id,
            description=new.description,
            why=new.why,
            start_on=start_on,
            proposed_by=actor.account_id,
            proposed_as=party.value,
            proposed_at=actor.at,
            lifecycle_status=state.lifecycle.value,
            achievement_status=None if state.achievement is None else state.achievement.value,
            status_at=actor.at,
            scale_version=None if new.scale is None else FIRST_VERSION,
            **target_columns(new.target),
            **scale_columns(new.scale),
        )
        .on_conflict_do_nothing(index_elements=["patient_id", "client_id"])
        .returning(col(GoalRow.id))
    )
    return made.scalar_one_or_none()


async def _require_room(session: AsyncSession, patient_id: UUID) -> None:
    """Raise Conflict when the goal just added is one too many."""
    still_open = select(func.count()).where(
        col(GoalRow.patient_id) == patient_id, col(GoalRow.lifecycle_status).in_([each.value for each in OPEN])
    )
    if (await session.execute(still_open)).scalar_one() > MOST_OPEN_GOALS:
        raise Conflict(f"There are {MOST_OPEN_GOALS} goals that have not ended. End one before setting another.")


def target_columns(target: Target | None) -> dict[str, Any]:
    """Return a target as a row's columns; all of them empty without one."""
    if target is None:
        return dict.fromkeys(TARGET_COLUMNS)
    if isinstance(target, SignTarget):
        own = {"target_sign": target.sign, "target_part": target.part, "target_unit": target.unit}
    else:
        own = {"target_counted": target.counted.value, "target_unit": target.per.value}
    common = {
        "target_comparator": target.comparator.value,
        "target_value": target.value,
        "target_due_on": target.due_on,
    }
    return {**dict.fromkeys(TARGET_COLUMNS), **own, **common}


def scale_columns(scale: Scale | None) -> dict[str, Any]:
    """Return a scale as a row's columns; all of them empty without one."""
    if scale is None:
        return dict.fromkeys(SCALE_COLUMNS)
    return {
        "scale_levels": list(scale.levels),
        "scale_importance": scale.importance,
        "scale_difficulty": scale.difficulty,
        "scale_baseline": int(scale.baseline),
    }


async def _require_the_same(session: AsyncSession, patient_id: UUID, new: NewGoal) -> UUID:
    """Return the id of the goal recorded under this client_id. Raises AlreadyExists when it says something else."""
    found = await session.execute(
        select(GoalRow).where(col(GoalRow.patient_id) == patient_id, col(GoalRow.client_id) == new.client_id)
    )
    row: GoalRow = found.scalar_one()
    # Without a date of its own a goal starts on the day it arrives, which for a repeat may be the day after.
    start_on = row.start_on if new.start_on is None else new.start_on
    kept = (row.description, row.why, target_of(row), scale_of(row), row.start_on)
    if kept != (new.description, new.why, new.target, new.scale, start_on):
        raise AlreadyExists("A different goal is recorded under this client_id.")
    return row.id


async def _append_step(
    session: AsyncSession,
    actor: Actor,
    goal_id: UUID,
    party: Party,
    before: GoalState | None,
    after: GoalState,
    note: str | None,
) -> None:
    """Add a step to the history. The goal's row is locked or new, so nobody else numbers at the same time."""
    last = await session.scalar(select(func.max(col(GoalStepRow.number))).where(col(GoalStepRow.goal_id) == goal_id))
    session.add(
        GoalStepRow(
            goal_id=goal_id,
            number=(last or 0) + 1,
            at=actor.at,
            taken_by=actor.account_id,
            taken_as=party.value,
            from_lifecycle=None if before is None else before.lifecycle.value,
            to_lifecycle=after.lifecycle.value,
            from_achievement=None if before is None or before.achievement is None else before.achievement.value,
            to_achievement=None if after.achievement is None else after.achievement.value,
            note=note,
        )
    )
    await session.flush()


async def _require_a_repeat(session: AsyncSession, actor: Actor, goal_id: UUID, change: Change) -> None:
    """Raise IllegalTransition when a note would be lost: the goal stands so already, but by another's word."""
    if change.note is None:
        return
    last = (
        await session.execute(
            select(GoalStepRow)
            .where(col(GoalStepRow.goal_id) == goal_id)
            .order_by(col(GoalStepRow.number).desc())
            .limit(1)
        )
    ).scalar_one()
    if (last.note, last.taken_by) != (change.note, actor.account_id):
        raise IllegalTransition("The goal stands so already.")
