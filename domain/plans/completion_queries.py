"""Reading what was done of plans, or skipped. What was taken back is kept and told, and counts for nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from uuid import UUID

from sqlalchemy import Select, exists, select, text, tuple_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.errors import NotFound
from domain.people.local_days import LocalDays
from domain.people.permission import Action as Deed
from domain.people.queries import permitted_patient
from domain.plans.adherence import DayCount
from domain.plans.due_today import Answer
from domain.plans.goal_lifecycle import Party
from domain.plans.tables import ActionCompletionRow, ActionPlanRow, ActionRow, CompletionRetractionRow

MOST_RECENT_COMPLETIONS = 50

_COUNTS = text(
    """
    select c.action_id, d.day, count(*) filter (where c.skipped is null) as done, count(c.skipped) as skipped
    from unnest(cast(:days as date[]), cast(:starts as timestamptz[]), cast(:ends as timestamptz[]))
        as d (day, starts_at, ends_at)
    join action_completion c on c.action_id = any(cast(:action_ids as uuid[]))
        and c.done_at >= d.starts_at and c.done_at < d.ends_at
    where not exists (select from completion_retraction r where r.completion_id = c.id)
    group by 1, 2
    """
)
_TAKEN_BACK = exists().where(col(CompletionRetractionRow.completion_id) == col(ActionCompletionRow.id))


@dataclass(frozen=True, slots=True)
class TakenBack:
    """That a completion was recorded in error: when, by whom and why it was taken back."""

    at: datetime
    by: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Completion:
    """That an action was done, or skipped for a reason; `done_at` has the offset it was sent with."""

    id: UUID
    action_id: UUID
    client_id: str
    done_at: datetime
    note: str | None
    skipped: str | None
    recorded_by: UUID
    recorded_as: Party
    recorded_at: datetime
    taken_back: TakenBack | None


@dataclass(frozen=True, slots=True)
class StepDone:
    """A completion with what it is of: the titles of the plan and of the step, as they stood in that version."""

    completion: Completion
    plan: str
    step: str


async def counts_by_day(
    session: AsyncSession, action_ids: Collection[UUID], span: tuple[date, date], days: LocalDays
) -> Mapping[UUID, Mapping[date, DayCount]]:
    """Return how often each action was done and skipped on each of a person's days, the first and last included."""
    first, last = span
    looked_at = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    starts = [days.instant(day) for day in (*looked_at, last + timedelta(days=1))]
    asked = {"days": looked_at, "starts": starts[:-1], "ends": starts[1:], "action_ids": list(action_ids)}
    counts: dict[UUID, dict[date, DayCount]] = defaultdict(dict)
    for row in await session.execute(_COUNTS, asked):
        counts[row.action_id][row.day] = DayCount(row.done, row.skipped)
    return counts


async def answers_between(
    session: AsyncSession, action_ids: Collection[UUID], from_at: datetime
) -> Mapping[UUID, Sequence[Answer]]:
    """Return what was recorded of each of these actions as done or skipped from an instant on, and stands."""
    found: dict[UUID, list[Answer]] = {action_id: [] for action_id in action_ids}
    rows = await session.execute(
        select(ActionCompletionRow)
        .where(col(ActionCompletionRow.action_id).in_(action_ids), col(ActionCompletionRow.done_at) >= from_at)
        .where(~_TAKEN_BACK)
    )
    for row in rows.scalars():
        found[row.action_id].append(Answer(row.id, row.done_at, row.skipped))
    return found


async def recent_completions(session: AsyncSession, action_ids: Collection[UUID]) -> tuple[Completion, ...]:
    """Return the latest 50 completions of these actions that stand, the latest first."""
    recent = await session.execute(
        select(ActionCompletionRow)
        .where(col(ActionCompletionRow.action_id).in_(action_ids), ~_TAKEN_BACK)
        .order_by(col(ActionCompletionRow.done_at).desc(), col(ActionCompletionRow.id).desc())
        .limit(MOST_RECENT_COMPLETIONS)
    )
    return tuple(as_completion(row, None) for row in recent.scalars())


