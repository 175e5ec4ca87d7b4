"""Reading what a new password is judged by."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.tables import AccountRow, OrganisationRow
from domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class PasswordHolder:
    """Whose password it is, in the words that it must not be made of."""

    email: str
    display_name: str
    organisation_name: str
    password_hash: str = field(repr=False)

    @property
    def words(self) -> tuple[str, str, str]:
        """Return what everybody would try first: the address, the name, the organisation's."""
        return self.email, self.display_name, self.organisation_name


async def password_holder(session: AsyncSession, account_id: UUID) -> PasswordHolder:
    """Return the account's own words and its present hash; raise NotFound."""
    row = (
        await session.execute(
            select(
                col(AccountRow.email),
                col(AccountRow.display_name),
                col(OrganisationRow.name),
                col(AccountRow.password_hash),
            )
            .join(OrganisationRow, col(OrganisationRow.id) == col(AccountRow.organisation_id))
            .where(col(AccountRow.id) == account_id, col(AccountRow.disabled_at).is_(None))
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return PasswordHolder(row.email, row.display_name, row.name, row.password_hash)
