"""Reading how an account signs in: what its second factor is, and what its next sign-in asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, exists, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sign_in import FactorRule, Standing
from domain.accounts.tables import AccountRow, MembershipRow, PasskeyRow, RecoveryCodeRow, TotpRow
from domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class Factors:
    """The second factors of an account: since when it has an app, and how many recovery codes are left."""

    totp_since: datetime | None
    recovery_codes_left: int


_ACCOUNT: Any = bindparam("account_id", type_=Uuid())
_STANDING = select(
    col(AccountRow.must_change_password),
    # A role that has ended counts: an account that once saw patients is not to become easier to take over.
    exists().where(col(MembershipRow.account_id) == col(AccountRow.id)).label("is_staff"),
    exists()
    .where(col(TotpRow.account_id) == col(AccountRow.id), col(TotpRow.confirmed_at).is_not(None))
    .label("has_totp"),
    exists().where(col(PasskeyRow.account_id) == col(AccountRow.id)).label("has_passkey"),
    exists()
    .where(col(RecoveryCodeRow.account_id) == col(AccountRow.id), col(RecoveryCodeRow.used_at).is_(None))
    .label("has_recovery_code"),
).where(col(AccountRow.id) == _ACCOUNT)


async def standing_of(session: AsyncSession, account_id: UUID) -> Standing:
    """Return what decides how this account signs in."""
    row = (await session.execute(_STANDING, {"account_id": account_id})).one()
    return Standing(
        is_staff=row.is_staff,
        has_totp=row.has_totp,
        has_passkey=row.has_passkey,
        has_recovery_code=row.has_recovery_code,
        must_change_password=row.must_change_password,
    )


async def factors_of(session: AsyncSession, account_id: UUID) -> Factors:
    """Return the second factors of an account, for its own holder."""
    since = await session.scalar(
        select(col(TotpRow.confirmed_at)).where(
            col(TotpRow.account_id) == account_id, col(TotpRow.confirmed_at).is_not(None)
        )
    )
    left = await session.scalar(
        select(func.count()).where(
            col(RecoveryCodeRow.account_id) == account_id, col(RecoveryCodeRow.used_at).is_(None)
        )
    )
    return Factors(since, left or 0)


async def must_have_factor(session: AsyncSession, account_id: UUID, rule: FactorRule) -> bool:
    """Return whether this account may not do without a second factor."""
    return rule is FactorRule.required_for_staff and (await standing_of(session, account_id)).is_staff


@dataclass(frozen=True, slots=True)
class Passkey:
    """One of an account's passkeys, as its holder sees it. `backed_up`: it is synchronised between their devices."""

    id: UUID
    name: str
    made_at: datetime
    last_used_at: datetime | None
    backed_up: bool
    version: int


async def passkeys_of(session: AsyncSession, account_id: UUID) -> list[Passkey]:
    """Return the passkeys of an account, the oldest first."""
    rows = await session.execute(
        select(PasskeyRow).where(col(PasskeyRow.account_id) == account_id).order_by(col(PasskeyRow.id))
    )
    return [_passkey(row) for row in rows.scalars()]


async def passkey_of(session: AsyncSession, account_id: UUID, passkey_id: UUID) -> Passkey:
    """Return one passkey of an account. Raises NotFound."""
    row = await session.get(PasskeyRow, passkey_id)
    if row is None or row.account_id != account_id:
        raise NotFound
    return _passkey(row)


def _passkey(row: PasskeyRow) -> Passkey:
    return Passkey(row.id, row.name, row.made_at, row.last_used_at, row.backed_up, row.version)
