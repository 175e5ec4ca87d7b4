"""Removing the oldest part of the trail when its time to be kept is over, so that the rest still verifies.

Only whole stretches up to a signed checkpoint go, and that checkpoint stays: the chain goes on from it. For the
database's owner: the service itself has no right to delete. What is removed is said in the trail.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.audit.entry import NOBODY

ROWS_AT_ONCE = 5_000

# The row after the checkpoint stays, and was sealed after all that go: by its seal, which nobody can change unseen,
# whoever verifies sees that nothing younger went.
# A checkpoint is of the end of a stretch: what comes after it begins one.
_UNTIL = text(
    """
    select max(c.position) from audit_checkpoint c
    left join audit_seal s on s.position = c.position + 1 left join audit_stretch t on t.first_position = c.position + 1
    where coalesce(s.sealed_at, t.sealed_at) < :before
    """
)
_REMOVED = text("select coalesce(max(position), 0) from audit_removal")
_COUNT = text(
    """
    select (select count(*) from audit_seal where position <= :until)
        + coalesce((select sum(cardinality(audit_ids)) from audit_stretch where first_position <= :until), 0)
    """
)
_SAY = text("insert into audit_removal (position, removed_at, policy) values (:until, :at, :policy)")
_REMOVE = text(
    """
    with old as (
        delete from audit_seal where position in (
            select position from audit_seal where position <= :until order by position limit :most)
        returning audit_id),
    gone as (delete from audit_event where id in (select audit_id from old) returning 1)
    select count(*) from gone
    """
)
# Whole stretches, up to the one with which it is so many rows. The seals of before 0073 go first.
_REMOVE_STRETCHES = text(
    """
    with old as (
        delete from audit_stretch where first_position in (
            select t.first_position from (
                select f.first_position, sum(cardinality(f.audit_ids)) over (
                    order by f.first_position rows between unbounded preceding and 1 preceding) as before
                from (select * from audit_stretch where first_position <= :until order by first_position limit :most) f
            ) t where coalesce(t.before, 0) < :most)
        returning audit_ids),
    gone as (delete from audit_event where id in (select unnest(audit_ids) from old) returning 1)
    select count(*) from gone
    """
)
_FORGET_CHECKPOINTS = text("delete from audit_checkpoint where position < :until")


async def removable_rows(session: AsyncSession, before: datetime) -> int:
    """Return how many rows of the trail are older than an instant and could go."""
    until = (await session.execute(_UNTIL, {"before": before})).scalar_one()
    return 0 if until is None else int((await session.execute(_COUNT, {"until": until})).scalar_one())


async def begin_removal(session: AsyncSession, before: datetime, policy: str, at: datetime) -> int | None:
    """Return up to which position the trail is to go, having said so in it; None when nothing is old enough."""
    until: int | None = (await session.execute(_UNTIL, {"before": before})).scalar_one()
    if until is None or until <= (await session.execute(_REMOVED)).scalar_one():
        return None
    await session.execute(_SAY, {"until": until, "at": at, "policy": policy})
    await record_audit(session, Actor(NOBODY, at, request_id="retention"), "audit.remove", count=until)
    return until


async def remove_some(session: AsyncSession, most: int = ROWS_AT_ONCE) -> int:
    """Return how many rows went of those that were said to go: 0 when none is left. Rows sealed as one go as one."""
    until = (await session.execute(_REMOVED)).scalar_one()
    removed: int = (await session.execute(_REMOVE, {"until": until, "most": most})).scalar_one()
    if removed < most:
        left = {"until": until, "most": most - removed}
        removed += (await session.execute(_REMOVE_STRETCHES, left)).scalar_one()
    if removed == 0:
        await session.execute(_FORGET_CHECKPOINTS, {"until": until})
    return removed
