"""`python -m api …`: what each command does, and what its exit code says."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import yaml
from alembic import command as alembic
from pydantic import SecretStr
from sqlalchemy import text

from api.__main__ import main
from api.app import VERSION
from api.commands import openapi, serve
from api.commands.migrate import in_words
from api.exit_codes import ALREADY_THERE, FAILED, OK, REFUSED
from api.log_lines import JsonLines, PlainLines
from api.run.first_secrets import new_secret
from api.settings import Settings
from integrations.postgres.client import Database, connect
from integrations.postgres.embedded import SUPERUSER, Cluster
from integrations.postgres.migrate import Migrated, migrate
from integrations.postgres.online import Plan
from integrations.postgres.schema import revisions
from tests.run.supervised import ROOT

PASSWORD = "a-long-enough-passphrase"


@pytest.fixture
async def empty_url(cluster: Cluster) -> AsyncIterator[str]:
    """Yield the URL of a database without a single table."""
    name = f"empty_{uuid.uuid4().hex}"
    connection = await connect(cluster.url(SUPERUSER, user=SUPERUSER))
    await connection.execute(f'create database "{name}" template template0 owner tendwell')
    yield cluster.url(name)
    await connection.execute(f'drop database "{name}" with (force)')
    await connection.close()


@pytest.fixture
def administrator(monkeypatch: pytest.MonkeyPatch, committing_database: Database) -> list[str]:
    monkeypatch.setenv("TENDWELL_DATABASE_URL", committing_database.url)
    monkeypatch.setenv("TENDWELL_ADMIN_PASSWORD", PASSWORD)
    who = ["--email", "first@example.test", "--organisation-name", "The top", "--ods-code", "TOP1"]
    return ["create-administrator", *who]


async def accounts(database: Database) -> list[tuple[str, str]]:
    async with database.reading() as session:
        found = await session.execute(text("select email, password_hash from account order by email"))
        return [(row.email, row.password_hash) for row in found]


async def test_the_first_administrator_is_made_once(administrator: list[str], committing_database: Database) -> None:
    assert await asyncio.to_thread(main, administrator) == OK
    ((email, password_hash),) = await accounts(committing_database)
    assert email == "first@example.test"
    assert password_hash.startswith("$argon2id$")
    assert await asyncio.to_thread(main, administrator) == ALREADY_THERE
    assert await accounts(committing_database) == [(email, password_hash)]


async def test_a_password_too_short_is_refused_and_not_repeated(
    administrator: list[str],
    committing_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TENDWELL_ADMIN_PASSWORD", "sesame!")
    assert await asyncio.to_thread(main, administrator) == REFUSED
    assert "sesame!" not in "".join(capsys.readouterr())
    assert await accounts(committing_database) == []


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--email", "no address"),
        ("--email", "a..b@example.test"),
        ("--email", "äda@example.test"),
        ("--ods-code", "top 1"),
        ("--organisation-kind", "ward"),
        ("--organisation-name", " "),
    ],
)
async def test_the_first_administrator_is_named_by_the_rules_of_all_others(
    administrator: list[str],
    committing_database: Database,
    capsys: pytest.CaptureFixture[str],
    option: str,
    value: str,
) -> None:
    assert await asyncio.to_thread(main, [*administrator, option, value]) == REFUSED
    detail, line = capsys.readouterr().err.splitlines()
    assert (detail, line.partition(": ")[0]) == ("The administrator was not made.", option)
    assert await accounts(committing_database) == []


async def test_an_administrator_signs_in_however_their_address_was_written(
    administrator: list[str], committing_database: Database
) -> None:
    assert await asyncio.to_thread(main, [*administrator, "--email", "First@Example.TEST"]) == OK
    assert [email for email, _ in await accounts(committing_database)] == ["first@example.test"]


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("TENDWELL_DATABASE_URL", raising=False)
    assert main(["migrate"]) == REFUSED
    assert "TENDWELL_DATABASE_URL" in capsys.readouterr().err


async def test_two_that_migrate_at_once_make_one_schema_and_only_one_of_them_found_it_empty(empty_url: str) -> None:
    both = await asyncio.gather(migrate(empty_url), migrate(empty_url))
    assert sorted(done.was_empty for done in both) == [False, True]
    assert (await migrate(empty_url)).was_empty is False
    database = Database(empty_url)
    assert await accounts(database) == []
    await database.close()


@pytest.fixture
async def without_rights(cluster: Cluster) -> AsyncIterator[str]:
    """Yield the name of a login that may do nothing but connect."""
    name = f"nobody_{uuid.uuid4().hex}"
    connection = await connect(cluster.url(SUPERUSER, user=SUPERUSER))
    await connection.execute(f'create role "{name}" login noinherit')
    yield name
    await connection.execute(f'drop role "{name}"')
    await connection.close()


async def test_a_login_without_the_rights_is_told_in_one_line_whose_url_is_wanted(
    empty_url: str,
    committing_database: Database,
    without_rights: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    named = {"migrate": re.sub(r"//[^@]*@", f"//{without_rights}@", empty_url)}
    named["retention"] = re.sub(r"//[^@]*@", f"//{without_rights}@", committing_database.url)
    for command, url in named.items():
        monkeypatch.setenv("TENDWELL_DATABASE_URL", url)
        arguments = [command, "--dry-run"] if command == "retention" else [command]
        assert await asyncio.to_thread(main, arguments) == FAILED
        said = capsys.readouterr()
        (line,) = said.err.splitlines()
        assert "TENDWELL_OWNER_DATABASE_URL" in line
        assert said.out == ""


@pytest.fixture
async def other_owner(cluster: Cluster, empty_url: str) -> AsyncIterator[str]:
    """Yield a login that owns an empty database and may create roles, on a server that has ours from another."""
    name, owned = f"owner_{uuid.uuid4().hex}", urlsplit(empty_url).path.lstrip("/")
    connection = await connect(cluster.url(SUPERUSER, user=SUPERUSER))
    await connection.execute(f'create role "{name}" login createrole')
    await connection.execute(f'alter database "{owned}" owner to "{name}"')
    yield name
    await connection.execute(f'alter database "{owned}" owner to tendwell')
    inside = await connect(cluster.url(owned, user=SUPERUSER))
    await inside.execute(f'drop owned by "{name}" cascade')
    await connection.execute(f'drop role "{name}"')
    await inside.close()
    await connection.close()


async def test_roles_that_are_another_login_s_are_told_in_one_line_with_what_to_do(
    empty_url: str,
    other_owner: str,
    cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TENDWELL_DATABASE_URL", re.sub(r"//[^@]*@", f"//{other_owner}@", empty_url))
    assert await asyncio.to_thread(main, ["migrate"]) == FAILED
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert line.startswith(f"NotAllowed: This server has roles already that the login {other_owner} may not manage")
    assert said.out == ""
    # What it says to do is enough.
    remedy = line.partition("as an administrator of the server: ")[2]
    connection = await connect(cluster.url(SUPERUSER, user=SUPERUSER))
    await connection.execute(remedy)
    await connection.close()
    assert await asyncio.to_thread(main, ["migrate"]) == OK


async def test_migrating_says_what_was_done_and_where_the_schema_is(
    empty_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TENDWELL_DATABASE_URL", empty_url)
    newest = revisions()[-1]
    for what in ("all migrations were applied to an empty database", "there was nothing to do"):
        assert await asyncio.to_thread(main, ["migrate"]) == OK
        assert capsys.readouterr().out == f"The schema is at revision {newest}: {what}.\n"
    connection = await connect(empty_url)
    await connection.execute("update alembic_version set version_num = '9999'")
    assert await asyncio.to_thread(main, ["migrate"]) == FAILED
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("UnsupportedServer: The schema is at revision 9999, which this version does not know")
    assert await connection.fetchval("select version_num from alembic_version") == "9999"
    await connection.close()


async def test_a_schema_that_is_too_old_is_told_in_one_line_and_left_as_it_is(
    committing_database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with committing_database.engine.connect() as connection:
        await connection.run_sync(lambda sync: alembic.downgrade(Plan().config(sync), "0012"))
        await connection.execute(text("alter table consent rename to of_another_name"))  # as 0012 was for a while
        await connection.commit()
    monkeypatch.setenv("TENDWELL_DATABASE_URL", committing_database.url)
    assert await asyncio.to_thread(main, ["migrate"]) == FAILED
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("UnsupportedServer: The schema was at revision 0012, and is not what that revision makes")
    async with committing_database.engine.connect() as connection:
        assert await connection.scalar(text("select version_num from alembic_version")) == "0012"


def test_alembic_by_itself_finds_the_migrations_from_wherever_it_is_asked(database_url: str, tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "alembic"
    asked = [str(program), "-c", str(ROOT / "alembic.ini"), "-x", f"url={database_url}", "current"]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, f"{revisions()[-1]} (head)\n"), done.stderr


def test_what_was_done_to_a_schema_is_told_step_by_step() -> None:
    told = {
        Migrated("0030", "0033", has_let_in=False): "what was missing since 0030 was applied",
        Migrated("0033", "0033", has_let_in=True): "the login of TENDWELL_DATABASE_URL was let in",
        Migrated("0030", "0033", has_let_in=True): "what was missing since 0030 was applied and the login of"
        " TENDWELL_DATABASE_URL was let in",
    }
    assert {done: in_words(done) for done in told} == {
        done: f"The schema is at revision 0033: {what}." for done, what in told.items()
    }


async def test_a_node_of_production_whose_login_owns_the_tables_says_so_in_one_line_and_is_not_started(
    committing_database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = SecretStr(committing_database.url)
    settings = Settings.model_construct(database_url=url, environment="production")
    monkeypatch.setattr(serve, "read_settings", lambda: settings)
    monkeypatch.setattr(serve, "serve", lambda *_arguments, **_options: None)
    assert await asyncio.to_thread(main, ["serve"]) == FAILED
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("NotAdmitted: The login of TENDWELL_DATABASE_URL")


def test_migrating_waits_for_the_server_as_long_as_it_is_told(
    free_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TENDWELL_DATABASE_URL", f"postgresql://nobody@127.0.0.1:{free_port}/nothing")
    began = time.monotonic()
    assert main(["migrate", "--wait", "1"]) == FAILED
    assert time.monotonic() - began >= 1
    assert "does not answer" in capsys.readouterr().err


def test_openapi_yaml_is_the_same_on_every_machine() -> None:
    # What stands there was written by a process whose sets had another order; `openapi --check` compares in a third.
    script = "import sys; from api.commands.openapi import as_yaml, document; sys.stdout.write(as_yaml(document()))"
    environment = os.environ | {"PYTHONHASHSEED": "1"}
    written = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert written == openapi.FILE.read_text()
    assert yaml.load(written, yaml.CSafeLoader)["info"]["version"] == VERSION


def test_a_drift_from_the_routes_fails_the_check_and_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(openapi, "FILE", tmp_path / "openapi.yaml")
    there = [line for line in openapi.NAMES.read_text().splitlines() if " ended " not in line and line[0] != "#"]
    monkeypatch.setattr(openapi, "NAMES", tmp_path / "operation-ids.txt")
    openapi.NAMES.write_text("# All of them\n")
    monkeypatch.setattr(openapi, "document", cache(openapi.document))  # two seconds each time
    assert main(["openapi", "--check"]) == FAILED
    assert main(["openapi"]) == OK
    assert main(["openapi", "--check"]) == OK
    with (tmp_path / "openapi.yaml").open("a") as file:
        file.write("forged: true\n")
    assert main(["openapi", "--check"]) == FAILED
    assert "-forged: true" in capsys.readouterr().err
    assert openapi.NAMES.read_text().splitlines() == ["# All of them", *there]


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == OK
    assert capsys.readouterr().out == f"{VERSION}\n"


def test_an_unknown_command_is_refused_with_the_list_of_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["rnu"])
    assert refused.value.code == REFUSED
    assert "create-administrator" in capsys.readouterr().err


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("tendwell.access", logging.INFO, "file", 1, message, None, None)


def test_a_json_log_line_is_one_object_with_the_message_s_own_fields_in_it() -> None:
    line = json.loads(JsonLines().format(record('{"event":"request","status":200}')))
    assert line["event"] == "request"
    assert line["status"] == 200
    assert line["level"] == "INFO"


def test_one_record_never_looks_like_two_lines_of_a_log() -> None:
    forged = 'innocent\n{"level":"ERROR","message":"forged"}'
    written = JsonLines().format(record(forged))
    assert "\n" not in written
    assert json.loads(written)["message"] == forged
    assert "\n" not in PlainLines().format(record(forged))


def refused_row() -> ExceptionGroup[Exception]:
    """Return an error as PostgreSQL's, which quotes the row, behind another and in a group."""
    fields = {
        "C": "23514",
        "M": "new row violates a rule",
        "D": "Failing row contains (Rose, 14.2).",
        "n": "no_such_row",
    }
    row = asyncpg.PostgresError.new(fields)
    try:
        try:
            raise row
        except asyncpg.CheckViolationError as error:
            raise RuntimeError(f"(while Rose was written) {error.args[0]} DETAIL: Rose, 14.2") from error
    except RuntimeError as error:
        return ExceptionGroup("Rose and others", [ValueError("14.2"), error])


