"""A worker that gathers copies of people's records, and is killed at a named moment of it: a real kill -9.

`python -m tests.faults.dying_worker worker` with the settings of its environment; TENDWELL_DIES says when:
`uncommitted:3` while the third page is written, before its commit; `committed:3` after it; `ending` before the commit
that says that the copy is ready.
"""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

from api.exports import gathering
from api.links import Links
from api.settings import read_settings
from domain.clock import utc_now
from domain.keys.sealing import Sealing
from domain.rights.export_commands import end_export, keep_page
from integrations.postgres.limits import Limits
from integrations.postgres.roles import Databases, Role, in_role


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _doom(moment: str) -> None:
    """Have the real gathering meet its end."""
    which, _, number = moment.partition(":")
    pages = 0

    async def keeping(*given: Any, **more: Any) -> Any:
        nonlocal pages
        if which == "committed" and pages == int(number):
            _die()  # the next page begins: the one before is committed
        moved = await keep_page(*given, **more)
        pages += 1
        if which == "uncommitted" and pages == int(number):
            _die()
        return moved

    async def ending(*given: Any, **more: Any) -> None:
        await end_export(*given, **more)
        if which == "ending":
            _die()

    vars(gathering).update(keep_page=keeping, end_export=ending)


async def _work() -> None:
    settings = read_settings()
    url, limits = settings.database_url.get_secret_value(), Limits()
    database = in_role(url, limits, Role.worker, strictly=False)
    records = Databases.at(url, limits)
    sealing = Sealing.of(settings.encryption_key.get_secret_value())
    means = gathering.Means(database, records, utc_now, sealing, Links(settings.public_url).to_copies)
    while not await gathering.advance_exports(means):
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    _doom(os.environ["TENDWELL_DIES"])
    asyncio.run(_work())
