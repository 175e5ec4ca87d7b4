"""Whether it is still the account's holder who sits there: asked before anything that protects the account is changed.

A session left open on a desk, or a stolen token, must not be enough to put another phone in the place of the right one.
Nor shall a stolen token gain by it that the holder confirms: access tokens of before are refused from then on.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.factor_commands import Proof, use_factor
from domain.accounts.queries import lock_account, own_password_hash
from domain.accounts.tables import SessionRow
from domain.accounts.throttle_commands import Wait
from domain.audit.commands import record_audit
from domain.errors import ConfirmationNeeded
from domain.keys.sealing import Sealing

CONFIRMED_FOR = timedelta(minutes=10)


async def require_confirmed(session: AsyncSession, actor: Actor) -> None:
    """Raise ConfirmationNeeded unless the caller signed in, or confirmed that it is they, in the last ten minutes."""
    confirmed_at = await session.scalar(
        select(col(SessionRow.confirmed_at)).where(col(SessionRow.id) == actor.session_id)
    )
    if confirmed_at is None or actor.at - confirmed_at > CONFIRMED_FOR:
        raise ConfirmationNeeded


async def confirm_by_password(session: AsyncSession, actor: Actor, shown: str | None) -> bool:
    """Return whether the caller confirmed that it is they.

    `shown`: the hash that what they typed was right for, None when it was wrong. It was compared outside of any
    transaction, and counts if the password has not been changed since.
    """
    await lock_account(session, actor.account_id)
    is_right = shown is not None and shown == await own_password_hash(session, actor.account_id)
    return await _confirmed(session, actor, is_right=is_right)


async def confirm_by_factor(session: AsyncSession, actor: Actor, proof: Proof, sealing: Sealing) -> bool | Wait:
    """Return whether the caller confirmed that it is they, having spent the code; the wait after many guesses."""
    await lock_account(session, actor.account_id)
    shown = await use_factor(session, actor, proof, sealing)
    return shown if isinstance(shown, Wait) else await _confirmed(session, actor, is_right=shown is not None)


async def _confirmed(session: AsyncSession, actor: Actor, *, is_right: bool) -> bool:
    """Return what was found, recorded either way: the caller's transaction commits a refusal too."""
    if is_right:
        await session.execute(
            update(SessionRow)
            .where(col(SessionRow.id) == actor.session_id)
            .values(confirmed_at=actor.at, generation=col(SessionRow.generation) + 1)
        )
    await record_audit(session, actor, "session.confirm" if is_right else "session.confirm_refused")
    return is_right
