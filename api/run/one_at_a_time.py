"""One run for each data folder: a lock that the kernel frees when its holder dies, so it is never stale."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.run.refusals import WillNotStart


@contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Hold the folder for as long as the block lasts. Raises WillNotStart while another run holds it."""
    with (folder / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise WillNotStart(
                f"Tendwell already runs from {folder} (process {holder}). Stop that run first, or give this one "
                f"a folder and a port of its own: TENDWELL_DATA_DIR=… TENDWELL_PORT=… make run"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
