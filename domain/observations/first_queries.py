"""Finding the first reading of a sign in each of some spans: one statement, one look at an index for each.

Takes no actor: for callers who have authorised, and who audit what they read it for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from domain.observations.queries import CURRENT
from domain.statements import Statement, Work, rows_of

_FIRST = Statement(
    text(
        f"""
    select asked.place, found.id, found.at
    from unnest(cast(:signs as text[]), cast(:from_at as timestamptz[]), cast(:until_at as timestamptz[]))
        with ordinality as asked(sign, from_at, until_at, place)
    cross join lateral (
        select o.id, o.effective_at as at from observation o
        where o.patient_id = :patient_id and o.sign = sign_letter(asked.sign) and {CURRENT}
            and o.effective_at >= asked.from_at and o.effective_at < asked.until_at
        order by o.effective_at, o.id limit 1
    ) found
    """
    )
)


async def first_readings(
    work: Work, patient_id: UUID, spans: Sequence[tuple[str, datetime, datetime]]
) -> Mapping[int, tuple[UUID, datetime]]:
    """Return the first reading that counts of each span, by the span's place: its id and its instant.

    A span is a sign, from when, and until when, the end not included.
    """
    asked = {
        "patient_id": patient_id,
        "signs": [sign for sign, _, _ in spans],
        "from_at": [from_at for _, from_at, _ in spans],
        "until_at": [until_at for _, _, until_at in spans],
    }
    return {row.place - 1: (row.id, row.at) for row in await rows_of(work, _FIRST, asked)}
