"""Enrolling, using, replacing and removing second factors: secrets sealed, codes kept as hashes, each used once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.address_queries import address_of
from domain.accounts.factor_queries import must_have_factor, standing_of
from domain.accounts.queries import lock_account
from domain.accounts.recovery_code import CODES, code_hash
from domain.accounts.sign_in import FactorRule, Means
from domain.accounts.tables import PasskeyRow, RecoveryCodeRow, TotpRow
from domain.accounts.throttle import PURPOSE as PURPOSE_OF_MARKS
from domain.accounts.throttle import Scope, marks_under
from domain.accounts.throttle_commands import (
    Marks,
    Wait,
    begin_attempt,
    forgive_failures,
    forgive_now_and_then,
    succeed_attempt,
)
from domain.accounts.totp import new_secret, step_of
from domain.audit.commands import record_audit
from domain.errors import Conflict, Fault, Invalid, NotFound
from domain.ids import new_id
from domain.keys.resealing_commands import SealedColumn
from domain.keys.sealing import Sealing
from domain.mail.commands import queue_letter
from domain.mail.letters import factor_changed
from domain.readable_code import fresh_code

PURPOSE = "totp_secret"
# What a known device's guesses at codes are counted under, apart from those at the password.
_OF_FACTOR = b"second factor\0"
SEALED = SealedColumn("totp", "sealed_secret", PURPOSE, lasts=True)
# A factor and the recovery codes that are made with it are one change to whoever reads the letter.
_ONE_DEED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is shown as a second factor: a code of the authenticator app, or a recovery code."""

    code: str | None = field(default=None, repr=False)
    recovery_code: str | None = field(default=None, repr=False)


async def begin_totp(session: AsyncSession, actor: Actor, sealing: Sealing) -> str:
    """Return the secret of a new authenticator app, which counts only once its first code has been shown.

    Begun again, the secret begun before is forgotten; an app that counts already goes on counting until then.
    """
    await lock_account(session, actor.account_id)  # of two begun at once the later is the one
    await session.execute(
        delete(TotpRow).where(col(TotpRow.account_id) == actor.account_id, col(TotpRow.confirmed_at).is_(None))
    )
    secret, row_id = new_secret(), new_id()
    sealed = sealing.seal(secret.encode(), purpose=PURPOSE, row_id=row_id)
    await session.execute(
        insert(TotpRow).values(id=row_id, account_id=actor.account_id, sealed_secret=sealed, begun_at=actor.at)
    )
    await record_audit(session, actor, "factor.begin", subject_id=row_id)
    return secret


async def confirm_totp(session: AsyncSession, actor: Actor, code: str, sealing: Sealing) -> bool:
    """Return whether this is a code of the app just begun, which then takes the place of the one before.

    The code is spent by it: it does not also sign in.
    """
    await lock_account(session, actor.account_id)
    row = (
        await session.execute(
            select(TotpRow).where(col(TotpRow.account_id) == actor.account_id, col(TotpRow.confirmed_at).is_(None))
        )
    ).scalar_one_or_none()
    if row is None:
        return False
    step = step_of(_secret(row, sealing), code, actor.at)
    if step is None:
        return False
    await session.execute(
        delete(TotpRow).where(col(TotpRow.account_id) == actor.account_id, col(TotpRow.confirmed_at).is_not(None))
    )
    await session.execute(
        update(TotpRow).where(col(TotpRow.id) == row.id).values(confirmed_at=actor.at, last_step=step)
    )
    await tell_holder(session, actor, sealing)
    await record_audit(session, actor, "factor.enrol", subject_id=row.id)
    return True


async def confirm_own_totp(session: AsyncSession, actor: Actor, code: str, sealing: Sealing) -> None:
    """Make the app just begun count, from its first code on. Raises Invalid for a wrong code."""
    if not await confirm_totp(session, actor, code, sealing):
        fault = Fault("/code", "wrong_code", "Wait for the next code, and check that the phone's clock is right.")
        raise Invalid("This is not the code of the app that was just set up.", [fault])


