"""What a person's own copy of their record holds that no other list shows.

Of who they are, where they live, who had them on a list, who opened their record in an emergency and what came of it,
which invitations they got, and for whom they act.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis, Touched, ground_of
from domain.accounts.invitation_queries import Invitation, invitations_by_id
from domain.audit.commands import record_audit, record_audits
from domain.clock import LONDON, london_date
from domain.errors import NotFound
from domain.people.permission import Action
from domain.people.queries import VisiblePatient, patient_of_account, permitted_patient
from domain.statements import Work

_FORMER = text(
    "select nhs_number, given_name, family_name, born_on, replaced_at from patient_former"
    " where patient_id = :patient_id order by version"
)
_RESIDENCES = text(
    "select o.name as care_home, r.room, r.from_on, r.until_on from residence r"
    " join organisation o on o.id = r.care_home_id where r.patient_id = :patient_id order by r.from_on"
)
# One that does not come about ends on the day it would have begun.
_NEXT_ADMISSION = text(
    "select min(from_on) from residence"
    " where patient_id = :patient_id and from_on > :today and (until_on is null or until_on > from_on)"
)
_CARE_TEAMS = text(
    "select t.name as team, o.name as place, l.from_at, l.until_at from care_team_patient l"
    " join care_team t on t.id = l.care_team_id join organisation o on o.id = t.organisation_id"
    " where l.patient_id = :patient_id order by l.from_at, l.id"
)
_EMERGENCIES = text(
    """
    select b.opened_at, b.account_id as opened_by, o.name as place, b.reason_code, b.reason, b.until_at, b.ended_at,
        a.state, a.note, a.reviewed_at, a.reviewed_by
    from break_glass b join organisation o on o.id = b.organisation_id
    left join privacy_alert a on a.break_glass_id = b.id
    where b.patient_id = :patient_id order by b.opened_at desc, b.id desc
    """
)
_INVITATIONS = text("select invitation_id from patient_invitation where patient_id = :patient_id")
# Of what is over neither whose it was nor why it ended is told: that is the other person's to tell.
_ACTED_FOR = text(
    """
    select d.id, d.patient_id, d.relationship, d.scopes, d.accepted_at, d.from_at, d.until_at,
        d.ended_at is not null or coalesce(d.until_at <= :at, false) as is_over,
        n.given_name || ' ' || n.family_name as name
    from delegation d
    left join names_of_delegators(array(select o.id from delegation o where o.account_id = :account_id
        and o.ended_at is null and coalesce(o.until_at > :at, true))) n on n.id = d.id
    where d.account_id = :account_id order by d.id
    """
)


async def own_patient(work: Work, actor: Actor) -> VisiblePatient:
    """Return the patient that the caller is, and may read the record of. Raises NotFound for who is none."""
    patient_id = await patient_of_account(work, actor.account_id)
    if patient_id is None:
        raise NotFound
    return await permitted_patient(work, actor, patient_id, Action.read_record)


async def former_details(session: AsyncSession, actor: Actor, patient_id: UUID) -> list[dict[str, Any]]:
    """Return what the record said of who the patient is before it was put right, oldest first; audited."""
    return await _rows(session, actor, patient_id, _FORMER, "patient.history")


async def residences(session: AsyncSession, actor: Actor, patient_id: UUID) -> list[dict[str, Any]]:
    """Return the care homes that the patient has lived in, oldest first; audited."""
    return await _rows(session, actor, patient_id, _RESIDENCES, "residence.list")


async def next_admission_at(session: AsyncSession, patient_id: UUID, at: datetime) -> datetime | None:
    """Return when the patient will live in a care home that they do not yet live in; for callers who have authorised.

    No event tells of it on that day. None: no such stay is planned.
    """
    asked = {"patient_id": patient_id, "today": london_date(at)}
    begins_on: date | None = await session.scalar(_NEXT_ADMISSION, asked)
    return None if begins_on is None else datetime.combine(begins_on, time(), LONDON).astimezone(UTC)


async def own_care_teams(session: AsyncSession, actor: Actor, patient_id: UUID) -> list[dict[str, Any]]:
    """Return the care teams on whose lists the patient is or was, oldest first; audited."""
    return await _rows(session, actor, patient_id, _CARE_TEAMS, "care_team.list")


async def own_emergencies(session: AsyncSession, actor: Actor, patient_id: UUID) -> list[dict[str, Any]]:
    """Return who opened the caller's own record in an emergency, and what a privacy officer found; audited."""
    return await _rows(
        session, actor, patient_id, _EMERGENCIES, "break_glass.list_of_record", action=Action.read_access_log
    )


async def _rows(
    session: AsyncSession,
    actor: Actor,
    patient_id: UUID,
    query: TextClause,
    audited_as: str,
    *,
    action: Action = Action.read_record,
) -> list[dict[str, Any]]:
    patient = await permitted_patient(session, actor, patient_id, action)
    found = [dict(row) for row in (await session.execute(query, {"patient_id": patient_id})).mappings()]
    await record_audit(session, actor, audited_as, patient, count=len(found))
    return found


async def own_invitations(session: AsyncSession, actor: Actor, patient_id: UUID) -> list[Invitation]:
    """Return the invitations to the caller's own record that are still kept, oldest first; audited."""
    patient = await permitted_patient(session, actor, patient_id, Action.read_access_log)
    ids = (await session.execute(_INVITATIONS, {"patient_id": patient_id})).scalars()
    found = await invitations_by_id(session, ids, actor.at)
    await record_audit(session, actor, "invitation.list_own", patient, count=len(found))
    return found


async def people_acted_for(session: AsyncSession, actor: Actor) -> list[dict[str, Any]]:
    """Return for whom the caller acts or will act, and that they did before, oldest first; audited for who is named."""
    asked = {"account_id": actor.account_id, "at": actor.at}
    found = [dict(row) for row in (await session.execute(_ACTED_FOR, asked)).mappings()]
    ground = ground_of(actor, Basis.delegate)
    shown = [Touched(row["patient_id"], ground) for row in found if not row["is_over"]]
    await record_audits(session, actor, "delegation.list_own", shown)
    hidden = {"id", "patient_id"}
    return [{name: value for name, value in row.items() if name not in hidden} for row in found]
