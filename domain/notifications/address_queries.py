"""Reading where somebody can be told something, for themself alone; and how an address is found again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import NotFound
from domain.notifications.tables import NoticeAddressRow
from domain.notifications.words import Channel


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody can be told something, by what they call it: the address itself is told to nobody."""

    id: UUID
    channel: Channel
    name: str
    made_at: datetime
    confirmed_at: datetime | None


async def addresses_of(session: AsyncSession, account_id: UUID) -> list[Address]:
    """Return an account's addresses that are in use, oldest first."""
    rows = await session.execute(
        select(NoticeAddressRow)
        .where(col(NoticeAddressRow.account_id) == account_id, col(NoticeAddressRow.ended_at).is_(None))
        .order_by(col(NoticeAddressRow.id))
    )
    return [as_address(row) for row in rows.scalars()]


async def address_row_of(
    session: AsyncSession, account_id: UUID, address_id: UUID, *, locked: bool = True
) -> NoticeAddressRow:
    """Return the row of one of an account's addresses that is in use, locked unless told otherwise. Raises NotFound."""
    asked = (
        select(NoticeAddressRow)
        .where(col(NoticeAddressRow.id) == address_id, col(NoticeAddressRow.account_id) == account_id)
        .where(col(NoticeAddressRow.ended_at).is_(None))
        .execution_options(populate_existing=True)
    )
    found = await session.execute(asked.with_for_update() if locked else asked)
    row: NoticeAddressRow | None = found.scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


async def rows_at(
    session: AsyncSession, account_id: UUID, address_id: UUID, marks: Sequence[bytes]
) -> list[NoticeAddressRow]:
    """Return the row of an account's address, then those of others who are told there: in use, confirmed, by any mark.

    All are locked, in the order of their ids, as what seals rows anew locks them. Raises NotFound.
    """
    is_own = (col(NoticeAddressRow.id) == address_id) & (col(NoticeAddressRow.account_id) == account_id)
    is_of_another = (
        col(NoticeAddressRow.mark).in_(marks)
        & col(NoticeAddressRow.confirmed_at).is_not(None)
        & (col(NoticeAddressRow.id) != address_id)
    )
    found = await session.execute(
        select(NoticeAddressRow)
        .where(is_own | is_of_another, col(NoticeAddressRow.ended_at).is_(None))
        .order_by(col(NoticeAddressRow.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows = sorted(found.scalars(), key=lambda row: row.id != address_id)
    if not rows or rows[0].id != address_id:
        raise NotFound
    return rows


def as_address(row: NoticeAddressRow) -> Address:
    """Return the row's address."""
    return Address(row.id, Channel(row.channel), row.name, row.made_at, row.confirmed_at)
