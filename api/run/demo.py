"""What the demo is told, and whether it may be loaded: only into a database whose schema was made from this folder.

So a database that already holds people is never filled with invented ones.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from api.exit_codes import ALREADY_THERE, OK
from api.run.first_secrets import administrator_password

ADMINISTRATOR_EMAIL = "administrator@tendwell.example"
ORGANISATION_NAME = "Tendwell demonstration"
ORGANISATION_CODE = "TENDWELL"
_ROOT = Path(__file__).resolve().parents[2]
_SIGN_INS_WITHIN_SECONDS = 30
_PYTHON = (sys.executable, "-m")

# Runs a command to its end, showing its lines: (name, command, environment) -> exit code.
Finish = Callable[[str, list[str], Mapping[str, str]], int]


class Demo:
    """The demo of one data folder and one database."""

    def __init__(self, folder: Path, addresses: tuple[str, ...], environment: Mapping[str, str]) -> None:
        """Make the administrator's password if there is none yet."""
        secrets = folder / "secrets"
        database = hashlib.sha256(environment["TENDWELL_DATABASE_URL"].encode()).hexdigest()[:12]
        # There if this folder made the database; holds the fingerprint of the demo that was loaded into it.
        self._mark = secrets / f"demo_in_{database}"
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
            self._mark.write_text("")
        return self._mark.exists()

    def is_loaded(self) -> bool:
        """Return True if this very demo was loaded by an earlier run; ask only what may be loaded."""
        return self._mark.read_text() == _fingerprint(_ROOT / "demo")

    def load(self, finish: Finish) -> bool:
        """Return True if the demo's administrator and people are there, put there now or by an earlier run."""
        if self.is_loaded():
            return True
        made = finish("create-administrator", self._create_administrator, self._administrator)
        if made not in {OK, ALREADY_THERE} or finish("demo-load", [*_PYTHON, "demo", "load"], self.environment) != OK:
            return False
        self._mark.write_text(_fingerprint(_ROOT / "demo"))
        return True

    @property
    def _create_administrator(self) -> list[str]:
        who = ["--email", ADMINISTRATOR_EMAIL, "--display-name", "Demonstration administrator"]
        where = ["--organisation-name", ORGANISATION_NAME, "--ods-code", ORGANISATION_CODE]
        return [*_PYTHON, "api", "create-administrator", *who, *where]

    @property
    def replay_command(self) -> list[str]:
        """Return the command that plays the devices until it is stopped."""
        return [*_PYTHON, "demo", "replay"]

    def sign_ins(self) -> str:
        """Return one sign-in for each role, as the demo words them."""
        told = subprocess.run(
            [*_PYTHON, "demo", "sign-ins"],
            cwd=_ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_SIGN_INS_WITHIN_SECONDS,
            check=False,
        )
        return told.stdout if told.returncode == 0 else f"(no sign-ins: {told.stderr.strip()})"


def _fingerprint(folder: Path) -> str:
    """Return a hash of the demo's code and data: when they change, what is new in them is loaded."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
