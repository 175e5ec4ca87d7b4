"""Whether the record has readings from before a date: asked before that date is said to be the patient's birth."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.observations.catalogue import CATALOGUE
from domain.observations.queries import CURRENT

# The oldest of each sign by the index; the date is that of its sender, as when it was judged (timing.py).
_BEFORE = text(
    f"""
    select exists (
        select from unnest(cast(:signs as text[])) as s(sign)
        cross join lateral (
            select o.effective_at, o.effective_offset_minutes from observation o
            where o.patient_id = :patient_id and o.sign = sign_letter(s.sign) and {CURRENT}
            order by o.effective_at, o.id limit 1) oldest
        where cast((oldest.effective_at at time zone 'UTC')
            + make_interval(mins => oldest.effective_offset_minutes) as date) < :day)
    """
)


async def has_readings_before(session: AsyncSession, patient_id: UUID, day: date) -> bool:
    """Return whether the record holds a reading, neither corrected nor entered in error, of before a date."""
    asked = {"patient_id": patient_id, "signs": list(CATALOGUE), "day": day}
    return bool(await session.scalar(_BEFORE, asked))
