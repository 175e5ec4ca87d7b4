"""Which goals of a person have a progress. Takes no actor: for callers who have authorised and who audit."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.plans.goal_lifecycle import BEGUN, OPEN
from domain.plans.queries import MOST_OPEN

# Those that go on come first: what was achieved stands as on its last day, and few change it.
_JUDGED = text(
    """
    select g.id from goal g
    where g.patient_id = :patient and g.lifecycle_status = any(cast(:begun as text[])) and g.target_value is not null
    order by g.lifecycle_status = any(cast(:open as text[])) desc, g.id desc
    limit :most
    """
)


async def judged_goals(session: AsyncSession, patient_id: UUID) -> list[UUID]:
    """Return the ids of the goals that were begun and have a target, at most 100: as many as may be open."""
    asked = {
        "patient": patient_id,
        "begun": [each.value for each in BEGUN],
        "open": [each.value for each in OPEN],
        "most": MOST_OPEN,
    }
    return list((await session.execute(_JUDGED, asked)).scalars())
