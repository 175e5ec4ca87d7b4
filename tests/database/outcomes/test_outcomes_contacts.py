"""Recording contacts: each once, each with its own verdict."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import NotFound, NotPermitted
from domain.ids import new_id
from domain.outcomes.contact import ContactClaim, ContactOutcome, ContactRefusal
from domain.outcomes.contact_commands import record_contacts
from domain.outcomes.definitions import ContactKind
from integrations.postgres.client import Database
from tests.cast import Cast
from tests.pathway_cast import (
    ASHA,
    IRIS,
    NOW,
    audited,
    claim,
    noon,
    visit,
)
from tests.waiting import until_somebody_waits


class TestContacts:
    async def test_care_home_staff_and_clinicians_record_contacts_others_do_not(
        self, session: AsyncSession, cast: Cast
    ) -> None:
        rose = cast.patients["rose_resident"]
        for number, name in enumerate((ASHA, "carl_clinician_on_care_team", "gus_care_home_staff")):
            told = [claim(cast, noon(date(2026, 9, 1), number))]
            [verdict] = await record_contacts(session, cast.actor(name), rose, told)
            assert verdict.outcome is ContactOutcome.stored
        with pytest.raises(NotPermitted):
            await record_contacts(session, cast.actor("rose_herself"), rose, [claim(cast, NOW)])
        for name in ("bea_clinician_elsewhere", "admin"):
            with pytest.raises(NotFound):
                await record_contacts(session, cast.actor(name), rose, [claim(cast, NOW)])
        for whom in (rose, new_id()):
            with pytest.raises(NotPermitted):
                await record_contacts(session, cast.actor(IRIS), whom, [claim(cast, NOW)])

    async def test_each_claim_has_its_own_verdict_and_a_refused_one_stops_no_other(
        self, session: AsyncSession, cast: Cast
    ) -> None:
        day = date(2026, 9, 1)
        strange = ContactClaim(ContactKind.nhs_111, noon(day), new_id(), "emis", None)
        claims = [
            claim(cast, noon(day), external_id="1"),
            claim(cast, noon(day), external_id="1"),
            claim(cast, noon(day)),
            claim(cast, noon(day, 5), external_id="1"),
            claim(cast, NOW + timedelta(minutes=3)),
            claim(cast, datetime(1940, 2, 28, tzinfo=UTC)),
            strange,
            claim(cast, noon(day), ContactKind.nhs_111),
        ]
        verdicts = await record_contacts(session, cast.actor(ASHA), cast.patients["rose_resident"], claims)
        assert [(verdict.outcome, verdict.refusal) for verdict in verdicts] == [
            (ContactOutcome.stored, None),
            (ContactOutcome.duplicate, None),
            (ContactOutcome.duplicate, None),
            (ContactOutcome.refused, ContactRefusal.conflict),
            (ContactOutcome.refused, ContactRefusal.future_time),
            (ContactOutcome.refused, ContactRefusal.before_birth),
            (ContactOutcome.refused, ContactRefusal.unknown_organisation),
            (ContactOutcome.stored, None),
        ]
        assert verdicts[1].contact_id == verdicts[2].contact_id == verdicts[0].contact_id
        assert await session.scalar(text("select count(*) from contact")) == 2

    async def test_two_ids_are_two_contacts_also_at_one_second(self, session: AsyncSession, cast: Cast) -> None:
        day = date(2026, 9, 1)
        claims = [claim(cast, noon(day), external_id=name) for name in ("1", "2", "1", None)]
        told = await record_contacts(session, cast.actor(ASHA), cast.patients["rose_resident"], claims)
        outcomes = [verdict.outcome for verdict in told]
        assert outcomes == [ContactOutcome.stored] * 2 + [ContactOutcome.duplicate] * 2
        again = [
            claim(cast, noon(day), external_id="3"),
            claim(cast, noon(day, 5)),
            claim(cast, noon(day, 5), external_id="4"),
        ]
        told = await record_contacts(session, cast.actor(ASHA), cast.patients["rose_resident"], again)
        assert [verdict.outcome for verdict in told] == [*[ContactOutcome.stored] * 2, ContactOutcome.duplicate]

    @pytest.mark.parametrize(
        ("sent", "offset", "day"),
        [
            ("2026-08-01T00:30:00+01:00", 60, date(2026, 8, 1)),
            ("2026-06-30T23:30:00Z", 0, date(2026, 7, 1)),
            ("2026-06-30T23:30:00-05:00", -300, date(2026, 7, 1)),
            ("2026-01-01T00:30:00+01:00", 60, date(2025, 12, 31)),
        ],
    )
    async def test_the_date_of_a_contact_is_londons_whatever_offset_it_was_sent_with(
        self, session: AsyncSession, cast: Cast, sent: str, offset: int, day: date
    ) -> None:
        at = datetime.fromisoformat(sent)
        await visit(session, cast, cast.patients["rose_resident"], [at])
        row = (await session.execute(text("select started_at, offset_minutes, started_on from contact"))).one()
        assert row == (at.astimezone(UTC), offset, day)

    async def test_a_birth_is_compared_with_the_london_date(self, session: AsyncSession, cast: Cast) -> None:
        rose = cast.patients["rose_resident"]
        await session.execute(text("update patient set born_on = '1990-07-01' where id = :id"), {"id": rose})
        told = [claim(cast, datetime.fromisoformat(f"1990-06-30T{time}:30:00Z")) for time in ("22", "23")]
        verdicts = await record_contacts(session, cast.actor(ASHA), rose, told)
        assert [verdict.refusal for verdict in verdicts] == [ContactRefusal.before_birth, None]

    async def test_when_none_is_accepted_nothing_is_stored_nor_told_but_it_is_audited(
        self, session: AsyncSession, cast: Cast
    ) -> None:
        rose, asha = cast.patients["rose_resident"], cast.actor(ASHA)
        [verdict] = await record_contacts(session, asha, rose, [claim(cast, NOW + timedelta(days=1))])
        assert verdict.refusal is ContactRefusal.future_time
        assert await session.scalar(text("select count(*) from contact")) == 0
        assert await session.scalar(text("select count(*) from event_outbox where kind = 'contact.recorded'")) == 0
        assert [(row.patient_id, row.count) for row in await audited(session, "contact.create")] == [(rose, 0)]

    async def test_forty_concurrent_repeats_in_any_order_store_each_contact_once(
        self, committing_database: Database, cast: Cast
    ) -> None:
        rose, asha = cast.patients["rose_resident"], cast.actor(ASHA)
        claims = [claim(cast, noon(date(2026, 9, 1), minute)) for minute in range(50)]

        async def once(turn: int) -> int:
            ordered = claims if turn % 2 else claims[::-1]
            async with committing_database.writing() as session:
                verdicts = await record_contacts(session, asha, rose, ordered)
            return sum(verdict.outcome is ContactOutcome.stored for verdict in verdicts)

        assert sum(await asyncio.gather(*(once(turn) for turn in range(40)))) == len(claims)

    async def test_two_writers_whose_contacts_cross_go_one_after_the_other(
        self, committing_database: Database, cast: Cast
    ) -> None:
        """Without the lock on a patient's writers each would wait for a row of the other's: a deadlock."""
        rose, asha = cast.patients["rose_resident"], cast.actor(ASHA)
        one, two = [claim(cast, noon(date(2026, 9, 1), minute)) for minute in (1, 2)]

        async def second() -> list[ContactOutcome]:
            async with committing_database.writing() as session:
                verdicts = await record_contacts(session, asha, rose, [two, one])
            return [verdict.outcome for verdict in verdicts]

        async with committing_database.writing() as first:
            await record_contacts(first, asha, rose, [one])
            waiting = asyncio.create_task(second())
            await until_somebody_waits(committing_database)
            await record_contacts(first, asha, rose, [two])
        assert await waiting == [ContactOutcome.duplicate] * 2
