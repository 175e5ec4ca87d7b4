"""What `make` tells a person who waits: which step, for how long, and what went wrong."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.run.supervised import PATIENCE_SECONDS, ROOT, wait_until

NOISE = "words that nobody asked for"
Make: TypeAlias = "subprocess.Popen[bytes]"


def step(tmp_path: Path, what: str, script: str) -> subprocess.Popen[str]:
    """Return a started `make` whose one step runs the script, told of as the Makefile's own steps are."""
    (tmp_path / "step.py").write_text(script)
    command = f'$(TELL) "{what}" {sys.executable} -u {tmp_path / "step.py"}'
    (tmp_path / "makefile").write_text(f"include {ROOT / 'Makefile'}\n.PHONY: probe\nprobe:\n\t@{command}\n")
    return subprocess.Popen(
        ["make", "--silent", "--file", str(tmp_path / "makefile"), "probe"],
        cwd=ROOT,
        env=os.environ | {"TOLD_EVERY": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
        preexec_fn=_heeds_ctrl_c,
    )


def _heeds_ctrl_c() -> None:
    """Have Ctrl-C end it though whoever runs the tests was begun to ignore that, as what a shell puts behind it is."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_long_step_says_for_how_long_it_has_run_and_not_a_word_of_its_own(tmp_path: Path) -> None:
    script = f"import time\nprint('{NOISE}')\ntime.sleep(2.5)"
    said, _ = step(tmp_path, "Doing something", script).communicate(timeout=60)
    lines = said.splitlines()
    assert lines[0] == "Doing something…"
    assert re.fullmatch(r"  \d+ s", lines[1])
    assert re.fullmatch(r"  done in \d+ s", lines[-1])
    assert NOISE not in said


def test_pip_s_progress_is_counted(tmp_path: Path) -> None:
    script = (
        "import time\n"
        "for name in 'abc': print('Collecting', name)\n"
        "time.sleep(1.5); print('Installing collected packages: a, b, c'); time.sleep(1.5)"
    )
    said, _ = step(tmp_path, "Installing", script).communicate(timeout=60)
    assert " s, 3 fetched\n" in said
    assert " s, unpacking\n" in said


def test_a_step_that_fails_is_named_with_its_own_words_and_fails_make(tmp_path: Path) -> None:
    script = f"print('{NOISE}')\nprint('half a line', end='')\nraise SystemExit(3)"
    process = step(tmp_path, "Building", script)
    said, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert NOISE in said
    assert "half a line" in said
    assert "That failed: Building." in said


def test_ctrl_c_ends_a_step_with_everything_in_it(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    script = f"import os, time\nfrom pathlib import Path\nPath('{mark}').write_text(str(os.getpid()))\ntime.sleep(60)"
    process = step(tmp_path, "Waiting", script)
    wait_until(lambda: mark.exists() and mark.read_text() != "", "the step has begun")
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(PATIENCE_SECONDS) != 0
    wait_until(lambda: not Path(f"/proc/{mark.read_text()}").exists(), "the step is gone")
    assert process.stdout is not None
    process.stdout.close()


@pytest.mark.parametrize("slow", ["pip install", "npm ci", "npm run --silent build", "-m venv"])
def test_every_slow_step_of_the_first_start_is_told_of(slow: str) -> None:
    joined = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if slow in line and "uv" not in line and not line.startswith("#")]
    assert lines
    assert all("$(TELL)" in line for line in lines), lines


def test_the_console_s_types_are_written_with_the_promise_they_come_from() -> None:
    rule = (ROOT / "Makefile").read_text().partition("\nopenapi:")[2].partition("\n\n")[0]
    assert rule.index("-m api openapi") < rule.index("npm run --silent types")


def _killed(make: Make) -> None:
    make.kill()


def _terminated(make: Make) -> None:
    make.terminate()


def _interrupted_at_the_terminal(make: Make) -> None:
    os.killpg(make.pid, signal.SIGINT)


@pytest.mark.parametrize("end", [_killed, _terminated, _interrupted_at_the_terminal])
def test_what_make_runs_stops_when_make_is_ended(tmp_path: Path, end: Callable[[Make], None]) -> None:
    shown = subprocess.run(["make", "--dry-run", "run"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.search(r"^exec \S+python -m api run --end-with-parent$", shown, re.MULTILINE)
    begun, stopped = tmp_path / "begun", tmp_path / "stopped"
    (tmp_path / "run.py").write_text(
        "import pathlib, signal, time\n"
        "from integrations.linux.children import end_with_parent\n"
        "end_with_parent(signal.SIGINT)\n"
        "for one in (signal.SIGINT, signal.SIGTERM): signal.signal(one, signal.default_int_handler)\n"
        "try:\n"
        f"    pathlib.Path({str(begun)!r}).touch()\n"
        "    time.sleep(60)\n"
        f"except KeyboardInterrupt: pathlib.Path({str(stopped)!r}).touch()\n"
    )
    (tmp_path / "makefile").write_text(f"run:\n\t@exec {sys.executable} {tmp_path / 'run.py'}\n")
    make = subprocess.Popen(
        ["make", "--file", str(tmp_path / "makefile")],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    wait_until(begun.exists, "it runs")
    end(make)
    make.wait(PATIENCE_SECONDS)
    wait_until(stopped.exists, "it was told to stop")
