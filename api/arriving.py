"""The worker's part in receipts: asks whoever took a notice, and can tell, whether it arrived.

Never of a notice itself: they are asked by their own name for it.
"""

from __future__ import annotations

import asyncio
import logging

from api.notifying import Sending
from domain.notifications.arrival_commands import (
    ASKED_PER_STEP,
    Asked,
    ask_later,
    claim_questions,
    record_arrived,
    record_lost,
)
from integrations.notifications.errors import NotSent

_LOG = logging.getLogger("tendwell.notices")


async def ask_what_arrived(sending: Sending) -> None:
    """Ask about what is to be asked about, several at a time."""
    while sending.by.arrivals:
        async with sending.database.writing() as session:
            claimed = await claim_questions(session, sending.by.arrivals, sending.clock())
        await asyncio.gather(*(_ask(sending, asked) for asked in claimed))
        if len(claimed) < ASKED_PER_STEP:
            break


async def _ask(sending: Sending, asked: Asked) -> None:
    channel = asked.channel.value
    try:
        arrival = await sending.by.arrivals[asked.channel](asked.reference)
    except NotSent as refused:
        _LOG.warning("nobody said whether notice %s arrived: %s", asked.id, refused.reason)
        arrival = None
    async with sending.database.writing() as session:
        if arrival is None:
            await ask_later(session, asked, sending.clock())
        elif arrival.reason is None:
            await record_arrived(session, asked, sending.clock())
            sending.metrics.notice_ended(channel, "delivered")
        else:
            await record_lost(session, asked, arrival.reason, sending.clock(), has_ended=arrival.has_ended)
            sending.metrics.notice_ended(channel, "not_delivered")
