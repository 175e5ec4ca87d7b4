"""A worker whose relay goes by "id above the last one seen": what the watermark is there to prevent, for the oracle.

`python -m tests.faults.blind_relay worker` with the settings of its environment. An event whose transaction ends after
a later one's was numbered is never seen.
"""

from __future__ import annotations

import sys

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from api import relay
from api.commands.worker import main
from domain.events import commands

WATERMARK = "where o.xid < pg_snapshot_xmin(pg_current_snapshot())"
_WAIT = text("select id from event_outbox where id > :seen order by id limit :most")
_NUMBER = text(commands._NUMBER.text.replace(WATERMARK, "where o.id = any(cast(:ids as bigint[]))"))
_seen = [0]


async def anything_above(session: AsyncSession) -> bool:
    """Return whether there is an event above the last one seen."""
    return bool((await session.execute(_WAIT, {"seen": _seen[0], "most": 1})).scalars().all())


async def number_what_is_above(session: AsyncSession, most: int = commands.EVENTS_PER_STEP) -> int | None:
    """Return how many events above the last one seen were given their number."""
    before = (await session.execute(commands._LOCK)).one_or_none()
    if before is None:
        return None
    ids = list((await session.execute(_WAIT, {"seen": _seen[0], "most": most})).scalars())
    given = {"most": most, "channel": commands.FEED_CHANNEL, "ids": ids}
    after: int = (await session.execute(_NUMBER, given)).scalar_one()
    _seen[0] = max([*ids, _seen[0]])
    return after - int(before.number)


if __name__ == "__main__":
    assert WATERMARK in commands._NUMBER.text
    vars(relay).update(events_wait=anything_above, number_events=number_what_is_above)
    sys.exit(main([]))
