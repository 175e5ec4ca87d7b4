"""`python -m api COMMAND`: the one way in for people and for process supervisors."""

from __future__ import annotations

import argparse
import gc
import importlib
import sys
from types import ModuleType

from api.exit_codes import FAILED, REFUSED
from api.log_lines import line_of
from api.settings import SettingsRefused, read_log_format
from integrations.postgres.errors import DatabaseUnavailable, UnsupportedServer

COMMANDS = {
    "run": "start everything on this machine, an embedded PostgreSQL included, until stopped",
    "serve": "run one API process",
    "worker": "run the relay and the other background work",
    "migrate": "bring the database to the newest schema",
    "create-administrator": "make the first administrator and their organisation",
    "rotate-keys": "make the next signing key; it signs when every process knows it",
    "retire-key": "have a signing key verify nothing more",
    "reseal": "seal with the newest encryption key what a former one has sealed",
    "client-key": "print the public key with which an identity provider knows this installation",
    "openapi": "write openapi.yaml, or check that it is up to date",
    "export-checkpoint": "print a signed checkpoint of the audit trail, to keep outside the database",
    "verify-audit": "check that the audit trail is what was written, and name the first row that is not",
    "retention": "remove what its time is over for, or tell how much that would be",
    "place-audit-rows": "put rows of the audit trail without a month into theirs, more than the worker moves",
    "backup": "write a dump of the database, and what a restored one is to be held against",
    "restore-drill": "restore a backup into a server of its own, and say whether all is there",
    "new-secrets": "make a folder with fresh secrets for a deployment",
    "new-vapid-key": "print a fresh key by which browsers' makers know an installation",
    "version": "print the version",
}


def main(arguments: list[str]) -> int:
    """Return the exit code of the command that the arguments name."""
    listing = "\n".join(f"  {name:<22}{what}" for name, what in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m api",
        epilog=f"commands:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="command")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="see `python -m api command --help`")
    given = parser.parse_args(arguments)
    command = _imported(f"api.commands.{given.command.replace('-', '_')}")
    try:
        return int(command.main(given.arguments))
    except SettingsRefused as error:
        _complain(f"Tendwell will not start with these settings:\n{error}")
        return REFUSED
    except (DatabaseUnavailable, UnsupportedServer) as error:
        _complain(f"{type(error).__name__}: {error}")
        return FAILED
    except Exception as error:  # noqa: BLE001 - Python would print its message, in which a row may be quoted
        _complain("ERROR: something that nobody foresaw ended this process. It is a defect: report it.", error)
        return FAILED


def _complain(text: str, error: Exception | None = None) -> None:
    print(line_of(text, "ERROR", "tendwell.start", read_log_format(), error), file=sys.stderr)


def _imported(name: str) -> ModuleType:
    """Return the module. What it brings stays until the end: to look for garbage in it takes a fifth of its time."""
    gc.disable()
    module = importlib.import_module(name)
    gc.freeze()
    gc.enable()
    return module


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
