"""The last run of each part, kept in results.json: what was found, when, on what machine, of which commit, how set.

A run of a few parts takes their places alone; that the others are of another run is then said at each row.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.findings import Findings
from benchmarks.projection import Measured, measured
from benchmarks.timetable import PARTS, Settings

LAST_RUN = Path(__file__).parent / "results.json"
_QUIET_LOAD_A_CORE = 0.5
"""What an idle machine's own work comes to, and some more."""


@dataclass(frozen=True, slots=True)
class Run:
    """When a part was measured, on how many cores of what, of which commit, how set, and what else went on.

    `load`: how many processes wanted a core in the minute before the bench (getloadavg(3)); None: nobody has looked.
    """

    at: str
    cores: int
    machine: str
    commit: str
    settings: str
    load: float | None = None

    @property
    def told(self) -> str:
        """Return it in one line."""
        return f"{self.at}, {self.machine}, commit {self.commit}; {self.settings}; {self.beside}"

    @property
    def beside(self) -> str:
        """Return what else went on: figures of a machine that other work uses are no measure of anything but ratios."""
        if self.load is None:
            return "what else went on was not noted"
        if self.load > _QUIET_LOAD_A_CORE * self.cores:
            return f"**beside other work** (load {self.load:.1f} before it)"
        return f"nothing beside it (load {self.load:.1f} before it)"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a part has found, and in which run."""

    run: Run
    found: Findings


def this_run(settings: Settings, load: float) -> Run:
    """Return what is said of a part that is measured now."""
    cores, memory = os.cpu_count() or 1, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{cores} cores ({platform.machine()}), {memory:.0f} GB, Python {platform.python_version()}"
    return Run(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", cores, machine, commit(), settings.told, round(load, 1))


def commit() -> str:
    """Return the commit that is measured, and whether something was changed since; "unknown" outside a repository."""
    here = Path(__file__).parents[1]
    try:
        asked = ["git", "-C", str(here), "describe", "--always", "--abbrev=7", "--exclude=*", "--dirty= and changes"]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def write(kept: Mapping[str, Kept], place: Path = LAST_RUN) -> None:
    """Keep the parts, in place of what is there."""
    told = {part: {"run": asdict(each.run), **each.found.as_json()} for part, each in kept.items()}
    place.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")


def read(place: Path = LAST_RUN) -> dict[str, Kept]:
    """Return the last run of each part that was kept, in the parts' order. Raises ValueError for anything else."""
    told = json.loads(place.read_text()) if place.exists() else {}
    try:
        kept = {part: Kept(Run(**each.pop("run")), Findings.of_json(each)) for part, each in told.items()}
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{place.name} holds no results of this bench") from error
    return {part: kept[part] for part in PARTS if part in kept}


def measured_in(kept: Mapping[str, Kept]) -> Measured:
    """Return the figures that are projected from. Raises NotMeasured where one is missing."""
    figures = {name: figure for each in kept.values() for name, figure in each.found.figures.items()}
    cores = min((each.run.cores for each in kept.values()), default=1)
    return measured(cores, figures)
