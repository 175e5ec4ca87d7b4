"""Reading where the sealing of the audit trail stands, and the sealed rows in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.audit.chain import COLUMNS, MARK_BYTES

# Rows that are sealed already, as after a restore, are looked at so many at a time: a million at once took 3 s of one
# writing transaction.
ROWS_LOOKED_AT = 5_000
# Of rows `{rows}` that may be sealed already, as after a restore: their ids, and some others'. Of stretches near one of
# them alone: by transactions, rows of two servers stand side by side that are years apart by their ids.
SEALED_AMONG = """
    sealed as materialized (
        select unnest(t.audit_ids) as id from audit_stretch t where int8range(t.least_id, t.greatest_id, '[]')
            && (select range_agg(int8range(near.part * 500, (near.part + 1) * 500))
                from (select distinct r.id / 500 as part from {rows} r) near))"""
# What is not sealed is after the cursor, but after a restore so is the whole trail, and what was written since stands
# at its end: what came, by id, after what was sealed last is looked at, too. That none has waited longer than what is
# found is so but after a restore. What is looked up row by row is so on purpose, as where rows are sealed.
_LAG = text(
    f"""
    with after_it as materialized (
        select a.id, a.at from audit_event a
        where (a.xid, a.id) > (
            coalesce((select l.last_xid from audit_log l), 0), coalesce((select l.last_id from audit_log l), 0))
        order by a.xid, a.id limit :most),
    at_the_end as materialized (
        select a.id, a.at from audit_event a
        where a.id > coalesce(greatest(
            (select t.greatest_id from audit_stretch t order by t.first_position desc limit 1),
            (select s.audit_id from audit_seal s order by s.audit_id desc limit 1)), 0)
        order by a.id limit :most),
    {SEALED_AMONG.format(rows="after_it")},
    {SEALED_AMONG.format(rows="at_the_end").replace("sealed as", "sealed_at_the_end as", 1)},
    waiting as (
        select l.at from after_it l
        where (select s.audit_id from audit_seal s where s.audit_id = l.id) is null
            and l.id not in (select s.id from sealed s)
        union all
        select l.at from at_the_end l
        where (select s.audit_id from audit_seal s where s.audit_id = l.id) is null
            and l.id not in (select s.id from sealed_at_the_end s))
    select extract(epoch from clock_timestamp() - min(w.at)) from waiting w
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
    """Return for how long the oldest row that is not sealed yet has waited; 0 when there is none.

    After a restore, until what the database held is looked through: that of the oldest written since, at the least.
    """
    return float((await session.execute(_LAG, {"most": ROWS_LOOKED_AT})).scalar_one() or 0)


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
