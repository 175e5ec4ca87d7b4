"""A backup is of one state and whole or not there at all; a drill says of each whether all of it comes back."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from api.__main__ import main
from api.manifest import Manifest
from domain.accounts import commands as accounts
from domain.audit.seal_commands import begin_log, seal_rows
from domain.clock import utc_now
from domain.events.commands import append_event, settle_epoch
from integrations.postgres import backup
from integrations.postgres.client import Database


@pytest.fixture
async def owned(committing_database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Return a database as a worker leaves it, with somebody in it, whose owner the variables name."""
    async with committing_database.writing() as session:
        await settle_epoch(session)
        await begin_log(session, "tendwell.test/audit")
        await accounts.create_administrator(
            session,
            utc_now(),
            organisation=accounts.NewOrganisation("Y99991", "Invented practice", "practice", None),
            email="ada@example.test",
            display_name="Ada",
            password_hash="not a hash: nobody signs in here",
        )
        await append_event(session, "test.happened")
    async with committing_database.writing() as session:
        assert await seal_rows(session)
    monkeypatch.setenv("TENDWELL_OWNER_DATABASE_URL", committing_database.url)
    monkeypatch.setenv("TENDWELL_DATABASE_URL", committing_database.url)
    return committing_database


@pytest.fixture
def dump(owned: Database, tmp_path: Path) -> Path:
    assert main(["backup", str(tmp_path / "backups")]) == 0
    (file,) = (tmp_path / "backups").glob("*.dump")
    return file


def test_what_was_backed_up_comes_back_whole(dump: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [path.suffix for path in sorted(dump.parent.iterdir())] == [".dump", ".json"]
    assert dump.stat().st_mode & 0o077 == 0
    told = Manifest.read(dump).content.tables
    assert told["account"][0] == 1 and told["event_outbox"][0] > 0
    assert main(["restore-drill", str(dump)]) == 0
    said = capsys.readouterr().out
    assert "All is there" in said and "a new epoch of the event log begins" in said


def test_a_drill_names_what_is_not_as_it_was(dump: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = dump.with_suffix(".json")
    told = json.loads(manifest.read_text())
    told["tables"]["organisation"]["rows"] += 1
    told["tables"]["account"]["hash"] += "1"
    told["tables"]["a_table_that_was_lost"] = {"rows": 1, "hash": "1"}
    manifest.write_text(json.dumps(told))
    assert main(["restore-drill", str(dump)]) == 1
    said = capsys.readouterr().err
    assert "table a_table_that_was_lost, table account, table organisation." in said


def test_a_dump_that_was_cut_off_is_no_backup(dump: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])
    assert main(["restore-drill", str(dump)]) == 1
    assert "NOT ALL IS THERE. pg_restore:" in capsys.readouterr().err


def test_a_dump_without_its_word_is_not_tried(dump: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dump.with_suffix(".json").write_text("[]")
    assert main(["restore-drill", str(dump)]) == 2
    dump.with_suffix(".json").unlink()
    assert main(["restore-drill", str(dump)]) == 2
    assert main(["restore-drill", ""]) == 2
    assert capsys.readouterr().err.count("cannot be read") == 3


@pytest.mark.parametrize("when", ["before the dump", "after it"])
async def test_what_is_written_meanwhile_is_in_neither_the_dump_nor_its_word(
    owned: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    async def write() -> None:
        async with owned.writing() as session:
            await session.execute(text("insert into event_outbox (kind, at) values ('test.happened', now())"))

    async def interrupted(program: str, *given: Any, **more: Any) -> None:
        if program == "pg_dump" and when == "before the dump":
            await write()
        await dumped(program, *given, **more)
        if program == "pg_dump" and when == "after it":
            await write()

    dumped = backup._ran
    monkeypatch.setattr(backup, "_ran", interrupted)
    before = await backup.stored_content(owned.url)
    file = tmp_path / "one.dump"
    found = await backup.back_up(owned.url, file)
    assert found.tables == before.tables
    assert (await backup.stored_content(owned.url)).tables != before.tables
    Manifest(utc_now(), found).write(file)
    assert await asyncio.to_thread(main, ["restore-drill", str(file)]) == 0


async def test_a_sequence_that_stands_further_back_shows(owned: Database) -> None:
    before = await backup.stored_content(owned.url)
    async with owned.writing() as session:
        await session.execute(text("select setval('event_outbox_id_seq', 1, false)"))
    assert before.differences(await backup.stored_content(owned.url)) == ["sequence event_outbox_id_seq"]


async def test_a_row_that_changed_shows_though_their_number_is_the_same(owned: Database) -> None:
    before = await backup.stored_content(owned.url)
    async with owned.writing() as session:
        await session.execute(text("update organisation set name = name || 'x'"))
    assert before.differences(await backup.stored_content(owned.url)) == ["table organisation"]


def test_what_fails_leaves_nothing_that_looks_like_a_backup(
    owned: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fails(*_given: object, **_more: object) -> None:
        raise backup.BackupFailed("pg_dump: No space left on device")

    monkeypatch.setattr(backup, "_ran", fails)
    assert main(["backup", str(tmp_path / "backups")]) == 1
    assert list((tmp_path / "backups").iterdir()) == []
    assert "No backup was made: pg_dump: No space left on device" in capsys.readouterr().err


def test_what_programs_are_called_with_holds_no_password() -> None:
    address, password = backup._without_password(
        "postgresql+asyncpg://tend:p%40ss@db.example:5433/tendwell?sslmode=require"
    )
    assert (address, password) == ("postgresql://tend@db.example:5433/tendwell?sslmode=require", "p@ss")
    assert backup._without_password("postgresql://u@/d?host=/tmp") == ("postgresql://u@/d?host=/tmp", "")


def test_a_database_that_is_not_there_is_told_in_one_line(
    owned: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TENDWELL_OWNER_DATABASE_URL", owned.url.replace("/test_", "/no_test_"))
    assert main(["backup", str(tmp_path / "backups")]) == 1
    assert list((tmp_path / "backups").iterdir()) == []
    assert "The server does not let us in: database" in capsys.readouterr().err


def test_without_a_database_there_is_nothing_to_back_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("TENDWELL_OWNER_DATABASE_URL", "TENDWELL_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TENDWELL_DATA_DIR", str(tmp_path / "nothing"))
    assert main(["backup", str(tmp_path / "backups")]) == 2
    assert "There is no database in" in capsys.readouterr().err
