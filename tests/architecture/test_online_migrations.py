"""From FIRST_ONLINE on a migration can be applied beside a service in use, or says which rule it breaks and why."""

from __future__ import annotations

from collections import defaultdict

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event

from integrations.postgres.beside import STOPS_SERVICE, stops_service
from integrations.postgres.client import Database
from integrations.postgres.online import FIRST_ONLINE, SLOW, Plan
from integrations.postgres.schema import revisions
from tests.architecture.online_rules import RULES, broken_rules

SHORTEST_REASON = 20

BREAKING = {
    "create index on observation (value)": {"index"},
    "CREATE UNIQUE INDEX once ON observation (value)": {"index"},
    "create index if not exists once on only observation (value)": {"index"},
    "alter table observation alter column value type text": {"type"},
    "ALTER TABLE observation ALTER COLUMN value SET DATA TYPE text": {"type"},
    "alter table observation alter column note set not null": {"not null"},
    "alter table observation add column shade text not null": {"not null"},
    "alter table observation add column shade uuid default gen_random_uuid()": {"default"},
    "alter table observation add column at timestamptz not null default clock_timestamp()": {"default"},
    "alter table observation add column n bigint generated always as identity": {"default"},
    "alter table observation add constraint positive check (value > 0)": {"constraint"},
    "alter table observation add constraint once unique (client_id)": {"constraint"},
    "alter table observation add foreign key (patient_id) references patient": {"constraint"},
    "alter table observation drop column note": {"contract"},
    "alter table observation rename column note to words": {"contract"},
    "drop table observation": {"contract"},
    "update observation set note = null": {"rows"},
    "delete from observation": {"rows"},
    "insert into goal select * from observation": {"rows"},
    "lock table observation": {"rows"},
    "alter table observation validate constraint positive": {"slow"},
    "do $$ begin\n -- for a while\n lock table observation; end $$": {"rows"},
    "do $$ begin execute format('alter table observation add constraint c check (at < %L)', now()); end $$": {
        "constraint"
    },
    "do $$ begin for _x in select 1 loop update observation set note = ''; end loop; end $$": {"rows"},
}
SOUND = (
    "create index concurrently once on observation (value)",
    "create table shade (id uuid primary key)",
    "alter table observation add column shade text",
    "alter table observation add column shade text not null default 'none'::text",
    "alter table observation add column at timestamptz default now()",
    "alter table observation add constraint positive check (value > 0) not valid",
    "alter table observation add constraint once unique using index once",
    "create policy own on observation using (true)",
    "create function f() returns void language sql as $$ update observation set note = null $$",
    "update alembic_version set version_num = '0049'",
    "do $$ begin execute format('alter table observation add constraint c check (at < %L) not valid', now()); end $$",
)


@pytest.mark.parametrize("statement", BREAKING)
def test_what_would_keep_others_waiting_is_found(statement: str) -> None:
    assert broken_rules([statement]) == BREAKING[statement]


@pytest.mark.parametrize("statement", SOUND)
def test_what_keeps_nobody_waiting_is_let_be(statement: str) -> None:
    assert broken_rules([statement]) == set()


def test_a_table_of_its_own_is_not_filled_while_writers_of_another_wait() -> None:
    own, trigger = "create table shade (id int)", "create trigger t after insert on observation execute function f()"
    filled = "insert into shade select 1 from observation"
    assert broken_rules([own, filled, trigger]) == set()
    assert broken_rules([own, trigger, filled]) == {"rows"}


def test_with_a_table_of_its_own_a_migration_may_do_what_it_likes() -> None:
    own = ["create table shade (id int)", *(each.replace("observation", "shade") for each in BREAKING)]
    assert broken_rules(own) <= {"contract", "rows"}


async def test_every_migration_keeps_the_rules_or_says_which_not_and_why(committing_database: Database) -> None:
    sent = defaultdict[str, list[str]](list)

    def down_and_up(connection: Connection) -> None:
        config = Plan().config(connection)
        chain = [*reversed([*ScriptDirectory.from_config(config).walk_revisions()])]
        held = [script for script in chain if script.revision >= FIRST_ONLINE]
        command.downgrade(config, str(held[0].down_revision))
        under_way = ""

        @event.listens_for(connection, "before_cursor_execute")
        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            sent[under_way].append(statement)

        for script in held:
            under_way = script.revision
            command.upgrade(config, script.revision)
            said = getattr(script.module, "NOT_ONLINE", {})
            assert said.keys() <= RULES.keys(), script.revision
            assert all(len(reason) >= SHORTEST_REASON for reason in said.values()), script.revision
            broken = broken_rules(sent[script.revision])
            assert broken | ({SLOW} & said.keys()) == said.keys(), (script.revision, [RULES[rule] for rule in broken])

    async with committing_database.engine.connect() as connection:
        await connection.run_sync(down_and_up)
    assert sent


def test_what_changes_a_type_that_nodes_write_says_that_none_of_before_can_go_on() -> None:
    for script in ScriptDirectory.from_config(Plan().config()).walk_revisions():
        if "type" in getattr(script.module, "NOT_ONLINE", {}):
            assert stops_service(script), script.revision
        assert len(getattr(script.module, STOPS_SERVICE, "-" * SHORTEST_REASON)) >= SHORTEST_REASON, script.revision


def test_the_first_that_is_held_to_the_rules_is_one_that_there_is() -> None:
    assert FIRST_ONLINE in revisions()


def test_the_numbers_of_migrations_rise_along_their_line() -> None:
    line = [script.revision for script in ScriptDirectory.from_config(Plan().config()).walk_revisions()]
    assert [*reversed(line)] == [*revisions()]
