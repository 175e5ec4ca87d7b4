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

_ABOVE = Statement(
    text(
        """
    with taken as (
        delete from event_outbox where id in (
            select o.id from event_outbox o where o.id > cast(:seen as bigint) order by o.id limit :most)
        returning xid, id, kind, patient_id, subject_ids, at
    ), numbered as (
        insert into event_feed (number, kind, patient_id, subject_ids, at)
        select r.number + row_number() over (order by t.xid, t.id), t.kind, t.patient_id, t.subject_ids, t.at
        from taken t, event_relay r
        returning number)
    update event_relay
    set number = greatest(number, coalesce((select max(n.number) from numbered n), 0)), seen_at = clock_timestamp()
    returning coalesce((select max(t.id) from taken t), 0) as seen, (select count(*) from taken) as numbered,
        (select pg_notify(:channel, '') where exists (select from numbered))
    """
    )
)
_seen = [0]


async def number_what_is_above(
    work: Work,
    most: int = commands.EVENTS_PER_STEP,
    *,
    even_if_none_wait: bool = True,
) -> int:
    """Return how many events above the last one seen were given their number."""
    given = {"most": most, "channel": commands.FEED_CHANNEL, "seen": _seen[0]}
    ((seen, numbered, _),) = await rows_of(work, _ABOVE, given)
    _seen[0] = max(seen, _seen[0])
    return int(numbered)


if __name__ == "__main__":
    vars(relay).update(number_events=number_what_is_above)
    sys.exit(main([]))
