"""The workflow runs what everybody runs, with actions that nobody can exchange, and cannot be green for nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.supply_chain.locks import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").iterdir())
CHECKS: dict[Any, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "checks.yml").read_text())
RUN = {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in CHECKS["jobs"].items()}
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_commit_and_says_which_version_that_is(path: Path) -> None:
    used = re.findall(r"uses: (.+)", path.read_text())
    assert used
    for action in used:
        assert re.fullmatch(rf"{PINNED.pattern} # v\d+\.\d+\.\d+", action), action


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_only_read_and_holds_no_secret(path: Path) -> None:
    told = yaml.safe_load(path.read_text())
    assert told["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in told["jobs"].values())
    assert "secrets." not in path.read_text()
    for job in told["jobs"].values():
        checkout = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        assert all(step["with"]["persist-credentials"] is False for step in checkout)
        assert job["timeout-minutes"] <= 90
    # What somebody writes in a title or a branch's name must not become a command.
    assert not re.search(r"run:.*\$\{\{", path.read_text())


def test_it_runs_what_everybody_runs_and_keeps_the_bill_of_materials() -> None:
    assert RUN == {"test": ["make test", "make sbom"], "vulnerabilities": ["make vulnerabilities"]}
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {word.split()[1] for words in RUN.values() for word in words} <= targets


def test_nothing_in_it_forgives_a_failure() -> None:
    text = "\n".join(path.read_text() for path in WORKFLOWS)
    assert not re.search(r"continue-on-error|\|\| *true|set \+e|if: always", text)


def test_it_asks_for_vulnerabilities_also_when_nobody_changes_anything() -> None:
    when = CHECKS[True]  # YAML 1.1 reads the word `on` so
    assert [each.keys() for each in when["schedule"]] == [{"cron"}]


def test_no_change_passes_by_it() -> None:
    when = CHECKS[True]
    assert when.keys() == {"push", "pull_request", "schedule", "workflow_dispatch"}
    assert (when["push"], when["pull_request"]) == ({"branches": ["main"]}, None)  # no paths, no other branches
    for job in CHECKS["jobs"].values():
        assert job.keys() == {"runs-on", "timeout-minutes", "steps"}  # no `if`, nothing to wait for
        assert [step for step in job["steps"] if "if" in step] == []
