"""Telling people by letter what became of what they asked: that an answer or their copy waits, or none could be made.

A letter is written in the transaction of what it tells of, so there is one, or neither. It says nothing of what was
asked, answered or found: that is read signed in.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.address_queries import address_of
from domain.keys.sealing import Sealing
from domain.mail.commands import queue_letter
from domain.mail.letters import account_closed, copy_failed, copy_ready, request_answered
from domain.rights.export_commands import KEPT_FOR, ClaimedExport, note_letter
from domain.rights.request_commands import Answered


async def tell_of_answer(
    session: AsyncSession, answered: Answered, sealing: Sealing, page: str, *, at: datetime
) -> None:
    """Write to whoever asked that there is an answer on `page`; or, of a closed account, that it is closed."""
    if answered.to is not None:
        letter = account_closed() if answered.closed_account else request_answered(page)
        await queue_letter(session, answered.to, letter, sealing, at=at)


async def tell_of_copy(
    session: AsyncSession, export: ClaimedExport, sealing: Sealing, page: str, *, at: datetime
) -> None:
    """Write to whoever asked for a copy that it is ready; not sent any more once the copy is gone."""
    address = await address_of(session, export.account_id)
    if address is not None:
        written = await queue_letter(session, address, copy_ready(page), sealing, at=at, lapses_at=at + KEPT_FOR)
        await note_letter(session, export.id, written)


async def tell_of_no_copy(
    session: AsyncSession, export: ClaimedExport, sealing: Sealing, page: str, *, at: datetime
) -> None:
    """Write to whoever asked for a copy that it could not be made, and that they may ask again."""
    address = await address_of(session, export.account_id)
    if address is not None:
        await queue_letter(session, address, copy_failed(page), sealing, at=at)
