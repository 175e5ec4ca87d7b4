"""`make bench`: prints Tendwell's figures beside its limits and goals, measured in the same run on the same cores.

Bounded to 15 minutes (`--within`) and 10 GB of disk, loopback only: what does not fit is shortened, or said not to have
been measured. `--write` keeps it in benchmarks/RESULTS.md and results.json. Parts of it alone: `python -m benchmarks
loads`, `live`, `footprint`, `storage` or `reads`. `python -m benchmarks scale` projects what many patients would need
from the last run that was kept.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from benchmarks import results, scale
from benchmarks.part import say
from benchmarks.report import report
from benchmarks.timetable import PARTS, WITHIN_MINUTES, Settings
from benchmarks.whole import run

RESULTS = Path(__file__).parent / "RESULTS.md"
FULL = Settings()
# An option that says nothing of any part that is asked for was meant for another.
_SPEAKS_OF = {"seconds": {"loads", "live"}, "minutes": {"footprint"}, "readings": {"reads"}}


def main(arguments: list[str]) -> None:
    """Run every measurement and print the tables."""
    if arguments[:1] == ["scale"]:
        scale.main(arguments[1:])
        return
    given = asked(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what it has started ends with it, by whichever signal
    signal.signal(signal.SIGINT, signal.default_int_handler)
    before = results.read() if given.write else {}  # what cannot be added to is said before the measuring
    kept = run(given.parts, settings(given), given.within * 60, say)
    print(f"\n{report(kept)}")
    if given.write:
        results.write(before | kept)
        RESULTS.write_text(report(results.read()))


def asked(arguments: list[str]) -> argparse.Namespace:
    """Return what is asked for; an option that no part would heed is refused."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", default=PARTS, help=f"of {', '.join(PARTS)}; all unless named")
    parser.add_argument("--seconds", type=float, help=f"how long each load runs ({FULL.seconds:g})")
    parser.add_argument("--minutes", type=float, help=f"how long memory is looked at ({FULL.minutes:g}; flat: 10)")
    parser.add_argument("--readings", type=int, help=f"beside how many records are read ({FULL.readings:,})")
    parser.add_argument("--within", type=float, default=WITHIN_MINUTES, help="minutes for all of it (%(default)g)")
    parser.add_argument("--write", action="store_true", help=f"keep it in {RESULTS.name} and {results.LAST_RUN.name}")
    given = parser.parse_args(arguments)
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    given.parts = [part for part in PARTS if part in given.parts]
    for option, parts in _SPEAKS_OF.items():
        if getattr(given, option) is not None and parts.isdisjoint(given.parts):
            parser.error(f"--{option} is heeded by {' and '.join(sorted(parts))} alone")
    return given


def settings(given: argparse.Namespace) -> Settings:
    """Return what is asked for, and the rest as it is by itself."""
    told = {name: getattr(given, name) for name in _SPEAKS_OF if getattr(given, name) is not None}
    return Settings(**told)


if __name__ == "__main__":
    main(sys.argv[1:])