async def use_factor(
    session: AsyncSession, actor: Actor, proof: Proof, sealing: Sealing, *, known_device: bytes | None = None
) -> Means | Wait | None:
    """Return what was shown, having spent it; None when it is wrong or was used before; how long to wait after many.

    Guesses are counted for the account, in this very transaction: the caller's commits a refusal too. On a known device
    they are counted by themselves, so that whoever knows the password does not shut its holder out.
    """
    marks = _marks(sealing, Scope.second_factor, actor.account_id.bytes)
    if known_device is not None:
        of_device = _OF_FACTOR + actor.account_id.bytes + known_device
        marks = {**marks, **_marks(sealing, Scope.device, of_device)}
    attempt = await begin_attempt(session, marks, at=actor.at)
    if isinstance(attempt, Wait):
        return attempt
    means = await _used(session, actor, proof, sealing)
    if means is not None:
        await succeed_attempt(session, attempt, at=actor.at)
    return means


async def free_second_factor(session: AsyncSession, account_id: UUID, sealing: Sealing, *, at: datetime) -> None:
    """Begin the count of wrong codes anew, as whoever guessed them knew a password that is another now.

    Three times in a month at most: a mailbox in other hands must not be worth any number of guesses.
    """
    guessed = _marks(sealing, Scope.second_factor, account_id.bytes)
    freed = _marks(sealing, Scope.second_factor_freed, account_id.bytes)
    await forgive_now_and_then(session, guessed, freed, at=at)


def _marks(sealing: Sealing, scope: Scope, value: bytes) -> Marks:
    return {scope: marks_under(sealing.mac_keys(PURPOSE_OF_MARKS), scope, value)}


async def _used(session: AsyncSession, actor: Actor, proof: Proof, sealing: Sealing) -> Means | None:
    """Spend what is shown in the statement that checks it: of two who show one code at once, one gets in."""
    if proof.code is not None:
        return Means.password_and_totp if await _use_totp(session, actor, proof.code, sealing) else None
    if proof.recovery_code is not None:
        return Means.password_and_recovery_code if await _use_recovery_code(session, actor, proof) else None
    return None


async def _use_totp(session: AsyncSession, actor: Actor, code: str, sealing: Sealing) -> bool:
    row = (
        await session.execute(
            select(TotpRow).where(col(TotpRow.account_id) == actor.account_id, col(TotpRow.confirmed_at).is_not(None))
        )
    ).scalar_one_or_none()
    if row is None:
        return False
    step = step_of(_secret(row, sealing), code, actor.at)
    if step is None:
        return False
    spent = await session.execute(
        update(TotpRow)
        .where(col(TotpRow.id) == row.id, col(TotpRow.last_step) < step)
        .values(last_step=step)
        .returning(col(TotpRow.id))
    )
    return spent.scalar_one_or_none() is not None


async def _use_recovery_code(session: AsyncSession, actor: Actor, proof: Proof) -> bool:
    spent = await session.execute(
        update(RecoveryCodeRow)
        .where(
            col(RecoveryCodeRow.account_id) == actor.account_id,
            col(RecoveryCodeRow.code_hash) == code_hash(actor.account_id, proof.recovery_code or ""),
            col(RecoveryCodeRow.used_at).is_(None),
        )
        .values(used_at=actor.at)
        .returning(col(RecoveryCodeRow.account_id))
    )
    return spent.scalar_one_or_none() is not None


