"""Sealing the audit trail: each row gets its dense place in the chain some seconds after it was written.

Not in the transaction of the deed: a chain there needs a lock that caps all writing (docs/decisions.md). Rows are
taken in the order of their transactions, below every transaction still running, so that none can appear later below
one already sealed. Several workers may run: the row lock on `audit_log` lets one work at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.chain import COLUMNS, START, Chain, Tree
from domain.audit.checkpoint import Checkpoint
from domain.audit.commands import record_audit
from domain.audit.entry import NOBODY
from domain.audit.seal_queries import ROWS_LOOKED_AT, SEALED_AMONG
from domain.cluster import CLUSTER

ROWS_PER_STEP = 500  # about 25 ms in one writing transaction, which holds the live feed back for as long
_GREATEST_ID = 2**63 - 1

# Transaction ids of another database say nothing here.
_IDENTITY = f"({CLUSTER} || '/' || 'audit_event'::regclass::oid::text)"
_BEGIN = text(
    "insert into audit_log (origin, cluster, chain_hash, tree, seen_at)"
    f" values (:origin, {_IDENTITY}, :start, '', clock_timestamp()) on conflict (single) do nothing"
)
_LOCK = text(
    f"""
    select origin, cluster = {_IDENTITY} as is_settled, position, chain_hash, tree, last_xid, last_id, adopt_until,
        clock_timestamp() as now
    from audit_log for update of audit_log skip locked
    """
)
_NEW_CLUSTER = text(
    f"""
    update audit_log set cluster = {_IDENTITY}, last_xid = 0, last_id = 0,
        adopt_until = (select max(id) from audit_event)
    """
)
_WANTED = ", ".join(f"a.{name}" for name in COLUMNS)
# The watermark and the rows come from one snapshot: what is below it and not among them will never be. What is
# looked up row by row is so on purpose: joined, with old statistics, PostgreSQL went through both tables, for minutes.
# By when it was, too: that is in one month.
_NEXT = text(
    f"""
    with looked_at as materialized (
        select a.xid, a.id, a.at from audit_event a
        where (a.xid, a.id) > (:last_xid, :last_id) and a.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        order by a.xid, a.id limit :looked_at),
    {SEALED_AMONG.format(rows="looked_at")},
    furthest as (select xid, id from looked_at order by xid desc, id desc limit 1),
    waiting as materialized (
        select l.xid, l.id, l.at from looked_at l
        where (select s.audit_id from audit_seal s where s.audit_id = l.id) is null
            and l.id not in (select s.id from sealed s)
        order by l.xid, l.id limit :most)
    select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as xmin,
        (select count(*) from looked_at) as number_looked_at, furthest.xid as furthest_xid,
        furthest.id as furthest_id, a.*
    from (select) once left join furthest on true left join waiting w on true
    left join lateral (select {_WANTED} from audit_event a where a.at = w.at and a.id = w.id limit 1) a on true
    order by w.xid, w.id
    """
)
_NEXT_ADOPTED = text(
    f"""
    with looked_at as materialized (
        select a.id, a.at from audit_event a where a.id > :last_id and a.id <= :until order by a.id limit :looked_at),
    {SEALED_AMONG.format(rows="looked_at")},
    waiting as materialized (
        select l.id, l.at from looked_at l
        where (select s.audit_id from audit_seal s where s.audit_id = l.id) is null
            and l.id not in (select s.id from sealed s)
        order by l.id limit :most)
    select (select count(*) from looked_at) as number_looked_at, (select max(id) from looked_at) as furthest_id, a.*
    from (select) once left join waiting w on true
    left join lateral (select {_WANTED} from audit_event a where a.at = w.at and a.id = w.id limit 1) a on true
    order by w.id
    """
)
_SEAL = text(
    """
    insert into audit_stretch (first_position, least_id, greatest_id, sealed_at, chain_hash, audit_ids, marks)
    values (:first_position, :least_id, :greatest_id, :sealed_at, :chain_hash, cast(:audit_ids as bigint[]), :marks)
    """
)
_MOVE_ON = text(
    """
    update audit_log set position = :position, chain_hash = :chain_hash, tree = :tree, last_xid = :last_xid,
        last_id = :last_id, adopt_until = :adopt_until, seen_at = :now
    """
)
_LAST_CHECKPOINT = text("select max(position) from audit_checkpoint")
_CHECKPOINT = text(
    """
    insert into audit_checkpoint (position, chain_hash, tree, signed_at, kid, note)
    values (:position, :chain_hash, :tree, :signed_at, :kid, :note)
    """
)


@dataclass(frozen=True, slots=True)
class Signer:
    """What signs a checkpoint: a key's id, and what makes a signed note of a checkpoint with it."""

    kid: str
    sign: Callable[[Checkpoint], str]


