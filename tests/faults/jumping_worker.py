"""A worker on a machine whose clock is wrong by as many seconds as a file says, which may change while it works.

`python -m tests.faults.jumping_worker worker` with the settings of its environment; TENDWELL_CLOCK names the file. Only
what asks for the time of day is told another one: what is timed goes on, as on a real machine whose clock is set.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from api.commands.worker import main
from domain import clock

MOVED = Path(os.environ["TENDWELL_CLOCK"])


class WrongTime(datetime):
    """The time of day as this machine tells it."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """Return the present instant, off by as many seconds as the file says."""
        return datetime.now(tz) + timedelta(seconds=float(MOVED.read_text() or 0))


if __name__ == "__main__":
    vars(clock)["datetime"] = WrongTime  # whoever asks the machine's clock asks it there
    sys.exit(main([]))