async def remove_totp(session: AsyncSession, actor: Actor, rule: FactorRule, sealing: Sealing) -> None:
    """Remove the actor's authenticator app. Raises NotFound without one, Conflict for staff left without any."""
    await lock_account(session, actor.account_id)
    removed = await session.execute(
        delete(TotpRow).where(col(TotpRow.account_id) == actor.account_id).returning(col(TotpRow.confirmed_at))
    )
    if all(confirmed_at is None for confirmed_at in removed.scalars()):
        raise NotFound
    await require_another_factor(session, actor, rule)
    await forget_codes_without_factor(session, actor.account_id)
    await tell_holder(session, actor, sealing)
    await record_audit(session, actor, "factor.remove", subject_id=actor.account_id)


async def require_another_factor(session: AsyncSession, actor: Actor, rule: FactorRule) -> None:
    """Raise Conflict when the caller is staff and has, what was just removed apart, no second factor."""
    needed = await must_have_factor(session, actor.account_id, rule)
    if needed and not (await standing_of(session, actor.account_id)).has_factor:
        raise Conflict("Staff need a second factor. Set another one up first; a new app takes the old one's place.")


async def forget_codes_without_factor(session: AsyncSession, account_id: UUID) -> None:
    """Delete the recovery codes of an account without a second factor: there is nothing that they stand in for."""
    if not (await standing_of(session, account_id)).has_factor:
        await session.execute(delete(RecoveryCodeRow).where(col(RecoveryCodeRow.account_id) == account_id))


async def make_recovery_codes(session: AsyncSession, actor: Actor, sealing: Sealing) -> list[str]:
    """Return ten fresh recovery codes, to be shown once; those made before are worthless from now on."""
    await lock_account(session, actor.account_id)
    if not (await standing_of(session, actor.account_id)).has_factor:
        raise Conflict("Set a second factor up first: recovery codes stand in for one that is lost.")
    await session.execute(delete(RecoveryCodeRow).where(col(RecoveryCodeRow.account_id) == actor.account_id))
    codes = [fresh_code() for _ in range(CODES)]
    rows = [_recovery_row(actor.account_id, code, actor.at) for code in codes]
    await session.execute(insert(RecoveryCodeRow), rows)
    if not await _was_told_just_now(session, actor):
        await tell_holder(session, actor, sealing)
    await record_audit(session, actor, "factor.recovery_codes", subject_id=actor.account_id, count=CODES)
    return codes


async def forget_factors(session: AsyncSession, account_id: UUID, sealing: Sealing, *, at: datetime) -> None:
    """Delete every second factor of an account, and what was begun: its next sign-in enrols anew.

    What was guessed were codes of another app. Counted before the factors, as whoever shows one does.
    """
    await forgive_failures(session, _marks(sealing, Scope.second_factor, account_id.bytes), at=at)
    for table in (TotpRow, RecoveryCodeRow, PasskeyRow):
        await session.execute(delete(table).where(col(table.account_id) == account_id))


async def tell_holder(session: AsyncSession, actor: Actor, sealing: Sealing) -> None:
    """Have the mailbox told that how one signs in is another now, for whoever did not do it (ASVS 6.3.7)."""
    email = await address_of(session, actor.account_id)
    if email is not None:
        await queue_letter(session, email, factor_changed(), sealing, at=actor.at)


async def _was_told_just_now(session: AsyncSession, actor: Actor) -> bool:
    """Return whether a factor was set up just now: the letter about it names recovery codes as well."""
    since = actor.at - _ONE_DEED
    apps = select(col(TotpRow.id)).where(col(TotpRow.account_id) == actor.account_id, col(TotpRow.confirmed_at) > since)
    keys = select(col(PasskeyRow.id)).where(
        col(PasskeyRow.account_id) == actor.account_id, col(PasskeyRow.made_at) > since
    )
    return bool(await session.scalar(select(apps.exists() | keys.exists())))


def _recovery_row(account_id: UUID, code: str, at: datetime) -> dict[str, object]:
    return {"account_id": account_id, "code_hash": code_hash(account_id, code), "made_at": at}


def _secret(row: TotpRow, sealing: Sealing) -> str:
    return sealing.unseal(row.sealed_secret, purpose=PURPOSE, row_id=row.id).decode()
