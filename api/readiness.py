"""Whether this process can serve, and if not why not: in words for those who run it, without an address or a secret.

Knows the bounds. Refuses to judge the feed itself, which says how long it has been blind, or the schema.
"""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import dataclass

from api.key_check import KeyCheck, WrongKey
from api.log_lines import describe
from api.refusals import NotReady
from api.seal_lag import known_lag
from domain.events.queries import feed_position, outbox_lag_seconds
from integrations.postgres.client import Database
from integrations.postgres.errors import NotAdmitted, NotLetIn, WithoutRole, is_retryable
from integrations.postgres.schema import Schema, schema_of

# Under the 3 s that container engines and balancers commonly wait for an answer to this question.
ANSWER_WITHIN_SECONDS = 2.0
# Clients turn stale after 5 s and try elsewhere by themselves. This is longer than a worker takes to start again,
# because a worker's absence blinds every node at once, and readings can still be recorded on all of them.
BLIND_TOO_LONG_SECONDS = 30.0

NO_ANSWER = "The database does not answer."
UNUSABLE = "The database cannot be used; this process's log says what happened."
BEHIND = "The database lacks migrations that this version needs: run `python -m api migrate`."
BEYOND = "The database has migrations that this version cannot work with: start the version that applied them."
NO_ROLES = (
    "The database lacks the roles of this version, or its login may not take them on: run `python -m api migrate`, "
    "which makes a login that may."
)
WRONG_KEY = (
    "Stored secrets do not open with this process's TENDWELL_ENCRYPTION_KEY: start it with the one they were sealed "
    "with. Its log names the table."
)
NOT_BEGUN = "The live feed has not begun: is a worker running?"
BLIND = "The live feed has been blind for {seconds:.0f} s: is a worker running, and is no long transaction open?"

_LOG = logging.getLogger("tendwell.readiness")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a process that can serve stands: the feed's highest number, and how far feed and sealing lag (seconds).

    How far the sealing does may be unknown: it takes no part in whether the process can serve.
    """

    number: int
    lag_seconds: float
    blind_seconds: float
    seal_lag_seconds: float | None


async def standing(database: Database, check: KeyCheck, blind_seconds: float) -> Standing:
    """Return where this process stands, whose feed says how long it has been blind (infinite: it has not begun).

    Raises NotReady, with the reason, when the process cannot serve.
    """
    number, lag = await _asked(database, check)
    if number is None or math.isinf(blind_seconds):
        raise NotReady(NOT_BEGUN)
    if blind_seconds > BLIND_TOO_LONG_SECONDS:
        raise NotReady(BLIND.format(seconds=blind_seconds))
    return Standing(number, lag, blind_seconds, await known_lag(database))


async def _asked(database: Database, check: KeyCheck) -> tuple[int | None, float]:
    """Return what the database says: the feed's highest number, if any, and its lag in seconds."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN_SECONDS), database.reading() as session:
            schema = await schema_of(session)
            if schema is not Schema.fit:
                raise NotReady(BEHIND if schema is Schema.behind else BEYOND)
            await check.require()
            position = await feed_position(session)
            number = None if position is None else position.number
            return number, await outbox_lag_seconds(session)
    except NotReady:
        raise
    except WrongKey as error:
        raise NotReady(WRONG_KEY) from error
    except Exception as error:  # whatever it is, this process cannot serve, and who asks is told so
        if isinstance(error, WithoutRole):
            raise NotReady(NO_ROLES) from error
        if is_retryable(error) and not isinstance(error, NotAdmitted | NotLetIn):
            raise NotReady(NO_ANSWER) from error
        _LOG.error("the database cannot be used: %s", describe(error))
        raise NotReady(UNUSABLE) from error
