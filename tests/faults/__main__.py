"""`make faults`: brings one fault after another on a running installation in mid-ingest, and prints what became of it.

Bounded to fifteen minutes, loopback only. Exits with 1 if anything acknowledged was lost, doubled or altered, a watcher
missed anything, or a promise was not kept. `python -m tests.faults NAME…` brings on those alone.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from tests.faults import absences, clients, deaths, handover, time_and_room
from tests.faults.outcome import Outcome, table
from tests.faults.site import Site, standing_site

Fault = Callable[[Site], Awaitable[Outcome]]

FAULTS: tuple[Fault, ...] = (
    deaths.api_killed,
    deaths.worker_killed,
    deaths.relay_taken_over,
    deaths.postgres_killed,
    absences.postgres_away,
    absences.network_cut,
    absences.namespace_cut,
    deaths.nats_killed,
    absences.nats_frozen,
    absences.nats_cut,
    clients.replies_lost,
    clients.back_online,
    clients.one_frozen,
    clients.one_slow,
    time_and_room.long_transaction,
    handover.told_to_go,
    time_and_room.clock_jumps,
    time_and_room.disk_full,
    handover.restored,
)
MOST_SECONDS = 14 * 60.0  # the rest of the fifteen minutes is for taking everything down
MOST_SECONDS_A_FAULT = 180.0


async def run(faults: Sequence[Fault]) -> list[Outcome]:
    """Return what became of each fault. After one that went wrong itself, the next meets a fresh installation."""
    outcomes: list[Outcome] = []
    give_up_at = time.monotonic() + MOST_SECONDS
    async with AsyncExitStack() as standing:
        site: Site | None = None
        for fault in faults:
            if time.monotonic() > give_up_at:
                outcomes.append(Outcome(_name(fault), broken=["not brought on: the time was up"]))
                continue
            if site is None:
                say("Starting PostgreSQL, NATS, two API processes and a worker…")
                site = await standing.enter_async_context(standing_site())
            say(f"{_name(fault)}…")
            try:
                async with asyncio.timeout(min(MOST_SECONDS_A_FAULT, give_up_at - time.monotonic())):
                    outcomes.append(await fault(site))
            except Exception as error:  # noqa: BLE001  whatever it is, the others are to be seen as well
                outcomes.append(Outcome(_name(fault), broken=[f"{type(error).__name__}: {error}"]))
                await standing.aclose()
                site = None
            say("  " + " | ".join(outcomes[-1].cells()[1:]))
    return outcomes


def _name(fault: Fault) -> str:
    return getattr(fault, "__name__", str(fault)).replace("_", " ")


def say(words: str) -> None:
    """Tell whoever waits."""
    print(words, flush=True)


def main(arguments: list[str]) -> int:
    """Return 0 if nothing was lost, doubled, altered or missed, and every promise kept."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    known = {_name(fault).replace(" ", "_"): fault for fault in FAULTS}
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    names = parser.parse_args(arguments).names
    if unknown := sorted(set(names) - set(known)):
        parser.error(f"no such fault: {', '.join(unknown)}")
    began = time.monotonic()
    outcomes = asyncio.run(run([known[name] for name in names] if names else FAULTS))
    where = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    print(f"\n{table(outcomes)}\n\n{datetime.now(UTC):%Y-%m-%d}, {where}; {time.monotonic() - began:.0f} s in all.")
    wrong = [outcome.fault for outcome in outcomes if not outcome.is_clean]
    print("WRONG: " + ", ".join(wrong) if wrong else "Nothing was lost, doubled, altered or missed.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
