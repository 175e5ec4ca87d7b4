"""Recording: each distinct reading once, whatever is repeated, disagrees, races or is wrong; and impossible rows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import Invalid, NotFound
from domain.ids import new_id
from domain.observations.amendment_commands import correct_observation, retract_observation
from domain.observations.commands import record_observations
from domain.observations.reading import Reading, Unreadable
from domain.observations.verdict import Outcome, Refusal, RefusalCode, Verdict
from integrations.postgres.client import Database, Limits
from tests.cast import Cast, assemble, just_now

BST = timezone(timedelta(hours=1))
ROSE, GUS, ASHA, CARL, SAM = (
    "rose_herself",
    "gus_care_home_staff",
    "asha_clinician_of_practice",
    "carl_clinician_on_care_team",
    "sam_himself",
)


@pytest.fixture
async def cast(session: AsyncSession) -> Cast:
    return await assemble(session, just_now(), "not a hash: nobody signs in here")


@pytest.fixture
async def committed_cast(committing_database: Database) -> Cast:
    async with committing_database.writing() as session:
        return await assemble(session, just_now(), "not a hash: nobody signs in here")


@pytest.fixture
async def crowded_database(committing_database: Database) -> AsyncIterator[Database]:
    """Yield the committing database with a connection for each of forty, and patience on a busy machine."""
    database = Database(committing_database.url, Limits(pool_size=40, statement_timeout_ms=60_000))
    yield database
    await database.close()


def pulse(cast: Cast, client_id: str = "c-1", value: str = "72", minutes_ago: int = 5, **more: Any) -> Reading:
    at = more.pop("effective_at", cast.now - timedelta(minutes=minutes_ago))
    return Reading(client_id, "heart_rate", at, "/min", Decimal(value), **more)


def weight(cast: Cast, client_id: str, kilograms: str, days_ago: int, **more: Any) -> Reading:
    return Reading(client_id, "body_weight", cast.now - timedelta(days=days_ago), "kg", Decimal(kilograms), **more)


async def record(
    session: AsyncSession, cast: Cast, *readings: Reading | Unreadable, by: str = ROSE, **more: Any
) -> list[Verdict]:
    return await record_observations(session, cast.actor(by), cast.patients["rose_resident"], readings, **more)


def told(verdicts: Sequence[Verdict]) -> list[str]:
    return [verdict.refusal.code.value if verdict.refusal else verdict.outcome.value for verdict in verdicts]


async def rows(session: AsyncSession) -> list[Any]:
    return list(await session.execute(text("select * from observation order by effective_at, client_id")))


async def audited(session: AsyncSession) -> tuple[Any, ...]:
    found = await session.execute(
        text("select count, basis, patient_id, account_id from audit_event where action = 'observation.create'")
    )
    return tuple(found.one())


async def test_an_accepted_reading_is_kept_in_utc_with_its_own_offset_value_and_unit_and_who_recorded_it(
    session: AsyncSession, cast: Cast
) -> None:
    at = (cast.now - timedelta(hours=3)).astimezone(BST)
    (verdict,) = await record(
        session, cast, Reading("c-1", "body_temperature", at, "[degF]", Decimal("98.60"), source="ear-7"), by=GUS
    )
    assert (verdict.outcome, verdict.client_id) == (Outcome.stored, "c-1")
    (row,) = await rows(session)
    assert row.id == verdict.observation_id
    assert (row.effective_at, row.effective_offset_minutes, row.received_at) == (at, 60, cast.now)
    assert (row.value, str(row.original_value), row.original_unit) == (37, "98.60", "[degF]")
    assert (row.patient_id, row.recorded_by) == (cast.patients["rose_resident"], cast.accounts[GUS])
    assert (row.recorded_as, row.source, row.confirmed, row.clock_skew_seconds) == ("care_home", "ear-7", False, None)


async def test_pairs_and_coded_signs_are_kept_in_their_own_shape(session: AsyncSession, cast: Cast) -> None:
    at = cast.now - timedelta(minutes=1)
    pressure = Reading("bp", "blood_pressure", at, "mm[Hg]", systolic=Decimal(128), diastolic=Decimal("81.5"))
    verdicts = await record(session, cast, pressure, Reading("acvpu", "consciousness_acvpu", at, code="V"), by=GUS)
    assert told(verdicts) == ["stored", "stored"]
    coded, pair = await rows(session)
    assert (coded.code, coded.value, coded.original_unit) == ("V", None, None)
    assert (pair.systolic, pair.diastolic, pair.value, pair.original_unit) == (128, Decimal("81.5"), None, "mm[Hg]")


async def test_the_clock_skew_of_the_phone_is_recorded(session: AsyncSession, cast: Cast) -> None:
    ahead = pulse(cast, "ahead", effective_at=cast.now + timedelta(seconds=90))
    assert told(await record(session, cast, ahead, pulse(cast, "past"))) == ["stored", "stored"]
    five_behind = cast.now - timedelta(minutes=5)
    assert told(await record(session, cast, pulse(cast, "sent", minutes_ago=9), sent_at=five_behind)) == ["stored"]
    assert {row.client_id: row.clock_skew_seconds for row in await rows(session)} == {
        "ahead": 90,
        "past": None,
        "sent": -300,
    }


async def test_a_phone_whose_clock_is_years_off_is_refused_as_a_whole(session: AsyncSession, cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        await record(session, cast, pulse(cast), sent_at=datetime(2001, 1, 1, tzinfo=UTC))
    assert refused.value.faults[0].pointer == "/sent_at"
    assert await rows(session) == []


# Repeats


async def test_a_repeat_that_agrees_is_a_duplicate_by_client_id_and_by_what_was_measured(
    session: AsyncSession, cast: Cast
) -> None:
    at = cast.now - timedelta(minutes=5)
    first = Reading("c-1", "body_temperature", at, "Cel", Decimal(37), source="ear-7")
    (stored,) = await record(session, cast, first)
    again = await record(
        session,
        cast,
        first,
        replace(first, client_id="after-reinstall"),
        replace(first, unit="[degF]", value=Decimal("98.6")),
        replace(first, effective_at=at.astimezone(BST)),
        replace(first, confirmed=True),
        by=ASHA,
    )
    assert told(again) == ["duplicate"] * 5
    assert {verdict.observation_id for verdict in again} == {stored.observation_id}
    (row,) = await rows(session)
    assert row.recorded_by == cast.accounts[ROSE]


@pytest.mark.parametrize(
    "change",
    [
        {"value": Decimal(73)},
        {"sign": "respiratory_rate", "value": Decimal(18)},
        {"source": "ring-2"},
        {"client_id": "c-2", "value": Decimal(73)},
    ],
    ids=str,
)
async def test_a_repeat_that_disagrees_is_a_conflict_and_changes_nothing(
    session: AsyncSession, cast: Cast, change: dict[str, Any]
) -> None:
    await record(session, cast, pulse(cast))
    (verdict,) = await record(session, cast, replace(pulse(cast), **change))
    assert told([verdict]) == ["conflict"]
    assert verdict.observation_id is None
    assert verdict.refusal is not None
    assert not verdict.refusal.can_retry
    (row,) = await rows(session)
    assert (row.value, row.sign, row.source) == (72, "heart_rate", "manual")


async def test_repeats_within_one_batch_are_judged_as_if_sent_one_after_another(
    session: AsyncSession, cast: Cast
) -> None:
    verdicts = await record(
        session,
        cast,
        pulse(cast, "a", "72"),
        pulse(cast, "a", "72"),
        pulse(cast, "a", "80"),
        pulse(cast, "b", "72"),
        pulse(cast, "b", "81", minutes_ago=9),
        pulse(cast, "c", "83"),
    )
    assert told(verdicts) == ["stored", "duplicate", "conflict", "duplicate", "stored", "conflict"]
    assert verdicts[0].observation_id == verdicts[1].observation_id == verdicts[3].observation_id
    assert [row.client_id for row in await rows(session)] == ["b", "a"]


async def test_the_same_client_id_of_two_patients_makes_two_observations(session: AsyncSession, cast: Cast) -> None:
    await record(session, cast, pulse(cast))
    verdicts = await record_observations(session, cast.actor(SAM), cast.patients["sam_at_home"], [pulse(cast)])
    assert told(verdicts) == ["stored"]
    assert len(await rows(session)) == 2


async def test_a_refused_reading_may_be_put_right_and_sent_again_under_its_id(
    session: AsyncSession, cast: Cast
) -> None:
    assert told(await record(session, cast, pulse(cast, value="7200"))) == ["out_of_range"]
    assert told(await record(session, cast, pulse(cast, value="72"))) == ["stored"]


async def test_a_repeat_of_what_was_once_accepted_stays_a_duplicate_though_it_would_now_need_confirming(
    session: AsyncSession, cast: Cast
) -> None:
    confirmed = pulse(cast, value="215", confirmed=True)
    (stored,) = await record(session, cast, confirmed)
    (again,) = await record(session, cast, replace(confirmed, confirmed=False))
    assert told([again]) == ["duplicate"]
    assert again.observation_id == stored.observation_id
    assert told(await record(session, cast, pulse(cast, value="216"))) == ["conflict"]


async def test_a_corrected_or_retracted_reading_that_is_sent_again_is_a_duplicate_and_not_revived(
    session: AsyncSession, cast: Cast
) -> None:
    rose, actor = cast.patients["rose_resident"], cast.actor(ROSE)
    wrong, mistaken = pulse(cast, "wrong", "27"), pulse(cast, "mistaken", "99", minutes_ago=9)
    stored = await record(session, cast, replace(wrong, confirmed=True), mistaken)
    assert stored[0].observation_id is not None
    assert stored[1].observation_id is not None
    corrected = replace(wrong, client_id="right", value=Decimal(72))
    new = await correct_observation(session, actor, rose, stored[0].observation_id, corrected, "digits swapped")
    await retract_observation(session, actor, rose, stored[1].observation_id, "not my finger")
    again = await record(session, cast, wrong, mistaken, corrected)
    assert told(again) == ["duplicate"] * 3
    assert [verdict.observation_id for verdict in again] == [
        stored[0].observation_id,
        stored[1].observation_id,
        new.id,
    ]
    assert len(await rows(session)) == 3


async def test_what_was_entered_in_error_is_not_said_to_be_recorded_when_another_states_it_anew(
    session: AsyncSession, cast: Cast
) -> None:
    rose, actor, mistaken = cast.patients["rose_resident"], cast.actor(ROSE), pulse(cast, "mistaken", "99")
    stored = await record(session, cast, mistaken)
    assert stored[0].observation_id is not None
    await retract_observation(session, actor, rose, stored[0].observation_id, "not my finger")
    anew = await record(session, cast, replace(mistaken, client_id="anew"), pulse(cast, "other value", "82"))
    assert [verdict.refusal and verdict.refusal.code for verdict in anew] == [RefusalCode.withdrawn] * 2
    moved = await record(session, cast, pulse(cast, "a minute earlier", "82", minutes_ago=2))
    assert told(moved) == ["stored"]


# Refusals


async def test_refused_readings_never_stop_the_others(session: AsyncSession, cast: Cast) -> None:
    at = cast.now
    verdicts = await record(
        session,
        cast,
        Unreadable(None, Refusal(RefusalCode.unknown_field, "role")),
        pulse(cast, "good-1", minutes_ago=1),
        pulse(cast, "naive", effective_at=at.replace(tzinfo=None)),
        pulse(cast, "future", effective_at=at + timedelta(minutes=10)),
        pulse(cast, "y9999", effective_at=datetime(9999, 12, 31, tzinfo=UTC)),
        pulse(cast, "past", effective_at=at - timedelta(days=1900)),
        pulse(cast, "unborn", effective_at=datetime(1940, 2, 28, tzinfo=UTC)),
        replace(pulse(cast, "unitless"), unit=None),
        pulse(cast, "nan", value="NaN"),
        pulse(cast, "odd", value="220", minutes_ago=2),
        pulse(cast, "late", effective_at=at - timedelta(days=1000)),
        by=GUS,
    )
    assert told(verdicts) == [
        "unknown_field",
        "stored",
        "naive_time",
        "future_time",
        "future_time",
        "past_time",
        "before_birth",
        "unit_missing",
        "value_not_finite",
        "needs_confirmation",
        "stored",
    ]
    assert [row.client_id for row in await rows(session)] == ["late", "good-1"]


async def test_when_nothing_is_accepted_nothing_is_written_but_the_audit_trail(
    session: AsyncSession, cast: Cast
) -> None:
    await session.execute(text("delete from event_outbox"))
    await record(session, cast, pulse(cast, value="1000"))
    assert await rows(session) == []
    assert (await session.execute(text("select count(*) from event_outbox"))).scalar_one() == 0
    assert await audited(session) == (0, "self", cast.patients["rose_resident"], cast.accounts[ROSE])


async def test_a_weight_is_compared_with_the_one_before_it_in_the_record_and_in_the_batch(
    session: AsyncSession, cast: Cast
) -> None:
    assert told(await record(session, cast, weight(cast, "w1", "80", 30))) == ["stored"]
    verdicts = await record(
        session,
        cast,
        weight(cast, "pounds", "176", 20),
        weight(cast, "w3", "88.1", 10),
        weight(cast, "w2", "84", 19),
        weight(cast, "before-all", "60", 40),
        weight(cast, "w4", "100", 5, confirmed=True),
        weight(cast, "w5", "101", 4),
    )
    assert told(verdicts) == ["needs_confirmation", "stored", "stored", "stored", "stored", "stored"]
    assert verdicts[0].refusal is not None
    assert verdicts[0].refusal.hint == "The number looks like [lb_av] rather than kg."
    # w1 now follows a weight it differs from by a third; it was accepted before, and its repeat is still a repeat.
    assert told(await record(session, cast, weight(cast, "w1", "80", 30))) == ["duplicate"]


@pytest.mark.parametrize(
    ("name", "basis"), [(ROSE, "self"), (GUS, "care_home"), (CARL, "care_team"), (ASHA, "care_team")]
)
async def test_the_patient_and_those_who_care_for_them_may_record(
    session: AsyncSession, cast: Cast, name: str, basis: str
) -> None:
    assert told(await record(session, cast, pulse(cast), by=name)) == ["stored"]
    (row,) = await rows(session)
    assert (row.recorded_by, row.recorded_as) == (cast.accounts[name], basis)


@pytest.mark.parametrize(
    "name",
    [
        SAM,
        "bea_clinician_elsewhere",
        "dora_clinician_left_care_team",
        "hope_staff_of_former_home",
        "iris_commissioner",
        "jack_administrator_of_practice",
        "nobody_at_all",
    ],
)
async def test_nobody_else_learns_that_the_patient_exists(session: AsyncSession, cast: Cast, name: str) -> None:
    with pytest.raises(NotFound):
        await record(session, cast, pulse(cast), by=name)
    assert await rows(session) == []


async def test_a_person_cannot_report_their_own_unconsciousness(session: AsyncSession, cast: Cast) -> None:
    answers = [
        Reading(answer, "consciousness_acvpu", cast.now - timedelta(minutes=minute), code=answer)
        for minute, answer in enumerate("ACVPU")
    ]
    assert told(await record(session, cast, *answers)) == ["stored", "stored", *["code_not_permitted"] * 3]
    assert told(await record(session, cast, *answers, by=GUS)) == ["duplicate", "duplicate", *["stored"] * 3]


async def test_what_was_stored_is_told_in_the_same_transaction_a_hundred_to_an_event(
    session: AsyncSession, cast: Cast
) -> None:
    await session.execute(text("delete from event_outbox"))
    readings = [pulse(cast, f"c-{n}", minutes_ago=n) for n in range(150)]
    verdicts = await record(session, cast, *readings, readings[0])
    events = list(await session.execute(text("select * from event_outbox order by id")))
    assert {event.kind for event in events} == {"observation.recorded"}
    assert [len(event.subject_ids) for event in events] == [100, 50]
    stored = [v.observation_id for v in verdicts if v.outcome is Outcome.stored]
    assert [subject for event in events for subject in event.subject_ids] == stored
    assert await audited(session) == (150, "self", cast.patients["rose_resident"], cast.accounts[ROSE])


# Races: these commit.


async def record_committed(database: Database, cast: Cast, readings: Sequence[Reading]) -> list[Verdict]:
    async with database.writing() as session:
        return await record(session, cast, *readings)


async def test_forty_at_once_who_say_the_same_make_one_row_and_get_one_answer(
    crowded_database: Database, committed_cast: Cast
) -> None:
    reading = pulse(committed_cast)
    answers = await asyncio.gather(*(record_committed(crowded_database, committed_cast, [reading]) for _ in range(40)))
    verdicts = [verdict for (verdict,) in answers]
    assert Counter(told(verdicts)) == {"stored": 1, "duplicate": 39}
    async with crowded_database.reading() as session:
        (row,) = await rows(session)
    assert {verdict.observation_id for verdict in verdicts} == {row.id}


@pytest.mark.parametrize("same", ["client_id", "natural_key"])
async def test_forty_at_once_who_disagree_make_one_row_and_thirty_nine_conflicts(
    crowded_database: Database, committed_cast: Cast, same: str
) -> None:
    readings = [pulse(committed_cast, "c" if same == "client_id" else f"c-{n}", str(50 + n)) for n in range(40)]
    answers = await asyncio.gather(*(record_committed(crowded_database, committed_cast, [r]) for r in readings))
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


async def test_a_thousand_readings_sent_by_six_at_once_are_stored_once(
    crowded_database: Database, committed_cast: Cast
) -> None:
    outcomes = await race(crowded_database, committed_cast, overlapping(committed_cast, 1_000))
    assert outcomes["stored"] == 1_000
    assert set(outcomes) <= {"stored", "duplicate", "conflict"}
    async with crowded_database.reading() as session:
        assert len(await rows(session)) == 1_000


async def test_batches_in_opposite_orders_by_either_key_never_deadlock(
    crowded_database: Database, committed_cast: Cast
) -> None:
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
    outcomes = await race(crowded_database, committed_cast, overlapping(committed_cast, 40))
    assert outcomes["stored"] == 40


async def test_one_who_waits_for_a_writer_that_then_fails_records_the_reading_itself(
    committing_database: Database, committed_cast: Cast
) -> None:
    class PowerCut(Exception):
        pass

    inserted, waits = asyncio.Event(), pulse(committed_cast)

    async def fails() -> None:
        async with committing_database.writing() as session:
            assert told(await record(session, committed_cast, waits)) == ["stored"]
            inserted.set()
            await until_someone_waits_for_a_lock(committing_database)
            raise PowerCut

    async def repeats() -> list[Verdict]:
        await inserted.wait()
        return await record_committed(committing_database, committed_cast, [waits])

    failed, verdicts = await asyncio.gather(fails(), repeats(), return_exceptions=True)
    assert isinstance(failed, PowerCut)
    assert not isinstance(verdicts, BaseException)
    assert told(verdicts) == ["stored"]
    async with committing_database.reading() as session:
        assert [row.id for row in await rows(session)] == [verdicts[0].observation_id]


async def until_someone_waits_for_a_lock(database: Database) -> None:
    waiting = text(
        "select exists (select from pg_locks l join pg_database d on d.oid = l.database"
        " where not l.granted and d.datname = current_database())"
    )
    async with asyncio.timeout(5):
        while True:
            async with database.reading() as session:
                if (await session.execute(waiting)).scalar_one():
                    return


async def test_two_patients_writers_do_not_wait_for_each_other(
    committing_database: Database, committed_cast: Cast
) -> None:
    sam = committed_cast.patients["sam_at_home"]
    async with committing_database.writing() as slow, asyncio.timeout(5):
        await record(slow, committed_cast, pulse(committed_cast))
        async with committing_database.writing() as quick:
            verdicts = await record_observations(quick, committed_cast.actor(SAM), sam, [pulse(committed_cast)])
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
    crowded_database: Database, committed_cast: Cast, batches: list[list[tuple[int, int, bool]]]
) -> None:
    source = uuid4().hex  # each example on ground of its own

    def reading(which: int, version: int, reinstalled: bool) -> Reading:
        client_id = f"{source}-{which}-{'again' if reinstalled else 'first'}"
        return pulse(committed_cast, client_id, str(70 + version), minutes_ago=which + 1, source=source)

    answers = await asyncio.gather(
        *(record_committed(crowded_database, committed_cast, [reading(*item) for item in batch]) for batch in batches)
    )
    async with crowded_database.reading() as session:
        kept = [row for row in await rows(session) if row.source == source]
    items = [item for batch in batches for item in batch]
    verdicts = [verdict for verdicts in answers for verdict in verdicts]
    by_which = {int(row.client_id.split("-")[1]): row for row in kept}
    assert len(kept) == len(by_which) == len({which for which, _, _ in items})
    assert sum(verdict.outcome is Outcome.stored for verdict in verdicts) == len(kept)
    for (which, version, _), verdict in zip(items, verdicts, strict=True):
        agrees = by_which[which].value == 70 + version
        assert told([verdict])[0] in (("stored", "duplicate") if agrees else ("conflict",))
        assert verdict.observation_id == (by_which[which].id if agrees else None)


# Rows that make no sense, written past the commands

GOOD: dict[str, Any] = {
    "sign": "'heart_rate'",
    "effective_at": "now()",
    "received_at": "now()",
    "effective_offset_minutes": "60",
    "confirmed": "false",
    "source": "'manual'",
    "client_id": "'c-1'",
    "recorded_as": "'self'",
    "value": "72",
    "original_value": "72",
    "original_unit": "'/min'",
}
PRESSURE = {"sign": "'blood_pressure'", "value": "null", "original_value": "null", "original_unit": "'mm[Hg]'"}
ACVPU = {"sign": "'consciousness_acvpu'", "value": "null", "original_value": "null", "original_unit": "null"}


async def insert_directly(session: AsyncSession, cast: Cast, change: dict[str, str]) -> None:
    ids = {"id": new_id(), "patient_id": cast.patients["rose_resident"], "recorded_by": cast.accounts[ROSE]}
    columns = {**{name: f"'{value}'" for name, value in ids.items()}, **GOOD, **change}
    await session.execute(
        text(f"insert into observation ({', '.join(columns)}) values ({', '.join(columns.values())})")
    )


@pytest.mark.parametrize(
    "change",
    [{}, PRESSURE | {"systolic": "120", "diastolic": "80"}, ACVPU | {"code": "'A'"}],
    ids=["a quantity", "a pair", "a code"],
)
async def test_a_row_that_makes_sense_can_be_written_directly(
    session: AsyncSession, cast: Cast, change: dict[str, str]
) -> None:
    await insert_directly(session, cast, change)
    assert len(await rows(session)) == 1


IMPOSSIBLE = [
    {"value": "'NaN'"},
    {"value": "'Infinity'"},
    {"value": "'-Infinity'"},
    {"value": "null"},
    {"value": "1e7"},
    {"original_value": "'NaN'"},
    {"original_value": "null"},
    {"original_unit": "null"},
    {"sign": "'mood'"},
    {"sign": "null"},
    {"code": "'A'"},
    {"systolic": "120", "diastolic": "80"},
    {"comparator": "'~'"},
    {"effective_at": "'infinity'"},
    {"effective_at": "'-infinity'"},
    {"effective_at": "'1066-10-14'"},
    {"effective_at": "null"},
    {"effective_offset_minutes": "1440"},
    {"client_id": "''"},
    {"client_id": "repeat('x', 65)"},
    {"source": "''"},
    {"patient_id": "gen_random_uuid()"},
    {"recorded_by": "gen_random_uuid()"},
    {"correction_reason": "'because'"},
    {"retracted_at": "now()"},
    {"retraction_reason": "'because'"},
    {"superseded_by_id": "gen_random_uuid()"},
    PRESSURE,
    PRESSURE | {"systolic": "120"},
    PRESSURE | {"diastolic": "80"},
    PRESSURE | {"systolic": "80", "diastolic": "120"},
    PRESSURE | {"systolic": "100", "diastolic": "100"},
    PRESSURE | {"systolic": "'NaN'", "diastolic": "80"},
    PRESSURE | {"systolic": "120", "diastolic": "'-Infinity'"},
    PRESSURE | {"systolic": "120", "diastolic": "80", "value": "100"},
    PRESSURE | {"systolic": "120", "diastolic": "80", "original_unit": "null"},
    ACVPU,
    ACVPU | {"code": "'X'"},
    ACVPU | {"code": "'A'", "value": "1"},
    ACVPU | {"code": "'A'", "original_unit": "'{score}'"},
]


async def test_every_impossible_row_is_refused_by_the_database_itself(session: AsyncSession, cast: Cast) -> None:
    accepted = []
    for change in IMPOSSIBLE:
        try:
            async with session.begin_nested():
                await insert_directly(session, cast, change)
        except DBAPIError:
            continue
        accepted.append(change)
    assert accepted == []


@pytest.mark.parametrize(
    "change", [{"client_id": "'c-2'"}, {"effective_at": "now() - interval '1 hour'"}], ids=["natural key", "client id"]
)
async def test_the_database_itself_refuses_a_second_row_under_either_key(
    session: AsyncSession, cast: Cast, change: dict[str, str]
) -> None:
    await insert_directly(session, cast, {})
    with pytest.raises(DBAPIError):
        await insert_directly(session, cast, change)


async def test_nothing_of_a_batch_remains_when_its_transaction_fails(
    committing_database: Database, committed_cast: Cast
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with committing_database.writing() as session:
            await record(session, committed_cast, *(pulse(committed_cast, f"c-{n}", minutes_ago=n) for n in range(9)))
            raise ZeroDivisionError
    async with committing_database.reading() as session:
        assert await rows(session) == []
        told_of = await session.execute(text("select count(*) from event_outbox where kind like 'observation%'"))
        assert told_of.scalar_one() == 0
