"""Who is at the other end of a socket: the ticket is spent, and the caller stands with whom they may see.

Knows no socket. What is decided here is decided again at every event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.live.protocol import MOST_PATIENTS, Close, Goodbye, HelloIn, ListIn
from domain.access.actor import Actor
from domain.accounts.presence_queries import Shown, actor_of_session
from domain.accounts.session_commands import redeem_live_ticket
from domain.clock import Clock
from domain.errors import NotAuthenticated
from domain.people.queries import visible_patient_ids
from integrations.postgres.roles import Databases


@dataclass(frozen=True, slots=True)
class Admitted:
    """A caller whose ticket was good: until when, whom they ask to watch, and whether that is everybody they may."""

    actor: Actor
    session_id: UUID
    session_expires_at: datetime
    patient_ids: Sequence[UUID]
    follows_list: bool
    is_whole_list: bool


async def admit(database: Databases, clock: Clock, hello: HelloIn, request_id: str) -> Admitted:
    """Spend the ticket and return the caller. Raises Goodbye when the ticket is not good, DatabaseUnavailable."""
    at = clock()
    try:
        async with database.identifying() as session:
            redeemed = await redeem_live_ticket(session, hello.ticket, at=at)
            shown = Shown(redeemed.session_id, redeemed.account_id)
            actor = await actor_of_session(session, shown, at=at, request_id=request_id)
    except NotAuthenticated as refusal:
        raise Goodbye(Close.not_authenticated, refusal.detail) from None
    follows_list = isinstance(hello.watch, ListIn)
    if isinstance(hello.watch, ListIn):
        async with database.reading(actor) as session:
            wanted = await visible_patient_ids(session, actor, MOST_PATIENTS + 1)
    else:
        wanted = list(dict.fromkeys(hello.watch.patients))
    return Admitted(
        actor,
        redeemed.session_id,
        redeemed.session_expires_at,
        wanted[:MOST_PATIENTS],
        follows_list,
        is_whole_list=follows_list and len(wanted) <= MOST_PATIENTS,
    )
