"""Who is calling: the session behind each request is looked up as it comes, and all that come at once together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from api.gathering import Gathering, NoTurn
from domain.access.actor import Actor, Grant
from domain.accounts.presence_queries import Shown, grants_of_sessions
from domain.accounts.session_age import SESSION_ENDED
from domain.errors import NotAuthenticated
from integrations.postgres.client import POOL_TIMEOUT_SECONDS
from integrations.postgres.errors import DatabaseUnavailable
from integrations.postgres.roles import Databases

MOST_AT_ONCE = 100
# While one look-up is on its way, the next is sent, when it is for as many as that.
TURNS, WORTH = 2, 50

Asked = tuple[Shown, datetime]
Held = tuple[Grant, ...]


class Callers:
    """One process's look at sessions and grants. Nothing is remembered: what has ended is over at the next request."""

    def __init__(self, database: Databases) -> None:
        self._database = database
        self._looks: Gathering[Asked, Held | Exception | None] = Gathering(
            self._look, most=MOST_AT_ONCE, patience_seconds=POOL_TIMEOUT_SECONDS, at_once=TURNS, worth=WORTH
        )

    @property
    def waiting(self) -> int:
        """Return how many wait for a look-up to share."""
        return self._looks.waiting

    async def actor(self, shown: Shown, at: datetime, request_id: str) -> Actor:
        """Return the caller with the grants in force; raise NotAuthenticated when the session has ended.

        Raises DatabaseUnavailable.
        """
        try:
            held = await self._looks.done((shown, at))
        except NoTurn:
            raise DatabaseUnavailable from None
        if isinstance(held, Exception):
            raise held
        if held is None:
            raise NotAuthenticated(SESSION_ENDED)
        return Actor(shown.account_id, at, shown.session_id, request_id, held)

    async def _look(self, asked: list[Asked]) -> Sequence[Held | Exception | None]:
        """Return what each holds; where one spoils the look for all (a role of a newer version, say), one by one."""
        try:
            return await self._seen(asked)
        except DatabaseUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whose fault it is shows when each is looked up alone
            if len(asked) == 1:
                return [error]
            return [found for each in asked for found in await self._look([each])]

    async def _seen(self, asked: Sequence[Asked]) -> Sequence[Held | None]:
        async with self._database.glancing() as session:
            return await grants_of_sessions(session, [shown for shown, _ in asked], max(at for _, at in asked))
