"""Telling people of a plan that was published for them, or a goal that was proposed to them: the event log, followed.

Ids alone are looked at: whether it is news to the person, who made it themself or not, PostgreSQL's own function says.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.events.queries import feed_page
from domain.notifications.delivery_commands import NewNotice, queue_notices
from domain.notifications.words import NoticeKind
from domain.reminders.tables import NoticeFollowerRow

EVENTS_PER_STEP = 500
NEWS = frozenset({"plan.published", "goal.proposed"})

_START = text("insert into notice_follower (number) select number from event_relay on conflict (single) do nothing")
_POSITION = text("select number from notice_follower for update skip locked")
_NEWS_OF = text("select * from news_of(cast(:subjects as uuid[]))")


async def follow_news(session: AsyncSession, at: datetime) -> bool:
    """Return whether more of the log may be waiting; what it has that is news to somebody is queued.

    Several workers may follow: the row's lock lets one at a time.
    """
    position = (await session.execute(_POSITION)).scalar_one_or_none()
    if position is None:
        await session.execute(_START)
        return False
    page = await feed_page(session, position, EVENTS_PER_STEP)
    if page is None:
        return False
    since = {subject: event.at for event in page.events if event.kind in NEWS for subject in event.subject_ids}
    if since:
        rows = await session.execute(_NEWS_OF, {"subjects": list(since)})
        new = [
            NewNotice(row.account_id, row.patient_id, NoticeKind.something_new, row.subject_id, since[row.subject_id])
            for row in rows
        ]
        await queue_notices(session, new, at)
    reached = page.events[-1].number if page.events else page.number
    if reached != position:
        await session.execute(update(NoticeFollowerRow).values(number=reached))
    return len(page.events) == EVENTS_PER_STEP
