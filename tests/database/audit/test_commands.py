"""The commands of the audit trail, as an operator runs them, with the exit codes that a nightly job reads."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from uuid import UUID

import pytest

from api.__main__ import main
from api.commands import retention
from domain.clock import utc_now
from domain.observations.removal_commands import Removal
from domain.observations.summary_commands import Place
from tests.database.audit.stage import SECRETS, Trail


@pytest.fixture
def environment(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENDWELL_DATABASE_URL", trail.database.url)
    monkeypatch.setenv("TENDWELL_ENCRYPTION_KEY", SECRETS.secrets[0].decode())


async def command(*arguments: str) -> int:
    return await asyncio.to_thread(main, list(arguments))


@pytest.mark.usefixtures("environment")
async def test_what_is_exported_verifies_until_somebody_touches_the_trail(
    trail: Trail, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    kept, keys = tmp_path / "kept", tmp_path / "keys.pem"
    assert await command("export-checkpoint") == 0
    kept.write_text(capsys.readouterr().out)
    assert await command("export-checkpoint", "--public-keys") == 0
    keys.write_text(capsys.readouterr().out)
    verify = ("verify-audit", "--checkpoint", str(kept), "--public-keys", str(keys))
    assert await command(*verify) == 0
    assert "All is as it was written: rows 1 to 41" in capsys.readouterr().out
    await trail.superuser.execute("delete from audit_event where id = 20")
    assert await command(*verify) == 1
    assert "At position 20." in capsys.readouterr().err
    kept.write_text("no checkpoint")
    assert await command(*verify) == 2


@pytest.mark.usefixtures("environment")
async def test_what_retention_would_remove_is_told_and_nothing_is_removed(
    trail: Trail, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await command("retention", "--dry-run") == 0
    told = capsys.readouterr().out
    assert "audit trail: kept for 30 years" in told
    assert "health record: kept, because" in told
    assert told.endswith("removed: 0\n")
    assert await command("retention") == 0
    assert (await trail.verify()).first == 1


@pytest.mark.usefixtures("environment")
async def test_on_a_machine_whose_clock_is_ahead_nothing_goes_before_its_time(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(days=40 * 366)

    monkeypatch.setattr("domain.clock.datetime", Ahead)
    assert utc_now().year > datetime.now(UTC).year + 30
    assert await command("retention") == 0
    assert (await trail.verify()).first == 1
    with pytest.raises(SystemExit):
        await command("retention", "--readings-before", f"{datetime.now(UTC):%Y-%m-%d}")


@pytest.mark.usefixtures("environment")
async def test_readings_go_only_by_a_day_that_somebody_names_and_none_of_the_last_eight_years(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert await command("retention", "--readings-before", "2001-01-01") == 0
    assert capsys.readouterr().out.endswith("Readings removed: 0\n")
    for wrong in (
        ("--readings-before", f"{utc_now().year - 7}-01-01"),
        ("--readings-before", "2001-01-01", "--dry-run"),
    ):
        with pytest.raises(SystemExit) as refused:
            await command("retention", *wrong)
        assert refused.value.code == 2


@pytest.mark.usefixtures("environment")
async def test_records_that_somebody_was_writing_to_are_told_and_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [Removal(Place(UUID(int=1), "heart_rate"), 5, 1), Removal(None, 2, 2)]

    async def step(*_: object) -> Removal:
        return steps.pop(0)

    monkeypatch.setattr(retention, "remove_readings", step)
    assert await command("retention", "--readings-before", "2001-01-01") == 0
    told = capsys.readouterr().out
    assert "somebody was writing to them: 3. Run it again.\n" in told
    assert told.endswith("Readings removed: 7\n")
