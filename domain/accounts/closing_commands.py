"""Closing an account for good: nobody signs in with it again, and it no longer says whose it was.

Each table bound to an account has its line in `tests/http/test_closed_accounts.py`: erased, ended, or kept and why.
What contexts after this one hold of an account (delegations, copies of a record) they let go of themselves, when it is
closed.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.queries import lock_account
from domain.audit.commands import record_audit
from domain.errors import Conflict
from domain.events.commands import append_event
from domain.repeats.commands import forget_replies_of

CLOSED_NAME = "A closed account"
_HOLDS_A_ROLE = text(
    "select exists (select from membership where account_id = :id and ended_at is null"
    " and (expires_at is null or expires_at > :at))"
)
# The row stays: the record and the audit trail go on saying that it was one and the same account.
_EMPTY = text(
    """
    update account set email = 'closed-' || id || '@closed.invalid', display_name = :name, password_hash = '!',
        disabled_at = coalesce(disabled_at, :at), version = version + 1
    where id = :id
    """
)
_FORGET = (
    text(
        "update session set ended_at = :at, end_reason = 'account_closed' where account_id = :id and ended_at is null"
    ),
    text("update session set label = '', device_hash = null where account_id = :id"),
    text("delete from refresh_token where session_id in (select id from session where account_id = :id)"),
    text("delete from live_ticket where session_id in (select id from session where account_id = :id)"),
    text("delete from recovery_code where account_id = :id"),
    text("delete from totp where account_id = :id"),
    text("delete from sign_in_token where account_id = :id"),
    text("delete from provider_identity where account_id = :id"),
    text("delete from passkey where account_id = :id"),
    text("delete from passkey_challenge where account_id = :id"),
    text("delete from password_reset where account_id = :id"),
    # What it invited others to, in its name, is worth nothing any more.
    text(
        "update invitation set revoked_at = :at where invited_by = :id and accepted_at is null and revoked_at is null"
    ),
)
# The invitations that were to this person, whether or not the account came of them. Asked while the address is known.
_FORGET_INVITED = text(
    """
    update invitation set email = 'closed-' || cast(:id as text) || '@closed.invalid', display_name = :name,
        revoked_at = case when accepted_at is null then coalesce(revoked_at, :at) end
    where account_id = :id or email = (select email from account where id = :id)
    """
)


async def close_account(session: AsyncSession, actor: Actor, account_id: UUID) -> None:
    """Close an account that holds no role: its address, name and means of signing in are erased, its sessions end.

    Raises Conflict for one that holds a role: end that first.
    """
    await lock_account(session, account_id)
    asked = {"id": account_id, "at": actor.at}
    if (await session.execute(_HOLDS_A_ROLE, asked)).scalar_one():
        raise Conflict("This account holds a role at an organisation: that must be ended first.")
    for statement in _FORGET:
        await session.execute(statement, {name: asked[name] for name in statement.compile().params})
    await forget_replies_of(session, account_id)
    for statement in (_FORGET_INVITED, _EMPTY):
        await session.execute(statement, asked | {"name": CLOSED_NAME})
    await append_event(session, "access.changed", subject_ids=[account_id])
    await record_audit(session, actor, "account.close", subject_id=account_id)
