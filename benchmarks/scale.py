"""`python -m benchmarks scale`: what 10 thousand, 1 million and 50 million patients would need, by measured figures."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from benchmarks.projection import POPULATIONS, Assumptions
from benchmarks.projection_tables import tables
from benchmarks.results import LAST_RUN, measured_in, read


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
    patients, kept = given.pop("patients"), given.pop("measured")
    try:
        print(tables(measured_in(read(kept)), Assumptions(**given), patients))
    except ValueError as error:
        parser.error(str(error))
