"""Who is registered where, and which organisations stand above others or behind a code: asked in sets.

It reads the tables of `accounts` and `people`, which should answer these themselves: see docs/decisions.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

_ABOVE = text(
    """
    with recursive above(id, parent_id) as (
        select id, parent_id from organisation where id = any(cast(:leaves as uuid[]))
        union select o.id, o.parent_id from organisation o join above a on o.id = a.parent_id)
    select id from above
    """
)
_BY_ODS_CODE = text("select ods_code, id from organisation where ods_code = any(cast(:codes as text[]))")
_REGISTERED = text(
    """
    select id, nhs_number, born_on from patient
    where practice_id = any(cast(:practices as uuid[]))
        and (nhs_number = any(cast(:nhs_numbers as text[])) or id = any(cast(:patient_ids as uuid[])))
    """
)


@dataclass(frozen=True, slots=True)
class Registered:
    """A patient registered at one of the practices asked about."""

    patient_id: UUID
    nhs_number: str | None
    born_on: date


async def organisations_above(session: AsyncSession, organisation_ids: Iterable[UUID]) -> set[UUID]:
    """Return these organisations and all above them in the tree."""
    return set((await session.execute(_ABOVE, {"leaves": list(organisation_ids)})).scalars())


async def organisations_by_ods_code(session: AsyncSession, codes: Collection[str]) -> dict[str, UUID]:
    """Return the ids of the organisations with these ODS codes; unknown codes are absent."""
    rows = await session.execute(_BY_ODS_CODE, {"codes": list(codes)})
    return {row.ods_code: row.id for row in rows}


async def registered_patients(
    session: AsyncSession,
    practice_ids: Collection[UUID],
    *,
    nhs_numbers: Collection[str],
    patient_ids: Collection[UUID],
) -> list[Registered]:
    """Return which of these people are registered at these practices. For commands that show nobody the answer."""
    rows = await session.execute(
        _REGISTERED,
        {"practices": list(practice_ids), "nhs_numbers": list(nhs_numbers), "patient_ids": list(patient_ids)},
    )
    return [Registered(row.id, row.nhs_number, row.born_on) for row in rows]