async def begin_log(session: AsyncSession, origin: str) -> None:
    """Begin the chain under the name that its checkpoints will bear for ever, unless it has begun."""
    await session.execute(_BEGIN, {"origin": origin, "start": START})


async def seal_rows(session: AsyncSession, most: int = ROWS_PER_STEP) -> int | None:
    """Return how many rows were sealed: fewer than `most` when none is left; None when another worker is at it.

    A restored or promoted database is noticed here: what it holds is sealed by ids first, and the trail says that it
    happened.
    """
    log = (await session.execute(_LOCK)).one_or_none()
    if log is None:
        return None
    if not log.is_settled:
        await session.execute(_NEW_CLUSTER)
        await record_audit(session, Actor(NOBODY, log.now, request_id="sealing"), "audit.database_changed")
        return most
    if log.adopt_until is not None:
        return await _adopt(session, log, most)
    asked = {"last_xid": log.last_xid, "last_id": log.last_id, "most": most, "looked_at": ROWS_LOOKED_AT}
    rows = (await session.execute(_NEXT, asked)).mappings().all()
    found = [row for row in rows if row["id"] is not None]
    is_full, is_more = len(found) == most, rows[0]["number_looked_at"] == ROWS_LOOKED_AT
    if is_full:
        last_xid, last_id = found[-1]["xid"], found[-1]["id"]
    elif is_more:
        last_xid, last_id = rows[0]["furthest_xid"], rows[0]["furthest_id"]
    else:
        last_xid, last_id = rows[0]["xmin"] - 1, _GREATEST_ID
    await _append(session, log, found, {"last_xid": last_xid, "last_id": last_id, "adopt_until": None})
    return most if is_more else len(found)


async def _adopt(session: AsyncSession, log: Any, most: int) -> int:
    """Seal what the database held when it came to another cluster. What was being written just then comes after."""
    asked = {"last_id": log.last_id, "until": log.adopt_until, "most": most, "looked_at": ROWS_LOOKED_AT}
    rows = (await session.execute(_NEXT_ADOPTED, asked)).mappings().all()
    found = [row for row in rows if row["id"] is not None]
    last_id, adopt_until = 0, None
    if len(found) == most:
        last_id, adopt_until = found[-1]["id"], log.adopt_until
    elif rows[0]["number_looked_at"] == ROWS_LOOKED_AT:
        last_id, adopt_until = rows[0]["furthest_id"], log.adopt_until
    await _append(session, log, found, {"last_xid": 0, "last_id": last_id, "adopt_until": adopt_until})
    return most


async def _append(session: AsyncSession, log: Any, rows: Any, cursor: dict[str, int | None]) -> None:
    chain = Chain(log.chain_hash, Tree.read(log.position, log.tree))
    marks = []
    for row in rows:
        chain.append(row, log.now)
        marks.append(chain.mark)
    if rows:
        ids = [row["id"] for row in rows]
        ends = {"first_position": log.position + 1, "least_id": min(ids), "greatest_id": max(ids)}
        sealed = {"sealed_at": log.now, "chain_hash": chain.hash, "audit_ids": ids, "marks": b"".join(marks)}
        await session.execute(_SEAL, ends | sealed)
    stands = {"position": chain.position, "chain_hash": chain.hash, "tree": chain.tree.stored(), "now": log.now}
    await session.execute(_MOVE_ON, stands | cursor)


async def add_checkpoint(session: AsyncSession, signer: Signer, at: datetime) -> str | None:
    """Return a new signed checkpoint of all that is sealed; None when there is nothing new to state."""
    log = (await session.execute(_LOCK)).one_or_none()
    last = (await session.execute(_LAST_CHECKPOINT)).scalar_one()
    if log is None or log.position <= (last or 0):
        return None
    note = signer.sign(Checkpoint(log.origin, log.position, Tree.read(log.position, log.tree).root()))
    await session.execute(
        _CHECKPOINT,
        {
            "position": log.position,
            "chain_hash": log.chain_hash,
            "tree": log.tree,
            "signed_at": at,
            "kid": signer.kid,
            "note": note,
        },
    )
    return note
