"""Keeping anonymous feedback: no account, no request, no instant, no row in the audit trail."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.queries import organisations_by_id
from domain.clock import london_date
from domain.errors import NotFound
from domain.feedback.friends_and_family import Experience
from domain.feedback.tables import FeedbackRow


async def give_feedback(
    session: AsyncSession, organisation_id: UUID, experience: Experience, comment: str | None, *, at: datetime
) -> None:
    """Keep an answer about an organisation; of when, the month alone. Raises NotFound.

    Its id is random: one made in the order of time would tell the moment.
    """
    if organisation_id not in await organisations_by_id(session, {organisation_id}):
        raise NotFound
    month = london_date(at).replace(day=1)
    await session.execute(
        insert(FeedbackRow).values(
            id=uuid4(), organisation_id=organisation_id, month=month, experience=experience.value, comment=comment
        )
    )
