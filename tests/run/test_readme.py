"""The README's calls work as they stand there."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from tests.architecture.source import ROOT
from tests.cast import PASSWORD

README = ROOT / "README.md"


def first_five_calls() -> str:
    """Return the script under "A phone app's first five calls"."""
    section = README.read_text().split("## A phone app's first five calls", 1)[1]
    found = re.search(r"```bash\n(.*?)```", section, re.DOTALL)
    assert found, "the README has no such script any more"
    return found.group(1)


def test_a_phone_app_s_first_five_calls_work(stage_server: str, tmp_path: Path) -> None:
    told = {"URL": stage_server, "EMAIL": "sam_himself@example.test", "PASSWORD": PASSWORD, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", first_five_calls()],
        cwd=tmp_path,
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    latest = {item["sign"]: item for item in json.loads(done.stdout)["items"]}
    assert latest["heart_rate"]["observation"]["value"] == 72
    assert latest["blood_pressure"]["observation"]["systolic"] == 128
    assert not latest["heart_rate"]["stale"]
    (verdicts,) = tmp_path.glob("*/verdicts.json")
    assert json.loads(verdicts.read_text())["stored"] == 2


def test_when_a_password_is_not_enough_the_script_says_so_and_calls_no_more(tmp_path: Path) -> None:
    curl = tmp_path / "curl"
    curl.write_text("""#!/bin/sh\necho called >&2\necho '{"state": "second_factor_required"}' > session.json\n""")
    curl.chmod(0o700)
    told = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "EMAIL": "e", "PASSWORD": "p", "TMPDIR": str(tmp_path)}
    script = f"{first_five_calls()}echo the shell goes on"
    done = subprocess.run(
        ["bash", "-c", script], env={**os.environ, **told}, capture_output=True, text=True, timeout=60, check=False
    )
    said = "Signing in asks for more than a password: second_factor_required"
    assert (done.stdout, done.stderr.splitlines()) == ("the shell goes on\n", ["called", said])


def test_a_call_that_is_refused_says_why(stage_server: str, tmp_path: Path) -> None:
    for who, password, said in (
        ("sam_himself", "not his", "/problems/not-authenticated"),
        ("gus_care_home_staff", PASSWORD, "This is not the account of a patient: sign in as one."),
    ):
        told = {"URL": stage_server, "EMAIL": f"{who}@example.test", "PASSWORD": password, "TMPDIR": str(tmp_path)}
        done = subprocess.run(
            ["bash", "-c", first_five_calls()],
            env={**os.environ, **told},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode != 0
        assert said in done.stderr


def test_every_place_that_the_readme_names_exists() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README.read_text())
    named = re.findall(r"`((?:api|domain|integrations|deploy|docs|demo)/[\w./-]+)`", README.read_text())
    assert [path for path in (*links, *named) if not (ROOT / path).exists()] == []
