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

from api.passwords import THREADS
from benchmarks import scale
from benchmarks.figures import Comparison, Figures, table, together
from benchmarks.footprint import footprint
from benchmarks.goals import Goal, goal_table
from benchmarks.history import PATIENTS_OF_A_PRACTICE
from benchmarks.live import SCREENS, live
from benchmarks.load import post_load, raw_insert
from benchmarks.projection import Assumptions, Measured, tables
from benchmarks.reads import MOST_READINGS, read_goals, reads
from benchmarks.sign_in import bare_verify, sign_ins, wrong_passwords
from benchmarks.stage import PASSWORD, Stage, set_up
from benchmarks.storage import Storage, storage, storage_goals, storage_table

PARTS = ("loads", "live", "footprint", "storage", "reads")
RESULTS = Path(__file__).parent / "RESULTS.md"
CONNECTIONS = 32
BATCH_CONNECTIONS = 4
PATIENTS = 32
TURNS = 4


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
            told = await loads(stage, seconds)
            comparisons, goals = comparisons + told, goals + recording_goals(*told[:3])
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


async def loads(stage: Stage, seconds: float) -> list[Comparison]:
    """Return what is recorded (singles, hundreds, thousands), guarded and signed in at full speed."""
    return [
        await single_posts(stage, seconds),
        await batches(stage, seconds, each=100),
        await batches(stage, seconds, each=1000),
        *[await second_net(stage, seconds, each=each) for each in (1, 100)],
        *await signing_in(stage, seconds),
    ]


def recording_goals(single: Comparison, hundreds: Comparison, thousands: Comparison) -> list[Goal]:
    """Return what recording was to reach, and whether it does."""
    slow = single.ours.percentile(0.99) / single.limit.percentile(0.99)
    return [
        Goal.at_least(single.title, single.ratio, 0.35, "of the echo's rate"),
        Goal.at_most(f"{single.title}, p99", slow, 4, "× the echo's"),
        Goal.at_least(hundreds.title, hundreds.ratio, 0.15, "of the raw rows"),
        Goal.at_least(thousands.title, thousands.ratio, 0.20, "of the raw rows"),
    ]


def observation_paths(stage: Stage) -> list[str]:
    """Return the address of each patient's observations."""
    return [f"/v1/patients/{patient}/observations" for patient in stage.patient_ids]


async def single_posts(stage: Stage, seconds: float) -> Comparison:
    """Return single readings, one process, beside the bare echo of the same body."""
    say(f"Single POSTs over {CONNECTIONS} connections…")
    load = {"connections": CONNECTIONS, "seconds": seconds, "each": 1}
    limit = await post_load("FastAPI echo", stage.limits_port, ["/echo"], "", **load)  # type: ignore[arg-type]
    ours = await post_load("POST", stage.api_ports[0], observation_paths(stage), stage.token, **load)  # type: ignore[arg-type]
    return Comparison(f"single POST, {CONNECTIONS} connections, one process", ours, limit, by_rate=True)


async def batches(stage: Stage, seconds: float, *, each: int) -> Comparison:
    """Return batches beside the raw insert of as many rows; readings and rows a second."""
    say(f"Batches of {each}…")
    limit = await raw_insert(stage.database_url, connections=BATCH_CONNECTIONS, seconds=seconds, each=each)
    ours = await post_load(
        "POST",
        stage.api_ports[0],
        observation_paths(stage),
        stage.token,
        connections=BATCH_CONNECTIONS,
        seconds=seconds,
        each=each,
    )
    return Comparison(f"batches of {each}, {BATCH_CONNECTIONS} connections", ours, limit, by_rate=True)


async def second_net(stage: Stage, seconds: float, *, each: int) -> Comparison:
    """Return readings with row security beside the same without: by turns, so that what else happens falls on both."""
    say(f"Row security, {each} a POST…")
    connections = CONNECTIONS if each == 1 else BATCH_CONNECTIONS
    load = {"connections": connections, "seconds": seconds / TURNS, "each": each}
    ours: list[Figures] = []
    limit: list[Figures] = []
    async with stage.unguarded() as unguarded:
        for _ in range(TURNS):
            for name, port, into in (("with", stage.api_ports[0], ours), ("without", unguarded, limit)):
                into.append(await post_load(name, port, observation_paths(stage), stage.token, **load))  # type: ignore[arg-type]
    return Comparison(
        f"row security: POST of {each}, {connections} connections", together(ours), together(limit), by_rate=True
    )


async def signing_in(stage: Stage, seconds: float) -> list[Comparison]:
    """Return sign-ins beside the bare hash, and what a stranger could time: an account beside none."""
    say("Sign-ins…")
    limit = await bare_verify(seconds)
    ours = await sign_ins(stage.api_ports[0], stage.emails[0], PASSWORD, seconds=seconds)
    known, unknown = await wrong_passwords(stage.api_ports[0], stage.emails[1:])
    return [
        Comparison(f"sign-in, {THREADS} connections, one process", ours, limit, by_rate=True),
        Comparison("a wrong password: an account beside none", known, unknown, by_rate=False),
    ]


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
