"""What the demo is told, and whether it may be loaded: only into a database whose schema was made from this folder.

So a database that already holds people is never filled with invented ones.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from api.exit_codes import ALREADY_THERE, FAILED, OK
from api.run.child import ending
from api.run.first_secrets import administrator_password

ADMINISTRATOR_EMAIL = "administrator@tendwell.example"
ORGANISATION_NAME = "Tendwell demonstration"
ORGANISATION_CODE = "TENDWELL"
_ROOT = Path(__file__).resolve().parents[2]
_SIGN_INS_WITHIN_SECONDS = 30
_PYTHON = (sys.executable, "-m")

# How the demo begins each line of its progress: nothing else of what it writes is shown while it loads.
_PROGRESS = " demo: "
_REASON = "demo: "
_PARAGRAPH_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command came to its end: its exit code, and the last line that it wrote."""

    code: int
    last_line: str


# Runs a command to its end, showing the lines that hold a mark: (name, command, environment, mark or None) -> end.
Finish = Callable[[str, list[str], Mapping[str, str], str | None], Ended]


class Demo:
    """The demo of one data folder and one database."""

    def __init__(self, folder: Path, addresses: tuple[str, ...], environment: Mapping[str, str]) -> None:
        """Make the administrator's password if there is none yet."""
        secrets = folder / "secrets"
        database = hashlib.sha256(environment["TENDWELL_DATABASE_URL"].encode()).hexdigest()[:12]
        # There if this folder made the database; holds the fingerprint of the demo that was loaded into it.
        self._mark = secrets / f"demo_in_{database}"
        self._failure = ""
        self._has_administrator = False
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
            self._has_administrator = True
            return True
        made = finish("create-administrator", self._create_administrator, self._administrator, None)
        self._has_administrator = made.code in {OK, ALREADY_THERE}
        if not self._has_administrator:
            self._failure = f"its administrator could not be made: {_reason(made)}"
            return False
        loaded = finish("demo-load", [*_PYTHON, "demo", "load"], self.environment, _PROGRESS)
        if loaded.code != OK:
            self._failure = f"loading it stopped at {_reason(loaded)}"
            return False
        self._mark.write_text(_fingerprint(_ROOT / "demo"))
        return True

    def shortfall(self, logs: Path) -> str:
        """Return what failed when it was loaded and what to do, as one paragraph."""
        told = (
            f"The demonstration is not whole: {self._failure}. Tendwell itself is running; its devices do not play. "
            f"What to do: start again (Ctrl-C, then make run), and it goes on where it stopped. If it stops there "
            f"again, the logs in {logs} say more (look for the request's id); TENDWELL_DATA_DIR=/another/folder "
            f"make run begins anew, TENDWELL_NO_DEMO=1 make run starts without it."
        )
        return textwrap.fill(told, _PARAGRAPH_COLUMNS, break_long_words=False, break_on_hyphens=False)

    @property
    def _create_administrator(self) -> list[str]:
        who = ["--email", ADMINISTRATOR_EMAIL, "--display-name", "Demonstration administrator"]
        where = ["--organisation-name", ORGANISATION_NAME, "--ods-code", ORGANISATION_CODE]
        return [*_PYTHON, "api", "create-administrator", *who, *where]

    @property
    def replay_command(self) -> list[str]:
        """Return the command that plays the devices until it is stopped."""
        return [*_PYTHON, "demo", "replay"]

    def sign_ins(self, *, devices_play: bool) -> str:
        """Return one sign-in for each role whose account is there, as the demo words them; nothing if there is none."""
        if not self._has_administrator:
            return ""
        told = subprocess.run(
            [*_PYTHON, "demo", "sign-ins", *([] if devices_play else ["--no-devices"])],
            cwd=_ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_SIGN_INS_WITHIN_SECONDS,
            check=False,
        )
        return told.stdout if told.returncode == 0 else f"(no sign-ins: {told.stderr.strip()})"


def _reason(ended: Ended) -> str:
    """Return why a command failed: its own last words, or how it ended where it had none."""
    if ended.code == FAILED and ended.last_line.startswith(_REASON):
        return ended.last_line.removeprefix(_REASON).rstrip(".")
    return f"{ending(ended.code)} ({ended.last_line})" if ended.last_line else ending(ended.code)


def _fingerprint(folder: Path) -> str:
    """Return a hash of the demo's code and data: when they change, what is new in them is loaded."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
