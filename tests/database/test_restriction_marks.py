"""What was granted as a restriction before restrictions were marked keeps its weight; typed words get none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from domain.people.consent import Provision, Purpose
from domain.people.consent_commands import Choice, decide
from domain.people.consent_texts import current_text
from domain.rights.law import Decision, Kind
from domain.rights.request_commands import Answer, ask
from domain.rights.request_commands import decide as answer
from integrations.postgres.client import Database
from integrations.postgres.migrate import MIGRATIONS
from tests.cast import Cast

_MARKED = text(
    "select p.family_name, c.purpose, c.is_restriction from consent c join patient p on p.id = c.patient_id"
    " where c.ended_at is null and c.note is not null"
)
_NOTE = text("select distinct note from consent where is_restriction")


def _without_marks_and_with(connection: Connection) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    command.downgrade(config, "0033")
    command.upgrade(config, "head")


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
async def test_the_migration_marks_what_was_granted_and_nothing_that_only_says_so(
    committing_database: Database, cast: Cast
) -> None:
    rose, asha = cast.actor("rose_herself"), cast.actor("asha_clinician_of_practice")
    async with committing_database.writing() as session:
        asked = await ask(session, rose, Kind.restriction, "All of it")
        await answer(session, asha, asked, Answer(Decision.granted, "Done", None))
        words = (await session.execute(_NOTE)).scalar_one()
        version = current_text(Purpose.research).version
        typed = Choice(Purpose.research, Provision.deny, version, note=words)
        await decide(session, replace(asha, request_id="typed"), cast.patients["sam_at_home"], typed)
        before = {(*row,) for row in await session.execute(_MARKED)}
    assert before == {
        ("Resident", "care_sharing", True),
        ("Resident", "research", True),
        ("Home", "research", False),
    }
    async with committing_database.engine.connect() as connection:
        await connection.run_sync(_without_marks_and_with)
        await connection.commit()
    async with committing_database.writing() as session:
        assert {(*row,) for row in await session.execute(_MARKED)} == before
