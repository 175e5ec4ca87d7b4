"""Readings on their way into the record: what arrives while a commit is under way shares the next one.

Whatever cannot be recorded together with others is recorded by itself; that is decided in the domain.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID
from weakref import WeakValueDictionary

from api.gathering import Gathering, NoTurn
from api.log_lines import describe
from domain.observations.commands import Posting, record_observations, record_together
from domain.observations.verdict import Verdict
from integrations.postgres.client import POOL_TIMEOUT_SECONDS
from integrations.postgres.errors import Contended, DatabaseUnavailable
from integrations.postgres.roles import Databases

# Of one turn: what takes about as long as a commit, so that nobody waits long for those they share it with.
MOST_READINGS = 400
# While one waits for the disk, the next is prepared: if there is enough for it to pay.
TURNS, WORTH = 2, 16
# Sent in greater numbers, readings gain nothing by sharing and would have others wait.
MOST_TO_SHARE = 100
# For somebody's record, where others are recording of the same person by themselves.
PATIENCE_SECONDS = 10.0

_LOG = logging.getLogger("tendwell.recording")

Verdicts = list[Verdict]


class Recording:
    """One process's way into the record."""

    def __init__(self, database: Databases) -> None:
        self._database = database
        self._behind = 0
        self._places: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
        self._together: Gathering[Posting, Verdicts | None] = Gathering(
            self._share,
            most=MOST_READINGS,
            at_once=TURNS,
            worth=WORTH,
            patience_seconds=POOL_TIMEOUT_SECONDS,
            weigh=lambda posting: len(posting.readings),
            # One record's writers go one after another: of two turns the second would leave them out.
            about=lambda posting: posting.patient_id,
        )

    @property
    def waiting(self) -> int:
        """Return how many postings wait for a transaction to share, or for others of the same person."""
        return self._together.waiting + self._behind

    async def recorded(self, posting: Posting) -> Verdicts:
        """Return the verdicts of what is committed now. Raises what `record_observations` does, DatabaseUnavailable."""
        if len(posting.readings) <= MOST_TO_SHARE:
            try:
                verdicts = await self._together.done(posting)
            except NoTurn:
                raise DatabaseUnavailable from None
            if verdicts is not None:
                return verdicts
        async with self._alone(posting.patient_id), self._database.writing(posting.actor, [posting.patient_id]) as own:
            return await record_observations(own, posting.actor, posting.patient_id, posting.readings, posting.sent_at)

    @asynccontextmanager
    async def _alone(self, patient_id: UUID) -> AsyncIterator[None]:
        """Wait for who is recording by themselves of the same person: here, not each on a connection of their own."""
        place = self._places.setdefault(patient_id, asyncio.Lock())
        self._behind += 1
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await place.acquire()
        except TimeoutError:
            raise DatabaseUnavailable from None
        finally:
            self._behind -= 1
        try:
            yield
        finally:
            place.release()

    async def _share(self, postings: list[Posting]) -> Sequence[Verdicts | None]:
        pairs = [(posting.actor.account_id, posting.patient_id) for posting in postings]
        try:
            async with self._database.writing_together(pairs, max(p.actor.at for p in postings)) as session:
                return await record_together(session, postings)
        except Contended:
            return [None] * len(postings)  # who it was that another transaction held up, is found by waiting alone
        except DatabaseUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one of them may be at fault: each meets it, or not, by itself
            _LOG.error("readings could not be recorded together, and are recorded one by one: %s", describe(error))
            return [None] * len(postings)
