"""What was granted as a restriction before restrictions were marked keeps its weight; typed words get none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

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
from integrations.postgres.online import MIGRATIONS
from tests.cast import Cast

_MARKED = text(
    "select p.family_name, c.purpose, c.is_restriction from consent c join patient p on p.id = c.patient_id"
    " where c.ended_at is null and c.note is not null"
)
_NOTE = text("select distinct note from consent where is_restriction")


_REFUSED = text(
    "insert into consent (id, patient_id, purpose, provision, text_version, language, text_sha256, decided_at,"
    " ended_at, decided_by, decided_as, authority, note) values (gen_random_uuid(), :patient, :purpose, :provision, 1,"
    " 'en', 'x', :at, :ended, :by, 'practice', 'practice_on_behalf', :note)"
)
_GRANTED = text(
    "insert into rights_request (id, patient_id, practice_id, asked_by, asked_at, kind, about, decision, answer,"
    " decided_by, decided_at) select gen_random_uuid(), id, practice_id, account_id, :at, 'restriction', 'All of it',"
    " 'granted', 'Done', :by, :at from patient where id = :patient"
)
_MARKED_OF = text("select note, purpose, ended_at is null from consent where patient_id = :id and is_restriction")


def _down_and_up(connection: Connection, revision: str) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    command.downgrade(config, revision)
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
        await connection.run_sync(_down_and_up, "0033")
        await connection.commit()
    async with committing_database.writing() as session:
        assert {(*row,) for row in await session.execute(_MARKED)} == before


@pytest.mark.parametrize("held_at", ["0033", "0037"])
@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
async def test_a_restriction_whose_words_a_practice_had_typed_before_it_was_granted_is_marked(
    committing_database: Database, cast: Cast, held_at: str
) -> None:
    """It was found to hold already, and nothing was written when it was granted. So of a database at head already."""
    sam, granted = cast.patients["sam_at_home"], cast.now - timedelta(days=3)
    theirs = {"patient": sam, "by": cast.accounts["asha_clinician_of_practice"]}
    words = "Asked for in writing, as a restriction of the record."
    before, after = granted - timedelta(hours=1), granted + timedelta(hours=1)
    refusals = [
        ("care_sharing", words, before, None),
        ("research", words, before, after),  # since lifted
        ("care_sharing", words, before - timedelta(days=1), before),  # lifted before it was asked for
        ("research", words, after, None),  # typed after it
        ("national_data_opt_out", words, before, None),  # nothing that a restriction refuses
    ]
    async with committing_database.writing() as session:
        await session.execute(text("delete from consent where patient_id = :id"), {"id": sam})
        for purpose, note, at, ended in refusals:
            said = {"purpose": purpose, "provision": "deny", "note": note, "at": at, "ended": ended}
            await session.execute(_REFUSED, theirs | said)
        of_rose = {"purpose": "care_sharing", "provision": "deny", "note": words, "at": before, "ended": None}
        await session.execute(_REFUSED, theirs | of_rose | {"patient": cast.patients["rose_resident"]})
        await session.execute(_GRANTED, theirs | {"at": granted})
    async with committing_database.engine.connect() as connection:
        await connection.run_sync(_down_and_up, held_at)
        await connection.commit()
    async with committing_database.writing() as session:
        marked = {(*row,) for row in await session.execute(_MARKED_OF, {"id": sam})}
        assert marked == {(words, "care_sharing", True), (words, "research", False)}
        assert (await session.execute(_MARKED_OF, {"id": cast.patients["rose_resident"]})).all() == []
