"""The worker's part in reminders: works out what has fallen due, and what is new, and queues it to be told."""

from __future__ import annotations

from domain.clock import Clock
from domain.reminders.commands import remind_of_actions
from domain.reminders.news_commands import follow_news
from integrations.postgres.client import Database


async def queue_reminders(database: Database, clock: Clock) -> None:
    """Queue what is due and what is new, in short steps."""
    for step in (remind_of_actions, follow_news):
        more = True
        while more:
            async with database.writing() as session:
                more = await step(session, clock())
