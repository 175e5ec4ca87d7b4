"""`python -m api openapi`: the promise to phone apps, written from the routes. Connects to nothing."""

from __future__ import annotations

import argparse
import difflib
import sys
from itertools import islice
from pathlib import Path

import yaml
from pydantic import SecretStr

from api.app import create_app
from api.exit_codes import FAILED, OK
from api.run.first_secrets import new_secret
from api.settings import Settings

FILE = Path(__file__).resolve().parents[2] / "openapi.yaml"
_HEADER = "# Written by `make openapi` from the routes; a test fails when the two differ. Do not edit.\n"
_MOST_LINES_SHOWN = 60
_WIDE = 120


def main(arguments: list[str]) -> int:
    """Return 0 when the file is (now) what the routes say, 1 when --check finds that it is not."""
    parser = argparse.ArgumentParser(prog="python -m api openapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare, and fail when they differ")
    given = parser.parse_args(arguments)
    wanted = openapi_yaml()
    found = FILE.read_text() if FILE.exists() else ""
    if not given.check:
        FILE.write_text(wanted)
    elif found != wanted:
        difference = difflib.unified_diff(found.splitlines(), wanted.splitlines(), "openapi.yaml", "the routes", n=1)
        print("openapi.yaml is not what the routes say: run `make openapi`, review, commit.", file=sys.stderr)
        print("\n".join(islice(difference, _MOST_LINES_SHOWN)), file=sys.stderr)
        return FAILED
    return OK


def openapi_yaml() -> str:
    """Return the document as YAML, the same for the same routes on every machine."""
    settings = Settings(
        environment="demo",
        database_url=SecretStr("postgresql:///nowhere"),
        encryption_key=SecretStr(new_secret()),
        refresh_secret=SecretStr(new_secret()),
        cursor_secret=SecretStr(new_secret()),
    )
    document = create_app(settings).openapi()
    return _HEADER + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=_WIDE)
