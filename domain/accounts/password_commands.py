"""Putting another password in the place of the present one."""

from __future__ import annotations

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.ending_commands import end_reset_links
from domain.accounts.factor_commands import free_second_factor
from domain.accounts.queries import account_itself, lock_account
from domain.accounts.session_commands import end_own_sessions
from domain.accounts.tables import AccountRow
from domain.audit.commands import record_audit
from domain.keys.sealing import Sealing
from domain.mail.commands import queue_letter
from domain.mail.letters import password_changed


async def replace_password(
    session: AsyncSession, actor: Actor, password_hash: str, sealing: Sealing, *, present: str
) -> bool:
    """Return whether a new hash was kept for the actor's account; all its sessions but the actor's own end with that.

    Not when the hash is another by now than `present`, which was shown: of two who change it at once, the one who is
    not its holder would be last. The account is held, as by whoever signs in: no session opens with the old password.

    Its mailbox is told. What devices were given before is good no longer, nor is a link that was sent to choose a new
    password with. What strangers guessed stays counted: their waits must not tell that there is an account, and this
    device gets a token to be known by.
    """
    await lock_account(session, actor.account_id)
    changed = await session.execute(
        update(AccountRow)
        .where(col(AccountRow.id) == actor.account_id, col(AccountRow.password_hash) == present)
        .values(password_hash=password_hash, password_changed_at=actor.at, must_change_password=False)
        .returning(col(AccountRow.id))
    )
    if changed.scalar_one_or_none() is None:
        return False
    await end_reset_links(session, actor.account_id)
    await free_second_factor(session, actor.account_id, sealing, at=actor.at)
    email = (await account_itself(session, actor.account_id)).email
    await queue_letter(session, email, password_changed(), sealing, at=actor.at)
    await record_audit(session, actor, "password.change", subject_id=actor.account_id)
    await end_own_sessions(session, actor, reason="password_changed")
    return True
