"""`make test`: every check, the quick ones first and two at a time, and a plain summary.

Goes on after a failure, so that one run shows them all.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
# One more than the cores that are promised: tests also wait, for a browser, a worker, a clock.
WORKERS = "3"
AT_ONCE = 2
SHIPPED_OR_RUN = ("api", "benchmarks", "demo", "domain", "integrations", "migrations")


@dataclass(frozen=True, slots=True)
class Check:
    """A check by the name that the summary shows."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """How a check went, and what it said where that was not shown as it came."""

    check: Check
    passed: bool
    seconds: float
    said: str


LINT = (
    Check("ruff check", (str(BIN / "ruff"), "check", "--quiet", ".")),
    Check("ruff format", (str(BIN / "ruff"), "format", "--check", "--quiet", ".")),
    Check("mypy", (str(BIN / "mypy"),)),
    Check("bandit", (str(BIN / "bandit"), "--quiet", "--configfile", "pyproject.toml", "--recursive", *SHIPPED_OR_RUN)),
    Check("import rules", (str(BIN / "lint-imports"), "--no-cache")),
)
BESIDE = (
    Check("openapi.yaml", (sys.executable, "-m", "api", "openapi", "--check")),
    Check("openapi lint", ("make", "openapi-lint")),
    Check("console", ("make", "console-check")),
)
TESTS = Check(
    "pytest",
    (sys.executable, "-m", "pytest", "-n", WORKERS, "--durations", "10", "--hypothesis-profile", "same_cases"),
)


def main(arguments: list[str]) -> int:
    """Return 0 if every check passed. `lint` runs the static ones only; what else is asked for is refused."""
    if arguments not in ([], ["lint"]):
        print("python -m tests.every_check [lint]", file=sys.stderr)
        return 2
    few = LINT if arguments == ["lint"] else LINT + BESIDE
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(_aside, few))
    if arguments != ["lint"]:
        print(f"== {TESTS.name}", flush=True)
        results.append(_run(TESTS, output=None))
    print("\nSummary")
    for each in results:
        print(f"  {'passed' if each.passed else 'FAILED'}  {each.check.name:<14}{each.seconds:6.1f} s")
    failed = sum(not each.passed for each in results)
    print(f"checks: {len(results) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


def _aside(check: Check) -> Result:
    """Return how a check went that runs beside another one; what it has to say is printed in one piece."""
    done = _run(check, output=subprocess.PIPE)
    print(f"== {check.name}\n{done.said}", end="", flush=True)
    return done


def _run(check: Check, *, output: int | None) -> Result:
    began = time.monotonic()
    # Neither a deployment's settings nor a terminal's colours may change what a check says. What is compiled is kept:
    # a hundred processes are started, and each would compile everything anew.
    without = ("TENDWELL_", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(without)}
    kept = {name: os.environ[name] for name in ("TENDWELL_CHROMIUM",) if name in os.environ}
    joined = None if output is None else subprocess.STDOUT
    done = subprocess.run(
        check.command, cwd=ROOT, env=environment | kept, stdout=output, stderr=joined, text=True, check=False
    )
    return Result(check, done.returncode == 0, time.monotonic() - began, done.stdout or "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
