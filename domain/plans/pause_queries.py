"""Reading when a person's plans rest. A pause of one version holds for every later version of that plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.errors import NotFound
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.plans.goal_lifecycle import Party
from domain.plans.pause import Pause, PauseKind
from domain.plans.tables import PlanPauseRow
from domain.statements import Statement, Work, rows_of

_COLUMNS = """s.id, s.plan_id, s.kind, s.reason, s.from_on, s.until_on, s.made_by, s.made_as, s.made_at, s.client_id,
        s.due_again_on, s.ended_by, s.ended_at"""
# Those that may still hold on a day, or later, of these plans, of versions before them, or of all the person's plans.
_OF_PLANS = Statement(
    text(
        f"""
    with recursive line (plan_id, version_id) as (
        select id, id from action_plan where id = any(cast(:plans as uuid[]))
        union all
        select line.plan_id, p.supersedes_id from line join action_plan p on p.id = line.version_id
        where p.supersedes_id is not null
    )
    select line.plan_id as of_plan_id, {_COLUMNS} from line join plan_pause s on s.plan_id = line.version_id
    where coalesce(s.due_again_on - 1, s.until_on, 'infinity') >= :from_on
    union all
    select p.id, {_COLUMNS} from action_plan p join plan_pause s on s.patient_id = p.patient_id and s.plan_id is null
    where p.id = any(cast(:plans as uuid[])) and coalesce(s.due_again_on - 1, s.until_on, 'infinity') >= :from_on
    """
    )
)


async def pauses_of_plans(work: Work, plan_ids: Collection[UUID], *, from_on: date) -> dict[UUID, tuple[Pause, ...]]:
    """Return the pauses of each of these plan versions that hold on a day or later, by when they begin."""
    found: dict[UUID, list[Pause]] = defaultdict(list)
    for row in await rows_of(work, _OF_PLANS, {"plans": list(plan_ids), "from_on": from_on}):
        found[row.of_plan_id].append(as_pause(row))
    return {plan: tuple(sorted(each, key=lambda p: (p.from_on, p.id))) for plan, each in found.items()}


async def pauses_read(
    session: AsyncSession, actor: Actor, patient_id: UUID, *, before: UUID | None, limit: int
) -> list[Pause]:
    """Return a page of a visible patient's pauses, the last made first: one more than the limit if any; audited."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    query = select(PlanPauseRow).where(col(PlanPauseRow.patient_id) == patient_id)
    if before is not None:
        query = query.where(col(PlanPauseRow.id) < before)
    rows = await session.execute(query.order_by(col(PlanPauseRow.id).desc()).limit(limit + 1))
    found = [as_pause(row) for row in rows.scalars()]
    await record_audit(session, actor, "pause.list", patient, count=min(limit, len(found)))
    return found


async def pauses_by_ids(session: AsyncSession, patient_id: UUID, ids: Collection[UUID]) -> list[Pause]:
    """Return those of these pauses that are this patient's, for callers who have authorised already."""
    query = select(PlanPauseRow).where(col(PlanPauseRow.id).in_(ids), col(PlanPauseRow.patient_id) == patient_id)
    return [as_pause(row) for row in (await session.execute(query.order_by(col(PlanPauseRow.id)))).scalars()]


async def pause_of_patient(session: AsyncSession, patient_id: UUID, pause_id: UUID) -> Pause:
    """Return one pause, for callers who have authorised already. Raises NotFound."""
    found = await session.execute(
        select(PlanPauseRow)
        .where(col(PlanPauseRow.id) == pause_id, col(PlanPauseRow.patient_id) == patient_id)
        .execution_options(populate_existing=True)
    )
    row: PlanPauseRow | None = found.scalar_one_or_none()
    if row is None:
        raise NotFound
    return as_pause(row)


def as_pause(row: PlanPauseRow) -> Pause:
    """Return the row's pause."""
    return Pause(
        id=row.id,
        plan_id=row.plan_id,
        kind=PauseKind(row.kind),
        reason=row.reason,
        from_on=row.from_on,
        until_on=row.until_on,
        made_by=row.made_by,
        made_as=Party(row.made_as),
        made_at=row.made_at,
        client_id=row.client_id,
        due_again_on=row.due_again_on,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
    )
