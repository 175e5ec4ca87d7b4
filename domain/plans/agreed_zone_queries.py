"""Reading the zones that were agreed in plans. Takes no actor: for callers who have authorised and audited."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.plans.tables import ActionPlanZoneRow
from domain.plans.zone import COLOURS
from domain.plans.zone_rules import AgreedZone, Contact, from_json
from domain.statements import Statement, Work, rows_of

Zones = tuple[AgreedZone, ...]
# The criteria as text: a bare turn knows no JSON.
_IN_FORCE = Statement(
    text(
        """
    select z.plan_id, z.colour, cast(z.any_of as text) as any_of, z.instructions, z.contact_name, z.contact_phone,
        z.contact_hours
    from action_plan p join action_plan_zone z on z.plan_id = p.id
    where p.patient_id = :patient and not exists (select from action_plan_end e where e.plan_id = p.id)
    order by p.id desc
    """
    )
)


async def zones_of_plans(session: AsyncSession, plan_ids: Sequence[UUID]) -> dict[UUID, Zones]:
    """Return the zones of each of these plan versions, from green to red; none of one without."""
    query = select(ActionPlanZoneRow).where(col(ActionPlanZoneRow.plan_id).in_(plan_ids))
    found = _by_plan((await session.execute(query)).scalars())
    return {plan_id: found.get(plan_id, ()) for plan_id in plan_ids}


async def zones_in_force(work: Work, patient_id: UUID) -> dict[UUID, Zones]:
    """Return the zones of each of a patient's plans in force that has some, the newest plan first."""
    return _by_plan(
        ActionPlanZoneRow(
            plan_id=row.plan_id,
            colour=row.colour,
            any_of=json.loads(row.any_of),
            instructions=row.instructions,
            contact_name=row.contact_name,
            contact_phone=row.contact_phone,
            contact_hours=row.contact_hours,
        )
        for row in await rows_of(work, _IN_FORCE, {"patient": patient_id})
    )


def _by_plan(rows: Iterable[ActionPlanZoneRow]) -> dict[UUID, Zones]:
    found: dict[UUID, list[AgreedZone]] = defaultdict(list)
    for row in rows:
        contact = None
        if row.contact_name is not None:
            contact = Contact(row.contact_name, row.contact_phone, row.contact_hours)
        found[row.plan_id].append(AgreedZone(from_json(row.colour, row.any_of), row.instructions, contact))
    return {
        plan_id: tuple(sorted(zones, key=lambda each: COLOURS.index(each.zone.colour)))
        for plan_id, zones in found.items()
    }
