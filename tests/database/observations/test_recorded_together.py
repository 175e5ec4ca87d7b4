"""Readings of many callers in one transaction: each gets the verdicts they would get alone, and harms nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from api.recording import Recording
from domain.observations.commands import Posting, record_observations, record_together
from domain.observations.reading import Reading, Unreadable
from domain.observations.verdict import Refusal, RefusalCode, Verdict
from integrations.postgres.client import Database
from integrations.postgres.errors import DatabaseUnavailable
from integrations.postgres.limits import Limits
from integrations.postgres.roles import Databases
from tests.cast import Cast
from tests.database.observations.stage import (
    ASHA,
    BEA,
    GUS,
    ROSE,
    SAM,
    pulse,
    record,
    told,
    until_someone_waits_for_a_lock,
    weight,
)

DELEGATE_WHO_RECORDS = "vic_delegate_who_records"


def posting(cast: Cast, who: str, patient: str, *readings: Reading | Unreadable, **more: Any) -> Posting:
    return Posting(cast.actor(who), cast.patients[patient], readings, **more)


def told_each(verdicts: Sequence[list[Verdict] | None]) -> list[list[str] | None]:
    return [None if each is None else told(each) for each in verdicts]


async def test_each_has_verdicts_event_and_trail_of_their_own(session: AsyncSession, cast: Cast) -> None:
    found = await record_together(
        session,
        [
            posting(cast, ROSE, "rose_resident", pulse(cast, "r-1"), pulse(cast, "r-2", "900", minutes_ago=6)),
            posting(cast, SAM, "sam_at_home", pulse(cast, "s-1")),
            posting(cast, GUS, "rose_resident", pulse(cast, "g-1", minutes_ago=7), pulse(cast, "g-2", minutes_ago=8)),
        ],
    )
    assert told_each(found) == [["stored", "out_of_range"], ["stored"], ["stored", "stored"]]
    trail = await session.execute(
        text(
            "select account_id, patient_id, basis, count from audit_event"
            " where action = 'observation.create' order by id"
        )
    )
    rose, sam = cast.patients["rose_resident"], cast.patients["sam_at_home"]
    assert [tuple(row) for row in trail] == [
        (cast.accounts[ROSE], rose, "self", 1),
        (cast.accounts[SAM], sam, "self", 1),
        (cast.accounts[GUS], rose, "care_home", 2),
    ]
    events = await session.execute(
        text(
            "select patient_id, cardinality(subject_ids) from event_outbox"
            " where kind = 'observation.recorded' order by id"
        )
    )
    assert [tuple(row) for row in events] == [(rose, 1), (sam, 1), (rose, 2)]
    stored = await session.execute(text("select client_id, patient_id, recorded_by, recorded_as from observation"))
    assert {tuple(row) for row in stored} == {
        (b"r-1", rose, cast.accounts[ROSE], "s"),
        (b"s-1", sam, cast.accounts[SAM], "s"),
        (b"g-1", rose, cast.accounts[GUS], "h"),
        (b"g-2", rose, cast.accounts[GUS], "h"),
    }


async def test_of_two_who_say_the_same_of_one_person_one_is_stored_and_one_a_duplicate_or_a_conflict(
    session: AsyncSession, cast: Cast
) -> None:
    found = await record_together(
        session,
        [
            posting(cast, ROSE, "rose_resident", pulse(cast, "same", "70")),
            posting(cast, GUS, "rose_resident", pulse(cast, "same", "70")),
            posting(cast, ASHA, "rose_resident", pulse(cast, "same", "71")),
            posting(cast, SAM, "sam_at_home", pulse(cast, "same", "99")),
        ],
    )
    assert told_each(found) == [["stored"], ["duplicate"], ["conflict"], ["stored"]]
    assert found[0] is not None and found[1] is not None
    assert found[0][0].observation_id == found[1][0].observation_id


async def test_a_weight_is_judged_by_the_one_before_it_of_the_same_person_alone(
    session: AsyncSession, cast: Cast
) -> None:
    await record(session, cast, weight(cast, "w-1", "70", days_ago=5))
    postings = [
        posting(cast, SAM, "sam_at_home", weight(cast, "s-1", "120", days_ago=4)),
        posting(
            cast, GUS, "rose_resident", weight(cast, "w-2", "71", days_ago=3), weight(cast, "w-3", "120", days_ago=2)
        ),
        posting(cast, ROSE, "rose_resident", weight(cast, "w-4", "71", days_ago=1)),
    ]
    assert told_each(await record_together(session, postings)) == [["stored"], ["stored", "needs_confirmation"], None]


@pytest.mark.parametrize(
    ("who", "patient", "more"),
    [
        (BEA, "rose_resident", {}),
        (DELEGATE_WHO_RECORDS, "rose_resident", {}),
        ("pia_clinician_broke_glass", "rose_resident", {}),
        (SAM, "sam_at_home", {"sent_at": timedelta(days=-800)}),
    ],
    ids=["who may not", "who may add and not read", "who may read and not add", "whose clock says nothing"],
)
async def test_who_is_to_be_told_otherwise_is_left_to_themselves_and_the_others_go_on(
    session: AsyncSession, cast: Cast, who: str, patient: str, more: dict[str, timedelta]
) -> None:
    sent = {name: cast.now + ago for name, ago in more.items()}
    found = await record_together(
        session,
        [
            posting(cast, who, patient, pulse(cast, "x-1"), **sent),
            posting(cast, GUS, "rose_resident", pulse(cast, "g-1", minutes_ago=9)),
        ],
    )
    assert told_each(found) == [None, ["stored"]]
    assert await session.scalar(text("select count(*) from observation")) == 1


async def test_what_cannot_be_read_has_its_own_verdict(session: AsyncSession, cast: Cast) -> None:
    wrong = Unreadable("u-1", Refusal(RefusalCode.invalid, "value"))
    found = await record_together(
        session, [posting(cast, ROSE, "rose_resident", wrong, pulse(cast)), posting(cast, SAM, "sam_at_home", wrong)]
    )
    assert told_each(found) == [["invalid", "stored"], ["invalid"]]


async def test_a_person_whom_another_transaction_writes_to_holds_nobody_up(
    committing_database: Database, cast: Cast
) -> None:
    async with committing_database.writing() as slow, asyncio.timeout(5):
        await record(slow, cast, pulse(cast))
        async with committing_database.writing() as quick:
            found = await record_together(
                quick,
                [
                    posting(cast, GUS, "rose_resident", pulse(cast, "g-1", minutes_ago=9)),
                    posting(cast, SAM, "sam_at_home", pulse(cast, "s-1")),
                ],
            )
    assert told_each(found) == [None, ["stored"]]


@pytest.mark.parametrize(
    ("hers", "theirs"),
    [(("g-1", "120", 5), "71"), (("g-1", "120", 5), "121"), (("w-1", "120", 4), "121"), (("g-1", "90", 3), "71")],
    ids=["a conflict of instants", "…that would excuse another", "a conflict of ids", "the same instant"],
)
async def test_a_weight_is_not_judged_by_what_another_sends_beside_it(
    session: AsyncSession, cast: Cast, hers: tuple[str, str, int], theirs: str
) -> None:
    await record(session, cast, weight(cast, "w-1", "70", days_ago=5))
    client_id, kilograms, days_ago = hers
    beside = weight(cast, client_id, kilograms, days_ago=days_ago, confirmed=True, source="another-scale")
    own = weight(cast, "r-1", theirs, days_ago=3)
    postings = [posting(cast, GUS, "rose_resident", beside), posting(cast, ROSE, "rose_resident", own)]
    assert await one_after_another(session, postings) == await with_the_rest_alone(session, postings)


async def one_after_another(session: AsyncSession, postings: Sequence[Posting]) -> list[list[str]]:
    before = await session.begin_nested()
    found = [told(await record_observations(session, each.actor, each.patient_id, each.readings)) for each in postings]
    await before.rollback()
    return found


async def with_the_rest_alone(session: AsyncSession, postings: Sequence[Posting]) -> list[list[str]]:
    """Return what each is told whose postings come at once: those that share a transaction first."""
    before = await session.begin_nested()
    found = await record_together(session, postings)
    for place, posted in enumerate(postings):
        if found[place] is None:
            found[place] = await record_observations(session, posted.actor, posted.patient_id, posted.readings)
    await before.rollback()
    return [told(each) for each in found if each is not None]


READINGS = st.lists(
    st.tuples(
        st.booleans(),  # a weight, or a pulse
        st.integers(0, 3),  # when
        st.integers(0, 2),  # what
        st.integers(0, 2),  # under which id
        st.booleans(),  # confirmed
    ),
    min_size=1,
    max_size=4,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    sent=st.lists(
        st.tuples(st.sampled_from([(ROSE, "rose_resident"), (GUS, "rose_resident"), (SAM, "sam_at_home")]), READINGS),
        min_size=1,
        max_size=6,
    )
)
async def test_together_or_one_after_another_the_verdicts_are_the_same(
    session: AsyncSession,
    cast: Cast,
    sent: list[tuple[tuple[str, str], list[tuple[bool, int, int, int, bool]]]],
) -> None:
    def reading(is_weight: bool, when: int, what: int, which: int, confirmed: bool) -> Reading:
        source = f"device-{which % 2}"
        if is_weight:
            kilograms = str(70 + 30 * what)
            return weight(cast, f"w-{which}", kilograms, days_ago=when + 1, confirmed=confirmed, source=source)
        return pulse(cast, f"p-{which}", str(70 + what), minutes_ago=when + 1, source=source)

    postings = [posting(cast, who, patient, *(reading(*each) for each in wanted)) for (who, patient), wanted in sent]
    shared = await shared_first(session, postings)
    assert await with_the_rest_alone(session, shared) == await one_after_another(session, shared)


async def shared_first(session: AsyncSession, postings: Sequence[Posting]) -> list[Posting]:
    """Return the postings in the order in which they are recorded when they come at once."""
    before = await session.begin_nested()
    found = await record_together(session, postings)
    await before.rollback()
    alone = [each is None for each in found]
    return [
        posted for last in (False, True) for posted, is_alone in zip(postings, alone, strict=True) if is_alone is last
    ]


@pytest.mark.parametrize(
    "held",
    ["select id from patient where id = :sam for update", "update account set email = 'new-' || email where id = :his"],
    ids=["his record", "his account"],
)
async def test_a_row_that_somebody_holds_holds_up_whom_it_concerns_alone(
    committing_database: Database, cast: Cast, held: str
) -> None:
    databases = Databases.at(committing_database.url, Limits(statement_timeout_ms=3_000))
    recording = Recording(databases)
    his, hers = posting(cast, SAM, "sam_at_home", pulse(cast)), posting(cast, GUS, "rose_resident", pulse(cast))
    async with asyncio.timeout(20):
        async with committing_database.writing() as slow:
            await slow.execute(text(held), {"sam": cast.patients["sam_at_home"], "his": cast.accounts[SAM]})
            both = [asyncio.create_task(recording.recorded(each)) for each in (his, hers)]
            assert told(await both[1]) == ["stored"]  # while it is still held
            assert not both[0].done()
        assert told(await both[0]) == ["stored"]
    await databases.close()


async def test_while_a_turn_hangs_nobody_else_waits_for_longer_than_for_a_connection(
    committing_database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(*asked: Any) -> Any:
        has_begun.set()
        await may_go_on.wait()
        return await record_together(*asked)

    has_begun, may_go_on = asyncio.Event(), asyncio.Event()
    monkeypatch.setattr("api.recording.record_together", hangs)
    monkeypatch.setattr("api.recording.TURNS", 1)
    monkeypatch.setattr("api.recording.POOL_TIMEOUT_SECONDS", 0.05)
    databases = Databases.at(committing_database.url, Limits())
    recording = Recording(databases)
    first = asyncio.create_task(recording.recorded(posting(cast, SAM, "sam_at_home", pulse(cast))))
    await has_begun.wait()
    with pytest.raises(DatabaseUnavailable):
        await recording.recorded(posting(cast, GUS, "rose_resident", pulse(cast)))
    may_go_on.set()
    assert told(await first) == ["stored"]
    async with committing_database.reading() as session:
        assert await session.scalar(text("select count(*) from observation")) == 1
    await databases.close()


async def test_postings_that_share_do_not_fail_by_a_deadlock_that_each_alone_would_not_meet(
    committing_database: Database, cast: Cast
) -> None:
    """The row locks of closing an account: the record, then the account's address, which is a key."""
    databases = Databases.at(committing_database.url, Limits())
    recording = Recording(databases)
    async with asyncio.timeout(20):
        async with committing_database.writing() as closing:
            rose, his = {"id": cast.patients["rose_resident"]}, {"id": cast.accounts[SAM]}
            await closing.execute(text("select id from patient where id = :id for update"), rose)
            both = [
                asyncio.create_task(recording.recorded(posting(cast, who, patient, pulse(cast))))
                for who, patient in ((SAM, "sam_at_home"), (GUS, "rose_resident"))
            ]
            await until_someone_waits_for_a_lock(committing_database)
            await closing.execute(text("update account set email = 'closed-' || id where id = :id"), his)
        assert [told(await each) for each in both] == [["stored"], ["stored"]]
    await databases.close()


