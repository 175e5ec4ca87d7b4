"""Making, using, naming and removing passkeys. A challenge is stored here, and good once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.client import Client
from domain.accounts.factor_commands import forget_codes_without_factor, require_another_factor, tell_holder
from domain.accounts.passkey_ceremony import (
    Holder,
    PasskeyRefused,
    RelyingParty,
    asserted,
    challenge_of,
    creation_options,
    credential_id_of,
    registered,
    request_options,
    user_handle_of,
)
from domain.accounts.passkey_limits import CHALLENGE_BYTES, CHALLENGE_LIFETIME, MOST_PASSKEYS
from domain.accounts.queries import account_itself, lock_account
from domain.accounts.session_commands import OpenedSession, open_session
from domain.accounts.sign_in import FactorRule, Means
from domain.accounts.sign_in_commands import account_waiting_for_factor
from domain.accounts.tables import AccountRow, PasskeyChallengeRow, PasskeyRow
from domain.audit.commands import record_audit
from domain.errors import Conflict, NotFound
from domain.ids import new_id
from domain.keys.sealing import Sealing
from domain.versions import Seen, require_seen

REGISTERING, SIGNING_IN = "register", "sign_in"


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that is not good. It is returned, not raised, so that its challenge is spent and the trail kept."""


async def begin_passkey(session: AsyncSession, actor: Actor, party: RelyingParty) -> dict[str, Any]:
    """Return what the caller's browser needs to make a passkey. Raises Conflict for an account that has twenty."""
    known = await _credential_ids(session, actor.account_id)
    if len(known) >= MOST_PASSKEYS:
        raise Conflict("An account has at most 20 passkeys. Remove one first.")
    account = await account_itself(session, actor.account_id)
    challenge = await _new_challenge(session, REGISTERING, actor.account_id, at=actor.at)
    await record_audit(session, actor, "factor.begin", subject_id=actor.account_id)
    return creation_options(party, challenge, Holder(account.id, account.email, account.display_name), known)


async def add_passkey(
    session: AsyncSession, actor: Actor, party: RelyingParty, credential: Mapping[str, Any], name: str, sealing: Sealing
) -> UUID | Refused:
    """Return the id of the caller's new passkey."""
    try:
        challenge = challenge_of(credential)
        if await _spent_challenge(session, REGISTERING, challenge, at=actor.at) != (actor.account_id,):
            return Refused()
        made = registered(party, credential, challenge)
    except PasskeyRefused:
        return Refused()
    known = await session.scalar(select(col(PasskeyRow.id)).where(col(PasskeyRow.credential_id) == made.credential_id))
    if known is not None:
        return Refused()
    row = PasskeyRow(
        account_id=actor.account_id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        backed_up=made.backed_up,
        name=name,
        made_at=actor.at,
    )
    session.add(row)
    await session.flush()
    await tell_holder(session, actor, sealing)
    await record_audit(session, actor, "factor.enrol", subject_id=row.id)
    return row.id


async def begin_passkey_sign_in(
    session: AsyncSession, party: RelyingParty, sign_in_token: str | None, *, at: datetime
) -> dict[str, Any]:
    """Return what a browser needs to sign in with a passkey.

    With the token of a sign-in that waits, the account's own passkeys are named, for authenticators that keep no list.
    Without one nobody is named: that would tell who has an account.
    """
    waiting = None if sign_in_token is None else await account_waiting_for_factor(session, sign_in_token, at=at)
    allowed = [] if waiting is None else await _credential_ids(session, waiting)
    return request_options(party, await _new_challenge(session, SIGNING_IN, None, at=at), allowed)


async def sign_in_with_passkey(
    session: AsyncSession,
    party: RelyingParty,
    credential: Mapping[str, Any],
    *,
    at: datetime,
    request_id: str,
    client: Client,
) -> OpenedSession | Refused:
    """Return a session: a passkey whose user was verified is both factors (something held, and a PIN or biometric).

    A sign count that did not grow means that the key exists twice: refused and audited.
    """
    try:
        challenge = challenge_of(credential)
        if await _spent_challenge(session, SIGNING_IN, challenge, at=at) is None:
            return Refused()
        row = await _passkey_in_force(session, credential_id_of(credential))
        if row is None or user_handle_of(credential) not in {None, row.account_id.bytes}:
            return Refused()
    except PasskeyRefused:
        return Refused()
    actor = Actor(row.account_id, at, request_id=request_id)
    try:
        sign_count = asserted(party, credential, challenge, row.public_key)
    except PasskeyRefused:
        await record_audit(session, actor, "factor.refuse", subject_id=row.id)
        return Refused()
    if not await _counted(session, row.id, sign_count, at=at):
        await record_audit(session, actor, "factor.counter_regressed", subject_id=row.id)
        return Refused()
    return await open_session(session, row.account_id, at=at, request_id=request_id, means=Means.passkey, client=client)


