"""`make test`: every check in turn, the quick ones first, and a plain summary.

Goes on after a failure, so that one run shows them all.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
WORKERS = "2"
SHIPPED_OR_RUN = ("api", "benchmarks", "demo", "domain", "integrations", "migrations")


@dataclass(frozen=True, slots=True)
class Check:
    """A check by the name that the summary shows."""

    name: str
    command: tuple[str, ...]


LINT = (
    Check("ruff check", (str(BIN / "ruff"), "check", "--quiet", ".")),
    Check("ruff format", (str(BIN / "ruff"), "format", "--check", "--quiet", ".")),
    Check("mypy", (str(BIN / "mypy"),)),
    Check("bandit", (str(BIN / "bandit"), "--quiet", "--configfile", "pyproject.toml", "--recursive", *SHIPPED_OR_RUN)),
    Check("import rules", (str(BIN / "lint-imports"), "--no-cache")),
)
THE_REST = (
    Check("openapi.yaml", (sys.executable, "-m", "api", "openapi", "--check")),
    Check("console", ("make", "console-check")),
    Check("pytest", (sys.executable, "-m", "pytest", "-n", WORKERS, "--dist", "worksteal", "--durations", "10")),
)


def main(arguments: list[str]) -> int:
    """Return 0 if every check passed. `lint` runs the static ones only."""
    checks = LINT if arguments == ["lint"] else LINT + THE_REST
    results = [(check, *_run(check)) for check in checks]
    print("\nSummary")
    for check, passed, seconds in results:
        print(f"  {'passed' if passed else 'FAILED'}  {check.name:<14}{seconds:6.1f} s")
    failed = sum(not passed for _, passed, _ in results)
    print(f"checks: {len(results) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


def _run(check: Check) -> tuple[bool, float]:
    print(f"== {check.name}", flush=True)
    began = time.monotonic()
    # Neither a deployment's settings nor a terminal's colours may change what a check says.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TENDWELL_")}
    kept = {name: os.environ[name] for name in ("TENDWELL_CHROMIUM",) if name in os.environ}
    done = subprocess.run(check.command, cwd=ROOT, env=environment | kept, check=False)
    return done.returncode == 0, time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
