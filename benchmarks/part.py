"""One part of the bench, in a process of its own: what hangs can be ended, and what was found until then is kept.

`python -m benchmarks.part PART FILE WITHIN_SECONDS SECONDS MINUTES READINGS`, started by `whole`.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from benchmarks.findings import Findings, write
from benchmarks.footprint import footprint
from benchmarks.history import PATIENTS_OF_A_PRACTICE
from benchmarks.live import SCREENS, live
from benchmarks.own_day import OWN_DAY_SECONDS, own_day
from benchmarks.reads import reads
from benchmarks.recording import PATIENTS, recording, second_net
from benchmarks.sign_in import signing_in
from benchmarks.stage import Stage, set_up
from benchmarks.storage import PATIENTS as PATIENTS_WHO_STORE
from benchmarks.storage import storage
from benchmarks.timetable import Settings, Slot

# What is stored for one would weigh on another: a stage for each.
ON_STAGE = {
    "loads": PATIENTS,
    "live": SCREENS,
    "footprint": SCREENS,
    "storage": PATIENTS_WHO_STORE,
    "reads": PATIENTS_OF_A_PRACTICE,
}
ENDED = 3


async def run(part: str, given: Slot, into: Path) -> None:
    """Write down each finding of this part as it is made. SIGTERM ends it, and whatever it has started."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    began, found = time.monotonic(), Findings()
    say(f"{part}: starting PostgreSQL, two API processes, the worker and the limits, with {ON_STAGE[part]} patients…")
    async with set_up(ON_STAGE[part]) as stage:
        left = given.most_seconds - (time.monotonic() - began)
        async for more in _found(part, stage, replace(given, most_seconds=left)):
            found += more
            write(found, into)


async def _found(part: str, stage: Stage, given: Slot) -> AsyncIterator[Findings]:
    for step in _steps(part, stage, given):
        async for more in step:
            yield more


def _steps(part: str, stage: Stage, given: Slot) -> Sequence[AsyncIterator[Findings]]:
    settings = given.settings
    match part:
        case "loads":
            return (
                recording(stage, say, settings.seconds),
                second_net(stage, say, settings.seconds),
                signing_in(stage, say, settings.seconds),
            )
        case "live":
            return (live(stage, say, settings.seconds),)
        case "footprint":
            return (footprint(stage, say, settings.minutes),)
        case "storage":
            return (storage(stage, say),)
        case _:
            within = given.most_seconds - OWN_DAY_SECONDS
            return reads(stage, say, settings.readings, within), own_day(stage, say)


def say(text: str) -> None:
    """Print progress at once."""
    print(text, flush=True)


def main(part: str, into: str, within_seconds: str, seconds: str, minutes: str, readings: str) -> int:
    """Return 0 once all was measured."""
    with suppress(asyncio.CancelledError):
        settings = Settings(float(seconds), float(minutes), int(readings))
        asyncio.run(run(part, Slot(settings, float(within_seconds)), Path(into)))
        return 0
    return ENDED


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
