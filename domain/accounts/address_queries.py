"""To whom a letter goes. For commands that write letters, and show nobody the answer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Role
from domain.accounts.queries import effective_grants
from domain.accounts.tables import AccountRow


async def address_of(session: AsyncSession, account_id: UUID) -> str | None:
    """Return the address of an account; None when it is disabled or closed."""
    return await session.scalar(
        select(col(AccountRow.email)).where(col(AccountRow.id) == account_id, col(AccountRow.disabled_at).is_(None))
    )


async def addresses_of_clinicians(session: AsyncSession, organisation_id: UUID, at: datetime) -> dict[UUID, str]:
    """Return the addresses of those who are clinicians at an organisation at an instant, by account."""
    grant = effective_grants(at)
    rows = await session.execute(
        select(col(AccountRow.id), col(AccountRow.email))
        .join(grant, grant.c.account_id == col(AccountRow.id))
        .where(grant.c.organisation_id == organisation_id, grant.c.role == Role.clinician.value)
    )
    return {row.id: row.email for row in rows}
