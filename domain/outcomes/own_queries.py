"""What a person's own copy of their record holds of pathways and visits, that no list shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.people.permission import Action
from domain.people.queries import permitted_patient

_ENROLMENTS = text(
    "select p.name as pathway, e.enrolled_on, e.ended_on, e.end_reason from enrolment e"
    " join pathway p on p.id = e.pathway_id where e.patient_id = :patient_id order by e.enrolled_on, e.id"
)
_CONTACTS = text(
    """
    select c.id, c.kind, c.started_at, o.name as place, c.source, c.external_id from contact c
    join organisation o on o.id = c.organisation_id
    left join contact_import i on i.id = c.import_id
    where c.patient_id = :patient_id and (c.import_id is null or i.state = 'stored')
        and (cast(:at as timestamptz) is null or (c.started_at, c.id) < (:at, :id))
    order by c.started_at desc, c.id desc limit :limit
    """
)


async def own_enrolments(session: AsyncSession, actor: Actor, patient_id: UUID) -> list[dict[str, Any]]:
    """Return the pathways that the patient is or was on, oldest first; audited."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    found = [dict(row) for row in (await session.execute(_ENROLMENTS, {"patient_id": patient_id})).mappings()]
    await record_audit(session, actor, "enrolment.list", patient, count=len(found))
    return found


async def own_contacts(
    session: AsyncSession, actor: Actor, patient_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """Return a page of the patient's visits and admissions, the latest first; audited.

    One more than the limit if there is any. Those of a file count once it is stored. `before` is the start and the id
    of the last one of the page before.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.read_record)
    at, last = before or (None, None)
    asked = {"patient_id": patient_id, "at": at, "id": last, "limit": limit + 1}
    found = [dict(row) for row in (await session.execute(_CONTACTS, asked)).mappings()]
    await record_audit(session, actor, "contact.list", patient, count=min(limit, len(found)))
    return found
