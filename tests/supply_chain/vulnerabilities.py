"""`python -m tests.supply_chain.vulnerabilities`: whether any locked package has a known vulnerability.

A scanner that reaches no vulnerability service finds nothing, and may say so in green. So it is first given packages
whose vulnerabilities are known for years: unless it finds those, its answer about ours is no answer, and this fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from tests.supply_chain.locks import DEV_LOCK, NPM_LOCKS, ROOT, npm_packages, python_packages

# CVE-2018-18074: credentials sent on to another host after a redirect. CVE-2021-44906: prototype pollution.
KNOWN_BAD_PYTHON, KNOWN_PYTHON_CVE = "requests==2.19.1", "CVE-2018-18074"
KNOWN_BAD_NPM, KNOWN_NPM_ADVISORY = ("minimist", "0.0.8"), "GHSA-xvch-5gv4-984h"

# Known, looked at, and not ours to fear: each with the reason, which the bill of materials repeats.
ACCEPTED: Mapping[str, tuple[str, str]] = {
    "CVE-2024-23342": (
        "ecdsa",
        "python-jose asks for ecdsa, whose signing leaks by its time. It is never loaded: cryptography signs instead.",
    ),
}

Run = Callable[[list[str], Path], "subprocess.CompletedProcess[str]"]


class NoAnswer(Exception):
    """The service that knows vulnerabilities was not reached, or did not look at everything: nothing is known."""


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Return what a scanner said."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def python_vulnerabilities(run: Run) -> list[str]:
    """Return 'package version: id' of each known vulnerability in the Python locks. Raises NoAnswer."""
    with tempfile.TemporaryDirectory() as folder:
        canary = Path(folder) / "requirements.txt"
        canary.write_text(f"{KNOWN_BAD_PYTHON}\n")
        if not _has(_pip_audit(run, canary, "--no-deps"), KNOWN_PYTHON_CVE):
            raise NoAnswer(f"{KNOWN_BAD_PYTHON} was not found vulnerable: no vulnerability service answers pip-audit.")
    found = _pip_audit(run, DEV_LOCK, *(part for cve in ACCEPTED for part in ("--ignore-vuln", cve)))
    asked = {str(package["name"]).lower() for package in found}
    left_out = {package.name for package in python_packages() if package.marker is None} - asked
    if left_out:
        raise NoAnswer(f"pip-audit did not look at {', '.join(sorted(left_out))}.")
    return [f"{p['name']} {p['version']}: {v['id']}" for p in found for v in p["vulns"]]


def _pip_audit(run: Run, requirements: Path, *arguments: str) -> list[dict[str, Any]]:
    """Return what pip-audit found of each requirement. Raises NoAnswer for one that it skipped."""
    command = [sys.executable, "-m", "pip_audit", "--strict", "--disable-pip", "--progress-spinner", "off"]
    done = run([*command, "--format", "json", "--requirement", str(requirements), *arguments], ROOT)
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        raise NoAnswer(f"pip-audit gave no report (exit {done.returncode}): {done.stderr.strip()[-500:]}") from None
    skipped = [package["name"] for package in found if "skip_reason" in package]
    if skipped:
        raise NoAnswer(f"pip-audit skipped {', '.join(skipped)}.")
    return found


def _has(found: Collection[Mapping[str, Any]], cve: str) -> bool:
    return any(cve in (v["id"], *v.get("aliases", ())) for package in found for v in package["vulns"])


def npm_vulnerabilities(run: Run) -> list[str]:
    """Return 'package: advisory' of each known vulnerability in npm's locks. Raises NoAnswer."""
    name, version = KNOWN_BAD_NPM
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        asks = {"name": "canary", "version": "1.0.0", "dependencies": {name: version}}
        (place / "package.json").write_text(json.dumps(asks))
        packages = {"": asks, f"node_modules/{name}": {"version": version}}
        lock = {"name": "canary", "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": packages}
        (place / "package-lock.json").write_text(json.dumps(lock))
        if not any(KNOWN_NPM_ADVISORY in line for line in _npm_audit(run, place)):
            raise NoAnswer(f"{name} {version} was not found vulnerable: no vulnerability service answers npm.")
    return [line for lock in NPM_LOCKS for line in _npm_audit(run, lock.parent, at_least=len(npm_packages(lock)))]


def _npm_audit(run: Run, folder: Path, *, at_least: int = 1) -> list[str]:
    done = run(["npm", "audit", "--json", "--package-lock-only"], folder)
    try:
        said = json.loads(done.stdout)
        found, looked_at = said["vulnerabilities"], said["metadata"]["dependencies"]["total"]
    except (ValueError, KeyError, TypeError):
        raise NoAnswer(f"npm audit gave no report (exit {done.returncode}): {done.stderr.strip()[-500:]}") from None
    if looked_at < at_least:
        raise NoAnswer(f"npm audit looked at {looked_at} packages of {at_least}.")
    return [f"{name}: {via['url']}" for name, one in found.items() for via in one["via"] if isinstance(via, dict)]


def main(run: Run = run) -> int:
    """Return 0 if nothing is known against what is locked, 1 if something is, 2 if nobody could be asked."""
    try:
        found = python_vulnerabilities(run) + npm_vulnerabilities(run)
    except NoAnswer as error:
        print(f"Not known: {error}", file=sys.stderr)
        return 2
    print("\n".join(found) or f"No known vulnerability but what is accepted, with its reason: {', '.join(ACCEPTED)}.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