# The second net


async def acting_for(session: AsyncSession, cast: Cast, *pairs: tuple[str, str]) -> None:
    """Have the transaction act for many in the runtime role, as the service does."""
    asked = {
        "accounts": [cast.accounts[who] for who, _ in pairs],
        "patients": [cast.patients[patient] for _, patient in pairs],
        "at": cast.now,
    }
    await session.execute(text("select set_config('role', 'tendwell_runtime', true)"))
    await session.execute(text("select enter_together(:accounts, :patients, :at)"), asked)


async def test_rows_are_there_of_those_pairs_alone_that_may_read_and_write(session: AsyncSession, cast: Cast) -> None:
    await acting_for(
        session, cast, (GUS, "rose_resident"), (BEA, "sam_at_home"), (DELEGATE_WHO_RECORDS, "rose_resident")
    )
    assert (await session.execute(text("select id from patient"))).scalars().all() == [cast.patients["rose_resident"]]
    await acting_for(session, cast, (BEA, "sam_at_home"))
    assert (await session.execute(text("select id from patient"))).scalars().all() == []


_NAMED = {"GUS for Rose": (GUS, "rose_resident"), "SAM for himself": (SAM, "sam_at_home")}


@pytest.mark.parametrize(
    "who", [SAM, ASHA, None], ids=["who acts for another", "who acts for nobody here", "nobody at all"]
)
async def test_nobody_is_made_to_have_done_what_another_did(session: AsyncSession, cast: Cast, who: str | None) -> None:
    await acting_for(session, cast, *_NAMED.values())
    asked = {
        "who": UUID(int=0) if who is None else cast.accounts[who],
        "rose": cast.patients["rose_resident"],
        "at": cast.now,
    }
    for statement in (
        "insert into audit_event (at, account_id, action, request_id, patient_id) values (:at, :who, 'x', 'x', :rose)",
        (
            "insert into observation (id, patient_id, recorded_by, effective_at, received_at, effective_offset_minutes,"
            " confirmed, sign, source, client_id, recorded_as, value, original_value, original_unit) values"
            " (gen_random_uuid(), :rose, :who, :at, :at, 0, false, sign_letter('heart_rate'), 'x', 'x', 'self', 70, 70,"
            " '/min')"
        ),
    ):
        before = await session.begin_nested()
        with pytest.raises(DBAPIError, match="row-level security"):
            await session.execute(text(statement), asked)
        await before.rollback()
        before = await session.begin_nested()
        await session.execute(text(statement), asked | {"who": cast.accounts[GUS]})
        await before.rollback()
