"""Replacing a forgotten password, in three steps: asking, the letter, the new password.

Whoever asks learns nothing, not even by time: asking only writes down the address that was typed, sealed, in one
statement, the same for an address that nobody has. Whose it is, a worker looks up, and it writes the letter.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.ending_commands import end_everything_open
from domain.accounts.factor_commands import free_second_factor
from domain.accounts.password_queries import PasswordHolder, password_holder
from domain.accounts.queries import Credentials, credentials_of, lock_account
from domain.accounts.refresh_token import new_token, token_hash
from domain.accounts.tables import AccountRow, PasswordResetRequestRow, PasswordResetRow
from domain.accounts.throttle import PURPOSE as PURPOSE_OF_MARKS
from domain.accounts.throttle import Scope, marks_under
from domain.accounts.throttle_commands import Wait, begin_attempt
from domain.audit.commands import record_audit
from domain.audit.entry import NOBODY
from domain.errors import NotAuthenticated, NotFound
from domain.ids import new_id
from domain.keys.resealing_commands import SealedColumn
from domain.keys.sealing import CannotUnseal, Sealing
from domain.mail.commands import queue_letter
from domain.mail.letters import LinkTo, password_changed, password_reset

LINK_LIFETIME = timedelta(minutes=30)
PURPOSE = "password_reset_request"
SEALED = SealedColumn("password_reset_request", "sealed_email", PURPOSE, lasts=False)
# Nobody waits for a letter for longer; after a day without a worker, old wishes are not granted.
_WISH_LIFETIME = timedelta(hours=1)
_TAKE = text(
    "delete from password_reset_request where id ="
    " (select id from password_reset_request order by asked_at, id limit 1 for update skip locked)"
    " returning id, sealed_email, asked_at, request_id"
)
_REFUSED = "This link is not good: it was used, is older than 30 minutes, or a newer one was sent."


async def ask_for_reset(
    session: AsyncSession, email: str, sealing: Sealing, *, network: str, at: datetime, request_id: str
) -> Wait | None:
    """Write down that somebody wants a new password for this address, whether or not anybody has it.

    Returns how long to wait when too many were asked for from this network. When too many were asked for this address,
    nothing is written down and nothing told.
    """
    address, keys = email.strip().lower().encode(), sealing.mac_keys(PURPOSE_OF_MARKS)
    from_there = {Scope.reset_from: marks_under(keys, Scope.reset_from, network.encode())}
    asked = await begin_attempt(session, from_there, at=at)
    if isinstance(asked, Wait):
        return asked
    if isinstance(await begin_attempt(session, {Scope.reset: marks_under(keys, Scope.reset, address)}, at=at), Wait):
        return None
    row_id = new_id()
    sealed = sealing.seal(address, purpose=PURPOSE, row_id=row_id)
    row = {"id": row_id, "sealed_email": sealed, "asked_at": at, "request_id": request_id}
    await session.execute(insert(PasswordResetRequestRow).values(**row))
    return None


async def grant_reset(session: AsyncSession, sealing: Sealing, link_to: LinkTo, *, at: datetime) -> bool:
    """Return whether a wish was dealt with: with a letter if the address is an account's, and none if it is nobody's.

    The link before it is good no longer. A wish of before the password was changed, or of before everything open was
    ended, is not granted, as its link would be good no longer: the account is held while that is asked, so that what
    ends links comes before it or ends it.
    """
    row = (await session.execute(_TAKE)).one_or_none()
    if row is None:
        return False
    email = _address(row.sealed_email, row.id, sealing)
    known = None if email is None or at - row.asked_at > _WISH_LIFETIME else await _held(session, email)
    if email is not None and known is not None and row.asked_at >= known.wishes_since:
        token = new_token()
        fresh = {"token_hash": token_hash(token), "expires_at": at + LINK_LIFETIME}
        await session.execute(
            insert(PasswordResetRow)
            .values(account_id=known.account_id, **fresh)
            .on_conflict_do_update(index_elements=["account_id"], set_=fresh)
        )
        letter = password_reset(link_to(token))
        await queue_letter(session, email, letter, sealing, at=at, lapses_at=at + LINK_LIFETIME)
        await record_audit(session, Actor(known.account_id, at, request_id=row.request_id), "password.reset_asked")
    return True


async def _held(session: AsyncSession, email: str) -> Credentials | None:
    """Return an account's credentials as they stay to the end of the transaction; None for nobody's address."""
    known = await credentials_of(session, email)
    if known is None:
        return None
    await lock_account(session, known.account_id)
    return await credentials_of(session, email)


def _address(sealed: bytes, row_id: UUID, sealing: Sealing) -> str | None:
    try:
        return sealing.unseal(sealed, purpose=PURPOSE, row_id=row_id).decode()
    except CannotUnseal:  # the encryption secret was replaced in this minute: ask again
        return None


async def who_resets(session: AsyncSession, token: str, *, at: datetime) -> PasswordHolder:
    """Return whose link this is, to judge the new password by. Raises NotAuthenticated when it is not good."""
    try:
        return await password_holder(session, await _whose(session, token, at) or NOBODY)
    except NotFound:
        raise NotAuthenticated(_REFUSED) from None


async def _whose(session: AsyncSession, token: str, at: datetime) -> UUID | None:
    return await session.scalar(
        select(col(PasswordResetRow.account_id)).where(
            col(PasswordResetRow.token_hash) == token_hash(token), col(PasswordResetRow.expires_at) > at
        )
    )


async def complete_reset(
    session: AsyncSession, token: str, password_hash: str, sealing: Sealing, *, at: datetime, request_id: str
) -> None:
    """Keep the new password and end everything that is open with the old one. The second factor stays as it is.

    Raises NotAuthenticated when the link is not good: it is spent here, so that of two uses at once one succeeds. The
    account is held, as by whoever signs in, and before the link is: no session opens with the old password.
    """
    await lock_account(session, await _whose(session, token, at) or NOBODY)
    spent = await session.scalar(
        delete(PasswordResetRow)
        .where(col(PasswordResetRow.token_hash) == token_hash(token), col(PasswordResetRow.expires_at) > at)
        .returning(col(PasswordResetRow.account_id))
    )
    changed = await session.execute(
        update(AccountRow)
        .where(col(AccountRow.id) == spent, col(AccountRow.disabled_at).is_(None))
        .values(password_hash=password_hash, must_change_password=False, password_changed_at=at)
        .returning(col(AccountRow.id), col(AccountRow.email))
    )
    row = changed.one_or_none()
    if row is None:
        raise NotAuthenticated(_REFUSED)
    await free_second_factor(session, row.id, sealing, at=at)
    await end_everything_open(session, row.id, at=at, reason="password_reset")
    await queue_letter(session, row.email, password_changed(), sealing, at=at)
    await record_audit(session, Actor(row.id, at, request_id=request_id), "password.reset", subject_id=row.id)


async def forget_lapsed_resets(session: AsyncSession, *, at: datetime) -> int:
    """Return how many links were deleted that are good no longer."""
    gone = await session.execute(delete(PasswordResetRow).where(col(PasswordResetRow.expires_at) <= at))
    return int(gone.rowcount)  # type: ignore[attr-defined]
