"""What the demo is told, and whether it may be loaded: only into a database whose schema was made from this folder.

So a database that already holds people is never filled with invented ones.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from api.exit_codes import ALREADY_THERE
from api.run.first_secrets import administrator_password

ADMINISTRATOR_EMAIL = "administrator@tendwell.example"
ORGANISATION_NAME = "Tendwell demonstration"
ORGANISATION_CODE = "TENDWELL"
_SIGN_INS_WITHIN_SECONDS = 30

# Runs a command to its end, showing its lines: (name, command, environment) -> exit code.
Finish = Callable[[str, list[str], Mapping[str, str]], int]


class Demo:
    """The demo of one data folder."""

    def __init__(self, folder: Path, addresses: tuple[str, ...], environment: Mapping[str, str]) -> None:
        """Make the administrator's password if there is none yet."""
        secrets = folder / "secrets"
        self._made_here = secrets / "database_made_here"
        self._root = Path(__file__).resolve().parents[2]
        password = administrator_password(secrets)
        self._administrator = dict(environment) | {"TENDWELL_ADMIN_PASSWORD": password}
        self.environment = dict(environment) | {
            "TENDWELL_URL": ",".join(addresses),
            "TENDWELL_DEMO_ADMIN_EMAIL": ADMINISTRATOR_EMAIL,
            "TENDWELL_DEMO_ADMIN_PASSWORD": password,
            "TENDWELL_DEMO_SECRETS": str(secrets / "demo.json"),
        }

    def may_be_loaded(self, *, into_new_database: bool) -> bool:
        """Return True if the database was made by this run or by an earlier one from this data folder."""
        if into_new_database:
            self._made_here.touch(mode=0o600)
        return self._made_here.exists()

    def ensure_administrator(self, finish: Finish) -> bool:
        """Return True if the demo's administrator is there, made now or by an earlier run."""
        command = [sys.executable, "-m", "api", "create-administrator"]
        command += ["--email", ADMINISTRATOR_EMAIL, "--display-name", "Demonstration administrator"]
        command += ["--organisation-name", ORGANISATION_NAME, "--ods-code", ORGANISATION_CODE]
        return finish("create-administrator", command, self._administrator) in {0, ALREADY_THERE}

    def load(self, finish: Finish) -> bool:
        """Return True if the demo's people are there. What is there already is not loaded twice."""
        return finish("demo-load", [sys.executable, "-m", "demo", "load"], self.environment) == 0

    @property
    def replay_command(self) -> list[str]:
        """Return the command that plays the devices until it is stopped."""
        return [sys.executable, "-m", "demo", "replay"]

    def sign_ins(self) -> str:
        """Return one sign-in for each role, as the demo words them."""
        told = subprocess.run(
            [sys.executable, "-m", "demo", "sign-ins"],
            cwd=self._root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_SIGN_INS_WITHIN_SECONDS,
            check=False,
        )
        return told.stdout if told.returncode == 0 else f"(no sign-ins: {told.stderr.strip()})"
