"""Reading feedback by month, after disclosure control. A month is shown once it is over.

While it runs, each look would show who has just answered: a comment that came in the minutes after somebody left.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role
from domain.accounts.queries import organisations_below
from domain.audit.commands import record_audit
from domain.clock import london_date
from domain.errors import NotFound
from domain.feedback.friends_and_family import Experience, ReleasedMonth, released
from domain.feedback.tables import FeedbackRow

# A year and its comparison; older ones are in the reports that were made of them.
MOST_MONTHS = 24
_OWN_PEOPLE = (Role.administrator, Role.clinician, Role.care_home_staff)


@dataclass(frozen=True, slots=True)
class MonthOfFeedback:
    """A month as it may be shown to this reader, and its comments (None where they are not theirs to read)."""

    shown: ReleasedMonth
    comments: tuple[str, ...] | None


async def feedback_read(session: AsyncSession, actor: Actor, organisation_id: UUID) -> list[MonthOfFeedback]:
    """Return the months that are over, the latest first, of the last 24 with an answer.

    For the organisation's own people, comments too, unless a month has too few answers; for commissioners above it the
    figures. Audited. Raises NotFound for everybody else.
    """
    is_own = organisation_id in actor.organisations_as(*_OWN_PEOPLE)
    if not is_own and organisation_id not in await organisations_below(
        session, actor.organisations_as(Role.commissioner)
    ):
        raise NotFound
    counts = await _counts(session, organisation_id, london_date(actor.at).replace(day=1))
    months = [released(month, counts[month]) for month in sorted(counts, reverse=True)[:MOST_MONTHS]]
    comments = await _comments(session, organisation_id, [each.month for each in months if not each.is_small])
    await record_audit(session, actor, "feedback.read", subject_id=organisation_id, count=len(months))
    return [MonthOfFeedback(each, tuple(comments[each.month]) if is_own else None) for each in months]


async def _counts(session: AsyncSession, organisation_id: UUID, before: date) -> dict[date, dict[Experience, int]]:
    grouped = (
        select(col(FeedbackRow.month), col(FeedbackRow.experience), func.count())
        .where(col(FeedbackRow.organisation_id) == organisation_id, col(FeedbackRow.month) < before)
        .group_by(col(FeedbackRow.month), col(FeedbackRow.experience))
    )
    counts: dict[date, dict[Experience, int]] = defaultdict(dict)
    for month, experience, number in (await session.execute(grouped)).all():
        counts[month][Experience(experience)] = number
    return counts


async def _comments(session: AsyncSession, organisation_id: UUID, months: list[date]) -> dict[date, list[str]]:
    """Return the comments by month, in no order of time: ids are random."""
    said = (
        select(col(FeedbackRow.month), col(FeedbackRow.comment))
        .where(
            col(FeedbackRow.organisation_id) == organisation_id,
            col(FeedbackRow.month).in_(months),
            col(FeedbackRow.comment).is_not(None),
        )
        .order_by(col(FeedbackRow.id))
    )
    comments: dict[date, list[str]] = defaultdict(list)
    for month, comment in (await session.execute(said)).all():
        comments[month].append(comment)
    return comments
