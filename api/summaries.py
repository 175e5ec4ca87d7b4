"""The worker's part in daily summaries: a round through all records, in steps of a tenth of a second."""

from __future__ import annotations

import asyncio

from domain.clock import Clock
from domain.observations.summary_commands import Place, summarise_some
from integrations.postgres.client import Database

SUMMARIES_PAUSE_SECONDS = 300.0
# Between two steps, so that the live feed gets its turn: a step is a writing transaction.
_BREATH_SECONDS = 0.05


async def summarise(database: Database, clock: Clock) -> None:
    """Sum up what days are over, record by record. Until then, and again when it changes, readings are read instead."""
    place: Place | None = Place()
    while place is not None:
        async with database.writing() as session:
            step = await summarise_some(session, place, clock())
        place = step.place
        await asyncio.sleep(_BREATH_SECONDS)
