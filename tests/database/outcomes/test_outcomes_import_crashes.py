"""Importing files of contacts: whatever crashes, stops half-way or runs beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.outcomes import import_commands, import_steps
from domain.outcomes.contact import ContactClaim, ContactOutcome, ContactVerdict
from domain.outcomes.contact_commands import record_contacts
from domain.outcomes.contact_import import FaultCode
from domain.outcomes.definitions import ContactKind
from domain.outcomes.import_commands import LEASE, LeaseLost, claim_import
from domain.outcomes.import_steps import advance_imports, receive_file
from domain.outcomes.upload_commands import UNDER_WAY_AT_MOST, UPLOAD_GIVEN_UP_AFTER, begin_import
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.import_cast import (
    JACK,
    NOW,
    Writing,
    clock,
    count,
    csv_of,
    faults,
    row,
    send,
    standing,
)
from tests.pathway_cast import audited


class TestCrashesAndCompany:
    async def test_a_worker_that_dies_while_checking_is_followed_by_one_that_begins_again(
        self, writing: Writing, session: AsyncSession, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_steps, "ROWS_CHECKED_AT_ONCE", 2)
        sent = await send(writing, cast, csv_of(*(row(number) for number in range(6))))
        await _die_after(2, import_commands, "stage", writing, monkeypatch)
        assert (await standing(writing, cast, sent)).state == "checking"
        assert not await advance_imports(writing, clock), "its lease still runs"
        later = NOW + LEASE + timedelta(seconds=1)
        assert await advance_imports(writing, lambda: later)
        found = await standing(writing, cast, sent)
        assert (found.state, found.rows_stored, found.faults_total) == ("stored", 6, 0)

    async def test_a_worker_that_dies_while_storing_is_followed_by_one_that_goes_on(
        self, writing: Writing, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_commands, "ROWS_STORED_AT_ONCE", 2)
        sent = await send(writing, cast, csv_of(*(row(number) for number in range(6))))
        await _die_after(2, import_commands, "store_some", writing, monkeypatch)
        half = await standing(writing, cast, sent)
        assert (half.state, half.rows_stored) == ("storing", 4)
        assert await advance_imports(writing, lambda: NOW + LEASE + timedelta(seconds=1))
        found = await standing(writing, cast, sent)
        assert (found.state, found.rows_stored, found.rows_duplicate) == ("stored", 6, 0)

    async def test_a_file_at_which_workers_die_again_and_again_is_refused(
        self, writing: Writing, session: AsyncSession, cast: Cast
    ) -> None:
        sent = await send(writing, cast, csv_of(row(1)))
        await session.execute(text("update contact_import set attempts = :n"), {"n": import_commands.ATTEMPTS_AT_MOST})
        await advance_imports(writing, clock)
        found = await standing(writing, cast, sent)
        assert (found.state, faults(found)) == ("refused", [(1, None, FaultCode.could_not_be_read)])

    async def test_a_worker_whose_lease_was_taken_over_stops(self, writing: Writing, cast: Cast) -> None:
        await send(writing, cast, csv_of(row(1)))
        async with writing() as session:
            slow = await claim_import(session, NOW)
            quick = await claim_import(session, NOW + LEASE + timedelta(seconds=1))
            assert slow is not None
            assert quick is not None
            with pytest.raises(LeaseLost):
                await import_commands.stage(session, slow, [], now=NOW)
            await import_commands.stage(session, quick, [], now=NOW)

    async def test_a_file_that_stops_arriving_is_forgotten_at_once(self, writing: Writing, cast: Cast) -> None:
        async def broken_off() -> AsyncIterator[bytes]:
            yield csv_of(row(1)) * 10_000
            assert await count(writing, "contact_import_chunk") > 0
            raise ConnectionResetError

        for _ in range(UNDER_WAY_AT_MOST + 1):
            with pytest.raises(ConnectionResetError):
                await receive_file(writing, cast.actor(JACK), broken_off())
        assert await count(writing, "contact_import") == await count(writing, "contact_import_chunk") == 0

    async def test_a_file_whose_request_is_cancelled_is_forgotten(
        self, committing_database: Database, cast: Cast
    ) -> None:
        writing, arrived = committing_database.writing, asyncio.Event()

        async def hanging() -> AsyncIterator[bytes]:
            yield csv_of(row(1)) * 10_000
            arrived.set()
            await asyncio.Event().wait()

        receiving = asyncio.create_task(receive_file(writing, cast.actor(JACK), hanging()))
        await arrived.wait()
        assert await count(writing, "contact_import") == 1
        receiving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await receiving
        assert await count(writing, "contact_import") == 0

    async def test_a_file_whose_receiver_died_is_given_up_after_minutes(
        self, writing: Writing, session: AsyncSession, cast: Cast
    ) -> None:
        await begin_import(session, cast.actor(JACK))
        await advance_imports(writing, lambda: NOW + UPLOAD_GIVEN_UP_AFTER - timedelta(seconds=1))
        assert await count(writing, "contact_import") == 1
        await advance_imports(writing, lambda: NOW + UPLOAD_GIVEN_UP_AFTER + timedelta(seconds=1))
        assert await count(writing, "contact_import") == 0

    async def test_a_file_waits_while_another_is_being_stored(
        self, writing: Writing, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await send(writing, cast, csv_of(row(1)))
        await _die_after(0, import_commands, "store_some", writing, monkeypatch)
        sent = await send(writing, cast, csv_of(row(1), row(2)))
        assert not await advance_imports(writing, clock)
        later = NOW + LEASE + timedelta(seconds=1)
        assert await advance_imports(writing, lambda: later)
        assert await advance_imports(writing, lambda: later)
        found = await standing(writing, cast, sent)
        assert (found.state, found.rows_stored, found.rows_duplicate) == ("stored", 1, 1)

    async def test_two_workers_and_two_senders_of_one_file_store_it_once(
        self, committing_database: Database, cast: Cast
    ) -> None:
        content = csv_of(*(row(number) for number in range(500)))
        writing = committing_database.writing
        ids = await asyncio.gather(*(send(writing, cast, content) for _ in range(4)))
        assert len(set(ids)) == 1
        await asyncio.gather(*(advance_imports(writing, clock) for _ in range(4)))
        found = await standing(writing, cast, ids[0])
        assert (found.state, found.rows_stored, found.rows_duplicate) == ("stored", 500, 0)
        assert await count(writing, "contact") == 500

    async def test_a_file_is_counted_whole_or_not_at_all_while_it_is_stored(
        self, writing: Writing, session: AsyncSession, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_commands, "ROWS_STORED_AT_ONCE", 2)
        await send(writing, cast, csv_of(*(row(number) for number in range(6))))
        await _die_after(2, import_commands, "store_some", writing, monkeypatch)
        visible = text(
            "select count(*) from contact c where not exists"
            " (select from contact_import i where i.id = c.import_id and i.state <> 'stored')"
        )
        assert await session.scalar(visible) == 0
        await advance_imports(writing, lambda: NOW + LEASE + timedelta(seconds=1))
        assert await session.scalar(visible) == 6


class TestContactsRecordedWhileAFileIsStored:
    """Whatever is recorded by hand between a file's check and its last row, the file counts whole or not at all."""

    async def test_one_that_disagrees_refuses_the_file_and_takes_back_what_was_stored(
        self, writing: Writing, session: AsyncSession, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_commands, "ROWS_STORED_AT_ONCE", 2)
        sent = await send(writing, cast, csv_of(*(row(number) for number in range(6))))
        await _die_after(1, import_commands, "store_some", writing, monkeypatch)
        assert await count(writing, "contact") == 2
        stored, fault_found = await by_hand(session, cast, 59, "A-4"), later_by(1)
        assert stored.outcome is ContactOutcome.stored
        await _die_after(0, import_commands, "take_back_some", writing, monkeypatch, at=fault_found)
        await advance_imports(writing, lambda: later_by(2))
        found = await standing(writing, cast, sent)
        assert (found.state, found.rows_stored, found.rows_duplicate) == ("refused", 0, 0)
        assert faults(found) == [(6, "external_id", FaultCode.conflict)]
        assert list((await session.execute(text("select id from contact"))).scalars()) == [stored.contact_id]
        rose = cast.patients["rose_resident"]
        assert sum(event.count for event in await audited(session, "contact.delete")) == 5
        assert {event.patient_id for event in await audited(session, "contact.delete")} == {rose}
        told = await session.scalar(text("select count(*) from event_outbox where kind = 'contacts.imported'"))
        assert told == 0

    async def test_one_that_agrees_is_the_same_contact(
        self, writing: Writing, session: AsyncSession, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sent = await send(writing, cast, csv_of(row(1), row(2)))
        await _die_after(0, import_commands, "store_some", writing, monkeypatch)
        await by_hand(session, cast, 1, "A-1")
        await advance_imports(writing, lambda: later_by(1))
        found = await standing(writing, cast, sent)
        assert (found.state, found.rows_stored, found.rows_duplicate) == ("stored", 1, 1)

    async def test_one_told_by_hand_as_well_stays_when_its_file_is_taken_back(
        self, writing: Writing, session: AsyncSession, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_commands, "ROWS_STORED_AT_ONCE", 2)
        sent = await send(writing, cast, csv_of(*(row(number) for number in range(6))))
        await _die_after(1, import_commands, "store_some", writing, monkeypatch)
        twice = await by_hand(session, cast, 1, "A-1")
        assert twice.outcome is ContactOutcome.stored, "nobody else could see it yet"
        assert (await by_hand(session, cast, 1, "A-1")).outcome is ContactOutcome.duplicate
        await by_hand(session, cast, 59, "A-4")
        await advance_imports(writing, lambda: later_by(1))
        assert (await standing(writing, cast, sent)).state == "refused"
        assert twice.contact_id in (await session.execute(text("select id from contact"))).scalars()

    async def test_a_storing_at_which_workers_die_again_and_again_is_taken_back(
        self, writing: Writing, session: AsyncSession, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_commands, "ROWS_STORED_AT_ONCE", 2)
        sent = await send(writing, cast, csv_of(*(row(number) for number in range(6))))
        await _die_after(2, import_commands, "store_some", writing, monkeypatch)
        await session.execute(text("update contact_import set attempts = :n"), {"n": import_commands.ATTEMPTS_AT_MOST})
        await advance_imports(writing, lambda: later_by(1))
        found = await standing(writing, cast, sent)
        assert (found.state, faults(found)) == ("refused", [(1, None, FaultCode.could_not_be_read)])
        assert await count(writing, "contact") == await count(writing, "contact_import_staged") == 0


def later_by(leases: int) -> datetime:
    return NOW + leases * (LEASE + timedelta(seconds=1))


async def by_hand(session: AsyncSession, cast: Cast, second: int, external_id: str) -> ContactVerdict:
    """Return the verdict on what `row` says, told over the API."""
    at = datetime.fromisoformat(f"2026-03-29T14:00:{second:02}+01:00")
    told = ContactClaim(ContactKind.gp_telephone, at, cast.organisations["practice"], "emis", external_id)
    asha = cast.actor("asha_clinician_of_practice")
    [verdict] = await record_contacts(session, asha, cast.patients["rose_resident"], [told])
    return verdict


async def _die_after(
    times: int, module: Any, step: str, writing: Writing, monkeypatch: pytest.MonkeyPatch, *, at: datetime = NOW
) -> None:
    """Let a worker do a step so many times and die at the next one."""

    class Killed(Exception):
        pass

    real, done = getattr(module, step), 0

    async def mortal(*args: Any, **named: Any) -> Any:
        nonlocal done
        if done == times:
            raise Killed
        done += 1
        return await real(*args, **named)

    with monkeypatch.context() as patched:
        patched.setattr(module, step, mortal)
        with pytest.raises(Killed):
            await advance_imports(writing, lambda: at)