async def steps_done_read(
    session: AsyncSession, actor: Actor, patient_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[StepDone]:
    """Return a page of all that a visible patient did or skipped of any plan, the latest first; audited.

    Also what was taken back. One more than the limit if there is any. `before` is the instant and the id of the last
    one of the page before.
    """
    patient = await permitted_patient(session, actor, patient_id, Deed.read_record)
    done = (col(ActionCompletionRow.done_at), col(ActionCompletionRow.id))
    query: Select[ActionCompletionRow, CompletionRetractionRow, str, str] = (
        select(
            ActionCompletionRow,
            CompletionRetractionRow,
            col(ActionPlanRow.title).label("plan"),
            col(ActionRow.title).label("step"),
        )
        .join(ActionRow, col(ActionRow.id) == col(ActionCompletionRow.action_id))
        .join(ActionPlanRow, col(ActionPlanRow.id) == col(ActionRow.plan_id))
        .outerjoin(CompletionRetractionRow, col(CompletionRetractionRow.completion_id) == col(ActionCompletionRow.id))
        .where(col(ActionPlanRow.patient_id) == patient_id)
        .order_by(*(column.desc() for column in done))
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(tuple_(*done) < before)
    rows = (await session.execute(query)).all()
    found = [StepDone(as_completion(row, retraction), plan, step) for row, retraction, plan, step in rows]
    await record_audit(session, actor, "action.list", patient, count=min(limit, len(found)))
    return found


async def completion_of(session: AsyncSession, action_id: UUID, completion_id: UUID) -> Completion:
    """Return one completion of an action, for callers who have authorised already. Raises NotFound."""
    found = await session.execute(
        select(ActionCompletionRow, CompletionRetractionRow)
        .outerjoin(CompletionRetractionRow, col(CompletionRetractionRow.completion_id) == col(ActionCompletionRow.id))
        .where(col(ActionCompletionRow.id) == completion_id, col(ActionCompletionRow.action_id) == action_id)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound
    return as_completion(*row)


async def completions_by_ids(session: AsyncSession, patient_id: UUID, ids: Collection[UUID]) -> list[Completion]:
    """Return those of these completions that are of this patient's plans, for callers who have authorised already."""
    found = await session.execute(
        select(ActionCompletionRow, CompletionRetractionRow)
        .join(ActionRow, col(ActionRow.id) == col(ActionCompletionRow.action_id))
        .join(ActionPlanRow, col(ActionPlanRow.id) == col(ActionRow.plan_id))
        .outerjoin(CompletionRetractionRow, col(CompletionRetractionRow.completion_id) == col(ActionCompletionRow.id))
        .where(col(ActionCompletionRow.id).in_(ids), col(ActionPlanRow.patient_id) == patient_id)
        .order_by(col(ActionCompletionRow.id))
    )
    return [as_completion(*row) for row in found]


async def places_of_completion(
    session: AsyncSession, patient_id: UUID, *, client_id: str | None, completion_id: UUID | None
) -> list[tuple[UUID, UUID, UUID]]:
    """Return the plan, the action and the id of each of a patient's completions that is called so, or has this id.

    A sender's own name is one action's. For callers who authorise what they do with it.
    """
    c = ActionCompletionRow
    named = col(c.client_id) == client_id if completion_id is None else col(c.id) == completion_id
    found = await session.execute(
        select(col(ActionRow.plan_id), col(c.action_id), col(c.id))
        .join(ActionRow, col(ActionRow.id) == col(c.action_id))
        .join(ActionPlanRow, col(ActionPlanRow.id) == col(ActionRow.plan_id))
        .where(col(ActionPlanRow.patient_id) == patient_id, named)
    )
    return [(plan_id, action_id, each) for plan_id, action_id, each in found]


async def completion_by_client_id(session: AsyncSession, action_id: UUID, client_id: str) -> Completion:
    """Return the completion that was recorded under a sender's own id for it."""
    found = await session.execute(
        select(ActionCompletionRow, CompletionRetractionRow)
        .outerjoin(CompletionRetractionRow, col(CompletionRetractionRow.completion_id) == col(ActionCompletionRow.id))
        .where(col(ActionCompletionRow.action_id) == action_id, col(ActionCompletionRow.client_id) == client_id)
    )
    return as_completion(*found.one())


def as_completion(row: ActionCompletionRow, retraction: CompletionRetractionRow | None) -> Completion:
    """Return the row's completion, its instant in the offset it was sent with."""
    return Completion(
        id=row.id,
        action_id=row.action_id,
        client_id=row.client_id,
        done_at=row.done_at.astimezone(timezone(timedelta(minutes=row.done_offset_minutes))),
        note=row.note,
        skipped=row.skipped,
        recorded_by=row.recorded_by,
        recorded_as=Party(row.recorded_as),
        recorded_at=row.recorded_at,
        taken_back=None
        if retraction is None
        else TakenBack(retraction.retracted_at, retraction.retracted_by, retraction.reason),
    )
