"""What is born is what would have been started: its own environment, log, exit code and end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.exit_codes import OK, REFUSED
from tests.live.born import Child, Nursery
from tests.live.nursery import Birth
from tests.live.processes import free_port, secrets
from tests.run.supervised import wait_until

AWAY = "postgresql://nobody@127.0.0.1:1/nowhere"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    nursery = Nursery(tmp_path_factory.mktemp("nursery"))
    yield nursery
    nursery.close()


def worker(nursery: Nursery, log: Path, **other: str) -> Child:
    values = secrets() | {"DATABASE_URL": AWAY} | other
    return nursery.born(Birth(["api", "worker"], str(log), {f"TENDWELL_{name}": text for name, text in values.items()}))


def test_its_exit_code_and_words_are_those_of_the_command(opened: Nursery, tmp_path: Path) -> None:
    version = opened.born(Birth(["api", "version"], str(tmp_path / "log"), {}))
    assert version.wait(30) == OK
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", (tmp_path / "log").read_text())
    assert worker(opened, tmp_path / "other", CURSOR_SECRET="short").wait(30) == REFUSED
    assert "TENDWELL_CURSOR_SECRET" in (tmp_path / "other").read_text()


def test_its_environment_is_what_was_asked_for_and_nobody_else_s(opened: Nursery, tmp_path: Path) -> None:
    settings = {f"TENDWELL_{name}": text for name, text in (secrets() | {"DATABASE_URL": AWAY}).items()}
    one = opened.born(Birth(["api", "serve", "--port", str(free_port())], str(tmp_path / "log"), settings))
    wait_until(lambda: (tmp_path / "log").exists() and (tmp_path / "log").read_text() != "", "it has begun")
    assert "will not start" not in (tmp_path / "log").read_text()
    del settings["TENDWELL_DATABASE_URL"]
    other = opened.born(Birth(["api", "worker"], str(tmp_path / "other"), settings))
    assert other.wait(30) == REFUSED
    assert "TENDWELL_DATABASE_URL" in (tmp_path / "other").read_text()
    one.send_signal(signal.SIGKILL)
    one.wait(30)


def test_it_leads_a_group_of_its_own_and_is_told_to_end_by_its_id(opened: Nursery, tmp_path: Path) -> None:
    born = worker(opened, tmp_path / "log")
    wait_until(lambda: os.getpgid(born.pid) == born.pid, "it leads a group")
    assert born.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        born.wait(0.01)
    born.send_signal(signal.SIGKILL)
    assert born.wait(30) == -signal.SIGKILL
    assert born.poll() == -signal.SIGKILL


def test_nothing_outlives_the_nursery(tmp_path: Path) -> None:
    nursery = Nursery(tmp_path)
    born = worker(nursery, tmp_path / "log")
    nursery.close()
    assert born.wait(30) == -signal.SIGKILL
    wait_until(lambda: not _runs(born.pid), "it is gone")


def _runs(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
