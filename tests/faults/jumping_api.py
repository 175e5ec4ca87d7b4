"""The API in a process whose clock can be set while it serves, by whoever writes seconds into a file.

`python -m tests.faults.jumping_api serve --port N` with the settings of its environment; TENDWELL_CLOCK names the file.
Only what asks for the time of day is told another one: what is timed goes on, as on a real machine whose clock is set.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from api.app import create_app
from api.commands.serve import serve
from api.settings import read_settings
from domain.clock import utc_now

VARIABLE = "TENDWELL_CLOCK"


def jumping(file: Path) -> datetime:
    """Return the present instant, off by as many seconds as the file says."""
    return utc_now() + timedelta(seconds=float(file.read_text() or 0))


if __name__ == "__main__":
    settings, moved = read_settings(), Path(os.environ[VARIABLE])
    serve(create_app(settings, clock=lambda: jumping(moved)), settings, host="127.0.0.1", port=int(sys.argv[-1]))