@pytest.mark.parametrize("lines", [JsonLines(), PlainLines()])
def test_an_exception_that_is_logged_is_told_by_kind_and_place_and_never_by_its_message(
    lines: logging.Formatter,
) -> None:
    error = refused_row()
    # As asyncio tells of a task that nobody waited for.
    line = logging.LogRecord(
        "asyncio",
        logging.ERROR,
        "file",
        1,
        f"Never retrieved\nfuture: {error.exceptions}",
        None,
        (type(error), error, None),
    )
    written = lines.format(line)
    for words in ("Never retrieved", "ExceptionGroup", "RuntimeError", "(23514, no_such_row)", "refused_row"):
        assert words in written
    assert "Rose" not in written
    assert "14.2" not in written


@pytest.mark.parametrize("style", ["json", "plain"])
async def test_a_command_that_meets_a_defect_says_what_and_where_and_nothing_of_whom(
    administrator: list[str],
    committing_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    style: str,
) -> None:
    monkeypatch.setenv("TENDWELL_LOG_FORMAT", style)
    async with committing_database.writing() as session:
        await session.execute(text("alter table account add constraint nobody_at_all check (false) not valid"))
    assert await asyncio.to_thread(main, administrator) == FAILED
    written = "".join(capsys.readouterr())
    assert "23514" in written
    assert "nobody_at_all" in written
    assert "first@example.test" not in written
    assert "Failing row" not in written
    if style == "json":
        assert json.loads(written)["level"] == "ERROR"


