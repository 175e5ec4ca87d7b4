"""Writers that dawdle, relays that race and die: everything committed is numbered once, without holes, in order.

The oracle knows what each writer committed. It is shown to be able to fail: with the watermark taken out of the SQL,
and with the naive "id above the last one seen", it finds fault.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from domain.events.commands import append_event
from domain.events.event import Event
from domain.ids import new_id
from integrations.postgres.client import Database
from tests.database.relaying import eventually, everything_is_numbered, is_true, relays, whole_feed

Check = Callable[[Database], Awaitable[bool]]

WRITERS, TRANSACTIONS_EACH = 12, 25
LONGEST_DELAY_SECONDS = 0.02


@dataclass(frozen=True, order=True)
class Committed:
    """One event as its writer committed it: its place in storage order, and a name of its own."""

    xid: int
    id: int
    name: UUID


def faults(committed: list[Committed], feed: list[Event]) -> set[str]:
    """Return what is wrong with a feed, given what was committed."""
    found = set()
    names, place = [e.patient_id for e in feed], {c.name: (c.xid, c.id) for c in committed}
    if set(names) != set(place):
        found.add("lost" if set(place) - set(names) else "never committed")
    if len(names) != len(set(names)):
        found.add("twice")
    if [e.number for e in feed] != list(range(1, len(feed) + 1)):
        found.add("not dense")
    places = [place[name] for name in names if name in place]
    if places != sorted(places):
        found.add("out of order")
    return found


async def write(database: Database, committed: list[Committed], chance: random.Random) -> None:
    """Commit events one by one, each held open for a while between its insert and its commit; some are rolled back."""
    for _ in range(TRANSACTIONS_EACH):
        name = new_id()
        try:
            async with database.writing() as session:
                await append_event(session, "test.happened", patient_id=name)
                row = (
                    await session.execute(
                        text("select xid::text as xid, id from event_outbox where patient_id = :name"), {"name": name}
                    )
                ).one()
                await asyncio.sleep(chance.uniform(0, LONGEST_DELAY_SECONDS))
                if chance.random() < 0.1:
                    raise Changed
            committed.append(Committed(int(row.xid), row.id, name))
        except Changed:
            pass


class Changed(Exception):
    """A writer changed its mind."""


async def race(database: Database, seed: int, is_done: Check = everything_is_numbered) -> set[str]:
    """Let writers, two relays (one of which dies half-way) and the clock fight it out; return the faults."""
    chance = random.Random(seed)
    committed: list[Committed] = []
    async with relays(database, 2) as (first, _):
        writers = [asyncio.create_task(write(database, committed, chance)) for _ in range(WRITERS)]
        await eventually(lambda: is_true(len(committed) > WRITERS * TRANSACTIONS_EACH // 3))
        first.cancel()
        await asyncio.gather(*writers)
        await eventually(lambda: is_done(database))
        return faults(committed, await whole_feed(database))


async def test_everything_committed_is_numbered_once_without_holes_in_storage_order(
    committing_database: Database,
) -> None:
    assert await race(committing_database, seed=1) == set()


async def until_caught(database: Database, is_done: Check = everything_is_numbered, *, rounds: int = 8) -> set[str]:
    """Run the race again and again until the oracle finds fault, at most so often; return what it found."""
    for seed in range(rounds):
        async with database.writing() as session:
            await session.execute(text("truncate event_outbox, event_feed, event_relay"))
        if found := await race(database, seed, is_done):
            return found
    return set()


async def test_without_the_watermark_the_same_race_is_found_out(committing_database: Database) -> None:
    watermark = "where o.xid < pg_snapshot_xmin(pg_current_snapshot())"
    async with committing_database.writing() as session:
        definition = await session.scalar(text("select pg_get_functiondef('number_events'::regproc)"))
        assert definition.count(watermark) == 2, "it looks by the watermark, and numbers by it"
        await session.execute(text(definition.replace(watermark, "").replace(":", "\\:")))
    assert "out of order" in await until_caught(committing_database)


NAIVE = """
create or replace function number_events(_most integer, _channel text, _even_if_none_wait boolean) returns bigint
language plpgsql as $$
declare
    _before bigint; _after bigint;
begin
    select r.number into _before from event_relay r for update skip locked;
    if not found then
        return null;
    end if;
    with taken as (
        select o.* from event_outbox o
        where o.id > (select coalesce(max(id), 0) from seen) order by o.id limit _most
    ), remembered as (insert into seen select max(id) from taken having count(*) > 0
    ), numbered as (
        insert into event_feed (number, kind, patient_id, subject_ids, at)
        select r.number + row_number() over (order by t.id), t.kind, t.patient_id, t.subject_ids, t.at
        from taken t, event_relay r returning number)
    update event_relay r set number = greatest(r.number, coalesce((select max(n.number) from numbered n), 0))
    returning r.number into _after;
    return _after - _before;
end $$
"""


async def test_reading_by_the_highest_id_seen_is_found_out_to_lose_events(committing_database: Database) -> None:
    async with committing_database.writing() as session:
        await session.execute(text("create table seen (id bigint not null)"))
        await session.execute(text(NAIVE))

    async def nothing_new(database: Database) -> bool:
        async with database.reading() as session:
            new = "select coalesce((select max(id) from event_outbox) > coalesce(max(id), 0), false) from seen"
            return not await session.scalar(text(new))

    assert "lost" in await until_caught(committing_database, nothing_new)
