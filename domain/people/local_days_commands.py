"""Choosing the time zone that a person's days are reckoned in. What was chosen before stays, and so do past days."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.errors import Stale
from domain.events.commands import append_event
from domain.people.local_days import DEFAULT_ZONE, require_zone
from domain.people.local_days_queries import zones_of
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.people.tables import TimeZoneRow
from domain.versions import Seen, require_seen


async def choose_time_zone(session: AsyncSession, actor: Actor, patient_id: UUID, name: str, seen: Seen) -> None:
    """Reckon a patient's days in another time zone, from the first day on that has not begun yet.

    By the person or their clinicians. To ask for what stands there already changes nothing, so a repeat after a lost
    answer is safe. Raises NotFound, NotPermitted, Invalid, Stale.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.set_time_zone)
    require_zone(name)
    zones = await zones_of(session, patient_id)
    changed = name != (zones.choices[0].time_zone if zones.choices else DEFAULT_ZONE)
    if changed:
        require_seen(zones.version, seen)
        [*_, choice] = zones.days.chosen(name, actor.at).choices
        made = await session.execute(
            insert(TimeZoneRow)
            .values(
                patient_id=patient_id,
                version=zones.version + 1,
                time_zone=name,
                from_on=choice.from_on,
                set_by=actor.account_id,
                set_as=patient.ground.basis.value,
                set_at=actor.at,
            )
            .on_conflict_do_nothing()
            .returning(col(TimeZoneRow.version))
        )
        if made.scalar_one_or_none() is None:
            raise Stale
        await append_event(session, "patient.time_zone_changed", patient_id=patient_id)
    await record_audit(session, actor, "time_zone.set", patient, count=int(changed))
