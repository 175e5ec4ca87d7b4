"""`python -m api openapi`: the promise to phone apps, written from the routes. Connects to nothing."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from pydantic import SecretStr

from api.app import create_app
from api.exit_codes import FAILED, OK
from api.run.first_secrets import new_secret
from api.settings import Settings

_ROOT = Path(__file__).resolve().parents[2]
FILE, NAMES = _ROOT / "openapi.yaml", _ROOT / "docs" / "operation-ids.txt"
_HEADER = "# Written by `make openapi` from the routes; a test fails when the two differ. Do not edit.\n"
_MOST_LINES_SHOWN = 60
_WIDE = 120


class _Whole(yaml.SafeDumper):
    """Writes what stands in several places in each: OpenAPI Generator reads no document with more than 50 aliases."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the library's own signature
        """Return that there are none."""
        return True


def main(arguments: list[str]) -> int:
    """Return 0 when the file is (now) what the routes say, 1 when --check finds that it is not."""
    parser = argparse.ArgumentParser(prog="python -m api openapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare, and fail when they differ")
    given = parser.parse_args(arguments)
    told = document()
    wanted, names = as_yaml(told), with_names_of(told, NAMES.read_text())
    found = FILE.read_text() if FILE.exists() else ""
    if not given.check:
        FILE.write_text(wanted)
        NAMES.write_text(names)
    elif (found, NAMES.read_text()) != (wanted, names):
        difference = difflib.unified_diff(found.splitlines(), wanted.splitlines(), "openapi.yaml", "the routes", n=1)
        print("openapi.yaml is not what the routes say: run `make openapi`, review, commit.", file=sys.stderr)
        print("\n".join(islice(difference, _MOST_LINES_SHOWN)), file=sys.stderr)
        return FAILED
    return OK


def as_yaml(told: Mapping[str, Any]) -> str:
    """Return a document as YAML, the same for the same routes on every machine."""
    return _HEADER + yaml.dump(told, Dumper=_Whole, sort_keys=False, allow_unicode=True, width=_WIDE)


def with_names_of(told: Mapping[str, Any], names: str) -> str:
    """Return the list of operations' names with those of a document that it lacks; none is ever taken from it."""
    lines = names.splitlines()
    said, listed = [line for line in lines if line[:1] == "#"], {line for line in lines if line and line[:1] != "#"}
    known = {line.split()[0] for line in listed}
    there = {operation["operationId"] for path in told["paths"].values() for operation in path.values()}
    return "\n".join([*said, *sorted(listed | (there - known)), ""])


def document() -> dict[str, Any]:
    """Return what the routes say of themselves."""
    settings = Settings(
        environment="demo",
        database_url=SecretStr("postgresql:///nowhere"),
        encryption_key=SecretStr(new_secret()),
        refresh_secret=SecretStr(new_secret()),
        cursor_secret=SecretStr(new_secret()),
    )
    told: dict[str, Any] = create_app(settings).openapi()
    return told
