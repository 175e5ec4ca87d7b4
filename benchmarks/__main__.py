"""`make bench`: prints Tendwell's figures beside its limits, measured in the same run on the same cores.

Bounded to 15 minutes and 10 GB of disk, loopback only. `--write` keeps the table in benchmarks/RESULTS.md. One part of
it: `python -m benchmarks loads`, `live`, `footprint`, `storage` or `reads`. `python -m benchmarks scale` projects what
many patients would need from the last run that was kept.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import scale
from benchmarks.figures import Comparison, table
from benchmarks.footprint import footprint
from benchmarks.goals import Goal, goal_table
from benchmarks.history import PATIENTS_OF_A_PRACTICE
from benchmarks.live import SCREENS, live
from benchmarks.projection import Assumptions, Measured, tables
from benchmarks.reads import MOST_READINGS, read_goals, reads
from benchmarks.recording import PATIENTS, recording, recording_goals, second_net
from benchmarks.sign_in import signing_in
from benchmarks.stage import set_up
from benchmarks.storage import Storage, storage, storage_goals, storage_table

PARTS = ("loads", "live", "footprint", "storage", "reads")
RESULTS = Path(__file__).parent / "RESULTS.md"


def main() -> None:
    """Run every measurement and print the table."""
    if sys.argv[1:2] == ["scale"]:
        scale.main(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each load runs")
    parser.add_argument("parts", nargs="*", default=PARTS, help=f"of {', '.join(PARTS)}; all unless named")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long memory is looked at under load")
    parser.add_argument("--readings", type=int, default=MOST_READINGS, help="beside how many records are read")
    parser.add_argument("--write", action="store_true", help=f"write the table to {RESULTS.name}")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    text, measured = asyncio.run(run(arguments.parts, arguments.seconds, arguments.readings, arguments.minutes))
    if "loads" in arguments.parts:
        text += f"\n## What many patients would need\n\n{tables(measured, Assumptions())}\n"
    print(f"\n{text}")
    if arguments.write:
        RESULTS.write_text(text)
        scale.write(measured)


async def run(parts: Collection[str], seconds: float, readings: int, minutes: float) -> tuple[str, Measured]:
    """Return the report of a whole run, and what is projected from.

    What is stored for the reads would weigh on the loads: a stage for each.
    """
    comparisons: list[Comparison] = []
    goals: list[Goal] = []
    stored: list[Storage] = []
    if "loads" in parts:
        say("Starting PostgreSQL, two API processes, the worker and the limits…")
        async with set_up(PATIENTS) as stage:
            told = await recording(stage, say, seconds)
            comparisons, goals = comparisons + told, goals + recording_goals(told)
            comparisons += await second_net(stage, say, seconds)
            comparisons += await signing_in(stage, say, seconds)
    if not {"live", "footprint"}.isdisjoint(parts):
        say(f"The same anew, with {SCREENS} patients…")
        async with set_up(SCREENS) as stage:
            if "live" in parts:
                told, reached = await live(stage, say, seconds)
                comparisons, goals = comparisons + told, goals + reached
            if "footprint" in parts:
                goals += await footprint(await stage.with_new_token(), say, minutes)
    if not {"storage", "reads"}.isdisjoint(parts):
        say(f"The same anew, with a practice of {PATIENTS_OF_A_PRACTICE}…")
        async with set_up(PATIENTS_OF_A_PRACTICE) as stage:
            if "storage" in parts:
                say("What a reading takes on disk…")
                stored += await storage(stage)
                goals += storage_goals(stored)
            if "reads" in parts:
                told = await reads(stage, say, readings)
                comparisons, goals = comparisons + told, goals + read_goals(told)
    return report(comparisons, goals, stored, seconds), scale.measured_in(comparisons, stored)


def report(comparisons: list[Comparison], goals: list[Goal], stored: list[Storage], seconds: float) -> str:
    """Return the table with the machine and the date: read the ratios, not the absolute figures."""
    where = f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"
    when = datetime.now(UTC).date().isoformat()
    head = (
        "# Results\n\n"
        f"`make bench`, {when}, {where}; load generator on the same cores; {seconds:g} s a load. PostgreSQL 18 with "
        "synchronous_commit on; authentication, authorisation, audit and event log on. Read the ratios.\n"
    )
    tables = [table(comparisons)] if comparisons else []
    tables += [goal_table(goals)] if goals else []
    return "\n\n".join([head.rstrip(), *tables, *([storage_table(stored)] if stored else [])]) + "\n"


def say(text: str) -> None:
    """Print progress at once."""
    print(text, flush=True)


if __name__ == "__main__":
    main()
