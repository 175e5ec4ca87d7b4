"""How late the sealing of the audit trail is, for those who tell it. Asking keeps nobody waiting."""

from __future__ import annotations

import asyncio
import logging

from api.log_lines import describe
from domain.audit.seal_queries import seal_lag_seconds
from integrations.postgres.client import Database, require_wanted

# It takes some milliseconds.
ANSWER_WITHIN_SECONDS = 0.5

_LOG = logging.getLogger("tendwell.sealing")


async def known_lag(database: Database) -> float | None:
    """Return how late the sealing is, in seconds; None where that cannot be asked now, which is logged."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN_SECONDS), database.reading() as session:
            return await seal_lag_seconds(session)
    except Exception as error:  # noqa: BLE001 - neither sealing nor serving depends on it
        require_wanted()
        _LOG.warning("how late the sealing of the audit trail is is not known: %s", describe(error))
        return None
