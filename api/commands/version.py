"""`python -m api version`: the version."""

from __future__ import annotations

import argparse

from api.app import VERSION
from api.exit_codes import OK


def main(arguments: list[str]) -> int:
    """Print the version and return 0."""
    argparse.ArgumentParser(prog="python -m api version", description=__doc__).parse_args(arguments)
    print(VERSION)
    return OK
