"""Whether the rows of somebody's board are still the same, for a screen that asks again and again. It names nobody.

To load the board anew each minute would write each time into everybody's log that it was read.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, any_, bindparam, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.accounts.queries import Organisation, organisations_by_id
from domain.people.queries import VisiblePatient
from domain.people.reach_queries import TODAY, by_work, instants, lives_there_on, reach
from domain.people.tables import PatientRow, ResidenceRow

MOST_ROWS: Final = 500
"""Of how many rows a screen is told: one socket watches no more people."""

_UP_TO = bindparam("up_to", type_=Uuid())
_REACH = reach().subquery("reach")


def row_edition(shown: VisiblePatient | PatientRow, home: Organisation | None, room: str | None) -> str:
    """Return a digest of what a row of the board shows of a person beside their readings: 96 bits, in hex."""
    who = (shown.id.int, shown.nhs_number, shown.given_name, shown.family_name, shown.born_on.toordinal())
    where = (None, None) if home is None else (home.id.int, home.name)
    # As Python writes it nothing can be read in two ways; as JSON each row takes three times as long.
    told = repr((*who, *where, room))
    return hashlib.blake2b(told.encode(), digest_size=12).hexdigest()


def _shown(*which: ColumnElement[bool]) -> Select[Any]:
    """Return SQL for the first of those whom :account cares for by its work, by id.

    LATERAL with LIMIT 1 looks one person after another up by index, and ends with the last that is asked for; as a join
    the reach of everybody comes first, and row security holds each of them against all. Where each lives is asked apart
    (below) for the same reason: joined here, 2 s with 10,000 patients.
    """
    stands = (
        select(_REACH.c.basis)
        .where(
            _REACH.c.account_id == bindparam("account", type_=Uuid()),
            _REACH.c.patient_id == col(PatientRow.id),
            by_work(_REACH),
        )
        .limit(1)
        .lateral("stands")
    )
    return select(PatientRow).join(stands, true()).where(*which).order_by(col(PatientRow.id)).limit(MOST_ROWS)


_ALL_SHOWN = _shown()
_SHOWN_UP_TO = _shown(col(PatientRow.id) <= _UP_TO)
_PLACES = select(col(ResidenceRow.patient_id), col(ResidenceRow.care_home_id), col(ResidenceRow.room)).where(
    col(ResidenceRow.patient_id) == any_(bindparam("patients", type_=ARRAY(Uuid()))), lives_there_on(TODAY)
)


async def board_editions(session: AsyncSession, actor: Actor, up_to: UUID | None) -> list[str]:
    """Return the edition of each row of this actor's board, in its order: up to this id, and at most MOST_ROWS.

    Another one when its person is renamed or moves; no reading changes it. Nobody is told who anybody is.
    """
    asked = {"account": actor.account_id, "up_to": up_to, **instants(actor.at)}
    query = _ALL_SHOWN if up_to is None else _SHOWN_UP_TO
    people = (await session.execute(query, asked)).scalars().all()
    places = await _places(session, actor, [each.id for each in people])
    homes = await organisations_by_id(session, {home_id for home_id, _ in places.values()})
    nowhere = (None, None)
    where = [(each, *places.get(each.id, nowhere)) for each in people]
    return [row_edition(each, homes.get(home_id) if home_id else None, room) for each, home_id, room in where]


async def _places(session: AsyncSession, actor: Actor, ids: list[UUID]) -> dict[UUID, tuple[UUID, str | None]]:
    rows = await session.execute(_PLACES, {"patients": ids, **instants(actor.at)})
    return {row.patient_id: (row.care_home_id, row.room) for row in rows}
