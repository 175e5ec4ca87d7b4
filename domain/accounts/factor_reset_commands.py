"""Helping a colleague who has lost their second factor: an administrator removes it, and they enrol anew."""

from __future__ import annotations

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.accounts.commands import require_administered_account
from domain.accounts.ending_commands import end_everything_open
from domain.accounts.factor_commands import forget_factors
from domain.accounts.queries import account_itself, lock_account
from domain.audit.commands import record_audit
from domain.errors import NotPermitted
from domain.keys.sealing import Sealing
from domain.mail.commands import queue_letter
from domain.mail.letters import factor_reset


async def reset_factors(session: AsyncSession, actor: Actor, account_id: UUID, sealing: Sealing) -> None:
    """Remove somebody's second factors and end their sessions; they are told by mail.

    Never one's own: a stolen session of an administrator must not be enough. Raises NotPermitted, NotFound.
    """
    require_role(actor, Role.administrator)
    if account_id == actor.account_id:
        raise NotPermitted("You cannot reset your own second factor: ask another administrator.")
    account = await require_administered_account(session, actor, account_id)
    await lock_account(session, account)  # as whoever signs in does: with a passkey that is going, say
    await forget_factors(session, account, sealing, at=actor.at)
    await end_everything_open(session, account, at=actor.at, reason="factors_reset")
    await queue_letter(session, (await account_itself(session, account)).email, factor_reset(), sealing, at=actor.at)
    await record_audit(session, actor, "factor.reset", subject_id=account)
