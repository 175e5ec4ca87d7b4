"""A page of rows of many people, each of whom the reader may look at when it is told.

A list finds its rows by one statement and judges the people in them by the access rule in the next: somebody may go
out of sight between the two, and the page does not end with whom it leaves out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.people.permission import Action
from domain.people.queries import VisiblePatient
from domain.people.together_queries import patients_of_pairs


async def rows_in_sight(
    session: AsyncSession,
    actor: Actor,
    read: Callable[[Row[Any] | None], Awaitable[Sequence[Row[Any]]]],
    *,
    limit: int,
) -> tuple[list[Row[Any]], dict[UUID, VisiblePatient]]:
    """Return rows of people whose records the actor may read, one more than the limit if any, and those people by id.

    `read` gives up to one more row than the limit, each with a `patient_id`: the first, or those after a row.
    """
    found: list[Row[Any]] = []
    people: dict[UUID, VisiblePatient] = {}
    last: Row[Any] | None = None
    while len(found) <= limit:
        rows = await read(last)
        in_sight = await _in_sight(session, actor, rows)
        people |= in_sight
        found += [row for row in rows if row.patient_id in in_sight]
        if len(rows) <= limit:
            break
        last = rows[-1]
    return found[: limit + 1], people


async def _in_sight(session: AsyncSession, actor: Actor, rows: Sequence[Row[Any]]) -> dict[UUID, VisiblePatient]:
    ids = list(dict.fromkeys(row.patient_id for row in rows))
    found = await patients_of_pairs(session, [(actor, each) for each in ids], Action.read_record)
    return {each.id: each for each in found if each is not None}
