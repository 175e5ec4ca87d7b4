"""Races: each distinct reading is stored once, whoever sends it at the same time. These tests commit."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from domain.errors import Invalid
from domain.observations.commands import record_observations
from domain.observations.reading import Reading
from domain.observations.verdict import Outcome, Verdict
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.database.observations.stage import (
    SAM,
    correct,
    pulse,
    record,
    record_committed,
    rows,
    told,
    until_someone_waits_for_a_lock,
    weight,
)


async def test_forty_at_once_who_say_the_same_make_one_row_and_get_one_answer(
    crowded_database: Database, cast: Cast
) -> None:
    reading = pulse(cast)
    answers = await asyncio.gather(*(record_committed(crowded_database, cast, [reading]) for _ in range(40)))
    verdicts = [verdict for (verdict,) in answers]
    assert Counter(told(verdicts)) == {"stored": 1, "duplicate": 39}
    async with crowded_database.reading() as session:
        (row,) = await rows(session)
    assert {verdict.observation_id for verdict in verdicts} == {row.id}


@pytest.mark.parametrize("same", ["client_id", "natural_key"])
async def test_forty_at_once_who_disagree_make_one_row_and_thirty_nine_conflicts(
    crowded_database: Database, cast: Cast, same: str
) -> None:
    readings = [pulse(cast, "c" if same == "client_id" else f"c-{n}", str(50 + n)) for n in range(40)]
    answers = await asyncio.gather(*(record_committed(crowded_database, cast, [r]) for r in readings))
    assert Counter(told([verdict for (verdict,) in answers])) == {"stored": 1, "conflict": 39}
    async with crowded_database.reading() as session:
        (row,) = await rows(session)
    winner = next(n for n, (verdict,) in enumerate(answers) if verdict.outcome is Outcome.stored)
    assert row.value == readings[winner].value


async def race(database: Database, cast: Cast, batches: Sequence[list[Reading]]) -> Counter[str]:
    all_connected = asyncio.Barrier(len(batches))

    async def run(batch: list[Reading]) -> list[Verdict]:
        async with database.writing() as session:
            await all_connected.wait()
            return await record(session, cast, *batch)

    answers = await asyncio.gather(*(run(batch) for batch in batches))
    return Counter(outcome for verdicts in answers for outcome in told(verdicts))


def overlapping(cast: Cast, size: int) -> list[list[Reading]]:
    readings = [pulse(cast, f"c-{n}", minutes_ago=n + 1) for n in range(size)]
    other_ids = [replace(reading, client_id=f"d-{n}") for n, reading in enumerate(readings)]
    # Each of these takes the client id of one reading and the instant of another.
    crossed = [replace(reading, client_id=f"c-{(n * 7) % size}") for n, reading in enumerate(readings)]
    return [readings, readings[::-1], other_ids[::-1], crossed, crossed[::-1], other_ids]


async def test_a_thousand_readings_sent_by_six_at_once_are_stored_once(crowded_database: Database, cast: Cast) -> None:
    outcomes = await race(crowded_database, cast, overlapping(cast, 1_000))
    assert outcomes["stored"] == 1_000
    assert set(outcomes) <= {"stored", "duplicate", "conflict"}
    async with crowded_database.reading() as session:
        assert len(await rows(session)) == 1_000


async def test_batches_in_opposite_orders_by_either_key_never_deadlock(crowded_database: Database, cast: Cast) -> None:
    # Rows are made slow to write, so that the batches are sure to meet half-way; without one writer at a time for
    # each patient, two of them then hold what the other wants.
    async with crowded_database.writing() as session:
        await session.execute(
            text(
                "create function dawdle() returns trigger language plpgsql as"
                " $$ begin perform pg_sleep(0.003); return new; end $$"
            )
        )
        await session.execute(
            text("create trigger slow before insert on observation for each row execute function dawdle()")
        )
    outcomes = await race(crowded_database, cast, overlapping(cast, 40))
    assert outcomes["stored"] == 40


async def test_one_who_waits_for_a_writer_that_then_fails_records_the_reading_itself(
    committing_database: Database, cast: Cast
) -> None:
    class PowerCut(Exception):
        pass

    inserted, waits = asyncio.Event(), pulse(cast)

    async def fails() -> None:
        async with committing_database.writing() as session:
            assert told(await record(session, cast, waits)) == ["stored"]
            inserted.set()
            await until_someone_waits_for_a_lock(committing_database)
            raise PowerCut

    async def repeats() -> list[Verdict]:
        await inserted.wait()
        return await record_committed(committing_database, cast, [waits])

    failed, verdicts = await asyncio.gather(fails(), repeats(), return_exceptions=True)
    assert isinstance(failed, PowerCut)
    assert not isinstance(verdicts, BaseException)
    assert told(verdicts) == ["stored"]
    async with committing_database.reading() as session:
        assert [row.id for row in await rows(session)] == [verdicts[0].observation_id]


async def test_two_patients_writers_do_not_wait_for_each_other(committing_database: Database, cast: Cast) -> None:
    sam = cast.patients["sam_at_home"]
    async with committing_database.writing() as slow, asyncio.timeout(5):
        await record(slow, cast, pulse(cast))
        async with committing_database.writing() as quick:
            verdicts = await record_observations(quick, cast.actor(SAM), sam, [pulse(cast)])
        assert told(verdicts) == ["stored"]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1), st.booleans()), min_size=1, max_size=12),
        min_size=1,
        max_size=6,
    )
)
async def test_however_batches_overlap_and_race_each_distinct_reading_is_stored_once_and_the_verdicts_add_up(
    crowded_database: Database, cast: Cast, batches: list[list[tuple[int, int, bool]]]
) -> None:
    source = uuid4().hex  # each example on ground of its own

    def reading(which: int, version: int, reinstalled: bool) -> Reading:
        client_id = f"{source}-{which}-{'again' if reinstalled else 'first'}"
        return pulse(cast, client_id, str(70 + version), minutes_ago=which + 1, source=source)

    answers = await asyncio.gather(
        *(record_committed(crowded_database, cast, [reading(*item) for item in batch]) for batch in batches)
    )
    async with crowded_database.reading() as session:
        kept = [row for row in await rows(session) if row.source == source]
    items = [item for batch in batches for item in batch]
    verdicts = [verdict for verdicts in answers for verdict in verdicts]
    by_which = {int(row.client_id.split(b"-")[1]): row for row in kept}
    assert len(kept) == len(by_which) == len({which for which, _, _ in items})
    assert sum(verdict.outcome is Outcome.stored for verdict in verdicts) == len(kept)
    for (which, version, _), verdict in zip(items, verdicts, strict=True):
        agrees = by_which[which].value == 70 + version
        assert told([verdict])[0] in (("stored", "duplicate") if agrees else ("conflict",))
        assert verdict.observation_id == (by_which[which].id if agrees else None)


async def test_nothing_of_a_batch_remains_when_its_transaction_fails(committing_database: Database, cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError):
        async with committing_database.writing() as session:
            await record(session, cast, *(pulse(cast, f"c-{n}", minutes_ago=n) for n in range(9)))
            raise ZeroDivisionError
    async with committing_database.reading() as session:
        assert await rows(session) == []
        told_of = await session.execute(text("select count(*) from event_outbox where kind like 'observation%'"))
        assert told_of.scalar_one() == 0


async def test_of_two_weights_posted_at_once_the_second_is_judged_by_the_first(
    committing_database: Database, cast: Cast
) -> None:
    await record_committed(committing_database, cast, [weight(cast, "known", "80", 30)])
    # Each is within a tenth of 80 kg, but not of the other.
    up, down = weight(cast, "up", "87", 20), weight(cast, "down", "74", 10)
    async with committing_database.writing() as session:
        assert told(await record(session, cast, up)) == ["stored"]
        second = asyncio.create_task(record_committed(committing_database, cast, [down]))
        await until_someone_waits_for_a_lock(committing_database)
    assert told(await second) == ["needs_confirmation"]


async def test_a_correction_is_judged_by_the_weight_that_was_posted_while_it_waited(
    committing_database: Database, cast: Cast
) -> None:
    weights = [weight(cast, "known", "80", 30), weight(cast, "slip", "81", 10)]
    slip = (await record_committed(committing_database, cast, weights))[1].observation_id
    assert slip is not None

    async def corrects() -> None:
        async with committing_database.writing() as session:
            await correct(session, cast, slip, weight(cast, "right", "74", 10))

    async with committing_database.writing() as session:
        assert told(await record(session, cast, weight(cast, "up", "87", 20))) == ["stored"]
        correction = asyncio.create_task(corrects())
        await until_someone_waits_for_a_lock(committing_database)
    with pytest.raises(Invalid) as refused:
        await correction
    assert [fault.code for fault in refused.value.faults] == ["needs_confirmation"]
