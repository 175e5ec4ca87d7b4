"""Finding the first response to a questionnaire in each of some spans: one statement, a look at an index for each.

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
    from unnest(cast(:keys as text[]), cast(:from_at as timestamptz[]), cast(:until_at as timestamptz[]))
        with ordinality as asked(key, from_at, until_at, place)
    cross join lateral (
        select r.id, r.authored_at as at from questionnaire_response r
        where r.patient_id = :patient_id and r.questionnaire = asked.key and r.retracted_at is null
            and r.authored_at >= asked.from_at and r.authored_at < asked.until_at
        order by r.authored_at, r.id limit 1
    ) found
    """
    )
)


async def first_responses(
    work: Work, patient_id: UUID, spans: Sequence[tuple[str, datetime, datetime]]
) -> Mapping[int, tuple[UUID, datetime]]:
    """Return the first response that counts of each span, by the span's place: its id and its instant.

    A span is a questionnaire's key, from when, and until when, the end not included.
    """
    asked = {
        "patient_id": patient_id,
        "keys": [key for key, _, _ in spans],
        "from_at": [from_at for _, from_at, _ in spans],
        "until_at": [until_at for _, _, until_at in spans],
    }
    return {row.place - 1: (row.id, row.at) for row in await rows_of(work, _FIRST, asked)}
