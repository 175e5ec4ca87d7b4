"""A scan for known vulnerabilities is green only when somebody answered it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.supply_chain.locks import NPM_LOCKS, ROOT, npm_packages, python_packages
from tests.supply_chain.vulnerabilities import ACCEPTED, KNOWN_NPM_ADVISORY, KNOWN_PYTHON_CVE, main

Said = subprocess.CompletedProcess[str]
BAD = [{"id": "PYSEC-1", "aliases": [KNOWN_PYTHON_CVE]}]


def said(document: object, code: int = 0) -> Said:
    return subprocess.CompletedProcess([], code, json.dumps(document) if document is not None else "", "")


def pip(*packages: dict[str, Any]) -> dict[str, Any]:
    return {"dependencies": [{"version": "1.0", "vulns": [], **package} for package in packages]}


ALL = pip(*({"name": package.name} for package in python_packages()))
CANARY = pip({"name": "requests", "vulns": BAD})


def npm(total: int, **vulnerabilities: str) -> dict[str, Any]:
    found = {name: {"via": ["another", {"url": url}]} for name, url in vulnerabilities.items()}
    return {"vulnerabilities": found, "metadata": {"dependencies": {"total": total}}}


NPM_CANARY = npm(1, minimist=f"https://github.com/advisories/{KNOWN_NPM_ADVISORY}")
NPM_ALL = npm(len(npm_packages()))


def answering(**answers: object) -> Callable[[list[str], Path], Said]:
    """Return a scanner that answers so: of the packages known to be bad, and of ours."""
    told = {"pip_canary": CANARY, "pip_ours": ALL, "npm_canary": NPM_CANARY, "npm_ours": NPM_ALL} | answers

    def run(command: list[str], folder: Path) -> Said:
        if "pip_audit" in command:
            assert "--strict" in command
            return said(told["pip_ours" if any("requirements-dev.lock" in part for part in command) else "pip_canary"])
        assert command[:2] == ["npm", "audit"]
        return said(told["npm_ours" if folder in {lock.parent for lock in NPM_LOCKS} else "npm_canary"])

    return run


def test_when_everything_was_looked_at_and_nothing_found_it_is_green() -> None:
    assert main(answering()) == 0


@pytest.mark.parametrize(
    "silent",
    [
        {"pip_canary": pip({"name": "requests"})},
        {"pip_canary": None},
        {"pip_canary": pip({"name": "requests", "skip_reason": "not found"})},
        {"pip_ours": None},
        {"pip_ours": pip({"name": "fastapi"})},
        {"pip_ours": pip({"name": "fastapi", "skip_reason": "not found"})},
        {"npm_canary": npm(1)},
        {"npm_canary": {"message": "405 Method Not Allowed"}},
        {"npm_ours": {"message": "405 Method Not Allowed"}},
        {"npm_ours": npm(3)},
    ],
)
def test_without_an_answer_it_is_never_green(silent: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(answering(**silent)) == 2
    assert capsys.readouterr().err.startswith("Not known:")


def test_what_is_found_is_named_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    weak = pip(*({"name": p.name, "vulns": BAD if p.name == "jinja2" else []} for p in python_packages()))
    weak["dependencies"].append({"name": "other", "version": "3.0", "vulns": [{"id": "GHSA-x", "aliases": []}]})
    assert main(answering(pip_ours=weak)) == 1
    assert "other 3.0: GHSA-x" in capsys.readouterr().out
    assert main(answering(npm_ours=npm(len(npm_packages()), sass="https://github.com/advisories/GHSA-y"))) == 1
    assert "sass: https://github.com/advisories/GHSA-y" in capsys.readouterr().out


def test_on_a_machine_without_the_scanners_it_is_not_green() -> None:
    def broken(command: list[str], folder: Path) -> Said:
        return subprocess.run([sys.executable, "-c", "raise SystemExit(1)"], cwd=folder, capture_output=True, text=True)

    assert main(broken) == 2


def test_the_library_with_the_accepted_weakness_is_never_loaded() -> None:
    assert [name for name, _ in ACCEPTED.values()] == ["ecdsa"]
    seen = (
        "import sys, api.app, api.worker, jose.jwt; print(sorted(m for m in sys.modules if m.split('.')[0] == 'ecdsa'))"
    )
    done = subprocess.run([sys.executable, "-c", seen], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
