"""Signing in by way of an identity provider: what was asked of it, once, and whose account its subject stands for.

Refuses to know what the provider answered, and whose record an account belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.client import Client
from domain.accounts.factor_commands import tell_holder
from domain.accounts.refresh_token import new_token, token_hash
from domain.accounts.session_age import SessionKind
from domain.accounts.tables import ProviderIdentityRow, ProviderSignInRow
from domain.audit.commands import record_audit
from domain.ids import new_id
from domain.keys.resealing_commands import SealedColumn
from domain.keys.sealing import Sealing

# As long as NHS login's own codes are good. Whoever has to set their login up first begins again afterwards.
LIFETIME = timedelta(minutes=10)
PURPOSE = "provider_sign_in"
SEALED = SealedColumn("provider_sign_in", "sealed", PURPOSE, lasts=False)


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in to be sent to the provider.

    `state` and `nonce` go there; `secret` stays in the browser that asked, so that an answer which somebody else slips
    to it is worthless (login CSRF, RFC 9700 section 4.7); `verifier` (PKCE) stays here.
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """A sign-in whose answer has come: what its tokens must say, and on what it was begun."""

    id: UUID
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    begun_at: datetime
    client: Client
    invitation: str | None = field(default=None, repr=False)


async def begin_provider_sign_in(
    session: AsyncSession, sealing: Sealing, *, at: datetime, client: Client, invitation: str | None = None
) -> Begun:
    """Return a fresh sign-in for the provider; good once, for ten minutes.

    `invitation`: the token of the one that is accepted by it, found good by the caller.
    """
    begun, row_id = Begun(new_token(), new_token(), new_token(), new_token()), new_id()
    plain = " ".join([begun.nonce, begun.verifier, *([] if invitation is None else [invitation])]).encode()
    session.add(
        ProviderSignInRow(
            id=row_id,
            state_hash=token_hash(begun.state),
            secret_hash=token_hash(begun.secret),
            sealed=sealing.seal(plain, purpose=PURPOSE, row_id=row_id),
            begun_at=at,
            expires_at=at + LIFETIME,
            kind=client.kind.value,
            label=client.label,
            device_hash=client.device_hash,
        )
    )
    await session.flush()
    return begun


async def take_provider_sign_in(
    session: AsyncSession, state: str, secret: str, sealing: Sealing, *, at: datetime
) -> Taken | None:
    """Return the sign-in that this state and this browser's secret belong to, now spent; None when there is none.

    One statement: of two who bring one answer, one is let through.
    """
    taken = await session.execute(
        update(ProviderSignInRow)
        .where(
            col(ProviderSignInRow.state_hash) == token_hash(state),
            col(ProviderSignInRow.secret_hash) == token_hash(secret),
            col(ProviderSignInRow.expires_at) > at,
            col(ProviderSignInRow.taken_at).is_(None),
        )
        .values(taken_at=at)
        .returning(ProviderSignInRow)
        .execution_options(synchronize_session=False)
    )
    row = taken.scalar_one_or_none()
    if row is None:
        return None
    # Two words when there is no invitation, as nodes wrote that knew of none; those cannot read three (operations.md).
    nonce, verifier, *more = sealing.unseal(row.sealed, purpose=PURPOSE, row_id=row.id).decode().split(" ")
    client = Client(SessionKind(row.kind), row.label, row.device_hash)
    return Taken(row.id, nonce, verifier, row.begun_at, client, more[0] if more else None)


async def lay_back(session: AsyncSession, sign_in_id: UUID) -> None:
    """Have a sign-in be good again: the provider could not be asked, and its answer may be sent once more."""
    await session.execute(
        update(ProviderSignInRow).where(col(ProviderSignInRow.id) == sign_in_id).values(taken_at=None)
    )


async def linked_account(session: AsyncSession, issuer: str, subject: str) -> UUID | None:
    """Return whose account the provider's subject stands for, disabled or not; None when for none yet."""
    return await session.scalar(
        select(col(ProviderIdentityRow.account_id)).where(
            col(ProviderIdentityRow.issuer) == issuer, col(ProviderIdentityRow.subject) == subject
        )
    )


async def link_identity(session: AsyncSession, actor: Actor, issuer: str, subject: str, sealing: Sealing) -> bool:
    """Return whether the subject stands for this account from now on: not when either is linked to another already.

    The account's holder is told by mail.
    """
    row_id = new_id()
    made = await session.execute(
        insert(ProviderIdentityRow)
        .values(id=row_id, account_id=actor.account_id, issuer=issuer, subject=subject, linked_at=actor.at)
        .on_conflict_do_nothing()
        .returning(col(ProviderIdentityRow.id))
    )
    if made.scalar_one_or_none() is None:  # of two first sign-ins at once the other may have made it
        return await linked_account(session, issuer, subject) == actor.account_id
    await tell_holder(session, actor, sealing)
    await record_audit(session, actor, "provider.link", subject_id=row_id)
    return True


async def forget_lapsed_provider_sign_ins(session: AsyncSession, *, at: datetime) -> int:
    """Return how many were deleted whose answer nobody can bring any more."""
    gone = await session.execute(delete(ProviderSignInRow).where(col(ProviderSignInRow.expires_at) <= at))
    return int(gone.rowcount)  # type: ignore[attr-defined]
