"""A phone's copy says in which care home and room its owner lives today, whoever changed it and however long ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from api.copies.catching_up import Log
from api.copies.keeping import Reached, told
from domain.clock import LONDON, london_date
from domain.events.commands import append_event, number_events, settle_epoch
from domain.events.queries import feed_position
from domain.people import commands as people
from domain.people.consent import Provision, Purpose
from domain.people.consent_commands import Choice, decide
from domain.people.consent_texts import current_text
from integrations.postgres.client import Database
from tests.cast import Cast

ASHA, BEA = "asha_clinician_of_practice", "bea_clinician_elsewhere"
MINUTE = timedelta(minutes=1)
MOST_ANSWERS = 50


@dataclass
class Copy:
    """What a person's phone holds of who they are, and how often it was told."""

    database: Database
    cast: Cast
    owner: str
    patient: Any = None
    times: int = 0
    reached: Reached | None = None

    async def sync(self, at: datetime | None = None) -> tuple[str | None, str | None]:
        """Return in which home and room they live, as the phone knows once it has asked until there is no more."""
        async with self.database.writing() as session:
            await number_events(session)
        for _ in range(MOST_ANSWERS):
            actor = self.cast.actor(self.owner, at=at)
            async with self.database.writing() as session:
                log = Log(await feed_position(session), is_behind=False)
                found = await told(session, actor, log, self.reached, from_at=actor.at - timedelta(days=1))
            self.reached = found.reached
            for each in found.content.get("patient", ()):
                self.patient, self.times = each, self.times + 1
            if not found.more:
                home = self.patient.care_home
                return (None if home is None else home.name, self.patient.room)
        raise AssertionError("there was always more")


async def copy_of(database: Database, cast: Cast, owner: str) -> Copy:
    async with database.writing() as session:
        await settle_epoch(session)
    return Copy(database, cast, owner)


async def move(copy: Copy, room: str, by: str = ASHA) -> UUID:
    cast = copy.cast
    new = people.NewResidence(cast.organisations["care_home"], london_date(cast.now), room)
    async with copy.database.writing() as session:
        return await people.admit_to_care_home(session, cast.actor(by), cast.patients["sam_at_home"], new)


async def discharge(copy: Copy, residence: UUID, until_on: date) -> None:
    async with copy.database.writing() as session:
        await people.end_residence(session, copy.cast.actor(ASHA), residence, until_on)


async def test_an_admission_another_room_and_a_discharge_are_told(committing_database: Database, cast: Cast) -> None:
    copy = await copy_of(committing_database, cast, "sam_himself")
    today = london_date(cast.now)
    assert await copy.sync() == (None, None)
    stay = await move(copy, "3")
    home, room = await copy.sync()
    assert (home is not None, room) == (True, "3")
    await discharge(copy, stay, today)
    stay = await move(copy, "14")
    assert await copy.sync() == (home, "14")
    await discharge(copy, stay, today)
    assert await copy.sync() == (None, None)
    times = copy.times
    assert await copy.sync() == (None, None)
    assert copy.times == times


async def test_who_they_are_is_not_told_again_for_what_is_done_with_others_or_with_an_account(
    committing_database: Database, cast: Cast
) -> None:
    copy = await copy_of(committing_database, cast, "sam_himself")
    await copy.sync()
    times = copy.times
    async with committing_database.writing() as session:
        rose = cast.actor("rose_herself")
        version = current_text(Purpose.research).version
        await decide(session, rose, cast.patients["rose_resident"], Choice(Purpose.research, Provision.deny, version))
        await people.end_residence(session, cast.actor(ASHA), cast.others["residence_of_rose"], london_date(cast.now))
        await append_event(session, "access.changed", subject_ids=[cast.accounts["sam_himself"]])
    await copy.sync()
    assert copy.times == times


async def test_a_stay_that_was_planned_is_told_on_its_day_though_nothing_happens_then(
    committing_database: Database, cast: Cast
) -> None:
    copy = await copy_of(committing_database, cast, "tess_herself")
    begins = datetime.combine(london_date(cast.now) + timedelta(days=2), time(), LONDON)
    for at in (cast.now, begins - timedelta(hours=20), begins - MINUTE):
        assert await copy.sync(at) == (None, None)
    times = copy.times
    for _ in range(2):
        assert (await copy.sync(begins))[1] == "3"
    assert copy.times == times + 1
