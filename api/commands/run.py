"""`python -m api run`: what `make run` calls."""

from __future__ import annotations

import argparse
import os

from api.run.supervisor import run

ABOUT = """Start everything on this machine until Ctrl-C. Variables: TENDWELL_PORT (8080; the next one is used too),
TENDWELL_DATA_DIR (.tendwell), TENDWELL_DATABASE_URL (instead of the embedded PostgreSQL), TENDWELL_NO_DEMO=1."""


def main(arguments: list[str]) -> int:
    """Return the exit code of the whole run."""
    argparse.ArgumentParser(prog="python -m api run", description=ABOUT).parse_args(arguments)
    return run(os.environ)
