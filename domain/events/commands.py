"""Appending events, and the relay's step that numbers them.

Numbering is what makes resuming exact. A writer's row carries its transaction id; the relay takes only rows
whose transaction began before every transaction still running (`pg_snapshot_xmin`), in (xid, id) order, and
gives each a dense number. Nothing can later appear below a number already given. Reading by `id > cursor`
instead loses events whenever an earlier id commits later (see docs/decisions.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.arrays import as_array, as_texts
from domain.cluster import CLUSTER
from domain.statements import Statement, Work, rows_of, run

# An event is pushed whole to every watcher: a long batch becomes several messages of bounded size.
SUBJECTS_PER_EVENT = 100
EVENTS_PER_STEP = 1_000
FEED_CHANNEL = "tendwell_feed"

# Each event's subjects are the text of a list of their own: arrays of arrays would have to be of one length.
_APPEND = Statement(
    text(
        """
    insert into event_outbox (kind, patient_id, subject_ids)
    select cast(:kind as text), each.patient_id, cast(each.subject_ids as uuid[])
    from unnest(cast(cast(:patient_id as text) as uuid[]), cast(cast(:subject_ids as text) as text[]))
        with ordinality as each(patient_id, subject_ids, place)
    order by each.place
    """
    )
)
# Names what the numbers belong to.
_IDENTITY = f"({CLUSTER} || '/' || 'event_feed'::regclass::oid::text)"
_FIRST = Statement(
    text(
        f"""
    insert into event_relay (epoch, cluster, server_started_at)
    values (:epoch, {_IDENTITY}, pg_postmaster_start_time()) on conflict (single) do nothing
    """
    )
)
_NEW_EPOCH = Statement(
    text(
        f"""
    update event_relay set epoch = :epoch, cluster = {_IDENTITY}, server_started_at = pg_postmaster_start_time()
    where cluster <> {_IDENTITY} returning epoch
    """
    )
)
# What went on from one epoch to the next here did so elsewhere.
_FORGET_EPOCHS = Statement(text("delete from event_epoch"))
# Rows restored from another cluster carry that cluster's transaction ids, which may lie in this one's future.
_READOPT = Statement(text("update event_outbox set xid = pg_current_xact_id()"))
# By a function of the database (0075): a round trip in place of five.
_NUMBER = Statement(text("select number_events(:most, :channel, :even_if_none_wait)"))
_FOREIGN = -1


class ForeignLog(Exception):
    """The log belongs to another cluster, timeline or table than it did: `settle_epoch` comes first."""


async def append_event(
    session: AsyncSession, kind: str, *, patient_id: UUID | None = None, subject_ids: Sequence[UUID] = ()
) -> None:
    """Append a fact (past tense, ids only) to the outbox in the transaction that makes it true."""
    await append_events(session, kind, [(patient_id, subject_ids)])


async def append_events(work: Work, kind: str, facts: Iterable[tuple[UUID | None, Sequence[UUID]]]) -> None:
    """Append a fact of this kind about each of these patients: their ids, and the ids of what it is about."""
    parts = [
        (patient_id, ids[start : start + SUBJECTS_PER_EVENT])
        for patient_id, ids in facts
        for start in range(0, max(1, len(ids)), SUBJECTS_PER_EVENT)
    ]
    if not parts:
        return
    asked = {
        "kind": kind,
        "patient_id": as_array(patient_id for patient_id, _ in parts),
        "subject_ids": as_texts([as_array(ids) for _, ids in parts]),
    }
    await run(work, _APPEND, asked)


async def settle_epoch(work: Work) -> bool:
    """Return whether a new epoch began: the log belongs to another cluster, timeline or table than it did.

    The numbers go on from where they stood, but a number of another epoch names another event, so every client must
    start again from the present. (That the server was started anew begins an epoch too, but one that goes on from the
    last: `number_events` sees to that.)
    """
    await run(work, _FIRST, {"epoch": uuid4()})
    changed = bool(await rows_of(work, _NEW_EPOCH, {"epoch": uuid4()}))
    if changed:
        await run(work, _FORGET_EPOCHS, {})
        await run(work, _READOPT, {})
    return changed


async def number_events(work: Work, most: int = EVENTS_PER_STEP, *, even_if_none_wait: bool = True) -> int | None:
    """Return how many events were given their number; None when another relay is at work, or none ever was.

    `even_if_none_wait`: the relay gives a sign of life also where there is nothing to number; otherwise it only looks.
    Raises ForeignLog, and has done nothing then: a restored database is noticed here, in the step itself, because
    between two steps the pool may have connected us to another server. Where the same server was started anew, or a
    copy of its files as they once were, the epoch ends with the number that it has here, and the next begins.

    Meant to stand by itself (`turn_alone`): one round trip, after which the lock is free whatever becomes of the relay.
    Its commit must be durable (`synchronous_commit`): a cursor would stand above the log after a crash.

    When anything was numbered, every listener is told so as the transaction commits, and nothing else. That is for
    the relay alone to do: in a writer's transaction it would cost most of the throughput, because NOTIFY takes a lock
    over the whole cluster until the commit has ended.
    """
    asked = {"most": most, "channel": FEED_CHANNEL, "even_if_none_wait": even_if_none_wait}
    ((numbered,),) = await rows_of(work, _NUMBER, asked)
    if numbered == _FOREIGN:
        raise ForeignLog
    return None if numbered is None else int(numbered)


async def forget_events(session: AsyncSession, *, keep: int, most: int = EVENTS_PER_STEP) -> int:
    """Return how many old events were deleted; the newest `keep` always stay, so that clients can resume."""
    result = await session.execute(
        text(
            "delete from event_feed where number in (select number from event_feed"
            " where number <= (select number from event_relay) - :keep order by number limit :most)"
        ),
        {"keep": keep, "most": most},
    )
    await session.execute(text("delete from event_epoch where number < (select min(number) - 1 from event_feed)"))
    return int(result.rowcount)  # type: ignore[attr-defined]
