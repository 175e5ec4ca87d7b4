"""Finding the first diary entry in each of some spans: one statement, one look at an index for each.

Takes no actor: for callers who have authorised, and who audit what they read it for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from domain.statements import Statement, Work, rows_of

_FIRST = Statement(
    text(
        """
    select asked.place, found.id, found.at
    from unnest(cast(:from_at as timestamptz[]), cast(:until_at as timestamptz[]))
        with ordinality as asked(from_at, until_at, place)
    cross join lateral (
        select e.id, e.effective_at as at from diary_entry e
        where e.patient_id = :patient_id and e.retracted_at is null
            and e.effective_at >= asked.from_at and e.effective_at < asked.until_at
        order by e.effective_at, e.id limit 1
    ) found
    """
    )
)


async def first_entries(
    work: Work, patient_id: UUID, spans: Sequence[tuple[datetime, datetime]]
) -> Mapping[int, tuple[UUID, datetime]]:
    """Return the first entry that counts of each span, by the span's place: its id and its instant.

    A span is from when, and until when, the end not included.
    """
    asked = {
        "patient_id": patient_id,
        "from_at": [from_at for from_at, _ in spans],
        "until_at": [until_at for _, until_at in spans],
    }
    return {row.place - 1: (row.id, row.at) for row in await rows_of(work, _FIRST, asked)}