async def rename_passkey(session: AsyncSession, actor: Actor, passkey_id: UUID, name: str, seen: Seen) -> None:
    """Give one of the caller's passkeys another name. Raises NotFound, Stale."""
    row = (await session.execute(select(PasskeyRow).where(*_own(actor, passkey_id)).with_for_update())).scalar()
    if row is None:
        raise NotFound
    if row.name == name:
        return
    require_seen(row.version, seen)
    row.name, row.version = name, row.version + 1
    await session.flush()
    await record_audit(session, actor, "factor.rename", subject_id=passkey_id)


async def remove_passkey(
    session: AsyncSession, actor: Actor, passkey_id: UUID, rule: FactorRule, sealing: Sealing
) -> None:
    """Remove one of the caller's passkeys. Raises NotFound; Conflict for staff who would have no second factor."""
    await lock_account(session, actor.account_id)
    removed = await session.execute(delete(PasskeyRow).where(*_own(actor, passkey_id)).returning(col(PasskeyRow.id)))
    if removed.scalar_one_or_none() is None:
        raise NotFound
    await require_another_factor(session, actor, rule)
    await forget_codes_without_factor(session, actor.account_id)
    await tell_holder(session, actor, sealing)
    await record_audit(session, actor, "factor.remove", subject_id=passkey_id)


async def forget_lapsed_challenges(session: AsyncSession, *, at: datetime) -> int:
    """Return how many challenges were deleted that nobody can answer any more."""
    gone = await session.execute(delete(PasskeyChallengeRow).where(col(PasskeyChallengeRow.expires_at) <= at))
    return int(gone.rowcount)  # type: ignore[attr-defined]


async def _new_challenge(session: AsyncSession, purpose: str, account_id: UUID | None, *, at: datetime) -> bytes:
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    row = {"challenge": challenge, "purpose": purpose, "account_id": account_id, "expires_at": at + CHALLENGE_LIFETIME}
    await session.execute(insert(PasskeyChallengeRow).values(id=new_id(), **row))
    return challenge


async def _spent_challenge(
    session: AsyncSession, purpose: str, challenge: bytes, *, at: datetime
) -> tuple[UUID | None] | None:
    """Return whose the challenge was, and spend it; None when it was never given, was used, or has lapsed."""
    spent = await session.execute(
        delete(PasskeyChallengeRow)
        .where(
            col(PasskeyChallengeRow.challenge) == challenge,
            col(PasskeyChallengeRow.purpose) == purpose,
            col(PasskeyChallengeRow.expires_at) > at,
        )
        .returning(col(PasskeyChallengeRow.account_id))
    )
    row = spent.one_or_none()
    return None if row is None else (row.account_id,)


async def _credential_ids(session: AsyncSession, account_id: UUID) -> list[bytes]:
    rows = await session.execute(select(col(PasskeyRow.credential_id)).where(col(PasskeyRow.account_id) == account_id))
    return list(rows.scalars())


async def _passkey_in_force(session: AsyncSession, credential_id: bytes) -> PasskeyRow | None:
    """Return the passkey, its account held to the end of the transaction, as by whoever resets it or gives a role."""
    whose = await session.scalar(
        select(col(PasskeyRow.account_id)).where(col(PasskeyRow.credential_id) == credential_id)
    )
    if whose is None:
        return None
    await lock_account(session, whose)
    return (
        await session.execute(
            select(PasskeyRow)
            .join(AccountRow, col(AccountRow.id) == col(PasskeyRow.account_id))
            .where(col(PasskeyRow.credential_id) == credential_id, col(AccountRow.disabled_at).is_(None))
        )
    ).scalar_one_or_none()


async def _counted(session: AsyncSession, passkey_id: UUID, sign_count: int, *, at: datetime) -> bool:
    """Return whether the count grew, kept by the statement that compares it. Some never count: theirs stays 0."""
    counted = await session.execute(
        update(PasskeyRow)
        .where(
            col(PasskeyRow.id) == passkey_id,
            col(PasskeyRow.sign_count) < (sign_count or 1),
        )
        .values(sign_count=sign_count, last_used_at=func.greatest(col(PasskeyRow.last_used_at), at))
        .returning(col(PasskeyRow.id))
    )
    return counted.scalar_one_or_none() is not None


def _own(actor: Actor, passkey_id: UUID) -> tuple[Any, ...]:
    return col(PasskeyRow.id) == passkey_id, col(PasskeyRow.account_id) == actor.account_id
