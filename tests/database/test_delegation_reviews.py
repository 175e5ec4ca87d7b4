"""Who acts for somebody by law ends on a known day: those who may look at it again are reminded, once, before it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api.links import Links
from api.worker import remind
from domain.clock import london_date
from domain.errors import NotPermitted
from domain.keys.sealing import Sealing
from domain.mail.commands import PURPOSE
from domain.people import delegation_commands as delegations
from domain.people.delegation import REMINDED_BEFORE, ByLaw, Ground, Relationship, Terms
from domain.people.permission import Scope
from domain.people.review_queries import delegations_to_review
from integrations.postgres.client import Database
from integrations.postgres.roles import Role as DatabaseRole
from tests.architecture.source import ROOT
from tests.cast import Cast
from tests.standing_clock import StandingClock

SEALING = Sealing((b"a secret of the test",))
LINKS = Links("https://tendwell.example")
ASHA, BEA, UMA = "asha_clinician_of_practice", "bea_clinician_elsewhere", "nobody_at_all"
JACK = "jack_administrator_of_practice"


class Stage:
    """A database in which Asha has recorded that somebody acts for Sam by law, and a worker with a clock of its own."""

    def __init__(self, database: Database, cast: Cast) -> None:
        self.database, self.cast = database, cast
        self.worker = Database(database.url, role=DatabaseRole.worker)
        self.clock = StandingClock(cast.now)
        self.id: UUID | None = None
        self.until_at = cast.now

    async def recorded(self, in_days: int = 90) -> None:
        terms = Terms(Relationship.family, frozenset({Scope.read}), None, None)
        law = ByLaw(Ground.best_interests, "Assessed at home", london_date(self.cast.now) + timedelta(days=in_days))
        async with self.database.writing() as session:
            asha, uma = self.cast.actor(ASHA), self.cast.actor(UMA)
            offered = await delegations.record_delegate(session, asha, self.cast.patients["sam_at_home"], terms, law)
            self.id = await delegations.accept_delegation(session, uma, offered.code)
            until = await session.scalar(text("select until_at from delegation where id = :id"), {"id": self.id})
            assert isinstance(until, datetime)
            self.until_at = until

    async def work(self) -> None:
        await remind(self.worker, SEALING, LINKS, self.clock)

    async def letters(self) -> list[tuple[str, str]]:
        """Return to whom letters wait, and what they say."""
        async with self.database.reading() as session:
            rows = (await session.execute(text("select id, sealed from letter order by queued_at, id"))).all()
        opened = [json.loads(SEALING.unseal(row.sealed, purpose=PURPOSE, row_id=row.id)) for row in rows]
        return sorted((each["to"], each["text"]) for each in opened)

    async def execute(self, statement: str, **values: object) -> None:
        async with self.database.writing() as session:
            await session.execute(text(statement), values)


@pytest.fixture
async def stage(committing_database: Database, cast: Cast) -> AsyncIterator[Stage]:
    stage = Stage(committing_database, cast)
    yield stage
    await stage.worker.close()


async def test_fourteen_days_before_it_ends_who_recorded_it_and_the_delegate_are_reminded_once(stage: Stage) -> None:
    await stage.recorded()
    stage.clock.now = stage.until_at - REMINDED_BEFORE - timedelta(seconds=1)
    await stage.work()
    assert await stage.letters() == []
    stage.clock.now = stage.until_at - REMINDED_BEFORE
    await stage.work()
    told = await stage.letters()
    assert [to for to, _ in told] == [f"{ASHA}@example.test", f"{UMA}@example.test"]
    last = f"{london_date(stage.cast.now) + timedelta(days=90):%d %B %Y}"
    for _, said in told:
        assert last in said
        assert not {"sam", "home"} & set(said.lower().split())
    assert "\n\nhttps://tendwell.example/console/requests\n" in told[0][1]
    for days in (0, 1, 13):
        stage.clock.now = stage.until_at - REMINDED_BEFORE + timedelta(days=days)
        await stage.work()
    assert await stage.letters() == told


def test_the_letter_leads_to_a_page_that_the_console_has() -> None:
    known = re.findall(r'\["([\w-]+)", \{ page: ', (ROOT / "console" / "src" / "router" / "more_routes.ts").read_text())
    assert len(known) > 5
    for page in (LINKS.to_reviews, LINKS.to_accounts):
        assert page.removeprefix(f"{LINKS.public_url}/console/") in known


async def test_of_two_workers_at_once_and_one_that_dies_each_reminder_is_written_once(stage: Stage) -> None:
    await stage.recorded()
    stage.clock.now = stage.until_at - timedelta(days=3)
    dying = Sealing(())  # cannot seal: it fails in the middle, after it has marked the delegation
    with pytest.raises(IndexError):
        await remind(stage.worker, dying, LINKS, stage.clock)
    assert await stage.letters() == []
    await asyncio.gather(*(stage.work() for _ in range(4)))
    assert len(await stage.letters()) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "update delegation set ended_at = now() where id = :id",
        "update delegation set ground = 'consent', text_version = 1 where id = :id",
        "update delegation set account_id = null, accepted_at = null where id = :id",
    ],
    ids=["ended", "by consent", "not accepted"],
)
async def test_nobody_is_reminded_of_what_is_over_was_the_person_s_own_wish_or_never_began(
    stage: Stage, statement: str
) -> None:
    await stage.recorded()
    await stage.execute(statement, id=stage.id)
    stage.clock.now = stage.until_at - timedelta(days=3)
    await stage.work()
    stage.clock.now = stage.until_at + timedelta(days=1)
    await stage.work()
    assert await stage.letters() == []


async def test_when_who_recorded_it_works_there_no_longer_all_who_do_are_reminded_and_no_closed_account_is(
    stage: Stage,
) -> None:
    await stage.recorded()
    accounts = stage.cast.accounts
    await stage.execute("update membership set ended_at = now() where account_id = :asha", asha=accounts[ASHA])
    await stage.execute("update account set disabled_at = now() where id = :uma", uma=accounts[UMA])
    await _give(stage, BEA, "clinician", "practice")
    stage.clock.now = stage.until_at - timedelta(days=3)
    await stage.work()
    to = {address for address, _ in await stage.letters()}
    assert f"{BEA}@example.test" in to
    assert not {f"{ASHA}@example.test", f"{UMA}@example.test"} & to


async def _practice_without_clinicians(stage: Stage) -> None:
    await stage.recorded()
    gone = "update membership set ended_at = now() where organisation_id = :practice and role = 'clinician'"
    await stage.execute(gone, practice=stage.cast.organisations["practice"])
    stage.clock.now = stage.until_at - timedelta(days=9)


async def _give(stage: Stage, who: str, role: str, place: str) -> None:
    await stage.execute(
        "insert into membership (id, account_id, organisation_id, role, starts_at)"
        " values (gen_random_uuid(), :who, :place, :role, now() - interval '1 day')",
        who=stage.cast.accounts[who],
        place=stage.cast.organisations[place],
        role=role,
    )


async def test_where_nobody_is_a_clinician_the_reminder_waits_for_the_first_who_is(stage: Stage) -> None:
    await _practice_without_clinicians(stage)
    await stage.work()
    assert f"{BEA}@example.test" not in {to for to, _ in await stage.letters()}
    await _give(stage, BEA, "clinician", "practice")
    for _ in range(2):
        await stage.work()
    told = [to for to, _ in await stage.letters()]
    assert (told.count(f"{BEA}@example.test"), told.count(f"{UMA}@example.test")) == (1, 1)


async def test_where_nobody_is_a_clinician_who_administers_the_practice_and_the_delegate_are_told_once(
    stage: Stage,
) -> None:
    await _practice_without_clinicians(stage)
    for _ in range(2):
        await stage.work()
    told = await stage.letters()
    assert [to for to, _ in told] == [f"{JACK}@example.test", f"{UMA}@example.test"]
    for _, said in told:
        assert f"{london_date(stage.cast.now) + timedelta(days=90):%d %B %Y}" in said
        assert not {"sam", "home"} & set(said.lower().split())
    assert "nobody is a clinician there" in " ".join(told[0][1].split())
    assert "\n\nhttps://tendwell.example/console/accounts\n" in told[0][1]
    assert await _unattended_noted(stage) == 1


async def test_where_nobody_administers_the_practice_itself_who_does_next_above_it_is_told(stage: Stage) -> None:
    await _practice_without_clinicians(stage)
    gone = "update membership set ended_at = now() where organisation_id = :practice and role = 'administrator'"
    await stage.execute(gone, practice=stage.cast.organisations["practice"])
    await stage.work()
    assert [to for to, _ in await stage.letters()] == ["admin@example.test", f"{UMA}@example.test"]


async def test_when_the_last_clinician_leaves_after_the_reminder_it_is_told_as_if_nobody_had_been_reminded(
    stage: Stage,
) -> None:
    await stage.recorded()
    stage.clock.now = stage.until_at - timedelta(days=13)
    await stage.work()
    gone = "update membership set ended_at = now() where organisation_id = :practice and role = 'clinician'"
    await stage.execute(gone, practice=stage.cast.organisations["practice"])
    stage.clock.now += timedelta(days=1)
    for _ in range(2):
        await stage.work()
    assert [to for to, _ in await stage.letters()] == [f"{who}@example.test" for who in (ASHA, JACK, UMA)]
    await _give(stage, BEA, "clinician", "practice")
    for _ in range(2):
        await stage.work()
    assert [to for to, _ in await stage.letters()] == [f"{who}@example.test" for who in (ASHA, BEA, JACK, UMA)]


async def test_where_nobody_administers_anything_above_the_delegate_is_told_and_the_rest_waits_for_who_does(
    stage: Stage,
) -> None:
    await _practice_without_clinicians(stage)
    await stage.execute("update membership set ended_at = now() where role = 'administrator'")
    for _ in range(2):
        await stage.work()
    assert [to for to, _ in await stage.letters()] == [f"{UMA}@example.test"]
    assert await _unattended_noted(stage) == 0
    await _give(stage, JACK, "administrator", "practice")
    for _ in range(2):
        await stage.work()
    assert [to for to, _ in await stage.letters()] == [f"{JACK}@example.test", f"{UMA}@example.test"]
    assert await _unattended_noted(stage) == 1


async def test_of_two_workers_at_once_and_one_that_dies_nobody_without_a_clinician_is_told_twice(stage: Stage) -> None:
    await _practice_without_clinicians(stage)
    with pytest.raises(IndexError):
        await remind(stage.worker, Sealing(()), LINKS, stage.clock)  # fails in the middle, after it has marked it
    assert (await stage.letters(), await _unattended_noted(stage)) == ([], 0)
    await asyncio.gather(*(stage.work() for _ in range(4)))
    assert [to for to, _ in await stage.letters()] == [f"{JACK}@example.test", f"{UMA}@example.test"]
    assert await _unattended_noted(stage) == 1


async def _unattended_noted(stage: Stage) -> int:
    async with stage.database.reading() as session:
        found = await session.scalar(text("select count(*) from audit_event where action = 'delegation.unattended'"))
    return int(found or 0)


async def test_what_ends_soon_is_listed_for_clinicians_of_the_practice_alone_and_audited(
    session: AsyncSession, cast: Cast
) -> None:
    terms = Terms(Relationship.family, frozenset({Scope.read}), None, None)
    for days in (5, 60):
        law = ByLaw(Ground.best_interests, "Assessed", london_date(cast.now) + timedelta(days=days))
        offered = await delegations.record_delegate(session, cast.actor(ASHA), cast.patients["sam_at_home"], terms, law)
        await delegations.accept_delegation(session, cast.actor(UMA if days == 5 else "tess_herself"), offered.code)
    (found,) = await delegations_to_review(session, cast.actor(ASHA), after=None, limit=9)
    assert (found.patient_id, found.patient_name) == (cast.patients["sam_at_home"], "Sam Home")
    assert london_date(found.until_at) - london_date(cast.now) <= timedelta(days=6)
    trail = text("select patient_id, basis, role from audit_event where action = 'delegation.list_reviews'")
    assert (await session.execute(trail)).all() == [(cast.patients["sam_at_home"], "practice", "clinician")]
    assert await delegations_to_review(session, cast.actor(BEA), after=None, limit=9) == []
    with pytest.raises(NotPermitted):
        await delegations_to_review(session, cast.actor("gus_care_home_staff"), after=None, limit=9)
