"""Reading where the sealing of the audit trail stands, and the sealed rows in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.audit.chain import COLUMNS, MARK_BYTES

# Of rows `{rows}` that may be sealed already, as after a restore: their ids, and some others'. A range of nothing would
# be that of everything.
SEALED_AMONG = """
    sealed as materialized (
        select unnest(t.audit_ids) as id from audit_stretch t where int8range(t.least_id, t.greatest_id, '[]')
            && (select int8range(min(r.id), max(r.id), '[]') from {rows} r having count(*) > 0))"""
_LAG = text(
    f"""
    with beyond as materialized (
        select a.id, a.at from audit_event a left join audit_log l on true
        where l.single is null or (a.xid, a.id) > (l.last_xid, l.last_id)),
    {SEALED_AMONG.format(rows="beyond")}
    select extract(epoch from clock_timestamp() - min(b.at)) from beyond b
    where not exists (select from audit_seal s where s.audit_id = b.id)
        and not exists (select from sealed s where s.id = b.id)
    """
)
_LOG = text("select origin, position, chain_hash, tree from audit_log")
# Rows stand in many months: between the least and the greatest id, a look into each instead of one for each row.
# The stretch in which the first of them stands may begin before it.
_SEALED = text(
    f"""
    with seal as materialized (
        select s.position, s.audit_id, s.sealed_at, s.row_hash, s.chain_hash, cast(null as bytea) as mark
        from audit_seal s where s.position > :after and s.position <= :until
        union all
        select each.position, each.audit_id, t.sealed_at, null,
            case when each.place = cardinality(t.audit_ids) then t.chain_hash end,
            substring(t.marks from cast({MARK_BYTES} * (each.place - 1) + 1 as integer) for {MARK_BYTES})
        from audit_stretch t cross join lateral (
            select t.first_position + u.place - 1 as position, u.audit_id, u.place
            from unnest(t.audit_ids) with ordinality u(audit_id, place)) each
        where t.first_position >= coalesce(
                (select max(b.first_position) from audit_stretch b where b.first_position <= :after + 1), 0)
            and t.first_position <= :until and each.position > :after and each.position <= :until),
    ends as materialized (select min(audit_id) as least, max(audit_id) as greatest from seal)
    select s.*, {", ".join(f"a.{name}" for name in COLUMNS)}
    from seal s left join audit_event a on a.id = s.audit_id
        and a.id between (select least from ends) and (select greatest from ends)
    order by s.position
    """
)
_CHECKPOINTS = text(
    """
    select position, chain_hash, tree, signed_at, note from audit_checkpoint
    where position > :after and position <= :until order by position
    """
)
_LAST_CHECKPOINT = text("select note from audit_checkpoint order by position desc limit 1")
_REMOVED = text(
    """
    select r.position, c.chain_hash, c.tree, c.note from audit_removal r
    left join audit_checkpoint c on c.position = r.position order by r.position desc limit 1
    """
)
_SAID = text("select max(at) from audit_event where action = 'audit.remove' and count = :position")
_UNSEALED = text(
    """
    select count(*) as rows, min(a.id) as first_id from audit_event a
    where a.at < :before and not exists (select from audit_seal s where s.audit_id = a.id)
        and not exists (select from (select unnest(t.audit_ids) as id from audit_stretch t) s where s.id = a.id)
    """
)


@dataclass(frozen=True, slots=True)
class LogState:
    """Where the chain stands, by its own account."""

    origin: str
    position: int
    chain_hash: bytes
    tree: bytes


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint with the state of the chain from which one can go on."""

    position: int
    chain_hash: bytes
    tree: bytes
    signed_at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Removed:
    """Up to which position the trail was removed by policy, and the checkpoint there that the rest goes on from."""

    position: int
    chain_hash: bytes | None
    tree: bytes | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Unsealed:
    """How many rows are not sealed that should be, and the id of the first of them."""

    rows: int
    first_id: int | None


async def seal_lag_seconds(session: AsyncSession) -> float:
    """Return for how long the oldest row that is not sealed yet has waited; 0 when there is none."""
    return float((await session.execute(_LAG)).scalar_one() or 0)


async def log_state(session: AsyncSession) -> LogState | None:
    """Return where the chain stands; None before it began."""
    row = (await session.execute(_LOG)).one_or_none()
    return None if row is None else LogState(row.origin, row.position, row.chain_hash, row.tree)


async def sealed_rows(session: AsyncSession, *, after: int, until: int, limit: int) -> Sequence[RowMapping]:
    """Return the sealed rows of so many positions, in their order; `id` is None where the row of a seal is gone.

    Of a stretch each row has its `mark` and the last a `chain_hash`; a seal of before has `row_hash` and `chain_hash`.
    """
    asked = {"after": after, "until": min(until, after + limit)}
    return (await session.execute(_SEALED, asked)).mappings().all()


async def stored_checkpoints(session: AsyncSession, *, after: int, until: int) -> list[StoredCheckpoint]:
    """Return the checkpoints of a stretch of the chain, in its order."""
    rows = await session.execute(_CHECKPOINTS, {"after": after, "until": until})
    return [StoredCheckpoint(r.position, r.chain_hash, r.tree, r.signed_at, r.note) for r in rows]


async def last_checkpoint(session: AsyncSession) -> str | None:
    """Return the newest checkpoint as a signed note; None when there is none."""
    note: str | None = (await session.execute(_LAST_CHECKPOINT)).scalar_one_or_none()
    return note


async def removed_until(session: AsyncSession) -> Removed | None:
    """Return up to where the trail was removed by policy; None when nothing was."""
    row = (await session.execute(_REMOVED)).one_or_none()
    return None if row is None else Removed(row.position, row.chain_hash, row.tree, row.note)


async def removal_said_at(session: AsyncSession, position: int) -> datetime | None:
    """Return when the trail itself says that it was removed up to a position; None when it does not."""
    said_at: datetime | None = await session.scalar(_SAID, {"position": position})
    return said_at


async def unsealed_rows(session: AsyncSession, *, before: datetime) -> Unsealed:
    """Return what was audited before an instant and is not sealed. Looks at every row of the trail."""
    row = (await session.execute(_UNSEALED, {"before": before})).one()
    return Unsealed(row.rows, row.first_id)
