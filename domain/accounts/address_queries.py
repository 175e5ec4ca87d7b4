"""To whom a letter goes. For commands that write letters, and show nobody the answer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Role
from domain.accounts.queries import effective_grants
from domain.accounts.tables import AccountRow, OrganisationRow

# From an organisation upwards, the nearest first.
_UPWARDS = text(
    """
    with recursive above(id, parent_id, height) as (
        select id, parent_id, 0 from organisation where id = :leaf
        union all select o.id, o.parent_id, a.height + 1 from organisation o join above a on o.id = a.parent_id)
    select id from above order by height
    """
)


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


def administered_organisations(at: datetime) -> Select[UUID]:
    """Return SQL for the organisations of which `addresses_of_administrators` names somebody."""
    grant = effective_grants(at)
    directly = select(grant.c.organisation_id.label("id")).where(grant.c.role == Role.administrator.value)
    reached = directly.cte("administered", recursive=True)
    below = select(col(OrganisationRow.id)).where(col(OrganisationRow.parent_id) == reached.c.id)
    return select(reached.union(below).c.id)


async def addresses_of_administrators(session: AsyncSession, organisation_id: UUID, at: datetime) -> list[str]:
    """Return the addresses of those who administer an organisation at an instant; none twice.

    Where nobody holds the role at the organisation itself, of those at the nearest one above it where somebody does.
    """
    return await _nearest(session, organisation_id, Role.administrator, at)


async def addresses_of_privacy_officers(
    session: AsyncSession, organisation_id: UUID, at: datetime, *, but: UUID
) -> list[str]:
    """Return the addresses of those who answer for privacy at an organisation, or at the nearest above; none twice.

    `but`: not this account, which answers for nothing of its own; where nobody else does, the next above is asked.
    """
    return await _nearest(session, organisation_id, Role.privacy_officer, at, but=but)


async def _nearest(
    session: AsyncSession, organisation_id: UUID, role: Role, at: datetime, *, but: UUID | None = None
) -> list[str]:
    rows = (await session.execute(_UPWARDS, {"leaf": organisation_id})).all()
    grant = effective_grants(at)
    for place in rows:
        found = await session.execute(
            select(col(AccountRow.email))
            .join(grant, grant.c.account_id == col(AccountRow.id))
            .where(grant.c.organisation_id == place.id, grant.c.role == role.value)
            .where(col(AccountRow.id).is_distinct_from(but))
            .order_by(col(AccountRow.email))
            .distinct()
        )
        if addresses := list(found.scalars()):
            return addresses
    return []
