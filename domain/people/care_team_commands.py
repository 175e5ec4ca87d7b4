"""Making care teams, and who and whom they comprise."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Role, require_role
from domain.accounts.queries import clinicians_among
from domain.audit.commands import record_audit
from domain.errors import AlreadyExists, Fault, Invalid, NotFound, NotPermitted
from domain.events.commands import append_event
from domain.ids import new_id
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.people.reach_queries import holds_at
from domain.people.tables import CareTeamMemberRow, CareTeamPatientRow, CareTeamRow
from domain.versions import Seen, require_seen

LATEST_START = timedelta(days=366)


async def create_care_team(session: AsyncSession, actor: Actor, organisation_id: UUID, name: str) -> UUID:
    """Return the id of a new care team at an organisation where the actor is a clinician; they are its first member."""
    if organisation_id not in actor.organisations_as(Role.clinician):
        raise NotPermitted("Only a clinician of the organisation may make a care team there.")
    team = CareTeamRow(organisation_id=organisation_id, name=name, created_at=actor.at)
    session.add(team)
    await session.flush()
    session.add(CareTeamMemberRow(care_team_id=team.id, account_id=actor.account_id, from_at=actor.at))
    await session.flush()
    await record_audit(session, actor, "care_team.create", subject_id=team.id)
    return team.id


async def rename_care_team(session: AsyncSession, actor: Actor, care_team_id: UUID, name: str, seen: Seen) -> None:
    """Give a care team of the actor's another name. Raises NotPermitted, NotFound, Stale."""
    await _own_team(session, actor, care_team_id)
    row = await session.get_one(CareTeamRow, care_team_id, with_for_update=True, populate_existing=True)
    if row.name != name:
        require_seen(row.version, seen)
        row.name, row.version = name, row.version + 1
        session.add(row)
        await session.flush()
    await record_audit(session, actor, "care_team.rename", subject_id=care_team_id)


async def add_member(
    session: AsyncSession, actor: Actor, care_team_id: UUID, account_id: UUID, from_at: datetime | None = None
) -> None:
    """Put a clinician on the team: from now on, or from an instant to come, they see its patients."""
    await _own_team(session, actor, care_team_id)
    start = _start(from_at, actor.at)
    if account_id not in await clinicians_among(session, [account_id], actor.at):
        raise Invalid("Not a clinician.", [Fault("/account_id", "not_a_clinician", "Name a clinician's account.")])
    made = await session.execute(
        insert(CareTeamMemberRow)
        .values(id=new_id(), care_team_id=care_team_id, account_id=account_id, from_at=start)
        .on_conflict_do_nothing()
        .returning(col(CareTeamMemberRow.id))
    )
    if made.scalar_one_or_none() is None:
        raise AlreadyExists("This account is on the care team already.")
    await append_event(session, "access.changed", subject_ids=[account_id])
    await record_audit(session, actor, "care_team.add_member", subject_id=care_team_id)


async def remove_member(session: AsyncSession, actor: Actor, care_team_id: UUID, account_id: UUID) -> None:
    """Take an account off the team; what it saw through the team is refused from this commit on."""
    await _own_team(session, actor, care_team_id)
    ended = await session.execute(
        update(CareTeamMemberRow)
        .where(
            col(CareTeamMemberRow.care_team_id) == care_team_id,
            col(CareTeamMemberRow.account_id) == account_id,
            col(CareTeamMemberRow.until_at).is_(None),
        )
        .values(until_at=actor.at)
        .returning(col(CareTeamMemberRow.id))
    )
    if ended.scalar_one_or_none() is None:
        raise NotFound
    await append_event(session, "access.changed", subject_ids=[account_id])
    await record_audit(session, actor, "care_team.remove_member", subject_id=care_team_id)


async def add_patient(
    session: AsyncSession, actor: Actor, care_team_id: UUID, patient_id: UUID, from_at: datetime | None = None
) -> None:
    """Put a patient on the team's list, by a clinician who sees them: its members do from now on, or from then on."""
    await _own_team(session, actor, care_team_id)
    start = _start(from_at, actor.at)
    patient = await permitted_patient(session, actor, patient_id, Action.place_on_care_team)
    made = await session.execute(
        insert(CareTeamPatientRow)
        .values(id=new_id(), care_team_id=care_team_id, patient_id=patient_id, from_at=start)
        .on_conflict_do_nothing()
        .returning(col(CareTeamPatientRow.id))
    )
    if made.scalar_one_or_none() is None:
        raise AlreadyExists("This patient is on the team's list already.")
    await append_event(session, "access.changed", patient_id=patient_id)
    await record_audit(session, actor, "care_team.add_patient", patient, subject_id=care_team_id)


async def remove_patient(session: AsyncSession, actor: Actor, care_team_id: UUID, patient_id: UUID) -> None:
    """Take a patient off the team's list."""
    await _own_team(session, actor, care_team_id)
    patient = await permitted_patient(session, actor, patient_id, Action.place_on_care_team)
    ended = await session.execute(
        update(CareTeamPatientRow)
        .where(
            col(CareTeamPatientRow.care_team_id) == care_team_id,
            col(CareTeamPatientRow.patient_id) == patient_id,
            col(CareTeamPatientRow.until_at).is_(None),
        )
        .values(until_at=actor.at)
        .returning(col(CareTeamPatientRow.id))
    )
    if ended.scalar_one_or_none() is None:
        raise NotFound
    await append_event(session, "access.changed", patient_id=patient_id)
    await record_audit(session, actor, "care_team.remove_patient", patient, subject_id=care_team_id)


def _start(from_at: datetime | None, at: datetime) -> datetime:
    """Return from when a place holds; raise Invalid for a time that has passed, or is more than a year ahead."""
    if from_at is not None and not at <= from_at <= at + LATEST_START:
        raise Invalid("No such time.", [Fault("/from_at", "implausible", "Give a time from now up to a year ahead.")])
    return from_at or at


async def _own_team(session: AsyncSession, actor: Actor, care_team_id: UUID) -> None:
    """Raise NotFound unless the actor is on the team or a clinician of its organisation."""
    require_role(actor, Role.clinician)
    on_it = select(col(CareTeamMemberRow.care_team_id)).where(
        col(CareTeamMemberRow.account_id) == actor.account_id, holds_at(CareTeamMemberRow, actor.at)
    )
    found = await session.scalar(
        select(col(CareTeamRow.id)).where(
            col(CareTeamRow.id) == care_team_id,
            or_(
                col(CareTeamRow.id).in_(on_it),
                col(CareTeamRow.organisation_id).in_(actor.organisations_as(Role.clinician)),
            ),
        )
    )
    if found is None:
        raise NotFound
