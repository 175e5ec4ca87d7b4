"""Importing files of contacts: all or nothing, once, and what is wrong with one told row by row."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import Invalid, NotFound, NotPermitted, TooManyAttempts
from domain.outcomes import import_commands, import_steps, upload_commands
from domain.outcomes.contact import ContactClaim
from domain.outcomes.contact_commands import record_contacts
from domain.outcomes.contact_import import FaultCode, rows_of
from domain.outcomes.definitions import ContactKind
from domain.outcomes.import_steps import receive_file
from tests.cast import Cast
from tests.import_cast import (
    JACK,
    NOW,
    SAM,
    Writing,
    count,
    csv_of,
    faults,
    imported,
    row,
    send,
    standing,
)
from tests.pathway_cast import audited


class TestAGoodFile:
    async def test_it_is_stored_whole_and_its_file_is_forgotten(self, writing: Writing, cast: Cast) -> None:
        found = await imported(writing, cast, csv_of(row(1), row(2, person=SAM), row(3, kind="nhs_111")))
        assert (found.state, found.rows_read, found.rows_total, found.rows_stored, found.rows_duplicate) == (
            "stored",
            3,
            3,
            3,
            0,
        )
        assert (found.faults_total, found.finished_at) == (0, NOW)
        assert await count(writing, "contact") == 3
        assert await count(writing, "contact_import_chunk") == await count(writing, "contact_import_staged") == 0

    async def test_what_is_stored_is_what_the_row_says(
        self, writing: Writing, session: AsyncSession, cast: Cast
    ) -> None:
        night = f"{cast.patients['sam_at_home']},ambulance,2026-08-01T00:30:00+01:00,VHOME1"
        found = await imported(writing, cast, f"patient_id,kind,started_at,organisation_ods_code\n{night}\n".encode())
        stored = (await session.execute(text("select * from contact"))).mappings().one()
        assert dict(stored) | {"id": None} == {
            "id": None,
            "patient_id": cast.patients["sam_at_home"],
            "kind": "ambulance",
            "started_at": datetime(2026, 7, 31, 23, 30, tzinfo=UTC),
            "offset_minutes": 60,
            "started_on": datetime(2026, 8, 1, tzinfo=UTC).date(),
            "organisation_id": cast.organisations["care_home"],
            "source": "import",
            "external_id": None,
            "recorded_at": NOW,
            "recorded_by": cast.accounts[JACK],
            "import_id": found.id,
        }

    async def test_sending_the_same_bytes_again_is_the_same_import(self, writing: Writing, cast: Cast) -> None:
        content = csv_of(row(1), row(2))
        first = await imported(writing, cast, content)
        assert (await imported(writing, cast, content)).id == first.id
        assert await count(writing, "contact") == 2
        assert await count(writing, "contact_import") == 1

    async def test_rows_that_overlap_an_earlier_file_are_counted_and_stored_once(
        self, writing: Writing, cast: Cast
    ) -> None:
        await imported(writing, cast, csv_of(row(1), row(2)))
        found = await imported(writing, cast, csv_of(row(2), row(3)))
        assert (found.state, found.rows_stored, found.rows_duplicate) == ("stored", 1, 1)
        assert await count(writing, "contact") == 3

    async def test_two_ids_are_two_contacts_also_at_one_second(self, writing: Writing, cast: Cast) -> None:
        one, other = row(1), row(1).replace("A-1", "A-2")
        found = await imported(writing, cast, csv_of(one, other))
        assert (found.state, found.rows_stored, found.rows_duplicate) == ("stored", 2, 0)
        found = await imported(writing, cast, csv_of(one, row(1).replace("A-1", "A-3")))
        assert (found.state, found.rows_stored, found.rows_duplicate) == ("stored", 1, 1)

    async def test_a_contact_recorded_by_hand_is_not_doubled(
        self, writing: Writing, session: AsyncSession, cast: Cast
    ) -> None:
        at = datetime.fromisoformat("2026-03-29T14:00:01+01:00")
        claim = ContactClaim(ContactKind.gp_telephone, at, cast.organisations["practice"], "manual", None)
        await record_contacts(
            session, cast.actor("asha_clinician_of_practice"), cast.patients["rose_resident"], [claim]
        )
        found = await imported(writing, cast, csv_of(row(1)))
        assert (found.rows_stored, found.rows_duplicate) == (0, 1)

    async def test_it_is_told_once_and_audited(self, writing: Writing, session: AsyncSession, cast: Cast) -> None:
        found = await imported(writing, cast, csv_of(row(1)))
        told = await session.execute(
            text("select kind, patient_id, subject_ids from event_outbox where kind like 'contact%'")
        )
        assert [tuple(event) for event in told] == [("contacts.imported", None, [found.id])]
        who = await session.execute(
            text("select account_id, subject_id from audit_event where action = 'contact_import.create'")
        )
        assert list(who) == [(cast.accounts[JACK], found.id)]

    async def test_each_persons_record_says_who_wrote_how_much_into_it_and_by_which_file(
        self, writing: Writing, session: AsyncSession, cast: Cast
    ) -> None:
        await imported(writing, cast, csv_of(row(9, person=SAM)))
        await session.execute(text("delete from audit_event"))
        found = await imported(writing, cast, csv_of(row(1), row(2), row(3, person=SAM), row(9, person=SAM)))
        assert {tuple(event) for event in await audited(session, "contact.create")} == {
            (cast.accounts[JACK], cast.patients["rose_resident"], found.id, 2),
            (cast.accounts[JACK], cast.patients["sam_at_home"], found.id, 1),
        }

    @pytest.mark.parametrize(
        ("sent", "day"), [("2026-06-30T23:30:00Z", date(2026, 7, 1)), ("2026-01-01T00:30:00+01:00", date(2025, 12, 31))]
    )
    async def test_a_contact_counts_on_its_london_date(
        self, writing: Writing, session: AsyncSession, cast: Cast, sent: str, day: date
    ) -> None:
        await imported(writing, cast, csv_of(row(1).replace("2026-03-29T14:00:01+01:00", sent)))
        assert await session.scalar(text("select started_on from contact")) == day

    async def test_more_rows_than_fit_one_step_are_all_stored(
        self, writing: Writing, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_steps, "ROWS_CHECKED_AT_ONCE", 7)
        monkeypatch.setattr(import_steps, "CHUNK_BYTES", 100)
        monkeypatch.setattr(import_commands, "ROWS_STORED_AT_ONCE", 10)
        found = await imported(writing, cast, csv_of(*(row(number) for number in range(50))))
        assert (found.state, found.rows_read, found.rows_stored) == ("stored", 50, 50)


class TestAFileWithFaults:
    async def test_one_wrong_row_refuses_the_whole_file_and_says_which(self, writing: Writing, cast: Cast) -> None:
        found = await imported(writing, cast, csv_of(row(1), row(2, kind="phone"), row(3)))
        assert (found.state, found.rows_read, found.rows_stored, found.faults_total) == ("refused", 3, 0, 1)
        assert faults(found) == [(3, "kind", FaultCode.kind_unknown)]
        for table in ("contact", "contact_import_chunk", "contact_import_staged"):
            assert await count(writing, table) == 0

    async def test_a_person_of_another_practice_looks_like_nobody_at_all(
        self, writing: Writing, session: AsyncSession, cast: Cast
    ) -> None:
        tess = cast.patients["tess_of_other_practice"]
        nobody = UUID(int=tess.int ^ 1)
        lines = [f"{who},nhs_111,2026-03-29T14:00:00Z,Y99991" for who in (tess, nobody)]
        content = "\n".join(("patient_id,kind,started_at,organisation_ods_code", *lines)).encode()
        found = await imported(writing, cast, content)
        assert faults(found) == [
            (2, "patient_id", FaultCode.unknown_person),
            (3, "patient_id", FaultCode.unknown_person),
        ]

    async def test_no_date_tells_its_sender_when_somebody_was_born(self, writing: Writing, cast: Cast) -> None:
        """Or dates could be tried, thousands in one file, until one told the birth."""
        found = await imported(writing, cast, csv_of(*(row(n).replace("2026", str(1930 + n)) for n in range(1, 21))))
        assert (found.state, found.rows_stored, found.faults_total) == ("stored", 20, 0)

    async def test_everybody_whom_a_file_found_is_audited_once_with_how_often_also_when_it_is_refused(
        self, writing: Writing, session: AsyncSession, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_steps, "ROWS_CHECKED_AT_ONCE", 2)
        nobody, nowhere = row(4, person="9990000093"), row(5).replace("Y99991", "X00000")
        refused = await imported(writing, cast, csv_of(row(1), row(2), row(3, person=SAM), nobody, nowhere))
        assert refused.state == "refused"
        rose, sam = cast.patients["rose_resident"], cast.patients["sam_at_home"]
        expected = {(cast.accounts[JACK], rose, refused.id, 3), (cast.accounts[JACK], sam, refused.id, 1)}
        assert {tuple(event) for event in await audited(session, "contact.check")} == expected
        assert len(await audited(session, "contact.check")) == 2
        stored = await imported(writing, cast, csv_of(row(1), row(2)))
        assert (cast.accounts[JACK], rose, stored.id, 2) in {tuple(e) for e in await audited(session, "contact.check")}
        assert await count(writing, "contact_import_person") == 0

    async def test_what_is_wrong_with_a_file_is_not_told_before_its_check_is_over_and_audited(
        self, writing: Writing, cast: Cast
    ) -> None:
        sent = await send(writing, cast, csv_of(row(1).replace("Y99991", "X00000")))
        async with writing() as session:
            claimed = await import_commands.claim_import(session, NOW)
            assert claimed is not None
            content = await import_commands.file_of(session, claimed)
            await import_commands.stage(session, claimed, list(rows_of(content, received_at=NOW)), now=NOW)
        half = await standing(writing, cast, sent)
        assert (half.state, half.faults_total, half.faults) == ("checking", 0, ())

    async def test_the_administrator_of_the_whole_tree_may_send_for_all_its_practices(
        self, writing: Writing, cast: Cast
    ) -> None:
        line = f"{cast.patients['tess_of_other_practice']},nhs_111,2026-03-29T14:00:00Z,Y99991"
        content = f"patient_id,kind,started_at,organisation_ods_code\n{line}\n".encode()
        assert (await imported(writing, cast, content, by="admin")).state == "stored"

    async def test_what_only_the_record_or_the_whole_file_shows_is_found(self, writing: Writing, cast: Cast) -> None:
        await imported(writing, cast, csv_of(row(1)))
        unlike_the_record = row(9).replace("A-9", "A-1")
        found = await imported(
            writing,
            cast,
            csv_of(
                row(2),
                row(2).replace("A-2", ""),
                row(3),
                row(4).replace("A-4", "A-3"),
                unlike_the_record,
                row(5).replace("Y99991", "X00000"),
                row(6, person="9990000093"),
                row(7).replace("+01:00", ""),
            ),
        )
        assert faults(found) == [
            (3, None, FaultCode.duplicate_row),
            (5, "external_id", FaultCode.repeated_external_id),
            (6, "external_id", FaultCode.conflict),
            (7, "organisation_ods_code", FaultCode.unknown_organisation),
            (8, "nhs_number", FaultCode.unknown_person),
            (9, "started_at", FaultCode.naive_time),
        ]

    async def test_a_refused_file_may_be_sent_again_once_what_was_missing_is_there(
        self, writing: Writing, session: AsyncSession, cast: Cast
    ) -> None:
        content = csv_of(row(1).replace("Y99991", "X00000"))
        first = await imported(writing, cast, content)
        await session.execute(text("update organisation set ods_code = 'X00000' where ods_code = 'VHOME2'"))
        second = await imported(writing, cast, content)
        assert (first.state, second.state) == ("refused", "stored")
        assert first.id != second.id

    async def test_all_faults_are_counted_and_the_first_are_kept(
        self, writing: Writing, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_commands, "FAULTS_KEPT", 10)
        monkeypatch.setattr(import_steps, "ROWS_CHECKED_AT_ONCE", 7)
        found = await imported(writing, cast, csv_of(*(row(number, kind="phone") for number in range(30))))
        assert (found.faults_total, len(found.faults)) == (30, 10)

    async def test_an_empty_file_is_refused_at_once(self, writing: Writing, cast: Cast) -> None:
        with pytest.raises(Invalid):
            await send(writing, cast, b"")
        assert await count(writing, "contact_import") == 0

    async def test_a_file_above_the_limit_is_refused_while_it_arrives(
        self, writing: Writing, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_steps, "MAX_BYTES", 1000)
        monkeypatch.setattr(import_steps, "CHUNK_BYTES", 256)
        taken = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal taken
            while True:
                taken += 1
                yield b"x" * 100

        with pytest.raises(Invalid):
            await receive_file(writing, cast.actor(JACK), endless())
        assert taken < 20
        assert await count(writing, "contact_import") == 0


class TestWhoMayImport:
    async def test_only_an_administrator_may(self, writing: Writing, cast: Cast) -> None:
        for name in ("asha_clinician_of_practice", "gus_care_home_staff", "iris_commissioner", "rose_herself"):
            with pytest.raises(NotPermitted):
                await send(writing, cast, csv_of(row(1)), by=name)

    async def test_how_an_import_stands_is_told_within_the_administrators_tree_only(
        self, writing: Writing, cast: Cast
    ) -> None:
        of_practice = await imported(writing, cast, csv_of(row(1)))
        of_all = await imported(writing, cast, csv_of(row(2)), by="admin")
        assert (await standing(writing, cast, of_practice.id, by="admin")).state == "stored"
        for name, import_id in ((JACK, of_all.id), ("iris_commissioner", of_practice.id), (JACK, UUID(int=7))):
            with pytest.raises(NotFound):
                await standing(writing, cast, import_id, by=name)

    async def test_few_files_may_be_under_way_at_once(self, writing: Writing, cast: Cast) -> None:
        for number in range(upload_commands.UNDER_WAY_AT_MOST):
            await send(writing, cast, csv_of(row(number)))
        with pytest.raises(TooManyAttempts):
            await send(writing, cast, csv_of(row(99)))


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    first=st.sets(st.integers(0, 40), min_size=1, max_size=15),
    second=st.sets(st.integers(0, 40), min_size=1, max_size=15),
)
async def test_importing_any_two_files_in_any_overlap_stores_their_union(
    writing: Writing, session: AsyncSession, cast: Cast, first: set[int], second: set[int]
) -> None:
    await session.execute(text("delete from contact"))
    await session.execute(text("delete from contact_import"))
    for numbers in (first, second, first):
        await imported(writing, cast, csv_of(*(row(number) for number in sorted(numbers))))
    stored = await session.execute(text("select external_id from contact"))
    assert sorted(stored.scalars()) == sorted(f"A-{number}" for number in first | second)
