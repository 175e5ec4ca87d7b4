"""A worker whose relay goes by "id above the last one seen": what the watermark is there to prevent, for the oracle.

`python -m tests.faults.blind_relay worker` with the settings of its environment. An event whose transaction ends after
a later one's was numbered is never seen.
"""

from __future__ import annotations

import sys

from sqlalchemy import text

from api import relay
from api.commands.worker import main
from domain.events import commands
from domain.statements import Statement, Work, rows_of

WATERMARK = "where o.xid < pg_snapshot_xmin(pg_current_snapshot())"
_WAIT = Statement(text("select id from event_outbox where id > cast(:seen as bigint) order by id limit :most"))
_WRITTEN = str(commands._NUMBER.clause)
_NUMBER = Statement(text(_WRITTEN.replace(WATERMARK, "where o.id = any(cast(:ids as bigint[]))")))
_seen = [0]


async def anything_above(work: Work) -> bool:
    """Return whether there is an event above the last one seen."""
    return bool(await rows_of(work, _WAIT, {"seen": _seen[0], "most": 1}))


async def number_what_is_above(work: Work, most: int = commands.EVENTS_PER_STEP) -> int | None:
    """Return how many events above the last one seen were given their number."""
    found = await rows_of(work, commands._LOCK, {})
    if not found:
        return None
    ids = [event_id for (event_id,) in await rows_of(work, _WAIT, {"seen": _seen[0], "most": most})]
    given = {"most": most, "channel": commands.FEED_CHANNEL, "ids": ids}
    ((after, _),) = await rows_of(work, _NUMBER, given)
    _seen[0] = max([*ids, _seen[0]])
    return int(after) - int(found[0].number)


if __name__ == "__main__":
    assert WATERMARK in _WRITTEN
    vars(relay).update(events_wait=anything_above, number_events=number_what_is_above)
    sys.exit(main([]))
