"""What a child writes is kept whole, in files that do not grow without end."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

from api.run.child import Child
from api.run.child_log import LONGEST_LINE, ChildLog
from integrations.linux.children import spawn
from tests.run.supervised import wait_until

LIMIT = 100_000


def written(log: ChildLog, code: str) -> int:
    """Return the exit code of a child that did this, when all it wrote is read."""
    process = spawn([sys.executable, "-c", code], log=log.inlet())
    ended = process.wait(60)
    log.settle()
    return ended


def numbers(*paths: Path) -> list[int]:
    """Return the numbers that stand in the files, one a line."""
    return [int(line) for path in paths for line in path.read_text().splitlines()]


def test_a_log_and_the_one_before_it_are_all_that_is_kept_and_hold_the_last_lines_without_a_gap(tmp_path: Path) -> None:
    log = ChildLog(tmp_path / "child.log", most_bytes=LIMIT)
    assert written(log, "for number in range(100_000): print(number)") == 0
    assert set(tmp_path.iterdir()) <= {log.path, log.previous_path}
    assert all(path.stat().st_size < 2 * LIMIT for path in tmp_path.iterdir())
    kept = numbers(*(path for path in (log.previous_path, log.path) if path.exists()))
    assert kept == list(range(kept[0], 100_000))
    assert len(kept) * 6 > LIMIT


def test_a_line_without_end_does_not_fill_the_disk_either(tmp_path: Path) -> None:
    log = ChildLog(tmp_path / "child.log", most_bytes=LIMIT)
    assert written(log, "print('x' * 3_000_000, end='')") == 0
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 5 * LIMIT
    assert log.new_lines() == ["x" * LONGEST_LINE]


def test_no_line_is_lost_with_a_child_that_is_killed_nor_what_it_had_begun_to_write(tmp_path: Path) -> None:
    log = ChildLog(tmp_path / "child.log")
    code = (
        "import os\nfor n in range(20_000): os.write(1, b'%d\\n' % n)\nos.write(2, b'dying')\nos.kill(os.getpid(), 9)"
    )
    assert written(log, code) == -9
    *lines, last = log.path.read_text().splitlines()
    assert [int(line) for line in lines] == list(range(20_000))
    assert last == "dying"
    assert log.recent()[-2:] == ["19999", "dying"]


def test_a_child_that_is_started_again_and_a_later_run_add_to_the_same_file(tmp_path: Path) -> None:
    log = ChildLog(tmp_path / "child.log")
    written(log, "print(1)")
    written(log, "print(2)")
    assert log.new_lines() == ["1", "2"]
    later = ChildLog(log.path)
    written(later, "print(3)")
    assert numbers(log.path) == [1, 2, 3]
    assert later.new_lines() == ["3"]
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600


def test_a_log_that_an_earlier_version_let_grow_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "child.log").write_text("old\n" * LIMIT)
    log = ChildLog(tmp_path / "child.log", most_bytes=LIMIT)
    written(log, "print('first')")
    assert log.path.read_text() == "first\n"
    assert log.previous_path.read_text() == "old\n" * LIMIT


def test_lines_are_told_once_whole_and_shortened(tmp_path: Path) -> None:
    log = ChildLog(tmp_path / "child.log")
    code = "print('whole\\nhal', end='', flush=True); input(); print('f\\n' + 'x' * 10_000)"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=(inlet := log.inlet()), close_fds=True
    )
    wait_until(lambda: log.path.exists() and log.path.read_text() == "whole\nhal", "the first half")
    assert log.new_lines() == ["whole"]
    process.communicate(b"\n")
    os.close(inlet)
    log.settle()
    assert log.new_lines() == ["half", "x" * LONGEST_LINE]
    assert log.new_lines() == []
    assert log.recent() == ["whole", "half", "x" * LONGEST_LINE]


def test_the_last_words_of_a_child_that_is_stopped_are_kept(tmp_path: Path) -> None:
    log = ChildLog(tmp_path / "child.log")
    code = (
        "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(print('goodbye')))\n"
        "print('up', flush=True)\nsignal.pause()"
    )
    child = Child("child", lambda: spawn([sys.executable, "-c", code], log=log.inlet()), log)
    child.begin(now=0)
    wait_until(lambda: log.new_lines() == ["up"], "the child is up")
    child.ask_to_stop()
    assert child.wait_until_stopped()
    assert log.path.read_text() == "up\ngoodbye\n"


def test_a_log_that_cannot_be_written_stops_no_child(tmp_path: Path) -> None:
    log = ChildLog(tmp_path / "no such folder" / "child.log")
    assert written(log, "print('x' * 1_000_000)\nprint('ERROR')") == 0
    assert log.recent()[-1] == "ERROR"
