"""The bench as a whole: each part in its slot of the time, one after the other, and ended by its process id after it.

A part that is ended, fails or has no time left is said to be so in the row of every goal that it did not come to.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.findings import Findings, Say, read
from benchmarks.goals import AIMS, Goal
from benchmarks.results import Kept, this_run
from benchmarks.timetable import TAKING_DOWN_SECONDS, Settings, Slot, slot
from integrations.linux.children import spawn, stop

ENDING_SECONDS = 15.0
"""What a part is given to take its processes down, before the kernel does."""


def run(parts: Sequence[str], wanted: Settings, within_seconds: float, say: Say) -> dict[str, Kept]:
    """Return what each part has found, within so many seconds."""
    end_at = time.monotonic() + within_seconds - TAKING_DOWN_SECONDS
    kept: dict[str, Kept] = {}
    load = os.getloadavg()[0]
    for place, part in enumerate(parts):
        left = end_at - time.monotonic()
        given = slot(parts[place:], wanted, left)
        settings = given.settings if given else wanted
        run_of_it = this_run(settings, load)
        if settings != wanted:
            say(f"{part}: shortened to fit, {settings.told}")
        found, why = run_part(part, given, say) if given else (Findings(), f"no time left ({max(left, 0):.0f} s)")
        kept[part] = Kept(run_of_it, with_every_goal(part, found, why))
    return kept


def run_part(part: str, given: Slot, say: Say) -> tuple[Findings, str]:
    """Return what a part has found until its end, and why that is not all; "" where it is."""
    settings = given.settings
    with tempfile.TemporaryDirectory(prefix="tendwell-bench-", ignore_cleanup_errors=True) as folder:
        home, into = Path(folder), Path(folder) / "found.json"
        home.chmod(0o711)  # PostgreSQL runs as another account when this one is root
        command = [sys.executable, "-m", "benchmarks.part", part, str(into), str(given.most_seconds)]
        command += [str(settings.seconds), str(settings.minutes), str(settings.readings)]
        began = time.monotonic()
        child = spawn(command, log=os.dup(sys.stdout.fileno()), environment={**os.environ, "TMPDIR": folder})
        why = ended(child, given.most_seconds)
        say(f"{part}: {why or 'measured'}, after {time.monotonic() - began:.0f} s")
        return read(into), why


def ended(child: subprocess.Popen[bytes], most_seconds: float) -> str:
    """Return "" once it has ended well, or why not: it failed, or was ended since its time was up."""
    try:
        code = child.wait(most_seconds)
    except subprocess.TimeoutExpired:
        by_itself = stop(child, signal.SIGTERM, grace_seconds=ENDING_SECONDS)
        return f"not done within {most_seconds:.0f} s and {'ended' if by_itself else 'killed'}"
    except BaseException:
        stop(child, signal.SIGTERM, grace_seconds=ENDING_SECONDS)
        raise
    return f"it failed with code {code}" if code else ""


def with_every_goal(part: str, found: Findings, why: str) -> Findings:
    """Return the findings with a row for each goal of the part that has none, that says why."""
    named = {goal.name for goal in found.goals}
    reason = why or "the part did not look at it"
    return found + Findings(goals=tuple(Goal(n, None, why_not=reason) for n in goals_of(part) if n not in named))


def goals_of(part: str) -> list[str]:
    """Return the names of the goals that this part is to measure."""
    return [name for name, aim in AIMS.items() if aim.part == part]
