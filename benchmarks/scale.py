"""`python -m benchmarks scale`: what 10 thousand, 1 million and 50 million patients would need, by measured figures."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Comparison
from benchmarks.projection import POPULATIONS, Assumptions, Measured, tables
from benchmarks.storage import Storage

LAST_RUN = Path(__file__).parent / "results.json"
# By how the runs call what they measure.
_RATES = {
    "singles_per_second": "single POST",
    "batched_per_second": "batches of 100,",
    "messages_per_second": "messages to",
}
_SIZES = {"bytes_a_single": "singles", "bytes_batched": "batches of 100"}


def measured_in(comparisons: Iterable[Comparison], stored: Iterable[Storage]) -> Measured:
    """Return what a run has measured; a figure that it did not look at is None."""
    found: dict[str, float] = {}
    for comparison in comparisons:
        for name, beginning in _RATES.items():
            if comparison.by_rate and comparison.title.startswith(beginning):
                found[name] = comparison.ours.per_second
    for each in stored:
        found |= {name: each.each for name, title in _SIZES.items() if title == each.title}
    return Measured(datetime.now(UTC).date().isoformat(), os.cpu_count() or 1, **found)


def write(measured: Measured, path: Path = LAST_RUN) -> None:
    """Keep what was measured, in place of what the run before had; what this one did not look at stays unsaid."""
    path.write_text(json.dumps(asdict(measured), indent=2) + "\n")


def read(path: Path = LAST_RUN) -> Measured:
    """Return what the last run that was kept has measured. Raises ValueError for what is no such figure."""
    return Measured(**json.loads(path.read_text()))


def main(arguments: Sequence[str]) -> None:
    """Print the projection."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks scale", description=__doc__)
    parser.add_argument("--patients", type=int, nargs="*", default=POPULATIONS)
    parser.add_argument("--measured", type=Path, default=LAST_RUN, help="a run's results.json")
    for each in fields(Assumptions):
        what = f"{each.metadata['unit']}: {each.metadata['why']} (%(default)s)".replace("%(", "\0").replace("%", "%%")
        option = f"--{each.name.replace('_', '-')}"
        parser.add_argument(option, type=float, default=each.default, help=what.replace("\0", "%("))
    given = vars(parser.parse_args(arguments))
    patients, measured = given.pop("patients"), read(given.pop("measured"))
    try:
        print(tables(measured, Assumptions(**given), patients))
    except ValueError as error:
        parser.error(str(error))
