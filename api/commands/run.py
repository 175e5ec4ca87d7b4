"""`python -m api run`: what `make run` calls."""

from __future__ import annotations

import argparse
import os
import signal

from api.run.supervisor import run
from integrations.linux.children import end_with_parent

ABOUT = """Start everything on this machine until Ctrl-C. Variables: TENDWELL_PORT (8080; the next one is used too),
TENDWELL_DATA_DIR (.tendwell), TENDWELL_DATABASE_URL (instead of the embedded PostgreSQL), TENDWELL_NO_DEMO=1."""


def main(arguments: list[str]) -> int:
    """Return the exit code of the whole run."""
    parser = argparse.ArgumentParser(prog="python -m api run", description=ABOUT)
    parser.add_argument("--end-with-parent", action="store_true", help="stop when what started this ends, as make may")
    if parser.parse_args(arguments).end_with_parent:
        end_with_parent(signal.SIGINT)
    return run(os.environ)
