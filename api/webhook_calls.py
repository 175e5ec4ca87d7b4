"""The worker's part in webhooks: follows the event log, calls what is due, keeps what came of it.

No transaction is open while somebody is called: a slow target must hold neither the live feed nor a connection.
"""

from __future__ import annotations

import asyncio
import logging

from domain.clock import Clock
from domain.keys.sealing import Sealing
from domain.webhooks.delivery_commands import (
    DELIVERIES_PER_STEP,
    Claimed,
    claim_deliveries,
    follow_events,
    record_failed,
    record_told,
)
from integrations.postgres.client import Database
from integrations.webhooks.client import Caller
from integrations.webhooks.errors import NotTaken, TargetRefused
from integrations.webhooks.payload import message

_LOG = logging.getLogger("tendwell.webhooks")


async def follow_for_webhooks(database: Database, clock: Clock) -> None:
    """Queue what the log has for webhooks."""
    more = True
    while more:
        async with database.writing() as session:
            more = await follow_events(session, clock())


async def call_webhooks(database: Database, clock: Clock, sealing: Sealing, caller: Caller) -> None:
    """Attempt what is due, several at a time."""
    while True:
        async with database.writing() as session:
            due = await claim_deliveries(session, sealing, clock())
        await asyncio.gather(*(_attempt(database, clock, caller, claimed) for claimed in due))
        if len(due) < DELIVERIES_PER_STEP:
            return


async def _attempt(database: Database, clock: Clock, caller: Caller, claimed: Claimed) -> None:
    told = message(
        message_id=claimed.id,
        kind=claimed.kind,
        patient_id=claimed.patient_id,
        subject_ids=claimed.subject_ids,
        event_at=claimed.event_at,
        secret=claimed.secret,
        sent_at=clock(),
    )
    try:
        outcome = f"status_{await caller.deliver(claimed.url, told)}"
    except (NotTaken, TargetRefused) as refused:
        _LOG.warning("webhook %s did not take a delivery: %s", claimed.webhook_id, refused.code)
        async with database.writing() as session:
            await record_failed(session, claimed, refused.code, clock())
        return
    async with database.writing() as session:
        await record_told(session, claimed, outcome, clock())
