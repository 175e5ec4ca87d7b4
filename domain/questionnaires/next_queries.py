"""Which responses are compared with others. Takes no actor: for callers who have authorised and who audit."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

# Of each response one is compared with it, unless some between have no total: no more than so many are told again.
MOST_COMPARED = 300
_COMPARED = text(
    """
    select distinct c.id from questionnaire_response r
    join questionnaire_response c on c.patient_id = r.patient_id and c.questionnaire = r.questionnaire
        and (c.authored_at, c.id) > (r.authored_at, r.id) and c.retracted_at is null
    where r.patient_id = :patient and r.id = any(cast(:ids as uuid[])) and not exists (
        select from questionnaire_response b
        where b.patient_id = r.patient_id and b.questionnaire = r.questionnaire and b.total is not null
            and b.retracted_at is null and (b.authored_at, b.id) > (r.authored_at, r.id)
            and (b.authored_at, b.id) < (c.authored_at, c.id)
    )
    order by c.id desc
    limit :most
    """
)


async def responses_compared_with(session: AsyncSession, patient_id: UUID, ids: Sequence[UUID]) -> list[UUID]:
    """Return the responses whose total is compared with one of these, or was while that one counted."""
    asked = {"patient": patient_id, "ids": list(ids), "most": MOST_COMPARED}
    return list((await session.execute(_COMPARED, asked)).scalars())
