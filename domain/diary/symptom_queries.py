"""Reading what was told of some symptoms in a span: one statement, bounded however much there is.

Takes no actor: for callers who have authorised, and who audit what they read it for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from domain.statements import Statement, Work, rows_of

# Of each symptom: a month of sixteen a day. Whoever tells more is looked at as far back as these reach.
MOST_OF_A_SYMPTOM = 500
_TOLD = Statement(
    text(
        """
    select found.* from unnest(cast(:symptoms as text[])) as asked(symptom)
    cross join lateral (
        select asked.symptom, e.id, e.effective_at, s.level
        from diary_entry e join diary_symptom s on s.entry_id = e.id and s.symptom = asked.symptom
        where e.patient_id = :patient_id and e.retracted_at is null
            and e.effective_at >= :from_at and e.effective_at <= :until_at
        order by e.effective_at desc, e.id desc limit :most) found
    """
    )
)


@dataclass(frozen=True, slots=True)
class Told:
    """That an entry of a diary, which counts, told of a symptom: when, and which step of it."""

    entry_id: UUID
    at: datetime
    symptom: str
    level: int


async def symptoms_between(
    work: Work, patient_id: UUID, symptoms: Collection[str], from_at: datetime, until_at: datetime
) -> list[Told]:
    """Return what a patient told last of each of these symptoms in a span, both ends included."""
    asked = {
        "patient_id": patient_id,
        "symptoms": sorted(symptoms),
        "from_at": from_at,
        "until_at": until_at,
        "most": MOST_OF_A_SYMPTOM,
    }
    return [Told(row.id, row.effective_at, row.symptom, row.level) for row in await rows_of(work, _TOLD, asked)]
