"""Ending everything that somebody has open with an account, its holder or a thief.

A link to choose a new password with is open, too: it ends with any password that is put in another's place. So is the
wish for one that no worker has seen yet: it tells nobody whose it is, so when all was ended is kept, to compare with.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.tables import AccountRow, PasswordResetRow, SessionRow, SignInTokenRow
from domain.events.commands import append_event


async def end_everything_open(session: AsyncSession, account_id: UUID, *, at: datetime, reason: str) -> None:
    """End an account's sessions, sockets, begun sign-ins, reset links and wishes for one, from this commit on.

    The account's lock is held by whoever calls: none is being granted meanwhile.
    """
    await session.execute(
        update(SessionRow)
        .where(col(SessionRow.account_id) == account_id, col(SessionRow.ended_at).is_(None))
        .values(ended_at=at, end_reason=reason)
    )
    await session.execute(delete(SignInTokenRow).where(col(SignInTokenRow.account_id) == account_id))
    await end_reset_links(session, account_id)
    await session.execute(update(AccountRow).where(col(AccountRow.id) == account_id).values(all_ended_at=at))
    await append_event(session, "access.changed", subject_ids=[account_id])


async def end_reset_links(session: AsyncSession, account_id: UUID) -> None:
    """Make worthless every link that was sent to choose a new password with: whoever reads the mailbox has it still.

    The account's lock is held by whoever calls: none is being granted meanwhile (`grant_reset`).
    """
    await session.execute(delete(PasswordResetRow).where(col(PasswordResetRow.account_id) == account_id))
