"""The databases of an API process over one that the test holds already, and acting in it: in whatever role that is."""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from integrations.postgres.client import Database
from integrations.postgres.roles import Databases


def in_one_role(database: Database) -> Databases:
    return Databases(database, database, database, database, database)


async def entered(session: AsyncSession, actor: Actor) -> None:
    """Have the transaction act for someone, as a request's does."""
    await session.execute(text("select enter(:account, :at, null)"), {"account": actor.account_id, "at": actor.at})