def test_both_kinds_of_log_line_tell_the_time_in_utc() -> None:
    line = record("said")
    line.created, line.msecs = datetime(2026, 7, 1, 12, 30, 15, 250_000, UTC).timestamp(), 250.0
    assert PlainLines().format(line).startswith("2026-07-01 12:30:15.250Z ")
    assert datetime.fromisoformat(json.loads(JsonLines().format(line))["at"]) == datetime.fromtimestamp(
        line.created, UTC
    )
    assert json.loads(JsonLines().format(line))["at"].endswith("+00:00")


async def test_keys_are_rotated_and_retired_by_command(
    committing_database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TENDWELL_DATABASE_URL", committing_database.url)
    monkeypatch.setenv("TENDWELL_ENCRYPTION_KEY", new_secret())

    async def run(*arguments: str) -> tuple[int, str]:
        code = await asyncio.to_thread(main, list(arguments))
        return code, "".join(capsys.readouterr())

    code, said = await run("rotate-keys", "--at-once")
    first = said.split()[3].rstrip(".")
    assert code == OK
    assert (await run("retire-key", first))[0] == REFUSED  # no other key signs
    assert (await run("rotate-keys"))[0] == OK
    assert (await run("retire-key", first))[0] == REFUSED  # the next one does not sign yet
    assert (await run("rotate-keys", "--at-once"))[0] == OK
    assert (await run("retire-key", first))[0] == OK
    assert (await run("retire-key", "nothing-of-ours"))[0] == REFUSED
    async with committing_database.reading() as session:
        found = await session.execute(text("select retired_at is null, private_sealed is null from key order by id"))
        assert found.all() == [(False, True), (True, False), (True, False)]


async def test_a_weak_encryption_key_makes_no_key(
    committing_database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TENDWELL_DATABASE_URL", committing_database.url)
    monkeypatch.setenv("TENDWELL_ENCRYPTION_KEY", "a" * 64)
    assert await asyncio.to_thread(main, ["rotate-keys"]) == REFUSED
    assert "TENDWELL_ENCRYPTION_KEY" in "".join(capsys.readouterr())
