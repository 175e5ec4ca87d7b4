"""Recording that an action was done or skipped, and taking that back when it was recorded in error."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.errors import AlreadyExists, Conflict, Fault, IllegalTransition, Invalid, NotFound
from domain.events.commands import append_event
from domain.ids import new_id
from domain.instant import CLOCK_SKEW_TOLERATED, offset_minutes
from domain.observations.verdict import Refusal, RefusalCode
from domain.people.permission import Action
from domain.people.queries import amended, permitted_patient
from domain.plans.completion_queries import Completion, TakenBack, completion_by_client_id, completion_of
from domain.plans.goal_lifecycle import Party
from domain.plans.plan_queries import ActionPlan, Ending, plan_of_patient
from domain.plans.queries import acting_as
from domain.plans.tables import ActionCompletionRow, CompletionRetractionRow

# Four an hour, day and night. What a loop in an app adds beyond it would slow each look at the day.
# Of many that arrive in the same instant a few more may be kept.
MOST_OF_A_DAY = 100
# What was taken back as well: it is kept.
_OF_DAY = text(
    """
    select count(*) from action_completion c
    where c.action_id = :action_id and c.done_at >= :from_at and c.done_at < :until_at
    """
)


@dataclass(frozen=True, slots=True)
class NewCompletion:
    """That an action was done at an instant (aware), or skipped for a reason, under the sender's own id for it.

    `as_of`: up to when the copy of the record was complete by which it was done without a network; None: by no copy.
    """

    client_id: str
    done_at: datetime
    note: str | None = None
    skipped: str | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Which:
    """Which completion of which action of which plan of whom."""

    patient_id: UUID
    plan_id: UUID
    action_id: UUID
    completion_id: UUID


async def complete_action(
    session: AsyncSession, actor: Actor, patient_id: UUID, plan_id: UUID, action_id: UUID, new: NewCompletion
) -> Completion:
    """Return the completion as recorded: kept once, however often and from how many places it is sent.

    What was done while a plan was in force may arrive after it ended, and so may what was done by a copy that did not
    know yet that another version had taken its place. Raises NotFound, Invalid, IllegalTransition when the plan had
    ended by then, AlreadyExists when a repeat disagrees, and Conflict when there are 100 of that day already.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.complete_actions)
    party = acting_as(patient)
    plan = await _plan_with(session, actor, patient_id, plan_id, action_id)
    _require_in_force(plan, new, actor.at)
    made = await _insert_completion(session, actor, party, action_id, new)
    found = await completion_by_client_id(session, action_id, new.client_id)
    if made:
        await _require_room(session, plan, action_id, new.done_at)
        await append_event(session, "action.completed", patient_id=patient_id, subject_ids=[action_id, found.id])
    elif (found.done_at, found.note, found.skipped) != (new.done_at, new.note, new.skipped):
        raise AlreadyExists("A different completion is recorded under this client_id.")
    await record_audit(session, actor, "action.complete", patient, subject_id=action_id, count=int(made))
    return found


async def take_back_completion(session: AsyncSession, actor: Actor, which: Which, reason: str) -> Completion:
    """Return a completion that was recorded in error, taken back for a stated reason: kept, and counted no more.

    By whoever recorded it, or by staff. A repeat by the same account for the same reason changes nothing. Raises
    NotFound, NotPermitted, IllegalTransition.
    """
    patient_id, action_id, completion_id = which.patient_id, which.action_id, which.completion_id
    patient = await permitted_patient(session, actor, patient_id, Action.complete_actions)
    await _plan_with(session, actor, patient_id, which.plan_id, action_id)
    found = await completion_of(session, action_id, completion_id)
    ground = amended(actor, patient, found.recorded_by)
    made = await session.execute(
        insert(CompletionRetractionRow)
        .values(
            completion_id=completion_id,
            patient_id=patient_id,
            retracted_at=actor.at,
            retracted_by=actor.account_id,
            reason=reason,
        )
        .on_conflict_do_nothing()
        .returning(col(CompletionRetractionRow.completion_id))
    )
    changed = made.scalar_one_or_none() is not None
    if changed:
        found = replace(found, taken_back=TakenBack(actor.at, actor.account_id, reason))
        await append_event(session, "action.retracted", patient_id=patient_id, subject_ids=[action_id, completion_id])
    else:
        found = await completion_of(session, action_id, completion_id)
        if found.taken_back is None or (found.taken_back.by, found.taken_back.reason) != (actor.account_id, reason):
            raise IllegalTransition("This was recorded in error, and stays so.")
    await record_audit(session, actor, "action.retract", ground, subject_id=action_id, count=int(changed))
    return found


async def _plan_with(
    session: AsyncSession, actor: Actor, patient_id: UUID, plan_id: UUID, action_id: UUID
) -> ActionPlan:
    """Return the plan version that has this action. Raises NotFound."""
    plan = await plan_of_patient(session, patient_id, plan_id, actor.at)
    if action_id not in {action.id for action in plan.actions}:
        raise NotFound
    return plan


def _require_in_force(plan: ActionPlan, new: NewCompletion, at: datetime) -> None:
    done_at = new.done_at
    if done_at > at + CLOCK_SKEW_TOLERATED:
        ahead = Refusal(RefusalCode.future_time, "done_at")
        raise Invalid("An action cannot have been done yet.", [Fault("/done_at", ahead.code, ahead.detail)])
    if done_at < plan.days.instant(plan.agreed_on):
        fault = Fault("/done_at", "before_plan", "The time lies before the plan was agreed.")
        raise Invalid("An action cannot have been done before its plan.", [fault])
    ending = plan.ending
    if ending is not None and done_at > ending.at + CLOCK_SKEW_TOLERATED and not _was_unheard_of(ending, new):
        raise IllegalTransition("The plan had ended by then.")


def _was_unheard_of(ending: Ending, new: NewCompletion) -> bool:
    """Return whether it was done by a copy of before the version was replaced: done it was all the same.

    A copy is as of when it was asked for, and the newer version is seen a moment after it was published.
    """
    if ending.successor_id is None or new.as_of is None:
        return False
    return new.as_of < ending.at + CLOCK_SKEW_TOLERATED


async def _require_room(session: AsyncSession, plan: ActionPlan, action_id: UUID, done_at: datetime) -> None:
    """Raise Conflict when what was just recorded is one too many of its day."""
    day = plan.days.day_of(done_at)
    span = {"from_at": plan.days.instant(day), "until_at": plan.days.instant(day + timedelta(days=1))}
    if (await session.execute(_OF_DAY, {"action_id": action_id, **span})).scalar_one() > MOST_OF_A_DAY:
        raise Conflict(
            f"This was recorded {MOST_OF_A_DAY} times on that day, which is the most. Write of it in the diary."
        )


async def _insert_completion(
    session: AsyncSession, actor: Actor, party: Party, action_id: UUID, new: NewCompletion
) -> bool:
    """Return whether the completion is new; a concurrent repeat waits here for the other's commit."""
    made = await session.execute(
        insert(ActionCompletionRow)
        .values(
            id=new_id(),
            action_id=action_id,
            client_id=new.client_id,
            done_at=new.done_at,
            done_offset_minutes=offset_minutes(new.done_at),
            note=new.note,
            skipped=new.skipped,
            recorded_by=actor.account_id,
            recorded_as=party.value,
            recorded_at=actor.at,
        )
        .on_conflict_do_nothing(index_elements=["action_id", "client_id"])
        .returning(col(ActionCompletionRow.id))
    )
    return made.scalar_one_or_none() is not None
